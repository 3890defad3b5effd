"""Register files: what they look like."""

from pathlib import Path
from typing import Annotated

import typer

from hub.output import print_line
from kernel.errors import Fatal

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
    from storage.folders import writable

    writable(folder, "name a folder that you may write in: samspil register template FOLDER")
    files = {"registre.xlsx": template_workbook()} | {f"{one.name}.csv": template_csv(one.name) for one in LAYOUTS}
    for name, content in files.items():
        _write(folder / name, content)
        print_line(str(folder / name))


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Fatal(f"{file} cannot be written: {error.strerror}", hint="name another folder") from error
