"""Register files as they come: encodings, separators, headers in two rows, formulas, and what is no register."""

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from adapters.register import delimited as csv_files
from adapters.register import workbook as xlsx_files
from adapters.register.template import template_workbook
from kernel.errors import Invalid
from tests.support.registers import delimited, faults, only, reading, saved, workbook

CONTRACTS = [
    ["Kontraktnummer", "Titel", "Leverandør", "Startdato", "Slutdato", "Loft", "Opsigelsesvarsel"],
    ["K-1", "Ældre & omsorg", "L-1", "01-01-2022", "31-12-2025", "7.500.000,50", "6"],
    ["K-2", "Sagsarkiv, drift", "L-2", "01-07-2023", "", "", "3"],
]
TWO_LEVELS: list[list[object]] = [
    ["Kontrakter i Egesø Kommune"],
    [],
    ["Kontraktnummer", "Titel", "Leverandør", "Periode", None, "Loft", "Opsigelse"],
    [None, None, "Nummer", "Start", "Slut", None, "Varsel"],
    ["K-1", "Ældre & omsorg", "L-1", date(2022, 1, 1), datetime(2025, 12, 31), 7500000.5, 6],  # noqa: DTZ001 - as Excel
    ["K-2", "Sagsarkiv, drift", "L-2", "1/7-2023", None, None, Decimal(3)],
]
MERGED = ["A1:G1", "A3:A4", "B3:B4", "D3:E3", "F3:F4"]


def data_of(content: bytes, name: str) -> list[object]:
    """Subjects, days and data of a file's events: all but the row they stood in."""
    return [(event.type, event.subject, event.effective, event.data) for event in reading(content, name).events]


def test_a_windows_1252_csv_and_a_merged_header_workbook_give_the_same_events() -> None:
    """The same register in two files is the same register."""
    from_csv = data_of(delimited(CONTRACTS), "kontrakter.csv")
    from_xlsx = data_of(workbook({"Kontrakter": TWO_LEVELS}, MERGED), "register.xlsx")
    assert len(from_csv) == 2
    assert from_csv == from_xlsx


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_encodings_and_separators_are_told_apart(encoding: str, separator: str) -> None:
    """Danish letters survive, and commas in texts and amounts do not split a row."""
    assert data_of(delimited(CONTRACTS, separator=separator, encoding=encoding), "kontrakter.csv") == data_of(
        delimited(CONTRACTS), "kontrakter.csv"
    )


def test_a_header_of_two_rows_is_read_in_csv_as_well() -> None:
    """Saved as CSV, merged cells leave the same gaps."""
    rows = [[cell if isinstance(cell, str) else "" for cell in row] for row in TWO_LEVELS[:4]]
    assert data_of(delimited([*rows, *CONTRACTS[1:]]), "k.csv") == data_of(delimited(CONTRACTS), "kontrakter.csv")


def test_excels_own_separator_line_keeps_the_row_numbers() -> None:
    """`sep=` is row 1 of the file, and errors count from there."""
    content = b"sep=|\r\n" + delimited([*CONTRACTS, ["K-3", "X", "L-1", "i morgen"]], separator="|")
    assert [problem.where for problem in faults(content, "kontrakter.csv")] == [
        "kontrakter.csv, række 5, kolonne 'Startdato'"
    ]


@pytest.mark.parametrize("name", ["Kontrakter.csv", "kontrakter_2026-01.csv", "contracts.csv", "ukendt.csv"])
def test_a_file_is_recognised_by_its_name_or_else_by_its_header(name: str) -> None:
    """People add dates to names of files, or save under any name."""
    assert len(reading(delimited(CONTRACTS), name).events) == 2


def test_names_without_danish_letters_are_recognised() -> None:
    """Files are named `leverandoerer` where systems do not take ø."""
    assert len(reading(delimited([["Nr"], ["Leverandoernummer", "Navn", "CVR"]]), "leverandoerer.csv").families) == 1


def test_sheets_that_are_hidden_empty_or_for_people_are_passed_over() -> None:
    """A workbook holds more than registers."""
    book = Workbook()
    for name, rows in {"Vejledning": [["Læs dette"]], "Kontrakter": CONTRACTS, "Gammel": [["rod"]]}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book["Gammel"].sheet_state = "hidden"
    assert reading(saved(book), "register.xlsx").families == ("contract.contract-stated",)


def test_a_sheet_that_is_no_register_is_a_fault() -> None:
    """A register under a misspelt name must not be taken for gone."""
    (problem,) = faults(workbook({"Kontrakter": CONTRACTS, "Ark2": [["Hej"], ["verden"]]}), "register.xlsx")
    assert problem.where == "register.xlsx, ark 'Ark2'"


def test_two_sheets_of_one_register_are_a_fault() -> None:
    """Which of them holds cannot be known."""
    (problem,) = faults(workbook({"Kontrakter": CONTRACTS, "Contracts": CONTRACTS}), "register.xlsx")
    assert "'Kontrakter' is the same register" in problem.message


def test_columns_in_parentheses_are_peoples_own() -> None:
    """They are not read, whatever they hold."""
    rows = [[*CONTRACTS[0], "(intern note)"], [*CONTRACTS[1], "spørg Mette"]]
    assert data_of(delimited(rows), "kontrakter.csv") == data_of(delimited(CONTRACTS[:2]), "kontrakter.csv")


def test_numbers_are_exact_to_excels_fifteen_digits() -> None:
    """A binary fraction such as 0.1 + 0.2 is what Excel shows it as."""
    rows = [CONTRACTS[0], ["K-1", "T", "L-1", None, None, 0.1 + 0.2, None]]
    (event,) = reading(workbook({"Kontrakter": rows}), "r.xlsx").events
    assert event.data["maximum"]["net"]["amount"] == "0.3"


