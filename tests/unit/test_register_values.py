"""Cells as Danish spreadsheets write them, read by kind."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.register import values
from adapters.register.compound import Local, Part, choice, items, many, reference
from adapters.register.values import Kind, Scalar, clean, shown


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.234.567,89", "1234567.89"),
        ("1234,5", "1234.5"),
        ("1 234,50", "1234.5"),
        ("1.250", "1250"),
        ("-12,50", "-12.5"),
        ("−12,50", "-12.5"),
        ("12,50-", "-12.5"),
        ("1.250,-", "1250"),
        ("kr. 1.250,00", "1250"),
        ("1.250,00 kr.", "1250"),
        ("0,18", "0.18"),
        ("007", "7"),
    ],
)
def test_numbers_are_read_as_danes_write_them(written: str, meant: str) -> None:
    """Comma before decimals, point or space between thousands, kroner beside, minus on either side."""
    assert values.NUMBER.read(written) == Decimal(meant)


@pytest.mark.parametrize(
    "written", ["12.50", "1,234.50", "1.23,4", "1.2345", "12,5x", "", "-12-", "NaN", "1e5", "50 %"]
)
def test_numbers_that_could_mean_something_else_are_refused(written: str) -> None:
    """A number is never guessed at."""
    with pytest.raises(ValueError, match=r"^$|after a comma"):
        values.NUMBER.read(written)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_every_number_comes_back_as_it_was_written(number: Decimal) -> None:
    """With thousands split and without, reading undoes writing."""
    english = f"{number:,.4f}"
    danish = english.translate(str.maketrans(",.", ".,"))
    assert values.NUMBER.read(danish) == values.NUMBER.read(danish.replace(".", "")) == number


@pytest.mark.parametrize(
    "written",
    [
        *("31-12-2026", "31/12-2026", "31/12/2026", "31.12.2026", "2026-12-31", "2026-12-31 00:00:00"),
        *("2026-12-31T00:00:00Z", date(2026, 12, 31)),
    ],
)
def test_dates_are_read_as_danes_write_them(written: Scalar) -> None:
    """Day, month, year with any of the usual signs, ISO 8601, and Excel's own dates."""
    assert values.DATE.read(written) == date(2026, 12, 31)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_comes_back_as_it_was_written(day: date) -> None:
    """Reading undoes writing, in both forms."""
    assert values.DATE.read(f"{day.day}/{day.month}-{day.year}") == values.DATE.read(day.isoformat()) == day


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("31-12-26", "four digits"),
        ("45658", "Excel's number for 01-01-2025"),
        (Decimal(45658), "Excel's number for 01-01-2025"),
        ("31-02-2026", "day"),
        ("ultimo 2026", "^$"),
    ],
)
def test_dates_that_are_no_dates_are_refused_with_what_to_do(written: Scalar, hint: str) -> None:
    """A serial number of Excel's is not taken for a date, but the date it may be is named."""
    with pytest.raises(ValueError, match=hint):
        values.DATE.read(written)


def test_the_last_day_of_a_span_is_read_as_the_day_after() -> None:
    """Registers write the last day that something holds; events the first that it does not. "Never" stays never."""
    assert values.LAST_DAY.read("31-12-2026") == date(2027, 1, 1)
    assert values.LAST_DAY.read("31-12-9999") == date.max


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(9999, 12, 30)))
def test_a_span_of_one_day_lasts_one_day(day: date) -> None:
    """The day after the last lies one day after."""
    assert values.LAST_DAY.read(day) - day == timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "cell", "meant"),
    [
        (values.PERCENT, "2,5 %", Decimal("2.5")),
        (values.PERCENT, Decimal(4), Decimal(4)),
        (values.WHOLE, "1.480", 1480),
        (values.WHOLE, Decimal(30), 30),
        (values.YES_NO, "Ja", True),
        (values.YES_NO, "X", True),
        (values.YES_NO, "nej", False),
        (values.YES_NO, False, False),
        (values.CVR, "DK 99 00 00 15", "99000015"),
        (values.CVR, Decimal(99000015), "99000015"),
        (values.CVR, "DK-99000015", "99000015"),
        (values.GLN, "952 1234 00001 3", "9521234000013"),
        (values.GLN, "952-1234-00001-3", "9521234000013"),
        (values.PERSON, "kali", "kali"),
        (values.CURRENCY, "DKK", "DKK"),
        (values.GLN, Decimal(9521234000013), "9521234000013"),
        (values.KLE, "27.36.04", "27.36.04"),
        (values.IDENTIFIER, Decimal(117), "117"),
        (values.NAME, "Center  for\nDigitalisering", "Center for Digitalisering"),
        (values.PERIOD, "2025-10", "2025-10"),
        (values.PERIOD, "10-2025", "2025-10"),
        (values.PERIOD, "oktober 2025", "2025-10"),
        (values.PERIOD, "2025M10", "2025-10"),
        (values.PERIOD, date(2025, 10, 1), "2025-10"),
        (values.PERIOD, "4. kvartal 2025", "2025-Q4"),
        (values.PERIOD, "2025K4", "2025-Q4"),
        (values.PERIOD, Decimal(2025), "2025"),
        (values.MONTH, "februar", 2),
        (values.MONTH, Decimal(2), 2),
        (values.MONTH_DAY, "05-09", "09-05"),
        (values.MONTH_DAY, "5. september", "09-05"),
        (values.MONTH_DAY, date(2026, 9, 5), "09-05"),
        (values.VAT_ID, "IE9999017X", "IE9999017X"),
    ],
)
def test_each_kind_reads_what_people_write(kind: Kind, cell: Scalar, meant: object) -> None:
    """The forms that stand in real registers, as text and as Excel's own values."""
    assert kind.read(cell) == meant


