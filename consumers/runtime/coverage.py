"""Up to where everything is applied: the question behind `caught_up`, lag, and telling findings.

A position is covered for an authority when the consumer has applied every event up to it that the authority owns or
that is shared, in all the consumer's domains. The heads in the store say what there is, the positions what is done.
Everything is read by one statement, so it is of one moment.
"""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from producers.topics import partition_of
from storage.database import Database, cursor_of

from .consumer import Consumer

PATIENCE_S = 5.0
"""So long a person waits for the tables to have what the store holds."""
LONGEST_LOOK_S = 0.05
"""Between two looks at most; the first come sooner."""
EVERYTHING = 2**62
"""Covered up to here: nothing is left."""

_OBSERVE = text("""
SELECT
    (SELECT partitions FROM hub.store) AS partitions,
    (SELECT json_agg(json_build_array(authority, domain, position, shared)) FROM hub.head) AS heads,
    (SELECT json_agg(json_build_array(consumer, version, position)) FROM hub.projection WHERE state = 'active')
        AS active,
    (SELECT json_agg(json_build_array(consumer, topic, partition, position)) FROM hub.position
        JOIN (SELECT consumer, version FROM hub.projection WHERE state = 'active') AS live USING (consumer, version))
        AS places,
    (SELECT json_agg(DISTINCT consumer) FROM hub.pending) AS pending
""")


class Head(NamedTuple):
    """The last event of an authority in a domain, and the last of them that is shared (0: none)."""

    authority: str
    domain: str
    position: int
    shared: int


class Progress(NamedTuple):
    """How far the active version of a consumer has come: its own position, and beyond it per domain and partition."""

    version: int
    floor: int
    places: Mapping[tuple[str, int], int]
    partitions: int

    def at(self, domain: str, authority: str) -> int:
        return max(self.floor, self.places.get((domain, partition_of(authority, self.partitions)), 0))

    @property
    def furthest(self) -> int:
        return max([self.floor, *self.places.values()])


class Observed(NamedTuple):
    """What there is and what is done, at one moment."""

    heads: tuple[Head, ...]
    progress: Mapping[str, Progress]
    pending: frozenset[str]

    def covered(self, consumer: Consumer, authority: str) -> int:
        """The position up to which all that concerns the authority is applied; EVERYTHING when nothing is left."""
        done = self.progress.get(consumer.name)
        if done is None:
            return 0
        ahead = [
            at
            for head in self.heads
            if head.domain in consumer.domains
            and (at := done.at(head.domain, head.authority))
            < (head.position if head.authority == authority else head.shared)
        ]
        return min(ahead, default=EVERYTHING)

    def behind(self, consumer: Consumer) -> int:
        """The distance in positions to the last event that the consumer is to apply."""
        done = self.progress.get(consumer.name)
        mine = [head for head in self.heads if head.domain in consumer.domains]
        return max(
            (
                head.position - at
                for head in mine
                if (at := done.at(head.domain, head.authority) if done else 0) < head.position
            ),
            default=0,
        )

    def caught_up(self, consumers: Collection[Consumer]) -> bool:
        """Whether these consumers have applied all that the store holds and told all they found."""
        return not any(
            consumer.name in self.pending
            or any(
                self.covered(consumer, authority) < EVERYTHING for authority in {head.authority for head in self.heads}
            )
            for consumer in consumers
        )


def observe(connection: Connection) -> Observed:
    """Look once."""
    row = connection.execute(_OBSERVE).one()
    places: dict[str, dict[tuple[str, int], int]] = {}
    for consumer, topic, partition, position in row.places or ():
        places.setdefault(consumer, {})[topic, partition] = position
    return Observed(
        heads=tuple(Head(*head) for head in row.heads or ()),
        progress={
            consumer: Progress(version, position, places.get(consumer, {}), row.partitions)
            for consumer, version, position in row.active or ()
        },
        pending=frozenset(row.pending or ()),
    )


def covered(connection: Connection, consumer: Consumer, authorities: Collection[str]) -> dict[str, int]:
    """For each authority, the position up to which all is applied; EVERYTHING when nothing is left."""
    observed = observe(connection)
    return {authority: observed.covered(consumer, authority) for authority in authorities}


def caught_up(connection: Connection, consumers: Collection[Consumer]) -> bool:
    """Whether every consumer has applied all that the store holds and told all it found."""
    return observe(connection).caught_up(consumers)


def wait_for(
    database: Database, consumer: Consumer, authority: str, position: int, wait: Callable[[float], object] = time.sleep
) -> bool:
    """Wait until all that concerns the authority is applied up to a position; False after `PATIENCE_S`.

    `wait` waits between two looks: for so many seconds, or for something that happens sooner.
    """
    deadline, pause_s = time.monotonic() + PATIENCE_S, 0.002
    while True:
        with database.glance() as connection:
            if covered(connection, consumer, (authority,))[authority] >= position:
                return True
        if time.monotonic() > deadline:
            return False
        wait(pause_s)
        pause_s = min(1.5 * pause_s, LONGEST_LOOK_S)


class Waiting(NamedTuple):
    """Events a consumer has yet to pass: how many, counted up to a limit, and when the oldest was recorded."""

    events: int
    oldest: datetime | None


def waiting(connection: Connection, consumer: Consumer, observed: Observed, limit: int) -> Waiting:
    """What waits for the consumer; quick when nothing does, and bounded when much does."""
    done = observed.progress.get(consumer.name, Progress(0, 0, {}, 1))
    behind = [
        (head.authority, head.domain, at, head.position)
        for head in observed.heads
        if head.domain in consumer.domains and (at := done.at(head.domain, head.authority)) < head.position
    ]
    if not behind:
        return Waiting(0, None)
    with cursor_of(connection) as cursor:
        cursor.execute(_WAITING, (*map(list, zip(*behind, strict=True)), limit))
        ((events, oldest),) = cursor.fetchall()
    return Waiting(min(int(events), limit), oldest)


_WAITING = """
SELECT coalesce(sum(of_one.events), 0), min(of_one.oldest)
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[]) AS behind (authority, domain, at, head)
CROSS JOIN LATERAL (
    SELECT count(*) AS events, min(recorded) AS oldest FROM (
        SELECT recorded FROM hub.event
        WHERE position > behind.at AND position <= behind.head
            AND event.authority = behind.authority AND aggregatetype = behind.domain
        ORDER BY position LIMIT %s
    ) AS first
) AS of_one
"""
