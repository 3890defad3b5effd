"""Subscriptions: who gets which events, how far each is, and what was tried."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hub.output import print_json, print_line, print_rows
from hub.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from consumers.deliveries.subscriptions import Subscription
    from hub.opening import Hub

JSON = Annotated[bool, typer.Option("--json", help="JSON, one object a line")]
ID = Annotated[str, typer.Argument(metavar="ID", help="the subscription, as `samspil subscriptions list` shows it")]
Way = Literal["webhook", "sse", "pull", "email"]

app = typer.Typer(help="Who gets which events: by webhook, stream, pull or mail.", no_args_is_help=True)


@app.command()
def add(
    principal: Annotated[str, typer.Argument(help="the principal's name")],
    authority: Annotated[str, typer.Option(help="CVR of the authority whose events it gets")],
    types: Annotated[list[str], typer.Option("--type", help="a type such as invoice.received, invoice.*, or *")],
    way: Annotated[Way, typer.Option(help="how they reach it")],
    address: Annotated[str | None, typer.Option(help="the URL of a webhook, the address of a mail")] = None,
    after: Annotated[int | None, typer.Option(help="begin after this position (default: with what comes)")] = None,
    as_json: JSON = False,
) -> None:
    """Make a subscription, within an active agreement to receive; prints its id, and a webhook's secret.

    Example: samspil subscriptions add bi --authority 99000007 --type "invoice.*" --way webhook --address https://...
    """
    from consumers.deliveries.signing import secret, shown
    from consumers.deliveries.subscriptions import principal_named, subscribe
    from hub.delivering import guard_of, signing_key
    from hub.opening import open_hub
    from hub.repairing import local_actor
    from hub.words import require_types

    require_types(types)
    with open_hub(Settings.from_environment()) as hub:
        with hub.database.worker.begin() as connection:
            one = subscribe(
                connection, principal_named(connection, principal), authority, types, way, address,
                by=local_actor().name or "", now=hub.clock.now(), guard=guard_of(hub), after=after,
            )  # fmt: skip
        told = {"subscription": one.id}
        if way == "webhook":
            told["secret"] = shown(secret(signing_key(hub), one.id, one.secret_number))
    if as_json:
        print_json(told)
    else:
        print_line("\n".join(told.values()))


@app.command("list")
def list_(
    authority: Annotated[str | None, typer.Option(help="CVR of one authority; every authority without it")] = None,
    as_json: JSON = False,
) -> None:
    """Every subscription, how far it is, and when it is tried next.

    Example: samspil subscriptions list
    """
    from consumers.deliveries.queries import subscriptions
    from hub.opening import open_hub
    from hub.words import require_authority

    with open_hub(Settings.from_environment()) as hub, hub.database.worker.connect() as connection:
        require_authority(hub, authority)
        rows = [row._asdict() for row in subscriptions(connection, authority)]
    columns = ("id", "authority", "subscriber", "way", "types", "status", "behind", "attempt", "due", "reason")
    print_rows(rows, as_json=as_json, columns=columns, title="Subscriptions")


@app.command()
def log(
    subscription: Annotated[str | None, typer.Argument(metavar="ID", help="one subscription; all without it")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many at most")] = 100,
    as_json: JSON = False,
) -> None:
    """The last attempts to deliver, newest first.

    Example: samspil subscriptions log --limit 20
    """
    from consumers.deliveries.queries import log as attempts
    from consumers.deliveries.subscriptions import subscription as named
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub, hub.database.worker.connect() as connection:
        one = named(connection, subscription).id if subscription else None
        rows = [row._asdict() for row in attempts(connection, subscription=one, limit=limit)]
    columns = ("at", "subscription", "position", "attempt", "outcome", "status", "ms", "note")
    print_rows(rows, as_json=as_json, columns=columns, title="Deliveries")


@app.command()
def pause(subscription: ID, reason: Annotated[str, typer.Option(help="why")]) -> None:
    """Stop delivering to a subscriber; nothing is lost.

    Example: samspil subscriptions pause 3f0c... --reason "modtageren flytter"
    """
    from consumers.deliveries.subscriptions import pause as stop
    from hub.delivering import teller
    from hub.repairing import local_actor

    _change(
        subscription,
        lambda hub, connection, one: stop(connection, one, reason, by=local_actor(), attempts=0, tell=teller(hub)),
    )
    print_line("paused")


@app.command()
def resume(subscription: ID) -> None:
    """Go on delivering where it stopped.

    Example: samspil subscriptions resume 3f0c...
    """
    from consumers.deliveries.subscriptions import resume as go_on
    from hub.delivering import teller
    from hub.repairing import local_actor

    _change(subscription, lambda hub, connection, one: go_on(connection, one, by=local_actor(), tell=teller(hub)))
    print_line("active")


@app.command()
def replay(
    subscription: ID, after: Annotated[int, typer.Option(help="deliver what is stored after this position")]
) -> None:
    """Deliver again, with the same ids.

    Example: samspil subscriptions replay 3f0c... --after 48000
    """
    from consumers.deliveries.subscriptions import replay as again
    from hub.repairing import local_actor

    _change(subscription, lambda _, connection, one: again(connection, one, after, by=local_actor()))
    print_line(f"again after {after}")


@app.command()
def rotate(subscription: ID) -> None:
    """Give a webhook a new secret and print it; for a day the old one signs too.

    Example: samspil subscriptions rotate 3f0c...
    """
    from consumers.deliveries.signing import secret, shown
    from consumers.deliveries.subscriptions import rotate as renew
    from hub.delivering import signing_key
    from hub.repairing import local_actor

    def work(hub: "Hub", connection: "Connection", one: "Subscription") -> None:
        renewed = renew(connection, one, by=local_actor(), now=hub.clock.now())
        print_line(shown(secret(signing_key(hub), renewed.id, renewed.secret_number)))

    _change(subscription, work)


@app.command()
def end(subscription: ID) -> None:
    """End a subscription for good.

    Example: samspil subscriptions end 3f0c...
    """
    from consumers.deliveries.subscriptions import end as finish
    from hub.repairing import local_actor

    _change(subscription, lambda _, connection, one: finish(connection, one, by=local_actor()))
    print_line("ended")


def _change(id_: str, work: "Callable[[Hub, Connection, Subscription], None]") -> None:
    from consumers.deliveries.subscriptions import subscription
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub, hub.database.worker.begin() as connection:
        work(hub, connection, subscription(connection, id_))
