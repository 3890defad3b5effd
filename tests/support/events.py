"""Events for tests, made of the samples of their types, as the store would hand them out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from consumers.runtime.apply import Applied, Applier
from consumers.runtime.consumer import Consumer
from consumers.runtime.ledger import StoreLedger
from consumers.runtime.projections import ensure_active, use_active
from kernel.clock import FixedClock
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import Database

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


def apply(database: Database, consumer: Consumer, events: Sequence[Event]) -> Applied:
    """Apply a batch as the loop on the event store does."""
    ensure_active(database, consumer)
    upto = max(event.position for event in events)
    return Applier(database, consumer, CATALOGUE, FixedClock(T0)).apply(StoreLedger(events, upto=upto))


@contextmanager
def reading(database: Database, consumer: Consumer, authority: str = AUTHORITY) -> Iterator[Connection]:
    """A connection as the web has it: the consumer's active version, one authority's rows."""
    with database.reading((authority,)) as connection:
        use_active(connection, consumer.name)
        yield connection
