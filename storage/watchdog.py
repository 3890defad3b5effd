"""Nobody waits for a frozen process: whoever holds one of our locks while others wait more than ten seconds is ended.

A time limit on idle transactions does not end a client that froze in the middle of a COPY; this does. Every process of
the hub runs one. Only sessions of the same role are ended, so a person's psql or a backup is left alone.
"""

import threading
from dataclasses import dataclass, field

import structlog
from psycopg import Error

from kernel.errors import Retryable

from .database import Database

PATIENCE_S = 10
_END_HOLDERS = """
SELECT holder.pid, pg_terminate_backend(holder.pid)
FROM (
    SELECT DISTINCT unnest(pg_blocking_pids(waiting.pid)) AS pid
    FROM pg_locks AS waiting
    WHERE NOT waiting.granted AND waiting.waitstart < clock_timestamp() - make_interval(secs => %s)
) AS blocking
JOIN pg_stat_activity AS holder USING (pid)
WHERE holder.usename = current_user AND holder.datname = current_database()
    AND holder.wait_event_type IS DISTINCT FROM 'Lock'
"""
log = structlog.get_logger()


@dataclass
class Watchdog:
    """A thread that ends sessions which hold up others for longer than `patience_s` seconds."""

    database: Database
    patience_s: float = PATIENCE_S
    ended: list[int] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with self.database.driver("worker") as driver:
                    while not self._stopped.wait(self.patience_s / 5):
                        for pid, _ in driver.execute(_END_HOLDERS, (self.patience_s,)).fetchall():
                            self.ended.append(pid)
                            log.warning("ended a session that held up others", pid=pid, waited_s=self.patience_s)
            except (Retryable, Error):
                self._stopped.wait(1)
