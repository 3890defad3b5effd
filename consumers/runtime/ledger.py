"""How far a consumer has come, in the same transaction as its rows: for the event store and for Kafka.

The active version's row is locked by every batch: shared on Kafka, where several processes work side by side on their
own partitions; alone when the event store is read. A hand-over to another version waits for the batch, and the next
batch finds the new version. A frozen twin that thaws finds the position moved and applies nothing twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, NamedTuple, Protocol

from sqlalchemy import Connection, text

from kernel.errors import Fatal
from producers.topics import partition_of
from schemas.envelope import Event
from storage.database import Statement, cursor_of, together

from .parking import HELD, held_keys

Place = tuple[str, int]
"""A domain, which is a Kafka topic, and a partition of it."""


class Claim(NamedTuple):
    """What a batch has to apply, and the keys of subjects that are held because of what is parked.

    `advance` writes how far it came, before the commit.
    """

    code_version: int
    events: Sequence[Event]
    held: frozenset[str]
    advance: Callable[[Connection], None]


class Ledger(Protocol):
    """Where a batch comes from. `claim` takes the locks and leaves out what was applied before.

    From then on unqualified table names mean the active version's tables.
    """

    def claim(self, connection: Connection, consumer: str) -> Claim: ...


@dataclass(frozen=True)
class StoreLedger:
    """A page of the event store: events of the consumer's types in order, complete up to the position `upto`."""

    events: Sequence[Event]
    upto: int

    def claim(self, connection: Connection, consumer: str) -> Claim:
        locked = _lock(connection, consumer, alone=True)
        fresh = [event for event in self.events if event.position > locked.position]
        if locked.places:
            fresh = [
                event
                for event in fresh
                if event.position
                > locked.places.get((event.domain, partition_of(event.authority, locked.partitions)), 0)
            ]

        def advance(connection: Connection) -> None:
            with cursor_of(connection) as cursor:
                cursor.execute(_ADVANCE, (self.upto, consumer, locked.version))

        return Claim(locked.code_version, fresh, locked.held, advance)


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
        places = sorted({record.place for record in self.records})
        positions = [record.position for record in self.records]
        locked = _lock(connection, consumer, alone=False, places=places, positions=positions)
        self.gaps.clear()
        self.left.clear()
        events: list[Event] = []
        moved = dict[Place, int]()
        for record in self.records:
            known = moved.get(record.place, max(locked.position, locked.places.get(record.place, 0)))
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
        events = sorted((e for e in events if e.position not in locked.gone), key=lambda event: event.position)

        def advance(connection: Connection) -> None:
            _write_places(connection, consumer, locked.version, moved)

        return Claim(locked.code_version, events, locked.held, advance)


@dataclass(frozen=True)
class PlaceLedger:
    """What Kafka has lost of one place, from the event store: its events after a known position, complete to `upto`."""

    place: Place
    events: Sequence[Event]
    upto: int

    def claim(self, connection: Connection, consumer: str) -> Claim:
        positions = [event.position for event in self.events]
        locked = _lock(connection, consumer, alone=False, places=[self.place], positions=positions)
        known = max(locked.position, locked.places.get(self.place, 0))
        events = [
            event
            for event in self.events
            if event.position > known and event.position not in locked.gone and locked.place_of(event) == self.place
        ]

        def advance(connection: Connection) -> None:
            _write_places(connection, consumer, locked.version, {self.place: max(known, self.upto)})

        return Claim(locked.code_version, events, locked.held, advance)


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
        raise _never_run(consumer)
    return Active(row.version, row.position, row.code_version)


class Locked(NamedTuple):
    """The active version, held until the commit, and what else a batch needs to know of the moment it was locked.

    `gone` are those of the asked positions whose event the law has emptied.
    """

    version: int
    position: int
    code_version: int
    partitions: int
    places: Mapping[Place, int]
    held: frozenset[str]
    gone: frozenset[int]

    def place_of(self, event: Event) -> Place:
        """Where the event stands on Kafka, or would."""
        return event.domain, partition_of(event.authority, self.partitions)


