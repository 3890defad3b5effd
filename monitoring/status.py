"""How the hub is: positions, lag and what waits, read from the database, whatever process is asked."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from consumers.deliveries.queries import DeliveryCounts
from consumers.deliveries.queries import counts as delivery_counts
from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import lag, observe
from producers.store import head
from storage.database import Database


class ConsumerStatus(NamedTuple):
    """One consumer: its active version (None: never run), how far it is, and what waits.

    `lag` counts the events it has yet to pass, `behind` is the distance in positions.
    """

    name: str
    version: int | None
    position: int
    lag: int
    behind: int
    parked: int
    pending: int


class Status(NamedTuple):
    """The whole hub at one moment."""

    events: int
    position: int
    relayed: int
    sent: int
    caught_up: bool
    parked: int
    consumers: tuple[ConsumerStatus, ...]
    deliveries: DeliveryCounts

    def as_json(self) -> dict[str, Any]:
        consumers = [consumer._asdict() for consumer in self.consumers]
        return self._asdict() | {"consumers": consumers, "deliveries": self.deliveries._asdict()}


def status_of(database: Database, consumers: Collection[Consumer], *, counting: bool = True) -> Status:
    """Look once; without `counting` nothing is counted that takes longer in a larger store."""
    with database.worker.connect() as connection:
        relay = connection.execute(text("SELECT position, sent FROM hub.relay")).one()
        parked = _counts(connection, "SELECT consumer, count(*) FROM hub.parked WHERE status = 'parked' GROUP BY 1")
        pending = _counts(connection, "SELECT consumer, count(*) FROM hub.pending GROUP BY 1")
        observed = observe(connection)
        found = []
        for consumer in consumers:
            done = observed.progress.get(consumer.name)
            found.append(
                ConsumerStatus(
                    name=consumer.name,
                    version=done.version if done else None,
                    position=done.furthest if done else 0,
                    lag=lag(connection, consumer, observed) if counting else 0,
                    behind=observed.behind(consumer),
                    parked=parked.get(consumer.name, 0),
                    pending=pending.get(consumer.name, 0),
                )
            )
        return Status(
            events=connection.execute(text("SELECT count(*) FROM hub.event")).scalar_one() if counting else 0,
            position=head(connection),
            relayed=relay.position,
            sent=relay.sent,
            caught_up=observed.caught_up(consumers),
            parked=sum(parked.values()),
            consumers=tuple(found),
            deliveries=delivery_counts(connection),
        )


def _counts(connection: Connection, query: str) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(text(query)).all()}
