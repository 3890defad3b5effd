"""A register file as rows of cells with their places, whatever it was written as."""

from typing import NamedTuple

from kernel.errors import Problem

from .values import Scalar

MAX_BYTES = 100 * 1024 * 1024
"""The most a file may hold when it is unpacked; registers of the largest municipality are a hundredth of it."""
MAX_CELLS = 5_000_000
"""The most cells of a file that are looked at."""


class Row(NamedTuple):
    """A row by the number that Excel shows beside it; cells from column A on, None where nothing is written."""

    number: int
    cells: tuple[Scalar | None, ...]

    def cell(self, index: int) -> Scalar | None:
        """The cell of a column counted from 0; None beyond the last."""
        return self.cells[index] if index < len(self.cells) else None


class Sheet(NamedTuple):
    """A visible sheet of a workbook, or a whole CSV file (`name` None), without its empty rows.

    `fault` says why nothing is known below the last row.
    """

    file: str
    name: str | None
    rows: tuple[Row, ...]
    fault: Problem | None = None

    def where(self, row: int | None = None, column: str | None = None) -> str:
        """A place in the file, as people find it."""
        named = f"ark '{self.name}'" if self.name is not None else None
        numbered = f"række {row}" if row is not None else None
        headed = f"kolonne {column}" if column is not None else None
        return ", ".join(part for part in (self.file, named, numbered, headed) if part)


def filled(number: int, cells: list[Scalar | None]) -> Row | None:
    """A row without its empty end; None when nothing is written in it."""
    while cells and cells[-1] is None:
        cells.pop()
    return Row(number, tuple(cells)) if cells else None
