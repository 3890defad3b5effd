"""The loop on the event store: read a page, apply it, and sleep until the bell rings."""

import threading
from dataclasses import dataclass, field

import structlog
from psycopg import Cursor
from psycopg.rows import TupleRow

from kernel.errors import Retryable
from producers.store import READ_COLUMNS, event_of
from schemas.envelope import Event
from storage.database import Database, driver_of

from .apply import Applied, Applier
from .consumer import Consumer
from .ledger import StoreLedger
from .projections import ensure_active
from .settle import settle, tell_progress

PAGE = 2_000
LONGEST_SLEEP_S = 5.0
"""A ring can be lost with the connection that listens; nobody sleeps longer than this."""
log = structlog.get_logger()


@dataclass
class StoreLoop:
    """Carries one consumer over the event store in a thread of its own."""

    applier: Applier
    awake: threading.Event
    page: int = PAGE
    stopped: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        ensure_active(self.applier.database, self.applier.consumer)
        self._thread = threading.Thread(target=self._run, name=self.applier.consumer.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, then end."""
        self.stopped.set()
        self.awake.set()
        if self._thread:
            self._thread.join()

    def step(self) -> Applied | None:
        """Apply the next page; None when there is nothing new."""
        consumer = self.applier.consumer
        page = read_page(
            self.applier.database, consumer, self.applier.consumer.types(self.applier.catalogue), self.page
        )
        if page is None:
            return None
        return self.applier.apply(page)

    def _run(self) -> None:
        pause = 0.1
        while not self.stopped.is_set():
            try:
                self.awake.clear()
                while not self.stopped.is_set() and self.step() is not None:
                    pass
                settle(self.applier)
                tell_progress(self.applier.database, self.applier.consumer)
                pause = 0.1
                self.awake.wait(LONGEST_SLEEP_S)
            except Retryable as error:
                log.warning("waiting for the database", consumer=self.applier.consumer.name, error=error.message)
                self.stopped.wait(pause)
                pause = min(pause * 2, LONGEST_SLEEP_S)
            except Exception as error:
                log.exception("the consumer stopped", consumer=self.applier.consumer.name)
                self.failure = error
                self.stopped.set()


def read_page(database: Database, consumer: Consumer, types: frozenset[str], limit: int) -> StoreLedger | None:
    """The next events of `types` after the consumer's position, and how far the page reaches; None when up to date."""
    with database.worker.connect() as connection, driver_of(connection).cursor() as cursor:
        cursor.execute(
            "SELECT position, (SELECT coalesce(max(position), 0) FROM hub.event) FROM hub.projection "
            "WHERE consumer = %s AND state = 'active'",
            (consumer.name,),
        )
        after, head = cursor.fetchone() or (0, 0)
        if after >= head:
            return None
        events = _read(cursor, after, head, types, limit)
    return StoreLedger(events, upto=head if len(events) < limit else events[-1].position)


def _read(cursor: "Cursor[TupleRow]", after: int, upto: int, types: frozenset[str], limit: int) -> list[Event]:
    cursor.execute(
        f"SELECT {READ_COLUMNS} FROM hub.event WHERE position > %s AND position <= %s AND type = ANY(%s) "
        "AND payload IS NOT NULL ORDER BY position LIMIT %s",
        (after, upto, sorted(types), limit),
        binary=True,
    )
    return [event_of(row) for row in cursor]
