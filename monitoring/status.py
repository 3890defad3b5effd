"""How the hub is: positions, lag and what waits, read from the database, whatever process is asked."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from consumers.deliveries.overdue import longest, overdue
from consumers.deliveries.queries import DeliveryCounts
from consumers.deliveries.queries import counts as delivery_counts
from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import Observed, observe, waiting
from producers.store import head
from schemas.subscriptions import Way
from storage.database import Database

STILL_S = 30.0
"""Who has not moved for so many seconds, though something waits, stands still: a consumer, the relay, deliveries."""
COUNTED = 10_000
"""For the metrics no more of what waits is counted than this."""


class ConsumerStatus(NamedTuple):
    """One consumer: its active version (None: never run), how far it is, and what waits.

    `lag` counts the events it has yet to pass, `behind` is the distance in positions. `lag_seconds` is the age of the
    oldest event that waits, `commit_age` the seconds since it last came further.
    """

    name: str
    version: int | None
    position: int
    lag: int
    behind: int
    parked: int
    pending: int
    lag_seconds: float = 0.0
    commit_age: float = 0.0

    @property
    def stands_still(self) -> bool:
        """Whether something has waited for it for long and it has not moved in that time; idleness is no standstill."""
        return min(self.lag_seconds, self.commit_age) > STILL_S


class Status(NamedTuple):
    """The whole hub at one moment.

    `relayed` is the relay's mark, `unsent_seconds` the age of the oldest event beyond it, `mark_age` the seconds since
    it moved; they mean nothing in a hub that never used Kafka (`relays` is False). `overdue` says which subscriptions
    nobody serves and for how many seconds, by way and id.
    """

    events: int
    position: int
    relays: bool
    relayed: int
    unsent_seconds: float
    mark_age: float
    sent: int
    caught_up: bool
    parked: int
    consumers: tuple[ConsumerStatus, ...]
    deliveries: DeliveryCounts
    overdue: Mapping[Way, Mapping[str, float]]

    @property
    def undelivered(self) -> tuple[Way, ...]:
        """The ways in which nobody delivers, though something has been due for long."""
        return tuple(way for way in self.overdue if longest(self.overdue, [way]) > STILL_S)

    def unserved(self, subscription: str) -> bool:
        """Whether nobody has delivered to it for long, though something is due."""
        return any(seconds.get(subscription, 0.0) > STILL_S for seconds in self.overdue.values())

    def as_json(self) -> dict[str, Any]:
        consumers = [consumer._asdict() for consumer in self.consumers]
        return self._asdict() | {"consumers": consumers, "deliveries": self.deliveries._asdict()}


def status_of(database: Database, consumers: Collection[Consumer], *, counting: bool = True) -> Status:
    """Look once; without `counting` nothing is counted that takes longer in a larger store."""
    with database.worker.connect() as connection:
        now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        relay = connection.execute(text(_RELAY)).one()
        observed = observe(connection)
        return Status(
            events=connection.execute(text("SELECT count(*) FROM hub.event")).scalar_one() if counting else 0,
            position=head(connection),
            relays=relay.relays,
            relayed=relay.position,
            unsent_seconds=_since(now, relay.unsent) if relay.relays else 0.0,
            mark_age=_since(now, relay.advanced),
            sent=relay.sent,
            caught_up=observed.caught_up(consumers),
            parked=sum(_counts(connection, _PARKED).values()),
            consumers=tuple(_consumers(connection, consumers, observed, now, 2**62 if counting else COUNTED)),
            deliveries=delivery_counts(connection),
            overdue=overdue(connection, now),
        )


def standing_still(
    database: Database, consumers: Collection[Consumer], *, relay: bool = False, delivers: Collection[Way] = ()
) -> list[str]:
    """Which of these consumers, of the relay and of deliveries in these ways do not move though something waits for
    them, by name.
    """
    with database.worker.connect() as connection:
        now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        found = _consumers(connection, consumers, observe(connection), now, 1)
        still = [one.name for one in found if one.stands_still]
        mark = connection.execute(text(_RELAY)).one()
        if relay and mark.relays and min(_since(now, mark.unsent), _since(now, mark.advanced)) > STILL_S:
            still.append("relay")
        if delivers and longest(overdue(connection, now), delivers) > STILL_S:
            still.append("deliveries")
        return still


def _consumers(
    connection: Connection, consumers: Collection[Consumer], observed: Observed, now: datetime, limit: int
) -> Iterator[ConsumerStatus]:
    parked, pending = _counts(connection, _PARKED), _counts(connection, _PENDING)
    moved = {row[0]: row[1] for row in connection.execute(text(_ADVANCED)).all()}
    for consumer in consumers:
        done, left = observed.progress.get(consumer.name), waiting(connection, consumer, observed, limit)
        yield ConsumerStatus(
            name=consumer.name,
            version=done.version if done else None,
            position=done.furthest if done else 0,
            lag=left.events,
            behind=observed.behind(consumer),
            parked=parked.get(consumer.name, 0),
            pending=pending.get(consumer.name, 0),
            lag_seconds=_since(now, left.oldest),
            commit_age=_since(now, moved.get(consumer.name)),
        )


def _since(now: datetime, moment: datetime | None) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0


_RELAY = """
SELECT position, sent, advanced, EXISTS (SELECT FROM hub.lease WHERE name = 'relay') AS relays,
    (SELECT recorded FROM hub.event WHERE event.position > relay.position ORDER BY position LIMIT 1) AS unsent
FROM hub.relay
"""
_PARKED = "SELECT consumer, count(*) FROM hub.parked WHERE status = 'parked' GROUP BY 1"
_PENDING = "SELECT consumer, count(*) FROM hub.pending GROUP BY 1"
_ADVANCED = """
SELECT consumer, greatest(max(projection.advanced), max(position.advanced))
FROM hub.projection LEFT JOIN hub.position USING (consumer, version) WHERE state = 'active' GROUP BY consumer
"""


def _counts(connection: Connection, query: str) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(text(query)).all()}
