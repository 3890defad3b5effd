"""The bell: PostgreSQL's NOTIFY wakes those who wait for events, instead of polling."""

import threading
from contextlib import suppress

import psycopg

from kernel.errors import Retryable

from .database import Database

EVENTS = "samspil_log"
"""Notified at every commit of events; readers wake up instead of polling."""
PROGRESS = "samspil_progress"
"""Notified with a consumer's name when it has applied all it found and told what it found."""


class Bell:
    """One connection that listens, for all who wait in a process."""

    def __init__(self, database: Database, channel: str = EVENTS) -> None:
        self._database, self._channel = database, channel
        self._waiting: list[threading.Event] = []
        self._stopped = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"bell-{channel}", daemon=True)
        self._thread.start()

    def waiter(self) -> threading.Event:
        """An event that is set whenever the bell rings."""
        waiter = threading.Event()
        self._waiting.append(waiter)
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
                    for _ in driver.notifies(timeout=0.5, stop_after=1):
                        self._ring()
            self._ring()
            self._stopped.wait(0.5)

    def _ring(self) -> None:
        for waiter in self._waiting:
            waiter.set()
