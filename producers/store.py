"""The event store: every accepted event, in the order in which it was committed.

Positions are handed out under one lock that is the last thing a transaction takes before it inserts and commits. So a
reader who has seen position n has seen all that will ever stand below n. (A plain sequence loses events to readers.)
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count, starmap
from typing import Any, Literal, NamedTuple

from psycopg import sql
from psycopg.rows import TupleRow
from sqlalchemy import Connection

from kernel.errors import Conflict
from schemas.catalogue import Catalogue
from schemas.envelope import Event, event_key
from storage.bell import EVENTS, RING
from storage.copying import FEW, emptying, flat, stage, twin_name, values
from storage.database import Statement, cursor_of, together

from .tables import EVENT
from .verdict import Fingerprint, Status, Verdict, fingerprint, judge

APPEND_LOCK = 7_000_002

_COLUMNS = [column.name for column in EVENT.columns if column.name != "position"]
_NAMES = ", ".join(_COLUMNS)
_READ_COLUMNS = """authority, source, id, type, subject, time, payload, effective, effective_to, correlation_id,
    causation_id, classification, shared, sequence, traceparent, depth, position, recorded"""
READ = f"SELECT {_READ_COLUMNS} FROM hub.event"


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
    rows = _rows([event for request in requests for event in request.events], now)
    staged = len(rows) > FEW
    if staged:
        stage(connection, EVENT, rows, ["position", *_COLUMNS])
    keys, states, moved = _looked_up(connection, prints, watching)
    verdicts = judge(
        prints,
        keys,
        states,
        _moved(moved, requests, watching),
        {number: list(starmap(event_key, _pairs(watched))) for number, watched in watching.items()},
    )
    taken = list(_statuses(prints, verdicts))
    new = [(ordinal, print_) for ordinal, (print_, status) in enumerate(taken) if status == "accepted"]
    said = [print_ for print_, status in taken if status in ("accepted", "unchanged")]
    positions = _insert(connection, rows, new, said, staged=staged)
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
            f"{READ} WHERE position > %(after)s{bound} ORDER BY position LIMIT %(limit)s",
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
            f"{READ} WHERE position > %s AND position <= %s AND type = ANY(%s) AND payload IS NOT NULL "
            "ORDER BY position LIMIT %s",
            (after, upto, list(types), limit),
            binary=True,
        )
        events = [event_of(row) for row in cursor]
    return events, events[-1].position if len(events) == limit else upto


def read_at(connection: Connection, positions: Sequence[int]) -> list[Event]:
    """The events at the given positions, in order."""
    with cursor_of(connection) as cursor:
        cursor.execute(f"{READ} WHERE position = ANY(%s) ORDER BY position", (list(positions),), binary=True)
        return [event_of(row) for row in cursor]


def stands_at(connection: Connection, authority: str, subject: str) -> int:
    """The position of the last event about a subject, 0 when there is none: what a decision expects.

    Ask before reading what is decided on: who asks afterwards may bind the decision to what was never seen.
    """
    with cursor_of(connection) as cursor:
        row = cursor.execute(
            "SELECT coalesce(max(position), 0) FROM hub.event WHERE authority = %s AND subject = %s",
            (authority, subject),
        ).fetchone()
        return int(row[0]) if row else 0


def head(connection: Connection) -> int:
    """The position of the last event, 0 for an empty store."""
    with cursor_of(connection) as cursor:
        row = cursor.execute("SELECT coalesce(max(position), 0) FROM hub.event").fetchone()
        return int(row[0]) if row else 0


def event_of(row: TupleRow) -> Event:
    """A row of `READ` as an event."""
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


def _looked_up(
    connection: Connection,
    prints: Sequence[Sequence[Fingerprint]],
    watching: Mapping[int, Mapping[str, Collection[str]]],
) -> tuple[dict[Any, bytes], dict[Any, bytes], list[TupleRow]]:
    """Take the append lock, then see what the store knows: keys, last states, and where watched subjects stand."""
    keys = list({p.key for group in prints for p in group})
    states = list({p.state for group in prints for p in group if p.state})
    watched = sorted({pair for watched in watching.values() for pair in _pairs(watched)})
    asked: list[Statement] = [
        ("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,)),
        ("SELECT key, hash FROM hub.event_key WHERE key = ANY(%s)", (keys,)),
    ]
    if states:
        asked.append(("SELECT key, hash FROM hub.event_state WHERE key = ANY(%s)", (states,)))
    if watched:
        asked.append((_STANDING, tuple(map(list, zip(*watched, strict=True)))))
    _, known, *others = together(connection, *asked)
    return dict(known), dict(others.pop(0)) if states else {}, others.pop(0) if watched else []


_STANDING = """
SELECT authority, subject, max(position) FROM unnest(%s::text[], %s::text[]) AS watched (authority, subject)
JOIN hub.event USING (authority, subject) GROUP BY authority, subject
"""


def _moved(
    standing: Sequence[TupleRow],
    requests: Sequence[Request],
    watching: Mapping[int, Mapping[str, Collection[str]]],
) -> set[int]:
    """The requests that were decided on what is no longer so."""
    at: dict[tuple[str, str], int] = {(authority, subject): last for authority, subject, last in standing}
    return {
        number
        for number, watched in watching.items()
        for subject, position in requests[number].expect.items()
        if max((at.get((authority, subject), 0) for authority in watched[subject]), default=0) != position
    }


def _pairs(watched: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    return [(authority, subject) for subject, authorities in watched.items() for authority in authorities]


def _statuses(
    prints: Sequence[Sequence[Fingerprint]], verdicts: Sequence[Verdict]
) -> Iterator[tuple[Fingerprint, Status | Literal["refused"]]]:
    """What becomes of each event, in order."""
    for group, verdict in zip(prints, verdicts, strict=True):
        yield from zip(group, verdict.statuses if verdict.taken else ["refused"] * len(group), strict=True)


def _insert(
    connection: Connection,
    rows: Sequence[Sequence[Any]],
    new: Sequence[tuple[int, Fingerprint]],
    said: Sequence[Fingerprint],
    *,
    staged: bool,
) -> dict[int, int]:
    """Insert the new events, remember what was said, and ring; returns position by ordinal."""
    keys = {print_.key: print_.body for print_ in said}
    remember: list[Statement] = [emptying(twin_name(EVENT))] if staged else []
    if keys:
        remember.append((_KEYS, (list(keys), list(keys.values()))))
    if not new:
        together(connection, *remember)
        return {}
    ordinals = [ordinal for ordinal, _ in new]
    chosen = [rows[ordinal] for ordinal in ordinals]
    insert: Statement
    if staged:
        insert = (_inserting(_STAGED), (ordinals,))
    else:
        insert = (_inserting(values([row[1:] for row in chosen])), flat([row[1:] for row in chosen]))
    if states := {print_.state: print_.stated for _, print_ in new if print_.state}:
        remember.append((_STATES, (list(states), list(states.values()))))
    domains = sorted({row[_DOMAIN] for row in chosen})
    inserted, *_ = together(connection, insert, *remember, (RING, (EVENTS, " ".join(domains))))
    return dict(zip(ordinals, (position for (position,) in inserted), strict=True))


def _inserting(source: sql.Composable) -> sql.Composed:
    """Insert events in the order of `source`, and let the heads follow."""
    return sql.SQL(
        "WITH new AS (INSERT INTO hub.event ({names}) {source} RETURNING position, authority, aggregatetype, shared), "
        "heads AS (INSERT INTO hub.head SELECT authority, aggregatetype, max(position), "
        "coalesce(max(position) FILTER (WHERE shared), 0) FROM new GROUP BY authority, aggregatetype "
        "ORDER BY authority, aggregatetype ON CONFLICT (authority, domain) DO UPDATE "
        "SET position = EXCLUDED.position, shared = greatest(hub.head.shared, EXCLUDED.shared)) "
        "SELECT position FROM new ORDER BY position"
    ).format(names=sql.SQL(_NAMES), source=source)


_STAGED = sql.SQL(f"SELECT {_NAMES} FROM pg_temp.copy_event WHERE position = ANY(%s) ORDER BY copy_event.position")
_KEYS = "INSERT INTO hub.event_key SELECT * FROM unnest(%s::uuid[], %s::bytea[])"
_STATES = """
INSERT INTO hub.event_state SELECT * FROM unnest(%s::uuid[], %s::bytea[])
ON CONFLICT (key) DO UPDATE SET hash = EXCLUDED.hash
"""
_DOMAIN = 2
"""Where the domain stands in a row of an event."""


def _answers(verdicts: Sequence[Verdict], positions: Mapping[int, int]) -> Iterator[list[Outcome] | Refused]:
    ordinals = count()
    for verdict in verdicts:
        outcomes = [Outcome(status, positions.get(next(ordinals))) for status in verdict.statuses]
        yield outcomes if verdict.taken else Refused(verdict)
