"""How facts become events: one way to write a state, with ids that are the same in every run."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from kernel.clock import COPENHAGEN
from kernel.ids import subject_id
from schemas.catalogue import Removed
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from schemas.values import Reference, Value

from .municipalities import OPERATOR, Municipality


class Fact(NamedTuple):
    """An event and the day it is told."""

    day: date
    event: CloudEvent


class Register(NamedTuple):
    """A source of events: whose it is, and its name. What the operator publishes holds for every authority."""

    authority: str
    source: str

    def subject(self, local_id: str) -> UUID:
        """The UUID of what the register calls `local_id`."""
        return subject_id(self.authority, self.source, local_id)

    def reference(self, local_id: str, name: str) -> Reference:
        """What the register calls `local_id`, as other facts point at it."""
        return Reference(id=self.subject(local_id), name=name)

    def states(self, family: str, local_id: str, data: Value, *, told: date, holds: date) -> Fact:
        """The whole state of a subject, told on one day and holding from another."""
        return self._fact(f"{family}-stated", local_id, data, told, holds)

    def removes(self, family: str, local_id: str, reason: str, *, told: date, holds: date) -> Fact:
        """The subject is gone from `holds` on."""
        return self._fact(f"{family}-removed", local_id, Removed(reason=reason), told, holds)

    def tells(self, family: str, local_id: str, data: Value, *, serial: int, told: date) -> Fact:
        """Something happened to the subject; `serial` tells its facts apart."""
        event = CloudEvent(
            id=f"{family}:{local_id}:{serial}",
            source=self.source,
            type=CATALOGUE.latest(family).name,
            subject=str(self.subject(local_id)),
            authority=self.authority,
            time=moment(told, hour=10),
            data=data.model_dump(mode="json", exclude_none=True),
        )
        return Fact(told, event)

    def _fact(self, family: str, local_id: str, data: Value, told: date, holds: date) -> Fact:
        event = CloudEvent(
            id=f"{family}:{local_id}:{holds}:{told}",
            source=self.source,
            type=CATALOGUE.latest(family).name,
            subject=str(self.subject(local_id)),
            authority=self.authority,
            time=moment(told, hour=6),
            data=data.model_dump(mode="json", exclude_none=True),
            effective=holds,
            shared=self.authority == OPERATOR,
        )
        return Fact(told, event)


def register(municipality: Municipality, name: str) -> Register:
    """One of an authority's registers."""
    return Register(municipality.cvr, f"urn:{municipality.code}:{name}")


def shared_register(name: str) -> Register:
    """One of the registers whose facts are the same for every authority."""
    return Register(OPERATOR, f"urn:samspil:{name}")


def moment(day: date, *, hour: int, minute: int = 0) -> datetime:
    """A time of that day in Denmark."""
    return datetime.combine(day, time(hour, minute), tzinfo=COPENHAGEN)


def next_working_day(day: date) -> date:
    """The day itself, or the Monday after where it is in a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
