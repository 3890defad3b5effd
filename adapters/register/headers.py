"""Finding the header of a sheet: below titles and explanations, in one row or, with merged cells, in two.

In a header of two rows the upper cell counts for the cells to the right of it too, as far as they are empty: that is
how merged cells are stored, in XLSX as in CSV. Whether "Periode" and "Slut" mean "Periode Slut", or "Titel" stands
below "Nummer" by chance, the layout's own names decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest

from openpyxl.utils import get_column_letter

from kernel.errors import Problem

from .columns import Column, Layout, plain
from .sheets import Row, Sheet
from .values import Scalar, shown

_SEARCHED = 30
"""How many filled rows from the top are looked at for a header."""


@dataclass(frozen=True, slots=True)
class Header:
    """Which column of the sheet is which of the layout; `names` are the headers as they are written in the file."""

    first: int
    rows: int
    found: dict[int, Column]
    names: dict[int, str]

    def name_of(self, column: Column) -> str:
        """What the file calls the column; its Danish header when the file has none."""
        return next((self.names[index] for index, known in self.found.items() if known is column), column.header)

    def lacks(self, layout: Layout) -> list[Column]:
        """The required columns that no header names."""
        present = set(map(id, self.found.values()))
        return [column for column in layout.columns if column.required and id(column) not in present]


def find_header(sheet: Sheet, layout: Layout) -> Header | None:
    """The header that names most columns of the layout, in as few rows and as high up as can be; None for fewer than
    two."""
    top = sheet.rows[:_SEARCHED]
    single = [_header(start, [top[start]], layout) for start in range(len(top))]
    double = [_header(start, top[start : start + 2], layout) for start in range(len(top) - 1)]
    best = max([*single, *double], key=lambda header: (len(header.found), -header.rows, -header.first), default=None)
    return best if best is not None and len(best.found) > 1 else None


def header_problems(sheet: Sheet, layout: Layout, header: Header) -> list[Problem]:
    """What is wrong with the header: unknown, repeated, nameless and missing columns, each once."""
    row = sheet.rows[header.first + header.rows - 1].number
    missing, problems, seen = header.lacks(layout), list[Problem](), set[str]()
    for index in range(_width(sheet)):
        name, column = header.names.get(index, ""), header.found.get(index)
        if column is not None:
            if column.path in seen:
                problems.append(
                    Problem(sheet.where(row, f"'{name}'"), "the same column stands further to the left", name)
                )
            seen.add(column.path)
        elif not name and (filled := _first_filled(sheet, header, index)):
            letter = get_column_letter(index + 1)
            message = f"the column holds values (first in row {filled.number}) but has no header"
            problems.append(Problem(sheet.where(row, letter), message, shown(filled.cell(index))))
        elif name and not is_note(name):
            problems.append(Problem(sheet.where(row, f"'{name}'"), _unknown(name, layout, header, missing), name))
    for column in missing:
        problems.append(Problem(sheet.where(row), f"the required column '{column.header}' is missing"))
    return problems


def is_note(name: str) -> bool:
    """Whether the header is in parentheses: a column that people keep for themselves, and that is not read."""
    return name.startswith("(") and name.endswith(")")


def data_rows(sheet: Sheet, header: Header) -> tuple[Row, ...]:
    """The rows below the header."""
    return sheet.rows[header.first + header.rows :]


def _header(first: int, rows: Sequence[Row], layout: Layout) -> Header:
    found, names = dict[int, Column](), dict[int, str]()
    upper = ""
    for index, levels in enumerate(zip_longest(*(row.cells for row in rows))):
        name = _written(levels[-1])
        if len(levels) == 1:
            candidates = [name]
        else:
            upper = _written(levels[0]) or upper
            candidates = [f"{upper} {name}".strip(), name] if name else [_written(levels[0])]
        known = [candidate for candidate in candidates if plain(candidate) in layout.by_name]
        names[index] = (known or candidates)[0]
        if known and not is_note(name):
            found[index] = layout.by_name[plain(known[0])]
    return Header(first, len(rows), found, names)


def _written(cell: Scalar | None) -> str:
    return " ".join(shown(cell).split())


def _unknown(name: str, layout: Layout, header: Header, missing: list[Column]) -> str:
    """Why a header is not known; a required column that it may have been meant for is taken off `missing`."""
    free = [column for column in layout.columns if column not in header.found.values()]
    close = get_close_matches(plain(name), [known for column in free for known in column.names], 1)
    meant = layout.by_name[close[0]] if close else None
    if missing:
        meant = meant if meant in missing else missing[0]
        missing.remove(meant)
        return f"unknown column, and the required column '{meant.header}' is missing: is it this one?"
    if meant is not None:
        return f"unknown column: is it '{meant.header}'?"
    return "unknown column: remove it, or put its header in parentheses to keep it as a note"


def _width(sheet: Sheet) -> int:
    return max((len(row.cells) for row in sheet.rows), default=0)


def _first_filled(sheet: Sheet, header: Header, index: int) -> Row | None:
    return next((row for row in data_rows(sheet, header) if row.cell(index) is not None), None)
