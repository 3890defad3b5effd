"""Up to where everything is applied: the question behind `caught_up`, `wait_for` and telling findings.

A position is covered for an authority when the consumer has applied every event up to it that the authority owns or
that is shared, in all the consumer's domains. The heads in the store say what there is, the positions what is done.
"""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, select, text

from producers.tables import HEAD
from producers.topics import partition_count, partition_of

from .consumer import Consumer
from .tables import PENDING, POSITION, PROJECTION

EVERYTHING = 2**62
"""Covered up to here: nothing is left."""


class Progress(NamedTuple):
    """How far the active version of a consumer has come: its own position, and beyond it per domain and partition."""

    version: int
    floor: int
    places: dict[tuple[str, int], int]
    partitions: int

    def at(self, domain: str, authority: str) -> int:
        return max(self.floor, self.places.get((domain, partition_of(authority, self.partitions)), 0))


def progress(connection: Connection, consumer: str) -> Progress | None:
    """None when the consumer has never run here."""
    row = connection.execute(
        select(PROJECTION.c.version, PROJECTION.c.position).where(
            PROJECTION.c.consumer == consumer, PROJECTION.c.state == "active"
        )
    ).first()
    if row is None:
        return None
    places = connection.execute(
        select(POSITION.c.topic, POSITION.c.partition, POSITION.c.position).where(
            POSITION.c.consumer == consumer, POSITION.c.version == row.version
        )
    )
    return Progress(
        row.version, row.position, {(p.topic, p.partition): p.position for p in places}, partition_count(connection)
    )


def covered(connection: Connection, consumer: Consumer, authorities: Collection[str]) -> dict[str, int]:
    """For each authority, the position up to which all is applied; EVERYTHING when nothing is left."""
    heads = connection.execute(
        select(HEAD).where(HEAD.c.domain.in_(consumer.domains), HEAD.c.authority.in_(authorities) | (HEAD.c.shared > 0))
    ).all()
    done = progress(connection, consumer.name)
    if done is None:
        return dict.fromkeys(authorities, 0)
    result = {}
    for authority in authorities:
        ahead = [
            done.at(head.domain, head.authority)
            for head in heads
            if done.at(head.domain, head.authority) < (head.position if head.authority == authority else head.shared)
        ]
        result[authority] = min(ahead, default=EVERYTHING)
    return result


def caught_up(connection: Connection, consumers: Collection[Consumer]) -> bool:
    """Whether every consumer has applied all that the store holds and told all it found."""
    authorities = [row.authority for row in connection.execute(select(HEAD.c.authority).distinct())]
    for consumer in consumers:
        if any(position < EVERYTHING for position in covered(connection, consumer, authorities).values()):
            return False
    names = [consumer.name for consumer in consumers]
    return not connection.execute(select(PENDING.c.consumer).where(PENDING.c.consumer.in_(names)).limit(1)).first()


def lag(connection: Connection, consumer: Consumer) -> int:
    """Events in the store that the consumer has yet to pass."""
    done = progress(connection, consumer.name)
    if done is None:
        done = Progress(0, 0, {}, 1)
    count = 0
    for head in connection.execute(select(HEAD).where(HEAD.c.domain.in_(consumer.domains))):
        at = done.at(head.domain, head.authority)
        if at < head.position:
            count += connection.execute(
                text(
                    "SELECT count(*) FROM hub.event WHERE position > :at AND position <= :head "
                    "AND authority = :authority AND aggregatetype = :domain"
                ),
                {"at": at, "head": head.position, "authority": head.authority, "domain": head.domain},
            ).scalar_one()
    return count
