"""The store's bell for whoever waits in an event loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from storage.bell import Bell
from storage.database import Database

LOOK_S = 0.5
"""How soon the thread that carries the rings sees that it is to stop."""


class Waking:
    """One bell in a process, one thread, and any number of waiters in any event loop. `stop` when done."""

    def __init__(self, database: Database) -> None:
        self._bell = Bell(database)
        self._rung = self._bell.waiter()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliveries-bell", daemon=True)
        self._thread.start()

    @contextmanager
    def waiter(self) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set whenever the bell rings, and once at the start."""
        event = asyncio.Event()
        event.set()
        with self._lock:
            self._waiting[event] = asyncio.get_running_loop()
        try:
            yield event
        finally:
            with self._lock:
                del self._waiting[event]

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._lock:
            waiting = list(self._waiting.items())
        for event, loop in waiting:
            with suppress(RuntimeError):  # its loop has ended meanwhile
                loop.call_soon_threadsafe(event.set)

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """Stop, and let everybody who waits see it."""
        self._stopped.set()
        self.ring()
        self._bell.stop()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            if self._rung.wait(LOOK_S):
                self._rung.clear()
                self.ring()


async def rung(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait for the bell, at most so long; whether it rang."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), timeout_s)
    rang = event.is_set()
    event.clear()
    return rang
