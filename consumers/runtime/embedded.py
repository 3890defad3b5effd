"""The loop on the event store: read a page, apply it, and sleep until the bell rings."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select

from kernel.errors import Retryable
from producers.store import head, read_types
from storage.database import Database

from .apply import Applier
from .consumer import Consumer
from .ledger import StoreLedger
from .projections import ensure_active
from .settle import settle, tell_progress
from .tables import PROJECTION

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

    @property
    def name(self) -> str:
        return self.applier.consumer.name

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

    def _run(self) -> None:
        pause = 0.1
        while not self.stopped.is_set():
            try:
                self.awake.clear()
                for page in pages(self.applier, self.page):
                    self.applier.apply(page)
                    if self.stopped.is_set():
                        break
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


def pages(applier: Applier, limit: int) -> Iterator[StoreLedger]:
    """Page after page from the consumer's position to the end of the store.

    While a full page is applied the next one is read, so the two halves of the work go on side by side.
    """
    database, types = applier.database, sorted(applier.consumer.types(applier.catalogue))
    with ThreadPoolExecutor(1, thread_name_prefix=f"read-{applier.consumer.name}") as reader:
        page = _read_page(database, types, _position(database, applier.consumer), limit)
        while page is not None:
            full = len(page.events) == limit
            upcoming = reader.submit(_read_page, database, types, page.upto, limit) if full else None
            yield page
            page = upcoming.result() if upcoming else _read_page(database, types, page.upto, limit)


def _read_page(database: Database, types: Sequence[str], after: int, limit: int) -> StoreLedger | None:
    """The next events of `types` after a position, and how far the page reaches; None when there is nothing new."""
    with database.worker.connect() as connection:
        end = head(connection)
        if after >= end:
            return None
        events, upto = read_types(connection, types, after, end, limit)
    return StoreLedger(events, upto)


def _position(database: Database, consumer: Consumer) -> int:
    with database.worker.connect() as connection:
        position: int = connection.execute(
            select(PROJECTION.c.position).where(PROJECTION.c.consumer == consumer.name, PROJECTION.c.state == "active")
        ).scalar_one()
        return position
