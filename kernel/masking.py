"""CPR numbers: recognised so that they can be hidden.

A CPR number is six digits of date of birth and four more. It is masked by field where a field is known to hold one,
and by pattern in free text only, so that ten-digit order and account numbers survive. Numbers issued since 2007 need
not satisfy the old modulus 11 check (CPR-kontoret, "Personnumre uden kontrolciffer"), so only the date is checked.
"""

import re
from calendar import monthrange

_DASHES = r"\-\u2010-\u2015\u2212"
"""Hyphen, non-breaking hyphen, en dash and their like: what word processors make of a typed hyphen."""
_SPACES = r" \u00a0"


def _number(between: str) -> str:
    """The pattern of day, month, year, what stands `between`, and the last four digits."""
    return rf"(\d{{2}})(\d{{2}})(\d{{2}})({between})(\d{{4}})"


_ANY = f"[{_DASHES}{_SPACES}]"
_CPR = re.compile(rf"(?<![\w-]){_number(f'{_ANY}?')}(?![\w-])")
_WRITTEN = re.compile(rf"(?<!\d){_number(f'[{_DASHES}]')}(?!\d)")
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_GLUED = re.compile(rf"{_UUID.pattern}|(?<!\d){_number(_ANY)}(?!\d)", re.IGNORECASE)
_TEN_DIGITS = re.compile(rf"{_UUID.pattern}|(?<!\d){_number(f'{_ANY}?')}(?!\d)", re.IGNORECASE)
_BETWEEN = re.compile(r"[\W_]+")
MASK = "****"


def is_cpr(text: str) -> bool:
    """Whether the whole of `text` reads as a CPR number, with or without its hyphen."""
    found = _CPR.fullmatch(text.strip())
    return found is not None and _is_date(found)


def mask_cpr(text: str) -> str:
    """`text` with the last four digits of every CPR number in it that stands alone replaced by `****`."""
    if len(text) < 10:
        return text
    return _CPR.sub(_masked, text)


def mask_message(text: str) -> str:
    """As `mask_cpr`, and also where `ddmmyy-xxxx` is glued to other text: for whatever people write or are told.

    What reads so within a UUID is left: UUIDs are looked for again, and it is chance.
    """
    if len(text) < 10:
        return text
    return _GLUED.sub(_masked, _CPR.sub(_masked, text))


def mask_digits(text: str) -> str:
    """As `mask_message`, and ten plain digits glued to other text too, as in `DK0102031234`.

    For refused values and names of files: nobody looks for an order number in them.
    """
    return _TEN_DIGITS.sub(_masked, text)


def mask_written(text: str) -> str:
    """An identifier as it is, unless it holds a CPR number in its written form; then that is masked."""
    return mask_message(text) if holds_written_cpr(text) else text


def mask_person(text: str) -> str:
    """An identifier of a person: as `mask_written`, and masked too when it is a CPR number and nothing else."""
    return mask_cpr(text) if is_cpr(text) else mask_written(text)


def holds_written_cpr(key: str) -> bool:
    """Whether an identifier holds a CPR number in its written form `ddmmyy-xxxx` (ten plain digits are not judged).

    What reads so within a UUID is chance: one UUID in 5,000 does.
    """
    return any(_is_date(found) for found in _WRITTEN.finditer(_UUID.sub("", key)))


def names_cpr(name: str) -> bool:
    """Whether a part of `name`, between whatever is no letter or digit, is ten digits that read as a CPR number.

    For names in which no order, invoice or account number stands. Ten digits glued to a letter are not judged.
    """
    return any(is_cpr(part) for part in _BETWEEN.split(name))


def _masked(found: re.Match[str]) -> str:
    """A number that was found, masked; what is no date, or was found as a UUID, as it is."""
    if found[1] is None or not _is_date(found):
        return found[0]
    return f"{found[1]}{found[2]}{found[3]}{found[4]}{MASK}"


def _is_date(found: re.Match[str]) -> bool:
    day, month, year = int(found[1]) % 60, int(found[2]), int(found[3])
    # A replacement number (erstatningspersonnummer) adds 60 to the day.
    return 1 <= month <= 12 and 1 <= day <= monthrange(2000 + year, month)[1]
