"""Register files: what they look like."""

from pathlib import Path
from typing import Annotated

import typer

from hub.output import print_line

app = typer.Typer(help="Registers as CSV and XLSX files.", no_args_is_help=True)


@app.callback()
def _register() -> None:
    """Registers as CSV and XLSX files."""


@app.command()
def template(
    folder: Annotated[Path, typer.Argument(help="where to write them")] = Path(),
) -> None:
    """Write empty, explained register files: one workbook with every register, and a CSV of each.

    Example: samspil register template skabeloner/
    """
    from adapters.register.layouts import LAYOUTS
    from adapters.register.template import template_csv, template_workbook

    folder.mkdir(parents=True, exist_ok=True)
    files = {"registre.xlsx": template_workbook()} | {f"{one.name}.csv": template_csv(one.name) for one in LAYOUTS}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        print_line(str(folder / name))
