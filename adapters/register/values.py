"""What a cell can hold, and the kinds of value that columns expect, written as Danish spreadsheets write them.

A kind reads a cell or raises ValueError; its message, when it has one, says more than that the kind was expected.
Decimals stand after a comma and thousands are split by points, because a Danish Excel writes them so; `12.50` is
refused rather than guessed at.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from unicodedata import normalize

from kernel.masking import holds_written_cpr, is_cpr
from schemas.currencies import CURRENCIES
from schemas.values import bare_cvr, bare_gln, valid_cvr, valid_gln


class Unreadable(NamedTuple):
    """A cell without a value that can be used: an error, a time of day, a formula that was never calculated."""

    shown: str
    reason: str


Scalar = str | Decimal | bool | date | Unreadable
"""A filled cell. Text is trimmed; numbers are exact to the 15 digits that Excel keeps."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: what is expected (English, for errors), how to write it (Danish, for templates), how to read.

    `words` are those to choose from, where there are any.
    """

    expected: str
    written: str
    read: Callable[[Scalar], Any]
    words: tuple[str, ...] = ()


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u3000\t]")
_NOTHING = {"", "-", "–", "—"}
_EXCEL_ERRORS = {
    *("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"),
    *("#REFERENCE!", "#I/T", "#VÆRDI!", "#NAVN?", "#DIVISION/0!", "#NUL!", "#NUM!", "#OVERLØB!", "#BEREGN!"),
}


def clean(text: str) -> Scalar | None:
    """The text of a cell without odd and outer spaces; None when it is empty or a lone dash."""
    bare = normalize("NFC", _SPACES.sub(" ", _INVISIBLE.sub("", text))).replace("\r\n", "\n").strip()
    if bare.upper() in _EXCEL_ERRORS:
        return Unreadable(bare, "holds an Excel error; correct the formula")
    return None if bare in _NOTHING else bare


def shown(cell: Scalar | None) -> str:
    """A cell as its reader knows it."""
    match cell:
        case None:
            return ""
        case bool():
            return "SAND" if cell else "FALSK"
        case Decimal():
            return f"{cell:f}".replace(".", ",")
        case date():
            return f"{cell:%d-%m-%Y}"
        case Unreadable():
            return cell.shown
        case _:
            return cell


def _text(cell: Scalar) -> str:
    match cell:
        case str():
            return cell
        case date():
            raise ValueError("Excel has made a date of it; format the cell as text and write it again")
        case Decimal() if cell != cell.to_integral_value():
            raise ValueError("Excel has made a number of it; format the cell as text, or 7,10 becomes 7,1")
        case Decimal() if abs(cell) >= 10**15:
            raise ValueError("Excel keeps 15 digits of a number; format the cell as text and write it again")
        case Decimal():
            return f"{cell:.0f}"
        case _:
            raise ValueError


def _one_line(cell: Scalar) -> str:
    return " ".join(_text(cell).split())


def _identifier(cell: Scalar) -> str:
    text = _one_line(cell)
    if holds_written_cpr(text):
        raise ValueError("a CPR number may not be used as an identifier")
    if re.fullmatch(r"\d[.,]\d+E\+\d+", text):
        raise ValueError("Excel has shortened the number; format the column as text and write it again")
    return text


def _person(cell: Scalar) -> str:
    text = _identifier(cell)
    if is_cpr(text):
        raise ValueError("a CPR number may not be used as an identifier")
    return text


_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:([. ])\d{3}(?:\3\d{3})*)|\d+)(?:,(\d+|-))?(-?)")
_KRONER = re.compile(r"^(kr\.?|dkk)\s*|\s*(kr\.?|dkk)$", re.IGNORECASE)


def _number(cell: Scalar) -> Decimal:
    if isinstance(cell, Decimal):
        return cell
    if not isinstance(cell, str):
        raise ValueError  # noqa: TRY004 - one kind of error for every cell that does not fit
    text = _KRONER.sub("", cell.replace("−", "-"))
    found = _NUMBER.fullmatch(text)
    if found is None:
        if re.fullmatch(r"[+-]?\d+\.\d+", text):
            raise ValueError("write decimals after a comma")
        raise ValueError
    sign, whole, _, decimals, minus_after = found.groups()
    if sign and minus_after:
        raise ValueError
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{sign or minus_after}{digits}.{(decimals or '').strip('-') or '0'}").normalize() + 0


def _percent(cell: Scalar) -> Decimal:
    return _number(cell.removesuffix("%").rstrip() if isinstance(cell, str) else cell)


def _whole(cell: Scalar) -> int:
    number = _number(cell)
    if number != number.to_integral_value():
        raise ValueError
    return int(number)


_DATES = (
    re.compile(r"(?P<day>\d{1,2})([-/.])(?P<month>\d{1,2})[-/.](?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?"),
)


def _date(cell: Scalar) -> date:
    if isinstance(cell, date):
        return cell
    text = shown(cell)
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
    if re.fullmatch(r"\d{5}", text):
        meant = date(1899, 12, 30) + timedelta(days=int(text))
        raise ValueError(f"{text} is Excel's number for {meant:%d-%m-%Y}; format the cell as a date")
    if re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}", text):
        raise ValueError("write the year with four digits")
    raise ValueError


def _day_after(cell: Scalar) -> date:
    last = _date(cell)
    return last if last == date.max else last + timedelta(days=1)


_YES_NO = {"ja": True, "x": True, "sand": True, "true": True, "1": True} | dict.fromkeys(
    ("nej", "falsk", "false", "0"), False
)


def _yes_no(cell: Scalar) -> bool:
    if isinstance(cell, bool):
        return cell
    word = _one_line(cell).casefold()
    if word not in _YES_NO:
        raise ValueError
    return _YES_NO[word]


def _cvr(cell: Scalar) -> str:
    number = bare_cvr(_text(cell))
    if not valid_cvr(number):
        raise ValueError("a digit is wrong" if re.fullmatch(r"\d{8}", number) else "")
    return number


def _gln(cell: Scalar) -> str:
    number = bare_gln(_identifier(cell))
    if not valid_gln(number):
        raise ValueError("a digit is wrong" if re.fullmatch(r"\d{13}", number) else "")
    return number


def _matching(pattern: str, read: Callable[[Scalar], str] = _one_line) -> Callable[[Scalar], str]:
    def check(cell: Scalar) -> str:
        text = read(cell)
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return check


_MONTH_NAMES = (
    *("januar", "februar", "marts", "april", "maj", "juni"),
    *("juli", "august", "september", "oktober", "november", "december"),
)
_MONTHS = {
    word: number
    for number, name in enumerate(_MONTH_NAMES, 1)
    for word in (name, name[:3], str(number), f"{number:02}")
}
_QUARTERS = (
    r"(?P<year>\d{4})-?[QK](?P<quarter>[1-4])",
    r"[QK](?P<quarter>[1-4])[ -](?P<year>\d{4})",
    r"(?P<quarter>[1-4])\. ?kvartal (?P<year>\d{4})",
)
_YEAR_MONTHS = (
    r"(?P<year>\d{4})[-M](?P<month>\d{1,2})",
    r"(?P<month>\d{1,2})[-/](?P<year>\d{4})",
    r"(?P<month>[a-z]+)\.?[ -](?P<year>\d{4})",
)


def _month_of(word: str) -> int:
    try:
        return _MONTHS[word.casefold().rstrip(".")]
    except KeyError:
        raise ValueError from None


def _month(cell: Scalar) -> int:
    return _month_of(_one_line(cell))


def _period(cell: Scalar) -> str:
    if isinstance(cell, date):
        # Excel turns a typed "10-2025" into the first of that month.
        if cell.day != 1:
            raise ValueError
        return f"{cell:%Y-%m}"
    text = _one_line(cell)
    if re.fullmatch(r"\d{4}", text):
        return text
    for pattern in _QUARTERS:
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            return f"{found['year']}-Q{found['quarter']}"
    for pattern in _YEAR_MONTHS:
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            return f"{found['year']}-{_month_of(found['month']):02}"
    raise ValueError


def _month_day(cell: Scalar) -> str:
    if isinstance(cell, date):
        return f"{cell:%m-%d}"
    found = re.fullmatch(r"(\d{1,2})(?:[-/]|\. ?)(\d{1,2}|[a-z]+)\.?", _one_line(cell), re.IGNORECASE)
    if found is None:
        raise ValueError
    return f"{_month_of(found[2]):02}-{int(found[1]):02}"


TEXT = Kind("text", "tekst", _text)
NAME = Kind("text", "tekst", _one_line)
IDENTIFIER = Kind("an identifier", "nummer eller kode", _identifier)
PERSON = Kind("an employee's id", "medarbejderens id", _person)
NUMBER = Kind("a number, such as 1.234,50", "tal, fx 1.234,50", _number)
PERCENT = Kind("a percentage, such as 2,5", "procent, fx 2,5", _percent)
WHOLE = Kind("a whole number", "helt tal", _whole)
DATE = Kind("a date, such as 31-12-2026", "dato, fx 31-12-2026", _date)
LAST_DAY = Kind("a date, such as 31-12-2026", "dato, fx 31-12-2026, til og med", _day_after)
"""The last day of a span; it is read as the day after, the first day that the span no longer holds."""
YES_NO = Kind("ja, nej or x", "ja eller nej", _yes_no)
CVR = Kind("a CVR number of 8 digits", "CVR-nummer, 8 cifre", _cvr)
GLN = Kind("a GLN of 13 digits", "EAN-lokationsnummer, 13 cifre", _gln)
KLE = Kind("a KLE number, such as 27.36.04", "KLE-nummer, fx 27.36.04", _matching(r"\d{2}(\.\d{2}(\.\d{2})?)?"))
CURRENCY = Kind("a currency code, such as DKK", "valutakode, fx DKK", _matching("|".join(CURRENCIES)))
COUNTRY = Kind("a country code, such as IE", "landekode, fx IE", _matching(r"[A-Z]{2}"))
CPV = Kind("a CPV code, such as 48311100-2", "CPV-kode, fx 48311100-2", _matching(r"\d{8}(-\d)?"))
VAT_ID = Kind(
    "a foreign VAT number, such as IE9999017X",
    "udenlandsk momsnummer, fx IE9999017X",
    _matching(r"(?!DK)[A-Z]{2}[0-9A-Z+*.]{2,13}"),
)
PERIOD = Kind(
    "a year, quarter or month: 2026, 2025-Q4, 2025-10", "år, kvartal eller måned: 2026, 2025-Q4, 2025-10", _period
)
MONTH = Kind("a month: januar or 1", "måned: januar eller 1", _month)
MONTH_DAY = Kind("a day and month, such as 01-09", "dag og måned, fx 01-09", _month_day)
