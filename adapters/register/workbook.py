"""XLSX files: the cached values of the visible sheets.

How it is safe. The sizes that the archive declares are added up before anything is unpacked, and zipfile unpacks no
more than was declared. No part may declare a document type (ECMA-376 part 2, 10.2 forbids it), and entities, the way
small XML becomes large, can be declared nowhere else; expat reads each part up to its root element to see. openpyxl
reads sheets with that same expat and the other parts with lxml, which is told to resolve no entities.
"""

import io
import warnings
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from kernel.errors import Invalid, Problem

from .sheets import MAX_BYTES, MAX_CELLS, Row, Sheet, filled
from .values import Scalar, Unreadable, clean

_BROKEN = (
    *(AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, RuntimeError, TypeError),
    *(SyntaxError, ValueError, BadZipFile, InvalidFileException, zlib.error),
)
"""What openpyxl and what it stands on raise for a damaged file; XML errors are SyntaxErrors."""


def is_zip(content: bytes) -> bool:
    """Whether the file may be an XLSX file, which is a ZIP archive."""
    return content.startswith(b"PK\x03\x04")


def is_compound(content: bytes) -> bool:
    """Whether the file is an old Excel file or one with a password: an OLE compound document."""
    return content.startswith(b"\xd0\xcf\x11\xe0")


def read_workbook(content: bytes, file_name: str) -> list[Sheet]:
    """The visible sheets. Raises Invalid when the file is no workbook, is damaged, or is too large to be a register."""
    with warnings.catch_warnings():
        # openpyxl warns of what it would lose if the file was written again.
        warnings.simplefilter("ignore")
        try:
            _refuse_dangerous(content, file_name)
            return list(_sheets(content, file_name))
        except _BROKEN as error:
            raise _refused(
                file_name, f"the file is no readable .xlsx workbook ({type(error).__name__}): save it again from Excel"
            ) from None


def _refuse_dangerous(content: bytes, file_name: str) -> None:
    with ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:
            raise _refused(file_name, f"the file unpacks to more than {MAX_BYTES // 1024 // 1024} MB")
        for part in archive.infolist():
            with archive.open(part) as stream:
                if _declares_document_type(stream):
                    raise _refused(file_name, f"its part {part.filename} declares a document type, as no workbook may")


class _Seen(Exception):
    """The prologue has been read far enough."""


def _declares_document_type(part: IO[bytes]) -> bool:
    found = []

    def doctype(*_: object) -> None:
        found.append(True)
        raise _Seen

    def root(*_: object) -> None:
        raise _Seen

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = doctype, root
    try:
        parser.ParseFile(part)
    except _Seen:
        return bool(found)
    except expat.ExpatError:
        # A picture or a printer's settings; if openpyxl takes it for XML, expat fails there as it does here.
        return False
    return False


def _sheets(content: bytes, file_name: str) -> Iterator[Sheet]:
    values = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    formulas = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    budget = MAX_CELLS
    for sheet, written in zip(values.worksheets, formulas.worksheets, strict=True):
        if sheet.sheet_state != "visible":
            continue
        # The extent a file declares can be too small, and rows beyond it would be passed over.
        sheet.reset_dimensions()
        written.reset_dimensions()
        rows = list[Row]()
        for number, (cells, sources) in enumerate(zip(sheet.iter_rows(), written.iter_rows(), strict=True), 1):
            budget -= len(cells) + 1
            if budget < 0:
                raise _refused(file_name, f"the workbook has more than {MAX_CELLS} cells")
            if row := filled(number, [_scalar(cell, source) for cell, source in zip(cells, sources, strict=True)]):
                rows.append(row)
        yield Sheet(file_name, sheet.title, tuple(rows))


def _scalar(cell: Any, source: Any) -> Scalar | None:
    value = cell.value
    if value is None:
        uncalculated = source.data_type == "f"
        return (
            Unreadable("", "holds a formula without a value; open the file in Excel and save it")
            if uncalculated
            else None
        )
    if cell.data_type == "e":
        return Unreadable(str(value), "holds an Excel error; correct the formula")
    match value:
        case bool():
            return value
        case int() | float():
            return _number(value, cell.number_format or "")
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date()
        case str():
            return clean(value)
        case date() if not isinstance(value, datetime):
            return value
        case _:
            return Unreadable(str(value), "holds a time of day; format the cell as text and write it again")


def _number(value: float, number_format: str) -> Scalar:
    """A number to the 15 digits that Excel keeps; one that is shown in percent as that percentage, in text."""
    number = Decimal(format(value, ".15g")) if isinstance(value, float) else Decimal(value)
    if "%" not in number_format:
        return number
    return f"{(number * 100).normalize():f} %".replace(".", ",")


def _refused(file_name: str, message: str) -> Invalid:
    return Invalid(f"{file_name} was refused", problems=(Problem(file_name, message),))