def test_cells_shown_in_percent_are_percentages() -> None:
    """Excel keeps 4,5 % as 0.045."""
    header = ["Kontraktnummer", "Titel", "Leverandør", "Indeksserie", "Basisperiode", "Regulering højst (%)"]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Kontrakter"
    sheet.append(header)
    sheet.append(["K-1", "T", "L-1", "NPI", "2021-10", 0.045])
    sheet["F2"].number_format = "0.0%"
    (event,) = reading(saved(book), "r.xlsx").events
    assert event.data["index_clause"]["cap"] == "4.5"


def rewritten(content: bytes, part: str, old: str, new: str) -> bytes:
    """A workbook with a text of one of its parts replaced."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            target.writestr(name, text)
    return written.getvalue()


def test_formulas_are_read_by_the_value_last_calculated() -> None:
    """As Excel saved it; a formula that was never calculated is a fault, not an empty cell."""
    content = workbook({"Kontrakter": [CONTRACTS[0], ["K-1", "T", "L-1", None, None, "=1250*2", None]]})
    calculated = rewritten(content, "xl/worksheets/sheet1.xml", "<v></v>", "<v>2500</v>")
    (event,) = reading(calculated, "r.xlsx").events
    (problem,) = faults(content, "r.xlsx")
    assert event.data["maximum"]["net"]["amount"] == "2500"
    assert (problem.where, "formula without a value" in problem.message) == (
        "r.xlsx, ark 'Kontrakter', række 2, kolonne 'Loft'",
        True,
    )


@pytest.mark.parametrize("cell", ["#REF!", "#VÆRDI!", time(12, 30), datetime(2026, 1, 1, 12, 30)])  # noqa: DTZ001 - as Excel
def test_error_cells_and_times_of_day_are_faults(cell: object) -> None:
    """They hold no value that a register could mean."""
    rows = [CONTRACTS[0], ["K-1", "T", "L-1", cell]]
    (problem,) = faults(workbook({"Kontrakter": rows}), "r.xlsx")
    assert problem.where == "r.xlsx, ark 'Kontrakter', række 2, kolonne 'Startdato'"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "neither name nor header"),
        (b"hej", "neither name nor header"),
        (b"\x81\x8d;\x00", "not text"),
        (b'Kontraktnummer;Titel;Leverand\xf8r\r\n"K-1;T', "quotation marks"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls"),
        (b"PK\x03\x04rest", "no readable .xlsx"),
    ],
)
def test_what_is_no_register_is_refused_with_what_it_is(content: bytes, message: str) -> None:
    """One fault that says what to do."""
    (problem,) = faults(content, "kontrakter 2026.csv" if b"Kontrakt" in content else "fil.csv")
    assert message in problem.message


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread() -> None:
    """A ZIP bomb is known by the sizes it declares, and no more than those is ever unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(101 * 1024 * 1024))
    (problem,) = faults(packed.getvalue(), "bombe.xlsx")
    assert "unpacks to more than 100 MB" in problem.message


def test_a_workbook_of_too_many_cells_is_refused() -> None:
    """A sheet with a cell in the last column of every row is no register."""
    with patch.object(xlsx_files, "MAX_CELLS", 10):
        (problem,) = faults(workbook({"Kontrakter": CONTRACTS}), "r.xlsx")
    assert "more than 10 cells" in problem.message


def test_a_csv_file_that_is_too_large_is_refused() -> None:
    """By its size, and by its number of cells."""
    with patch.object(csv_files, "MAX_BYTES", 10):
        assert "larger than" in faults(delimited(CONTRACTS), "r.csv")[0].message
    with patch.object(csv_files, "MAX_CELLS", 10):
        assert "more than 10 cells" in faults(delimited(CONTRACTS), "r.csv")[0].message


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_workbook_that_declares_entities_is_refused(part: str) -> None:
    """Entities can make a small file large or name other files; no workbook may declare a document type."""
    content = workbook({"Kontrakter": CONTRACTS})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = archive.read(part).partition(b"<")[2].partition(b" ")[0].decode()
    lol = f'<!DOCTYPE lol [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><{root}'
    (problem,) = faults(rewritten(content, part, f"<{root}", lol), "r.xlsx")
    assert "declares a document type" in problem.message


TEMPLATE = template_workbook()


def taken_or_refused(content: bytes, name: str) -> bool:
    """Whether a file is read, or refused with what is wrong in it; any other error goes through."""
    try:
        return bool(reading(content, name).families)
    except Invalid as refusal:
        return bool(refusal.problems)


@settings(max_examples=60)
@given(st.binary(max_size=2000) | st.text(max_size=400).map(str.encode))
def test_whatever_the_bytes_they_are_read_or_refused(content: bytes) -> None:
    """No file makes anything but Invalid."""
    for name in ("kontrakter.csv", "x.xlsx"):
        assert taken_or_refused(content, name)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, len(TEMPLATE) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_damaged_workbook_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    """Whatever openpyxl and zipfile make of the damage becomes a fault of the file."""
    content = bytearray(TEMPLATE)
    for place, byte in damage:
        content[place] = byte
    assert taken_or_refused(bytes(content), "x.xlsx")


def test_line_breaks_and_quotes_in_cells_are_kept() -> None:
    """As the csv module reads them; rows are counted as Excel counts them."""
    rows = [["Systemnummer", "Navn", "Beskrivelse"], ["S-1", 'Det "nye" system', "Linje 1\nLinje 2"]]
    event = only(rows, "systemer")
    assert (event.data["name"], event.data["description"]) == ('Det "nye" system', "Linje 1\nLinje 2")
