"""Workflows as rows for people, files and the API."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What people are asked for. `deadline` is the last day on which it is in time; `overdue` as of the last day told.

    `business_key` and `values` are those of its instance.
    """

    id: str
    instance: str
    process: str
    version: int
    step: str
    ordinal: int
    status: str
    roles: tuple[str, ...]
    about: tuple[dict[str, str], ...]
    form: str
    opened_on: date
    deadline: date | None
    overdue: bool
    claimed_by: str | None
    completed_by: str | None
    closed_on: date | None
    business_key: str
    values: dict[str, Any]

    @property
    def responsible(self) -> frozenset[tuple[str, str]]:
        """What the roles must be held for, by kind and id."""
        return frozenset((each["kind"], each["id"]) for each in self.about)


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """A process on its way, or at its end. `current` and `done` are ids of the drawing's elements."""

    id: str
    process: str
    version: int | None
    business_key: str
    ordinal: int
    status: str
    current: tuple[str, ...]
    done: tuple[str, ...]
    started_on: date | None
    due: date | None
    ended_on: date | None
    outcome: str | None
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact in an instance's history."""

    fact: str
    at: datetime
    by: str | None
    data: dict[str, Any]
    event_id: str
