"""CPR numbers: recognised so that they can be hidden.

A CPR number is six digits of date of birth and four more. It is masked by field where a field is known to hold one,
and by pattern in free text only, so that ten-digit order and account numbers survive. Numbers issued since 2007 need
not satisfy the old modulus 11 check (CPR-kontoret, "Personnumre uden kontrolciffer"), so only the date is checked.
"""

import re
from calendar import monthrange

_CPR = re.compile(r"(?<![\w-])(\d{2})(\d{2})(\d{2})([- ]?)(\d{4})(?![\w-])")
_HYPHENATED = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})-(\d{4})(?!\d)")
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
MASK = "****"


def is_cpr(text: str) -> bool:
    """Whether the whole of `text` reads as a CPR number, with or without its hyphen."""
    found = _CPR.fullmatch(text.strip())
    return found is not None and _is_date(found)


def mask_cpr(text: str) -> str:
    """`text` as free text with the last four digits of every CPR number in it replaced by `****`."""
    if len(text) < 10:
        return text
    return _CPR.sub(_masked, text)


def mask_written(text: str) -> str:
    """An identifier of a person as it is, unless it holds a CPR number in its written form; then that is masked."""
    return mask_message(text) if holds_written_cpr(text) else text


def mask_message(text: str) -> str:
    """As `mask_cpr`, and also where `ddmmyy-xxxx` is glued to other text: for messages, with which nobody reckons."""
    return _HYPHENATED.sub(lambda found: f"{found[0][:7]}{MASK}" if _is_date(found) else found[0], mask_cpr(text))


def holds_written_cpr(key: str) -> bool:
    """Whether an identifier holds a CPR number in its written form `ddmmyy-xxxx` (ten plain digits are not judged).

    What reads so within a UUID is chance: one UUID in 5,000 does.
    """
    return any(_is_date(found) for found in _HYPHENATED.finditer(_UUID.sub("", key)))


def _masked(found: re.Match[str]) -> str:
    if not _is_date(found):
        return found[0]
    return f"{found[1]}{found[2]}{found[3]}{found[4]}{MASK}"


def _is_date(found: re.Match[str]) -> bool:
    day, month, year = int(found[1]) % 60, int(found[2]), int(found[3])
    # A replacement number (erstatningspersonnummer) adds 60 to the day.
    return 1 <= month <= 12 and 1 <= day <= monthrange(2000 + year, month)[1]