def _lock(
    connection: Connection,
    consumer: str,
    *,
    alone: bool,
    places: Sequence[Place] = (),
    positions: Sequence[int] = (),
) -> Locked:
    """Hold the active version, and its `places`; one round trip, two when it has just been handed over."""
    topics, partitions = [topic for topic, _ in places], [partition for _, partition in places]
    statements: list[Statement] = [
        (_ACTIVE_ALONE if alone else _ACTIVE_SHARED, (consumer,)),
        (_MAKE_PLACES, (topics, partitions, consumer)),
        (_PLACES_OF_ALL, (consumer,)) if alone else (_PLACES_LOCKED, (topics, partitions, consumer)),
        (HELD, (consumer,)),
        (_EMPTIED, (list(positions),)),
        (_USE, (consumer,)),
    ]
    for _ in range(2):
        active, _, at, held, gone, used = together(connection, *statements)
        if active:
            ((version, position, code_version),) = active
            return Locked(
                version,
                position,
                code_version,
                partitions=used[0][1],
                places={(topic, partition): place for topic, partition, place in at},
                held=held_keys(held),
                gone=frozenset(row[0] for row in gone),
            )
    raise _never_run(consumer)


def _never_run(consumer: str) -> Fatal:
    return Fatal(f"{consumer} has no active version", hint="start it once with `samspil consume` or `samspil serve`")


_ACTIVE: LiteralString = (
    "SELECT version, position, code_version FROM hub.projection WHERE consumer = %s AND state = 'active' "
)
_ACTIVE_ALONE, _ACTIVE_SHARED = f"{_ACTIVE} FOR UPDATE", f"{_ACTIVE} FOR SHARE"
_LIVE: LiteralString = "hub.position JOIN hub.projection AS live USING (consumer, version)"
_PLACES_OF_ALL: LiteralString = f"""
SELECT topic, partition, hub.position.position FROM {_LIVE} WHERE consumer = %s AND live.state = 'active'
"""
"""What processes on Kafka applied beyond the version's own position; empty in a hub that never used Kafka."""
_MAKE_PLACES: LiteralString = """
INSERT INTO hub.position (consumer, version, topic, partition, position)
SELECT live.consumer, live.version, topic, partition, 0
FROM hub.projection AS live, unnest(%s::text[], %s::int[]) AS place (topic, partition)
WHERE live.consumer = %s AND live.state = 'active' ORDER BY topic, partition ON CONFLICT DO NOTHING
"""
_PLACES_LOCKED: LiteralString = f"""
SELECT topic, partition, hub.position.position FROM {_LIVE}
    JOIN unnest(%s::text[], %s::int[]) AS place (topic, partition) USING (topic, partition)
WHERE consumer = %s AND live.state = 'active' ORDER BY topic, partition FOR UPDATE OF position
"""
_EMPTIED: LiteralString = "SELECT position FROM hub.event WHERE payload IS NULL AND position = ANY(%s::bigint[])"
_USE: LiteralString = """
SELECT set_config('search_path', '"' || consumer || '_v' || version || '"', true), (SELECT partitions FROM hub.store)
FROM hub.projection WHERE consumer = %s AND state = 'active'
"""
_ADVANCE: LiteralString = """
UPDATE hub.projection SET position = greatest(position, %s), advanced = clock_timestamp()
WHERE consumer = %s AND version = %s
"""


def _write_places(connection: Connection, consumer: str, version: int, moved: Mapping[Place, int]) -> None:
    if not moved:
        return
    topics, partitions = [topic for topic, _ in moved], [partition for _, partition in moved]
    with cursor_of(connection) as cursor:
        cursor.execute(_MOVE, (topics, partitions, list(moved.values()), consumer, version))


_MOVE: LiteralString = """
UPDATE hub.position SET position = place.position, advanced = clock_timestamp()
FROM unnest(%s::text[], %s::int[], %s::bigint[]) AS place (topic, partition, position)
WHERE consumer = %s AND version = %s AND hub.position.topic = place.topic AND hub.position.partition = place.partition
"""
