"""The event store: every accepted event, in the order in which it was committed.

Positions are handed out under one lock that is the last thing a transaction takes before it inserts and commits. So a
reader who has seen position n has seen all that will ever stand below n. (A plain sequence loses events to readers.)
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count, starmap
from typing import Any, NamedTuple

from psycopg import Cursor
from psycopg.rows import TupleRow
from sqlalchemy import Connection

from kernel.errors import Conflict
from schemas.catalogue import Catalogue
from schemas.envelope import Event, event_key
from storage.bell import EVENTS
from storage.copying import stage
from storage.database import cursor_of

from .tables import EVENT
from .verdict import Fingerprint, Status, Verdict, fingerprint, judge

APPEND_LOCK = 7_000_002

_COLUMNS = [column.name for column in EVENT.columns if column.name != "position"]
_NAMES = ", ".join(_COLUMNS)
_READ_COLUMNS = """authority, source, id, type, subject, time, payload, effective, effective_to, correlation_id,
    causation_id, classification, shared, sequence, traceparent, depth, position, recorded"""
_READ = f"SELECT {_READ_COLUMNS} FROM hub.event"


class Outcome(NamedTuple):
    """What became of one event; `position` is its place in the store when it was accepted now."""

    status: Status
    position: int | None = None


class Refused(NamedTuple):
    """Nothing of the request was taken: its ids clash with what is stored, or a subject had moved."""

    verdict: Verdict


class Request(NamedTuple):
    """Events that are taken together or not at all; `expect` holds the positions that subjects must still stand at.

    An expected subject is looked up under the authorities of the request's events about it, or of all its events when
    none is about it; it stands where the last event about it stands.
    """

    events: Sequence[Event]
    expect: Mapping[str, int] = {}

    @property
    def watched(self) -> dict[str, frozenset[str]]:
        """The authorities under which each expected subject is looked up."""
        everybody = frozenset(event.authority for event in self.events)
        return {
            subject: frozenset(event.authority for event in self.events if event.subject == subject) or everybody
            for subject in self.expect
        }


def append(
    connection: Connection, requests: Sequence[Request], *, catalogue: Catalogue, now: datetime
) -> list[list[Outcome] | Refused]:
    """Store what is new of each request, in order, in the caller's transaction; a refused request leaves the others.

    This must be the last thing before the commit: from here on every other writer waits.
    """
    prints = [[fingerprint(event, catalogue) for event in request.events] for request in requests]
    watching = {number: request.watched for number, request in enumerate(requests) if request.expect}
    flat = [event for request in requests for event in request.events]
    stage(connection, EVENT, _rows(flat, now), ["position", *_COLUMNS])
    with cursor_of(connection) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        verdicts = judge(
            prints,
            _known(cursor, "event_key", {p.key for group in prints for p in group}),
            _known(cursor, "event_state", {p.state for group in prints for p in group if p.state}),
            _moved(cursor, requests, watching),
            {number: list(starmap(event_key, _pairs(watched))) for number, watched in watching.items()},
        )
        positions = _insert(cursor, flat, prints, verdicts)
    return list(_answers(verdicts, positions))


def append_one(
    connection: Connection, events: Sequence[Event], *, catalogue: Catalogue, now: datetime
) -> list[Outcome]:
    """Store events of one request; raises Conflict when one of them cannot be taken."""
    if not events:
        return []
    (answer,) = append(connection, [Request(events)], catalogue=catalogue, now=now)
    if isinstance(answer, Refused):
        ids = ", ".join(events[clash.ordinal].id for clash in answer.verdict.clashes)
        raise Conflict(f"event id already used with another body: {ids}")
    return answer


def read(connection: Connection, after: int, limit: int, upto: int | None = None) -> list[Event]:
    """The next events in store order; a redacted one has an empty payload."""
    bound = "" if upto is None else " AND position <= %(upto)s"
    with cursor_of(connection) as cursor:
        cursor.execute(
            f"{_READ} WHERE position > %(after)s{bound} ORDER BY position LIMIT %(limit)s",
            {"after": after, "limit": limit, "upto": upto},
            binary=True,
        )
        return [event_of(row) for row in cursor]


def read_types(
    connection: Connection, types: Sequence[str], after: int, upto: int, limit: int
) -> tuple[list[Event], int]:
    """The next events of `types` that are not redacted, up to `upto`, and the position that the page reaches."""
    with cursor_of(connection) as cursor:
        cursor.execute(
            f"{_READ} WHERE position > %s AND position <= %s AND type = ANY(%s) AND payload IS NOT NULL "
            "ORDER BY position LIMIT %s",
            (after, upto, list(types), limit),
            binary=True,
        )
        events = [event_of(row) for row in cursor]
    return events, events[-1].position if len(events) == limit else upto


def read_at(connection: Connection, positions: Sequence[int]) -> list[Event]:
    """The events at the given positions, in order."""
    with cursor_of(connection) as cursor:
        cursor.execute(f"{_READ} WHERE position = ANY(%s) ORDER BY position", (list(positions),), binary=True)
        return [event_of(row) for row in cursor]


def emptied(connection: Connection, positions: Sequence[int]) -> frozenset[int]:
    """Those of `positions` whose event the law has emptied."""
    with cursor_of(connection) as cursor:
        cursor.execute(
            "SELECT position FROM hub.event WHERE payload IS NULL AND position = ANY(%s)", (list(positions),)
        )
        return frozenset(row[0] for row in cursor)


def head(connection: Connection) -> int:
    """The position of the last event, 0 for an empty store."""
    with cursor_of(connection) as cursor:
        row = cursor.execute("SELECT coalesce(max(position), 0) FROM hub.event").fetchone()
        return int(row[0]) if row else 0


def event_of(row: TupleRow) -> Event:
    """A row of `_READ` as an event."""
    return Event(*row[:6], (row[6] or "").encode(), *row[7:])  # type: ignore[call-arg]


def _rows(events: Sequence[Event], now: datetime) -> "list[tuple[Any, ...]]":
    return [
        (
            ordinal, e.id, e.domain, e.key, e.type, e.payload.decode(), e.authority, e.source, e.subject, e.time,
            e.effective, e.effective_to, e.correlation_id, e.causation_id, e.classification, e.shared, e.sequence,
            e.traceparent, e.depth, now,
        )
        for ordinal, e in enumerate(events)
    ]  # fmt: skip


def _known(cursor: "Cursor[TupleRow]", table: str, keys: "set[Any]") -> "dict[Any, bytes]":
    if not keys:
        return {}
    cursor.execute(f"SELECT key, hash FROM hub.{table} WHERE key = ANY(%s)", (list(keys),))
    return dict(cursor.fetchall())


def _moved(
    cursor: "Cursor[TupleRow]", requests: Sequence[Request], watching: Mapping[int, Mapping[str, Collection[str]]]
) -> set[int]:
    """The requests that were decided on what is no longer so."""
    pairs = {pair for watched in watching.values() for pair in _pairs(watched)}
    if not pairs:
        return set()
    cursor.execute(
        "SELECT authority, subject, max(position) FROM unnest(%s::text[], %s::text[]) AS watched (authority, subject) "
        "JOIN hub.event USING (authority, subject) GROUP BY authority, subject",
        tuple(map(list, zip(*sorted(pairs), strict=True))),
    )
    at: dict[tuple[str, str], int] = {(authority, subject): last for authority, subject, last in cursor}
    return {
        number
        for number, watched in watching.items()
        for subject, position in requests[number].expect.items()
        if max((at.get((authority, subject), 0) for authority in watched[subject]), default=0) != position
    }


def _pairs(watched: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    return [(authority, subject) for subject, authorities in watched.items() for authority in authorities]


def _insert(
    cursor: "Cursor[TupleRow]",
    events: Sequence[Event],
    prints: Sequence[Sequence[Fingerprint]],
    verdicts: Sequence[Verdict],
) -> dict[int, int]:
    """Insert the accepted events and remember what was said; returns position by ordinal."""
    taken = [
        (p, status)
        for group, verdict in zip(prints, verdicts, strict=True)
        for p, status in zip(group, verdict.statuses if verdict.taken else ("refused",) * len(group), strict=True)
    ]
    new = [ordinal for ordinal, (_, status) in enumerate(taken) if status == "accepted"]
    keys = {p.key: p.body for p, status in taken if status in ("accepted", "unchanged")}
    if keys:
        cursor.execute(
            "INSERT INTO hub.event_key SELECT * FROM unnest(%s::uuid[], %s::bytea[])", (list(keys), list(keys.values()))
        )
    if not new:
        return {}
    cursor.execute(
        f"INSERT INTO hub.event ({_NAMES}) SELECT {_NAMES} FROM pg_temp.copy_event WHERE position = ANY(%s) "
        "ORDER BY position RETURNING hub.event.position",
        (new,),
    )
    positions = dict(zip(new, (row[0] for row in cursor), strict=True))
    states = {p.state: p.stated for p, status in taken if status == "accepted" and p.state}
    if states:
        cursor.execute(
            "INSERT INTO hub.event_state SELECT * FROM unnest(%s::uuid[], %s::bytea[]) "
            "ON CONFLICT (key) DO UPDATE SET hash = EXCLUDED.hash",
            (list(states), list(states.values())),
        )
    _advance_heads(cursor, events, positions)
    cursor.execute(f"NOTIFY {EVENTS}")
    return positions


def _advance_heads(cursor: "Cursor[TupleRow]", events: Sequence[Event], positions: Mapping[int, int]) -> None:
    heads: dict[tuple[str, str], tuple[int, int]] = {}
    for ordinal, position in positions.items():
        event = events[ordinal]
        shared = position if event.shared else heads.get((event.authority, event.domain), (0, 0))[1]
        heads[event.authority, event.domain] = (position, shared)
    cursor.executemany(
        "INSERT INTO hub.head VALUES (%s, %s, %s, %s) ON CONFLICT (authority, domain) DO UPDATE "
        "SET position = EXCLUDED.position, shared = greatest(hub.head.shared, EXCLUDED.shared)",
        [(*key, *value) for key, value in sorted(heads.items())],
    )


def _answers(verdicts: Sequence[Verdict], positions: Mapping[int, int]) -> Iterator[list[Outcome] | Refused]:
    ordinals = count()
    for verdict in verdicts:
        outcomes = [Outcome(status, positions.get(next(ordinals))) for status in verdict.statuses]
        yield outcomes if verdict.taken else Refused(verdict)
