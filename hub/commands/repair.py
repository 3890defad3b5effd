"""Repair and erasure: parked events, rebuild, redact, backup, restore."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.output import errors, print_json, print_line, print_rows
from hub.settings import Settings

JSON = Annotated[bool, typer.Option("--json", help="JSON")]
CONSUMER = Annotated[str, typer.Argument(help="a consumer, such as landscape")]
AUTHORITY = Annotated[str, typer.Option(help="CVR of the authority that owns the subject")]
SUBJECT = Annotated[str, typer.Argument(help="the subject of the events")]

parked = typer.Typer(help="Events that could not be applied, and what waits behind them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    for command in (rebuild, redact, backup, restore):
        app.command()(command)


@parked.command("list")
def parked_list(as_json: JSON = False) -> None:
    """What is parked.

    Example: samspil parked list
    """
    from hub.listing import parked_rows
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub:
        columns = ("consumer", "position", "authority", "subject", "type", "status", "reason")
        print_rows(parked_rows(hub.database), as_json=as_json, columns=columns, title="Parked")


@parked.command("show")
def parked_show(consumer: CONSUMER, position: Annotated[int, typer.Argument()], as_json: JSON = False) -> None:
    """One parked event with its reason and its data.

    Example: samspil parked show landscape 4711
    """
    from hub.consumers import consumers_named
    from hub.listing import parked_one
    from hub.opening import open_hub

    consumers_named([consumer])
    with open_hub(Settings.from_environment()) as hub:
        found = parked_one(hub.database, consumer, position)
    if as_json:
        print_json(found)
    else:
        print_line("\n".join(f"{name:<10}{value}" for name, value in found.items()))


@parked.command("replay")
def parked_replay(consumer: CONSUMER, subject: SUBJECT, authority: AUTHORITY) -> None:
    """Apply a subject's parked events in their order, after the cause has been mended.

    Example: samspil parked replay landscape 6b2a... --authority 99000007
    """
    from consumers.runtime.repair import replay
    from hub.repairing import applier_of, local_actor

    with applier_of(Settings.from_environment(), consumer) as applier:
        count = replay(applier, authority, subject, local_actor())
    print_line(f"replayed {count} events of {subject}")


@parked.command("discard")
def parked_discard(
    consumer: CONSUMER,
    subject: SUBJECT,
    authority: AUTHORITY,
    reason: Annotated[str, typer.Option(help="why it shall never be applied")],
    position: Annotated[list[int] | None, typer.Option(help="only these positions")] = None,
) -> None:
    """Never apply a subject's parked events; the decision is an event and a rebuild honours it.

    Example: samspil parked discard landscape 6b2a... --authority 99000007 --reason "test data" --position 4711
    """
    from consumers.runtime.repair import discard
    from hub.repairing import applier_of, local_actor

    with applier_of(Settings.from_environment(), consumer) as applier:
        count = discard(applier, authority, subject, local_actor(), reason, position or ())
    print_line(f"discarded {count} events of {subject}")


def rebuild(consumer: CONSUMER, as_json: JSON = False) -> None:
    """Build a consumer's tables anew beside the old ones, then change over; can be killed and goes on.

    Example: samspil rebuild landscape
    """
    from rich.progress import Progress

    from consumers.runtime.rebuild import Rebuild
    from hub.consumers import consumers_named
    from hub.opening import open_hub

    (chosen,) = consumers_named([consumer])
    shown = errors.is_terminal and not as_json
    with open_hub(Settings.from_environment()) as hub, Progress(console=errors, disable=not shown) as progress:
        task = progress.add_task(f"rebuilding {consumer}", total=None)

        def after_page(position: int, head: int) -> None:
            progress.update(task, completed=position, total=head)

        done = Rebuild(hub.database, chosen, hub.catalogue, after_page).run()
    if as_json:
        print_json({"consumer": consumer, **done._asdict()})
    else:
        print_line(f"{consumer} is now version {done.version}: {done.events} events in {done.seconds:.1f} s")


def redact(
    subject: SUBJECT,
    authority: AUTHORITY,
    reason: Annotated[str, typer.Option(help="the law or duty that demands it")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Empty every event of a subject, for good; projections drop its rows. Kafka keeps its copy for 30 days at most.

    Example: samspil redact 6b2a... --authority 99000007 --reason "GDPR article 17, case 85.13.00-G01-1-26"
    """
    from hub.repairing import redact_subject

    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("it cannot be undone: say so with --yes", param_hint="--yes")
    if not yes:
        typer.confirm(f"Empty every event of {subject}? This cannot be undone.", abort=True)
    count = redact_subject(Settings.from_environment(), authority, subject, reason)
    print_line(f"emptied {count} events of {subject}")


def backup(file: Annotated[Path, typer.Argument(help="the file to write")]) -> None:
    """Write the whole hub as of this moment to a file; the hub goes on meanwhile.

    Example: samspil backup samspil.dump
    """
    from hub.opening import open_database
    from storage.backup import backup as write

    with open_database(Settings.from_environment()) as database:
        write(database, file)
    print_line(f"wrote {file} ({file.stat().st_size / 1e6:.1f} MB)")


def restore(file: Annotated[Path, typer.Argument(help="a file that `samspil backup` wrote")]) -> None:
    """Fill an empty hub from a backup, embedded or on a server.

    Example: SAMSPIL_DATA_DIR=./new samspil restore samspil.dump
    """
    from hub.opening import open_database
    from storage.backup import restore as read

    with open_database(Settings.from_environment()) as database:
        read(database, file)
    print_line(f"restored {file}")
