"""CSV files as Excel and others write them: UTF-8, UTF-16 or Windows-1252, with semicolons, tabs or commas."""

import csv
import io
import re

from kernel.errors import Invalid, Problem

from .sheets import MAX_BYTES, MAX_CELLS, Row, Sheet, filled
from .values import clean

_SEPARATORS = (";", "\t", ",")


def readings(content: bytes, file_name: str) -> list[Sheet]:
    """The file split at each separator it may have been written with; its header tells which was meant.

    Raises Invalid when it is no text, or too large.
    """
    if len(content) > MAX_BYTES:
        raise _refused(file_name, f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    text = _decoded(content, file_name)
    if declared := re.match(r"sep=(.)\r?\n", text):
        # Excel's own line: the rows below keep the numbers that Excel shows.
        return [_split(text[declared.end() :], declared[1], 2, file_name)]
    return [_split(text, separator, 1, file_name) for separator in _SEPARATORS]


def _decoded(content: bytes, file_name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content[:2]:
        encodings = ["utf-16-be" if content[:1] == b"\0" else "utf-16-le"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _refused(file_name, "the file is not text in UTF-8, UTF-16 or Windows-1252: save it as CSV or .xlsx")


def _split(text: str, separator: str, first: int, file_name: str) -> Sheet:
    rows, cells = list[Row](), 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, fields in enumerate(reader, first):
            cells += len(fields)
            if cells > MAX_CELLS:
                raise _refused(file_name, f"the file has more than {MAX_CELLS} cells")
            if row := filled(number, [clean(field) for field in fields]):
                rows.append(row)
    except csv.Error as error:
        last = rows[-1].number if rows else 0
        fault = Problem(file_name, f"the quotation marks do not match, somewhere after row {last} ({error})")
        return Sheet(file_name, None, tuple(rows), fault)
    return Sheet(file_name, None, tuple(rows))


def _refused(file_name: str, message: str) -> Invalid:
    return Invalid(f"{file_name} was refused", problems=(Problem(file_name, message),))
