"""As of which day, and as the hub knew it when: two dates that pages about states take, and hand on in their links."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import Depends, Query

from kernel.clock import COPENHAGEN
from kernel.errors import Invalid
from monitoring.web.frame import Here


@dataclass(frozen=True)
class AsOfDay:
    """`valid_at` is the day asked about, `known_on` the last day whose knowledge counts; None for all that is known."""

    today: date
    valid_at: date
    known_on: date | None

    @property
    def known_at(self) -> datetime | None:
        """The first moment after `known_on` in Denmark; None too for the last day there is, which none comes after."""
        if self.known_on is None or self.known_on == date.max:
            return None
        return datetime.combine(self.known_on + timedelta(days=1), time(), COPENHAGEN)

    @property
    def is_now(self) -> bool:
        return self.valid_at == self.today and self.known_on is None

    @property
    def query(self) -> dict[str, str | None]:
        """What a link to another page about the same day says; nothing for today."""
        return {
            "valid_at": self.valid_at.isoformat() if self.valid_at != self.today else None,
            "known_at": self.known_on.isoformat() if self.known_on else None,
        }


def as_of(visit: Here, valid_at: Annotated[str, Query()] = "", known_at: Annotated[str, Query()] = "") -> AsOfDay:
    """What the address says; today for nothing. Raises Invalid for a date that is none."""
    return AsOfDay(visit.today, _day(valid_at) or visit.today, _day(known_at))


OnDay = Annotated[AsOfDay, Depends(as_of)]


def _day(stated: str) -> date | None:
    try:
        return date.fromisoformat(stated) if stated else None
    except ValueError:
        raise Invalid(f"{stated!r} is not a date", hint="write it as 2026-12-31") from None
