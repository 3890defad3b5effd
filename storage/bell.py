"""The bell: PostgreSQL's NOTIFY wakes those who wait for events, instead of polling."""

import threading
from collections.abc import Collection, Iterable
from contextlib import suppress

import psycopg
from sqlalchemy import Connection

from kernel.errors import Retryable

from .database import Database, cursor_of

EVENTS = "samspil_log"
"""Notified at every commit of events with their domains; readers wake up instead of polling."""
PROGRESS = "samspil_progress"
"""Notified with a consumer's name when it has applied all it found and told what it found."""


class Bell:
    """One connection that listens, for all who wait in a process."""

    def __init__(self, database: Database, channel: str = EVENTS) -> None:
        self._database, self._channel = database, channel
        self._waiting: list[tuple[frozenset[str], threading.Event]] = []
        self._stopped = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"bell-{channel}", daemon=True)
        self._thread.start()

    def waiter(self, words: Collection[str] = ()) -> threading.Event:
        """An event that is set when the bell rings with one of `words`; without words, whenever it rings."""
        waiter = threading.Event()
        self._waiting.append((frozenset(words), waiter))
        return waiter

    def ready(self, timeout_s: float = 10) -> None:
        """Wait until it listens, so that no ring is missed."""
        self._listening.wait(timeout_s)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            with suppress(Retryable, psycopg.OperationalError), self._database.driver("worker") as driver:
                driver.execute(f"LISTEN {self._channel}")
                self._listening.set()
                self._ring()
                while not self._stopped.is_set():
                    for notice in driver.notifies(timeout=0.5, stop_after=1):
                        self._ring(notice.payload)
            self._ring()
            self._stopped.wait(0.5)

    def _ring(self, said: str = "") -> None:
        """Wake those who wait for a word of what is said; all of them when nothing is."""
        for words, waiter in self._waiting:
            if not words or not said or not words.isdisjoint(said.split()):
                waiter.set()


def ring(connection: Connection, channel: str, words: Iterable[str]) -> None:
    """Ring at the commit of this transaction."""
    with cursor_of(connection) as cursor:
        cursor.execute(RING, (channel, " ".join(words)))


RING = "SELECT pg_notify(%s, %s)"
