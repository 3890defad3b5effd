"""Two languages: the wording of every message, and how dates, numbers and amounts are written.

The wordings are data: `messages/<language>/<page>.json`, a flat object of keys and texts. A text may name values in
braces; a key that is missing is an error and never shown.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from kernel.clock import COPENHAGEN

Code = Literal["da", "en"]
CODES: tuple[Code, ...] = ("da", "en")
MESSAGES = Path(__file__).with_name("messages")


@dataclass(frozen=True)
class Language:
    """One language, with its texts by key."""

    code: Code
    texts: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """The wording of `key` with its values put in. Raises KeyError for a key or a value that is missing."""
        return self.texts[key].format_map(values)

    def many(self, key: str, count: int, **values: object) -> str:
        """The wording for one thing or for several: `key.one` or `key.many`, with `count` as a value."""
        return self.text(f"{key}.{'one' if count == 1 else 'many'}", count=self.number(count), **values)

    def known(self, key: str, otherwise: str) -> str:
        """The wording of a key that is made of data, such as an event type's; `otherwise` for one without a wording."""
        return self.texts.get(key, otherwise)

    def event(self, family: str) -> str:
        """What an event type is called; its own name when nobody has worded it."""
        noun, _, fact = family.rpartition("-")
        if fact in ("stated", "removed") and f"event.{noun}" in self.texts:
            return self.text(f"event.{fact}", what=self.text(f"event.{noun}"))
        return self.known(f"event.{family}", family)

    def date(self, day: date | None) -> str:
        """31-12-2026 in Danish, 31/12/2026 in English; a dash for none."""
        if day is None:
            return "–"
        return day.strftime("%d-%m-%Y" if self.code == "da" else "%d/%m/%Y")

    def moment(self, at: datetime | None) -> str:
        """A moment in Danish time, to the minute."""
        if at is None:
            return "–"
        local = at.astimezone(COPENHAGEN)
        return f"{self.date(local.date())} {local.strftime('%H.%M' if self.code == 'da' else '%H:%M')}"

    def clock(self, at: datetime) -> str:
        """The time of day in Danish time, to the second."""
        return at.astimezone(COPENHAGEN).strftime("%H.%M.%S" if self.code == "da" else "%H:%M:%S")

    def number(self, value: Decimal | int | None, places: int | None = None) -> str:
        """1.234,5 in Danish, 1,234.5 in English; as many decimals as the value has unless `places` says."""
        if value is None:
            return "–"
        plain = Decimal(value)
        if places is None:
            plain = plain.normalize() if plain == plain.to_integral_value() else plain
            written = f"{plain:,f}"
        else:
            written = f"{plain:,.{places}f}"
        return written.translate(_DANISH) if self.code == "da" else written

    def money(self, amount: Decimal | None, currency: str | None) -> str:
        """1.234,50 kr. in Danish, DKK 1,234.50 in English; another currency keeps its code."""
        if amount is None:
            return "–"
        written = self.number(amount, 2)
        if self.code == "en":
            return f"{currency or ''} {written}".strip()
        return f"{written} {'kr.' if currency in ('DKK', None) else currency}"


_DANISH = str.maketrans({",": ".", ".": ","})


@cache
def language(code: Code) -> Language:
    """The language with all its texts. Raises ValueError when two files give the same key."""
    texts = dict[str, str]()
    for file in sorted((MESSAGES / code).glob("*.json")):
        added: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        if twice := texts.keys() & added.keys():
            raise ValueError(f"{file.name} gives {', '.join(sorted(twice))} a second wording")
        texts |= added
    return Language(code, texts)


def chosen(stated: str | None, remembered: str | None, accepted: str | None) -> Code:
    """The language of a page: what was just asked for, else what was chosen before, else the browser's, else Danish."""
    accepting = [part.split(";")[0].strip()[:2].lower() for part in (accepted or "").split(",")]
    return next((code for wanted in (stated, remembered, *accepting) for code in CODES if code == wanted), "da")
