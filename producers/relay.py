"""The relay: brings the event store to Kafka, in store order, at least once; consumers skip what they have passed.

One relay is active: it holds a lease with an epoch. The mark of how far it came moves only while the epoch is its own,
so a relay that was frozen and thaws can send again but cannot move the mark.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import uuid4

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Connection, text

from kernel.errors import Fatal, Retryable
from schemas.envelope import Event
from schemas.transport import headers_of
from storage.bell import Bell
from storage.database import Database

from .connecting import connected, disconnect
from .store import read
from .topics import LARGEST_RECORD, Topics, partition_count, partition_of

PAGE = 2_000
LEASE_S = 10.0
"""A lease that was not renewed for this long is free; it is renewed ten times as often."""
KEEP_S = 0.1
"""While it is busy the mark moves this often; what was sent since is sent again after a kill, and skipped."""
DELIVERY_S = 8
"""Kafka must take a page within this time, less than the lease lasts; else the attempt ends and starts at the mark."""
log = structlog.get_logger()


class LeaseLost(Retryable):
    """Another relay has taken over."""


class Lease(NamedTuple):
    """This relay's turn: which store it serves, and where it and each partition stood when it began."""

    epoch: int
    store: str
    partitions: int


@dataclass
class Relay:
    """Moves events from the store to Kafka until it is told to stop."""

    database: Database
    bootstrap: str
    topics: Topics
    page: int = PAGE
    lease_s: float = LEASE_S
    holder: str = field(default_factory=lambda: str(uuid4()))
    stopped: threading.Event = field(default_factory=threading.Event)
    sent: int = 0
    failure: Exception | None = None

    def run(self) -> None:
        """Relay until `stopped` is set. Kafka or the database away: back off, lose nothing, go on at the mark.

        Anything else ends it, and `failure` says what.
        """
        bell = Bell(self.database)
        awake = bell.waiter()
        pause = 0.1
        try:
            while not self.stopped.is_set():
                try:
                    self._serve(awake)
                    pause = 0.1
                except (Retryable, KafkaError) as error:
                    log.warning("the relay waits", error=str(error), seconds=round(pause, 1))
                    self.stopped.wait(pause)
                    pause = min(pause * 2, 5.0)
        except Exception as error:
            log.exception("the relay stopped")
            self.failure = Fatal(f"the relay stopped: {error!r}")
        finally:
            bell.stop()

    def stop(self) -> None:
        self.stopped.set()

    def _serve(self, awake: threading.Event) -> None:
        """One turn: from taking the lease to losing it, stopping, or the first error."""
        lease = self._lease()
        if lease is None:
            self.stopped.wait(self.lease_s / 10)
            return
        try:
            with self._producer() as producer:
                self._carry(producer, lease, awake)
        finally:
            self._release(lease)

    @contextmanager
    def _producer(self) -> Iterator[KafkaProducer]:
        """A producer of this turn, without anything under way when it is closed. Raises KafkaError."""
        producer = connected(
            KafkaProducer,
            bootstrap_servers=self.bootstrap,
            acks="all",
            linger_ms=2,
            batch_size=256 * 1024,
            max_request_size=LARGEST_RECORD,
            bootstrap_timeout_ms=DELIVERY_S * 1000,
            delivery_timeout_ms=DELIVERY_S * 1000,
            request_timeout_ms=DELIVERY_S * 500,
            max_block_ms=DELIVERY_S * 1000,
        )
        try:
            yield producer
        finally:
            disconnect(producer, DELIVERY_S)

    def _carry(self, producer: KafkaProducer, lease: Lease, awake: threading.Event) -> None:
        """Page after page from the mark on: send, and move the mark about ten times a second."""
        position, places = self._mark()
        unmarked, kept = 0, time.monotonic()
        while not self.stopped.is_set():
            awake.clear()
            events = self._next(position)
            if events:
                self._send(producer, lease, events, places)
                position, unmarked = events[-1].position, unmarked + len(events)
            due = kept + (KEEP_S if unmarked else self.lease_s / 10) - time.monotonic()
            if due <= 0 or unmarked >= self.page:
                self._keep(lease, position, places, unmarked)
                unmarked, kept = 0, time.monotonic()
            elif len(events) < self.page:
                awake.wait(due)
        if unmarked:
            self._keep(lease, position, places, unmarked)

    def _next(self, position: int) -> list[Event]:
        with self.database.glance() as connection:
            return read(connection, position, self.page)

    def _send(
        self, producer: KafkaProducer, lease: Lease, events: Sequence[Event], places: dict[tuple[str, int], int]
    ) -> None:
        """Send a page and wait until Kafka has all of it. Raises KafkaError for the first record it refused."""
        futures = []
        for event in events:
            place = (event.domain, partition_of(event.authority, lease.partitions))
            futures.append(
                producer.send(
                    self.topics.of(event.domain),
                    key=event.key.encode(),
                    value=event.payload or None,
                    headers=headers_of(event, lease.store, places.get(place, 0)),
                    partition=place[1],
                )
            )
            places[place] = event.position
        producer.flush(timeout=DELIVERY_S)
        for future in futures:
            future.get(timeout=DELIVERY_S)
        self.sent += len(events)

    def _lease(self) -> Lease | None:
        """Take the lease when it is free; None while another relay renews it."""
        with self.database.worker.begin() as connection:
            epoch = connection.execute(
                text(
                    "INSERT INTO hub.lease VALUES ('relay', 1, :holder, clock_timestamp()) "
                    "ON CONFLICT (name) DO UPDATE SET epoch = lease.epoch + 1, holder = :holder, "
                    "renewed = clock_timestamp() "
                    "WHERE lease.renewed < clock_timestamp() - make_interval(secs => :seconds) RETURNING epoch"
                ),
                {"holder": self.holder, "seconds": self.lease_s},
            ).scalar()
            if epoch is None:
                return None
            store = connection.execute(text("SELECT id FROM hub.store")).scalar_one()
            return Lease(epoch, str(store), partition_count(connection))

    def _mark(self) -> tuple[int, dict[tuple[str, int], int]]:
        with self.database.worker.connect() as connection:
            position = connection.execute(text("SELECT position FROM hub.relay")).scalar_one()
            rows = connection.execute(text("SELECT topic, partition, position FROM hub.relay_partition"))
            return position, {(row.topic, row.partition): row.position for row in rows}

    def _keep(self, lease: Lease, position: int, places: Mapping[tuple[str, int], int], count: int) -> None:
        """Renew the lease and move the mark, both only while the epoch is ours. Raises LeaseLost."""
        with self.database.worker.begin() as connection:
            renewed = connection.execute(
                text("UPDATE hub.lease SET renewed = clock_timestamp() WHERE name = 'relay' AND epoch = :epoch"),
                {"epoch": lease.epoch},
            )
            if renewed.rowcount == 0:
                raise LeaseLost("another relay has taken over")
            if count:
                _move_mark(connection, position, places, count)

    def _release(self, lease: Lease) -> None:
        """Let the next relay start at once."""
        with self.database.worker.begin() as connection:
            connection.execute(
                text("UPDATE hub.lease SET renewed = '-infinity' WHERE name = 'relay' AND epoch = :epoch"),
                {"epoch": lease.epoch},
            )


def _move_mark(connection: Connection, position: int, places: Mapping[tuple[str, int], int], count: int) -> None:
    connection.execute(
        text("UPDATE hub.relay SET position = :position, sent = sent + :count, advanced = clock_timestamp()"),
        {"position": position, "count": count},
    )
    connection.execute(
        text(
            "INSERT INTO hub.relay_partition VALUES (:topic, :partition, :position) "
            "ON CONFLICT (topic, partition) DO UPDATE SET position = EXCLUDED.position"
        ),
        [{"topic": topic, "partition": part, "position": at} for (topic, part), at in sorted(places.items())],
    )
