"""The loop on the event store: read a page, apply it, and sleep until the bell rings."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import LiteralString

import structlog

from kernel.errors import Retryable
from producers.store import READ, event_of
from storage.database import Database, together

from .apply import Applier
from .consumer import Consumer
from .ledger import StoreLedger
from .projections import ensure_active
from .settle import settle, tell_progress

PAGE = 4_000
LONGEST_SLEEP_S = 5.0
"""A ring can be lost with the connection that listens; nobody sleeps longer than this."""
log = structlog.get_logger()


@dataclass
class StoreLoop:
    """Carries one consumer over the event store in a thread of its own; `busy` while it has a page in its hands."""

    applier: Applier
    awake: threading.Event
    page: int = PAGE
    stopped: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None
    busy: bool = False
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
                self._work()
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

    def _work(self) -> None:
        """Apply all there is, tell what may be told, and ring for those who wait for it."""
        for page in pages(self.applier, self.page):
            self.busy = True
            self.applier.apply(page)
            if self.stopped.is_set():
                break
        told, was_busy = settle(self.applier), self.busy
        self.busy = False
        if told or was_busy:
            tell_progress(self.applier.database, self.applier.consumer)


def pages(applier: Applier, limit: int) -> Iterator[StoreLedger]:
    """Page after page from the consumer's position to the last event of its domains.

    While a full page is applied the next one is read, so the two halves of the work go on side by side.
    """
    database, consumer = applier.database, applier.consumer
    types = sorted(consumer.types(applier.catalogue))
    with ThreadPoolExecutor(1, thread_name_prefix=f"read-{consumer.name}") as reader:
        page = _read_page(database, consumer, types, None, limit)
        while page is not None:
            full = len(page.events) == limit
            upcoming = reader.submit(_read_page, database, consumer, types, page.upto, limit) if full else None
            yield page
            page = upcoming.result() if upcoming else None


def _read_page(
    database: Database, consumer: Consumer, types: Sequence[str], after: int | None, limit: int
) -> StoreLedger | None:
    """The next events of `types` after a position (None: the consumer's own), and how far the page reaches.

    None when nothing new stands in the consumer's domains: what others read costs it no transaction. An event that
    comes between the two questions is on the page, which then reaches further than the end that was told.
    """
    mine = sorted(consumer.domains)
    with database.glance() as connection:
        ((at, end),), rows = together(
            connection, (_AT_AND_END, (consumer.name, mine)), (_NEXT, (after, consumer.name, mine, types, limit))
        )
    events = [event_of(row) for row in rows]
    last = events[-1].position if events else 0
    if not events and (at if after is None else after) >= end:
        return None
    return StoreLedger(events, last if len(events) == limit else max(end, last))


_AT: LiteralString = "SELECT position FROM hub.projection WHERE consumer = %s AND state = 'active'"
_END: LiteralString = "SELECT coalesce(max(position), 0) FROM hub.head WHERE domain = ANY(%s)"
_AT_AND_END = f"SELECT ({_AT}), ({_END})"
_NEXT = f"""
{READ} WHERE position > coalesce(%s::bigint, ({_AT})) AND position <= ({_END})
    AND type = ANY(%s) AND payload IS NOT NULL ORDER BY position LIMIT %s
"""
