"""A small consumer and its events: what the runtime is tested with, apart from any domain."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text

from access.principals import HUB
from consumers.runtime.apply import Applier
from consumers.runtime.consumer import Consumer, Rows
from consumers.runtime.embedded import pages
from consumers.runtime.projections import ensure_active
from consumers.runtime.settle import settle
from consumers.runtime.states import state_row, state_table
from kernel.clock import SystemClock
from kernel.ids import derived_id
from producers.check import check
from producers.store import Outcome, append_one
from schemas.catalogue import Catalogue
from schemas.envelope import CloudEvent, Event
from schemas.registry import CATALOGUE
from storage.database import Database

FAMILY = "organisation.unit-stated"
TYPE = CATALOGUE.latest(FAMILY)
AUTHORITIES = ("99000007", "99000015")
START = datetime(2026, 1, 1, 9, tzinfo=UTC)

_NAMED = Catalogue(replace(kind, uuid_subject=False) for kind in CATALOGUE)
"""Subjects may be called by readable names."""

_METADATA = MetaData()
STATED = state_table("stated", _METADATA)
TALLY = Table(
    "tally",
    _METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("events", BigInteger, nullable=False),
    info={"write": "add"},
)


@dataclass
class Poison:
    """Names on which the sample consumer chokes; empty it to mend the consumer."""

    names: set[str] = field(default_factory=set)
    everything: bool = False

    def check(self, event: Event) -> None:
        if self.everything or orjson.loads(event.payload)["name"] in self.names:
            raise ValueError(f"cannot apply {event.id}")


def sample_consumer(
    name: str = "sample",
    poison: Poison | None = None,
    judge: Callable[[Connection, Sequence[Event]], None] | None = None,
) -> Consumer:
    """Keeps every state and counts the events of each subject."""

    def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
        if poison:
            for event in events:
                poison.check(event)
        counted = Counter((event.authority, event.subject) for event in events)
        return {
            STATED: [state_row(event, event.payload.decode()) for event in events],
            TALLY: [(*key, number) for key, number in sorted(counted.items())],
        }

    return Consumer(name=name, version=1, families=frozenset({FAMILY}), tables=_METADATA, project=project, judge=judge)


def subject_of(number: int) -> str:
    """The subject of the statement with this number, unless it is given another: one of seven."""
    return derived_id("sample", number % 7)


def unit(number: int, *, subject: str = "", authority: str = AUTHORITIES[0], **attributes: Any) -> CloudEvent:
    """The statement with this number: each has its own id and its own name."""
    data = {**TYPE.sample, "name": f"Enhed {number}"} | attributes.pop("data", {})
    return CloudEvent(
        id=f"event-{number}",
        source="urn:sample",
        type=TYPE.name,
        subject=subject or subject_of(number),
        authority=authority,
        time=START,
        data=data,
        **attributes,
    )


def store(database: Database, events: Iterable[CloudEvent]) -> list[Outcome]:
    """Put events into the store in one transaction, as accept does."""
    checked = check(list(events), HUB, _NAMED)
    with database.worker.begin() as connection:
        return append_one(connection, checked, catalogue=CATALOGUE, now=SystemClock().now())


def applier(database: Database, consumer: Consumer, **options: Any) -> Applier:
    ensure_active(database, consumer)
    return Applier(database, consumer, CATALOGUE, SystemClock(), **options)


def drain(at: Applier, page: int = 100) -> int:
    """Apply everything the store holds; returns how many events were applied."""
    applied = sum(at.apply(found).events for found in pages(at, page))
    settle(at)
    return applied
