"""Data in: ingest and inspect."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.output import errors, print_json, print_line
from hub.settings import Settings

JSON = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
PATHS = Annotated[list[Path], typer.Argument(help="files or folders")]


def register(app: typer.Typer) -> None:
    app.command()(ingest)
    app.command()(inspect)


def ingest(
    paths: PATHS,
    authority: Annotated[str | None, typer.Option(help="CVR of the authority whose files they are")] = None,
    complete: Annotated[bool, typer.Option("--complete", help="what a register no longer holds is removed")] = False,
    force: Annotated[bool, typer.Option("--force", help="also when more than 10 % would be removed")] = False,
    as_json: JSON = False,
) -> None:
    """Take files and folders in: e-invoices (.xml), CloudEvents (.json), registers (.csv, .xlsx).

    Example: samspil ingest --authority 99000007 fakturaer/
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from hub.intake import Intake
    from hub.opening import open_hub

    refused = False
    columns = (SpinnerColumn(), TextColumn("{task.completed} files"), TextColumn("{task.description}"))
    with (
        open_hub(Settings.from_environment()) as hub,
        Progress(
            *columns, console=errors, disable=not errors.is_terminal or not sys.stdout.isatty(), transient=True
        ) as progress,
    ):
        task = progress.add_task("")
        for taken in Intake(hub, authority, complete=complete, force=force).take_all(paths):
            progress.update(task, advance=1, description=taken.file)
            refused |= taken.status == "refused"
            if as_json:
                print_json(taken.as_json())
            else:
                print_line(f"{taken.status:<10}{taken.file}{_because(taken.reason)}")
    if refused:
        raise typer.Exit(1)


def inspect(
    files: Annotated[list[Path], typer.Argument(help="e-invoices")],
    as_json: JSON = False,
) -> None:
    """What the invoice adapter reads out of a file and what is wrong with it; touches no database.

    Example: samspil inspect faktura.xml
    """
    from adapters.ubl.inspect import inspect_file

    refused = False
    for file in files:
        found = inspect_file(file)
        refused |= found["refused"] is not None
        if as_json:
            print_json(found)
        else:
            width = max(map(len, found))
            shown = {name: value for name, value in found.items() if value not in (None, [])}
            print_line("\n".join(f"{name:<{width}}  {_text(value)}" for name, value in shown.items()) + "\n")
    if refused:
        raise typer.Exit(1)


def _because(reason: str) -> str:
    """One reason behind the file's name, several below it."""
    return "".join(f"\n  {line}" for line in reason.splitlines()) if "\n" in reason else f": {reason}" if reason else ""


def _text(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
