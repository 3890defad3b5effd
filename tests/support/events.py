"""Events for tests, made of the samples of their types, as the store would hand them out."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.registry import CATALOGUE

AUTHORITY = "99000007"
OTHER = "99000015"
T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""When the first event of a test is recorded; each position is a minute later."""


def event(
    family: str,
    subject: str,
    *,
    position: int,
    version: int | None = None,
    data: Json | None = None,
    authority: str = AUTHORITY,
    effective: date | None = date(2026, 1, 1),
    effective_to: date | None = None,
    shared: bool = False,
    **changes: Any,
) -> Event:
    """An event of `family` (its newest version, else `version`): `data` or the sample, with `changes` of fields."""
    kind = CATALOGUE.latest(family) if version is None else CATALOGUE.get(f"dk.samspil.{family}.v{version}")
    written = (kind.sample if data is None else data) | changes
    return Event(
        authority=authority,
        source="urn:test",
        id=f"{subject}:{position}",
        type=kind.name,
        subject=subject,
        time=T0,
        payload=CATALOGUE.canonical(kind.name, {name: value for name, value in written.items() if value is not None}),
        effective=effective,
        effective_to=effective_to,
        shared=shared,
        position=position,
        recorded=recorded(position),
    )


def recorded(position: int) -> datetime:
    """When the hub recorded the event at `position`."""
    return T0 + timedelta(minutes=position)
