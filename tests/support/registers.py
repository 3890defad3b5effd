"""Register files for tests, written as people's spreadsheets write them, and their reading."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from adapters.register.read import Origin, Reading, read
from kernel.errors import Invalid, Problem
from schemas.envelope import CloudEvent

EGESOE = "99000007"
ORIGIN = Origin(
    authority=EGESOE, source="urn:samspil:register", run_id="run-1", read_at=datetime(2026, 3, 2, 8, tzinfo=UTC)
)

Cells = Sequence[Sequence[object]]


def delimited(rows: Cells, *, separator: str = ";", encoding: str = "cp1252") -> bytes:
    """A CSV file; fields that hold the separator or a line break are quoted, as Excel does."""
    return "".join(separator.join(_field(cell, separator) for cell in row) + "\r\n" for row in rows).encode(encoding)


def workbook(sheets: Mapping[str, Cells], merged: Sequence[str] = ()) -> bytes:
    """An XLSX file; `merged` are ranges of the first sheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet: Worksheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def reading(content: bytes, name: str, origin: Origin = ORIGIN) -> Reading:
    """What a file states."""
    return read(content, name, origin)


def events(rows: Cells, name: str, origin: Origin = ORIGIN) -> list[CloudEvent]:
    """The events of a CSV file with these rows."""
    return list(reading(delimited(rows), f"{name}.csv", origin).events)


def only(rows: Cells, name: str) -> CloudEvent:
    """The one event of a CSV file with these rows."""
    (event,) = events(rows, name)
    return event


def faults(content: bytes, name: str) -> tuple[Problem, ...]:
    """All that is wrong in a file that must be refused."""
    try:
        found = reading(content, name)
    except Invalid as refusal:
        return refusal.problems
    raise AssertionError(f"{name} was taken: {found}")


def faults_in(rows: Cells, name: str) -> tuple[Problem, ...]:
    """All that is wrong in a CSV file with these rows."""
    return faults(delimited(rows), f"{name}.csv")


def _field(cell: object, separator: str) -> str:
    text = "" if cell is None else str(cell)
    quoted = '"' + text.replace('"', '""') + '"'
    return quoted if any(sign in text for sign in (separator, "\n", '"')) else text