@pytest.mark.parametrize(
    ("kind", "cell", "hint"),
    [
        (values.WHOLE, "12,5", "^$"),
        (values.YES_NO, "måske", "^$"),
        (values.CVR, "99000016", "a digit is wrong"),
        (values.GLN, "9521234000014", "a digit is wrong"),
        (values.GLN, "9,52123E+12", "Excel has shortened"),
        (values.PERSON, "0102031234", "CPR number"),
        (values.PERSON, "010203\u20131234", "CPR number"),
        (values.CURRENCY, "QQQ", "^$"),
        (values.KLE, "27.3", "^$"),
        (values.IDENTIFIER, Decimal("7.1"), "format the cell as text"),
        (values.IDENTIFIER, date(2026, 2, 7), "made a date of it"),
        (values.IDENTIFIER, Decimal(10**16), "15 digits"),
        (values.IDENTIFIER, "010170-1234", "CPR number"),
        (values.NAME, True, "^$"),
        (values.PERIOD, "2025-13", "^$"),
        (values.PERIOD, date(2025, 10, 7), "^$"),
        (values.MONTH, "13", "^$"),
        (values.MONTH_DAY, "september", "^$"),
        (values.VAT_ID, "DK99000015", "^$"),
    ],
)
def test_what_a_kind_cannot_read_is_refused(kind: Kind, cell: Scalar, hint: str) -> None:
    """What Excel has spoilt is refused with how to mend it."""
    with pytest.raises(ValueError, match=hint):
        kind.read(cell)


@pytest.mark.parametrize(
    ("text", "left"),
    [("  SagsArk ", "SagsArk"), ("\ufeffSagsArk\u200b", "SagsArk"), ("A\u00a0/\u202fS", "A / S"), ("A\u030a", "Å")],
)
def test_odd_spaces_and_signs_are_taken_off(text: str, left: str) -> None:
    """Non-breaking and invisible signs go; letters are composed, so that equal numbers are equal."""
    assert clean(text) == left


@pytest.mark.parametrize("text", ["", "  ", "-", "–", " — ", "\u00a0"])
def test_a_lone_dash_is_an_empty_cell(text: str) -> None:
    """People write a dash where there is nothing to write."""
    assert clean(text) is None


def test_a_choice_is_read_in_danish_and_as_its_code() -> None:
    """Case, hyphens and spaces do not matter; what is not on the list is refused."""
    kind = choice({"under indfasning": "phasing-in", "i drift": "operational"})
    assert [kind.read(word) for word in ("Under indfasning", "phasing-in", "I  DRIFT.")] == [
        *("phasing-in", "phasing-in", "operational"),
    ]
    with pytest.raises(ValueError, match=r"^$"):
        kind.read("i brug")


def test_lists_stand_in_one_cell() -> None:
    """Entries are split by semicolons and line breaks, and by commas where no entry can hold one."""
    assert many(values.KLE, commas=True).read("27.36; 27.12.04,85\n15") == ["27.36", "27.12.04", "85", "15"]
    assert many(values.NAME).read("Bus, bil og bane; Tog") == ["Bus, bil og bane", "Tog"]


def test_entries_of_several_fields_are_split_by_colons_or_bars() -> None:
    """Fields at the end may be left out, one in between may be empty; bars where a field holds a colon."""
    kind = items(
        Part("name", values.NAME, required=True), Part("at.first", values.DATE), Part("n", values.WHOLE), example=""
    )
    assert kind.read("A: 01-01-2026: 3; B: : 4; C") == [
        {"name": "A", "at": {"first": date(2026, 1, 1)}, "n": 3},
        {"name": "B", "n": 4},
        {"name": "C"},
    ]
    assert kind.read("kl. 7:30 | | 4") == [{"name": "kl. 7:30", "n": 4}]


@pytest.mark.parametrize(
    ("text", "hint"), [("A: x", "'x' is not a date"), (": 01-01-2026", "lacks text"), ("A: : 1: 2", "at most 3")]
)
def test_a_wrong_entry_is_named(text: str, hint: str) -> None:
    """The error says which field of which entry cannot be read."""
    kind = items(Part("name", values.NAME, required=True), Part("on", values.DATE), Part("n", values.WHOLE), example="")
    with pytest.raises(ValueError, match=hint):
        kind.read(text)


def test_a_reference_is_a_local_id_or_a_uuid() -> None:
    """Where a register writes a UUID it is the subject itself."""
    uuid = "6b2a0000-0000-4000-8000-0000000000c1"
    assert reference("unit").read(Decimal(200)) == Local("unit", "200")
    assert [Local("unit", text).uuid is None for text in ("200", uuid)] == [True, False]


@pytest.mark.parametrize(
    ("cell", "text"),
    [(Decimal("1234.5"), "1234,5"), (date(2026, 3, 1), "01-03-2026"), (True, "SAND"), (None, ""), ("x", "x")],
)
def test_cells_are_shown_as_their_readers_know_them(cell: Scalar | None, text: str) -> None:
    """Errors show Danish dates and decimals."""
    assert shown(cell) == text
