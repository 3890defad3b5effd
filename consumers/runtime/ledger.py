"""How far a consumer has come, in the same transaction as its rows: for the event store and for Kafka.

The active version's row is locked by every batch: shared on Kafka, where several processes work side by side on their
own partitions; alone when the event store is read. A hand-over to another version waits for the batch, and the next
batch finds the new version. A frozen twin that thaws finds the position moved and applies nothing twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from kernel.errors import Fatal
from producers.store import emptied
from producers.topics import partition_count, partition_of
from schemas.envelope import Event

from .tables import POSITION, PROJECTION

Place = tuple[str, int]
"""A domain, which is a Kafka topic, and a partition of it."""


class Claim(NamedTuple):
    """What a batch has to apply, for which version; `advance` writes how far it came, before the commit."""

    version: int
    events: Sequence[Event]
    advance: Callable[[Connection], None]
    code_version: int


class Ledger(Protocol):
    """Where a batch comes from. `claim` takes the locks and leaves out what was applied before."""

    def claim(self, connection: Connection, consumer: str) -> Claim: ...


@dataclass(frozen=True)
class StoreLedger:
    """A page of the event store: events of the consumer's types in order, complete up to the position `upto`."""

    events: Sequence[Event]
    upto: int

    def claim(self, connection: Connection, consumer: str) -> Claim:
        row = lock_active(connection, consumer, alone=True)
        passed = _places(connection, consumer, row.version)
        fresh = [event for event in self.events if event.position > row.position]
        if passed:
            partitions = partition_count(connection)
            fresh = [
                event
                for event in fresh
                if event.position > passed.get((event.domain, partition_of(event.authority, partitions)), 0)
            ]

        def advance(connection: Connection) -> None:
            connection.execute(
                PROJECTION.update()
                .where(PROJECTION.c.consumer == consumer, PROJECTION.c.version == row.version)
                .values(position=func.greatest(PROJECTION.c.position, self.upto), advanced=func.clock_timestamp())
            )

        return Claim(row.version, fresh, advance, row.code_version)


class Relayed(NamedTuple):
    """A record of Kafka: where it stood, its store position, the one before it in its partition, and the raw record."""

    place: Place
    position: int
    previous: int
    raw: Any


@dataclass(frozen=True)
class KafkaLedger:
    """Records of some partitions, in the order of each. What was passed is skipped, what lies behind a gap is left.

    Topics keep what the law has since emptied in the store; it is passed over, whichever topic tells of it first.

    `read` makes an event of a raw record, or None when it is none of the consumer's. `claim` fills `gaps`, the places
    where a record is missing, with the position that is known before the gap, and `left`, with the last position that
    came behind it.
    """

    records: Sequence[Relayed]
    read: Callable[[Any], Event | None]
    gaps: dict[Place, int] = field(default_factory=dict)
    left: dict[Place, int] = field(default_factory=dict)

    def claim(self, connection: Connection, consumer: str) -> Claim:
        row = lock_active(connection, consumer, alone=False)
        places = sorted({record.place for record in self.records})
        at = _lock_places(connection, consumer, row.version, places)
        self.gaps.clear()
        self.left.clear()
        events: list[Event] = []
        moved = dict[Place, int]()
        for record in self.records:
            known = moved.get(record.place, max(row.position, at.get(record.place, 0)))
            if record.position <= known:
                continue
            if record.previous > known:
                self.gaps.setdefault(record.place, known)
                self.left[record.place] = max(record.position, self.left.get(record.place, 0))
                continue
            self.gaps.pop(record.place, None)
            moved[record.place] = record.position
            event = self.read(record.raw)
            if event is not None:
                events.append(event)
        gone = emptied(connection, [event.position for event in events])
        events = sorted((e for e in events if e.position not in gone), key=lambda event: event.position)

        def advance(connection: Connection) -> None:
            _write_places(connection, consumer, row.version, moved)

        return Claim(row.version, events, advance, row.code_version)


@dataclass(frozen=True)
class PlaceLedger:
    """What Kafka has lost of one place, from the event store: its events after a known position, complete to `upto`."""

    place: Place
    events: Sequence[Event]
    upto: int

    def claim(self, connection: Connection, consumer: str) -> Claim:
        row = lock_active(connection, consumer, alone=False)
        at = _lock_places(connection, consumer, row.version, [self.place])
        known, partitions = max(row.position, at.get(self.place, 0)), partition_count(connection)
        gone = emptied(connection, [event.position for event in self.events])
        events = [
            event
            for event in self.events
            if event.position > known
            and event.position not in gone
            and (event.domain, partition_of(event.authority, partitions)) == self.place
        ]

        def advance(connection: Connection) -> None:
            _write_places(connection, consumer, row.version, {self.place: max(known, self.upto)})

        return Claim(row.version, events, advance, row.code_version)


class Active(NamedTuple):
    """The active version of a consumer, how far it has come by itself, and which code made its tables."""

    version: int
    position: int
    code_version: int


def lock_active(connection: Connection, consumer: str, *, alone: bool) -> Active:
    """The active version, held until the commit. Who waited for a hand-over finds the new one by looking again."""
    query = text(
        "SELECT version, position, code_version FROM hub.projection WHERE consumer = :consumer AND state = 'active' "
        + ("FOR UPDATE" if alone else "FOR SHARE")
    )
    row = (
        connection.execute(query, {"consumer": consumer}).first()
        or connection.execute(query, {"consumer": consumer}).first()
    )
    if row is None:
        raise Fatal(f"{consumer} has no active version", hint="start it once with `samspil consume` or `samspil serve`")
    return Active(row.version, row.position, row.code_version)


def _places(connection: Connection, consumer: str, version: int) -> Mapping[Place, int]:
    """What processes on Kafka applied beyond the version's own position; empty in a hub that never used Kafka."""
    rows = connection.execute(
        select(POSITION.c.topic, POSITION.c.partition, POSITION.c.position).where(
            POSITION.c.consumer == consumer, POSITION.c.version == version
        )
    )
    return {(row.topic, row.partition): row.position for row in rows}


def _lock_places(connection: Connection, consumer: str, version: int, places: Sequence[Place]) -> Mapping[Place, int]:
    query = (
        select(POSITION.c.topic, POSITION.c.partition, POSITION.c.position)
        .where(
            POSITION.c.consumer == consumer,
            POSITION.c.version == version,
            tuple_(POSITION.c.topic, POSITION.c.partition).in_(places),
        )
        .order_by(POSITION.c.topic, POSITION.c.partition)
        .with_for_update()
    )
    found = {(row.topic, row.partition): row.position for row in connection.execute(query)}
    missing = [place for place in places if place not in found]
    if missing:
        connection.execute(
            insert(POSITION)
            .values([_place_row(consumer, version, place, 0) for place in missing])
            .on_conflict_do_nothing()
        )
        found = {(row.topic, row.partition): row.position for row in connection.execute(query)}
    return found


def _write_places(connection: Connection, consumer: str, version: int, moved: Mapping[Place, int]) -> None:
    if not moved:
        return
    statement = insert(POSITION).values(
        [_place_row(consumer, version, place, position) for place, position in sorted(moved.items())]
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[column.name for column in POSITION.primary_key],
            set_={"position": statement.excluded.position},
        )
    )


def _place_row(consumer: str, version: int, place: Place, position: int) -> dict[str, object]:
    return {
        "consumer": consumer, "version": version, "topic": place[0], "partition": place[1], "position": position,
    }  # fmt: skip
