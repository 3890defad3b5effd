"""The demo command."""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from hub.output import errors, print_json, print_rows
from hub.settings import Settings


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="play, compare with the truth, print the summary, stop")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the summary as one JSON object")] = False,
    seed: Annotated[int, typer.Option(help="another number makes another demo")] = 1,
    kafka: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="play it over this broker")] = None,
) -> None:
    """Two fictional municipalities and two years of their systems, contracts, invoices, cases, projects and workflows,
    day by day, and a receiver of webhooks that shows what it gets.

    Example: samspil demo --once --json
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from examples.play import Day
    from hub.demo import play_all, stage, summary
    from hub.live import live
    from hub.memory import calm_garbage_collector

    settings = Settings.from_environment()
    settings = replace(settings, kafka=kafka)
    calm_garbage_collector()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with stage(settings, seed) as play:
        if not once:
            live(play, as_json=as_json)
            return
        with Progress(*columns, console=errors, disable=not errors.is_terminal, transient=True) as progress:
            task = progress.add_task("playing two years", total=731)

            def told(day: Day) -> None:
                progress.update(task, advance=1, description=f"{day.date}")

            seconds = play_all(play, told)
        found = summary(play, seconds)
    if as_json:
        print_json(found)
    else:
        shown = {name: value for name, value in found.items() if name not in ("digests", "missing", "unexpected")}
        print_rows([{"": name, "value": value} for name, value in shown.items()], as_json=False, columns=("", "value"))
    if found["precision"] < 1 or found["recall"] < 1 or found["parked"] or not found["caught_up"]:
        errors.print(f"this differs from the truth: missing {found['missing']}, unexpected {found['unexpected']}")
        sys.exit(1)
