"""Empty registers that explain themselves: above the header what each column holds, below it an example row.

The example's number begins with EKSEMPEL, and such rows are not read, so that nobody has to remember to delete it.
"""

import csv
import io
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .columns import Column, Layout
from .layouts import LAYOUTS
from .read import layout_named
from .values import DATE, NUMBER

_GUIDE = (
    "Sådan udfyldes registrene",
    "Hvert ark er et register. Slet de ark, der ikke bruges, eller skjul dem: skjulte ark læses ikke.",
    "Kolonner med * skal udfyldes. Andre kan være tomme eller slettes. Rækkefølgen er ligegyldig.",
    "En kolonne med overskriften i parentes, fx (egne noter), læses ikke.",
    "En streg (-) er det samme som en tom celle.",
    "Numre binder registrene sammen: skriv samme nummer alle steder, eller emnets UUID.",
    "Datoer skrives 31-12-2026, tal 1.234,50 og ja eller nej. Formler læses med den værdi, Excel sidst har regnet.",
    "Flere værdier i en celle adskilles af semikolon eller linjeskift: 27.36; 27.12.04.",
    "Har hver værdi flere dele, står der kolon imellem: 0: 25,00; 150000: 12,50.",
    "Dele sidst kan udelades, og en tom del står som to koloner. Skal en del selv indeholde kolon, bruges | i stedet.",
    "Gælder fra og Gælder til siger, hvornår rækken gælder, begge dage med. Samme nummer kan stå med flere datoer.",
    "Rækker, hvis nummer begynder med EKSEMPEL, læses ikke.",
    "Er der fejl i filen, tages intet af den, og alle fejl nævnes.",
)
_BOLD = Font(bold=True)
_EXAMPLE = Font(italic=True, color="808080")
_HEADER_FILL = PatternFill("solid", fgColor="DDE6F0")
_EXPLAINED = Alignment(wrap_text=True, vertical="top")
_EXPLANATION_ROW, _HEADER_ROW, _EXAMPLE_ROW = 2, 3, 4
_LAST_ROW = 2000
"""How far down the drop-down lists reach."""


def template_workbook() -> bytes:
    """An XLSX workbook with a guide and a sheet for each register."""
    book = Workbook()
    guide = book.active
    assert isinstance(guide, Worksheet)
    guide.title = "Vejledning"
    guide.column_dimensions["A"].width = 120
    for number, line in enumerate(_GUIDE, 1):
        guide.cell(number, 1, line).alignment = _EXPLAINED
    guide["A1"].font = _BOLD
    for layout in LAYOUTS:
        _fill(book.create_sheet(layout.danish), layout)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def template_csv(name: str) -> bytes:
    """A CSV file for the register called `name`, as a Danish Excel writes and opens it: UTF-8 with a mark, semicolons.

    Raises Invalid when there is no such register.
    """
    layout = layout_named(name)
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(
        [
            [layout.about],
            [_explanation(column) for column in layout.columns],
            [_header(column) for column in layout.columns],
            [column.example for column in layout.columns],
        ]
    )
    return written.getvalue().encode("utf-8-sig")


def _fill(sheet: Worksheet, layout: Layout) -> None:
    sheet.cell(1, 1, layout.about).font = _BOLD
    for number, column in enumerate(layout.columns, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 24
        sheet.column_dimensions[letter].number_format = _number_format(column)
        sheet.cell(_EXPLANATION_ROW, number, _explanation(column)).alignment = _EXPLAINED
        header = sheet.cell(_HEADER_ROW, number, _header(column))
        header.font, header.fill = _BOLD, _HEADER_FILL
        example = sheet.cell(_EXAMPLE_ROW, number)
        assert isinstance(example, Cell)
        example.value, example.font, example.number_format = _example(column), _EXAMPLE, _number_format(column)
        _offer_words(sheet, letter, column)
    sheet.freeze_panes = f"A{_EXAMPLE_ROW}"


def _offer_words(sheet: Worksheet, letter: str, column: Column) -> None:
    """A drop-down list of the words to choose from, where Excel can hold them: 255 characters, split by commas."""
    listed = ",".join(column.kind.words)
    if 0 < len(listed) <= 255 and listed.count(",") == len(column.kind.words) - 1:
        words = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
        words.add(f"{letter}{_EXAMPLE_ROW}:{letter}{_LAST_ROW}")
        sheet.add_data_validation(words)


def _header(column: Column) -> str:
    return f"{column.header} *" if column.required else column.header


def _explanation(column: Column) -> str:
    return f"{column.explanation} ({column.kind.written})"


def _example(column: Column) -> str | Decimal | date | None:
    if column.kind in {DATE, NUMBER} and column.example:
        value: Decimal | date = column.kind.read(column.example)
        return value
    return column.example or None


def _number_format(column: Column) -> str:
    """How Excel keeps the cells: text as it is typed, so that 7.10 stays 7.10 and 1-2 does not become a date."""
    return {NUMBER: "#,##0.00##", DATE: "dd-mm-yyyy"}.get(column.kind, "@")
