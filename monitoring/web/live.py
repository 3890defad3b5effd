"""Pages that follow what happens: consumers ring when they have applied something, and every open page is told.

A page is told that something may have changed, never what; it asks for itself anew, with its own rights.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from uuid import uuid4

from kernel.errors import Retryable
from storage.bell import PROGRESS, Bell
from storage.database import Database

AT_ONCE = 3
"""So many changes are told as they come; after that one a second, the last one always."""
HEARTBEAT_S = 15.0
MOST_STREAMS = 50
"""Open pages of one person that are told; whoever opens more is asked to come again later."""


class Signals:
    """Listens to the consumers for every page of the process. `mark` names what has been told so far."""

    def __init__(self, database: Database) -> None:
        self._bell = Bell(database, PROGRESS)
        self._rung = self._bell.waiter()
        self._process = uuid4().hex[:8]
        self._count = 0
        self._stopped = False
        self._changed = threading.Condition()
        self._streams: dict[asyncio.Event, tuple[asyncio.AbstractEventLoop, bytes]] = {}
        self._thread = threading.Thread(target=self._listen, name="page signals", daemon=True)
        self._thread.start()
        self._bell.ready()

    @property
    def mark(self) -> str:
        return f"{self._process}-{self._count}"

    def wait(self, timeout_s: float) -> None:
        """Sleep until a consumer has applied something, or for so long."""
        with self._changed:
            self._changed.wait(timeout_s)

    def stop(self) -> None:
        """End every stream and listen no more; to say so twice is harmless."""
        self._stopped = True
        self._rung.set()
        self._thread.join(timeout=5)
        self._bell.stop()

    def stream(self, seen: str, listener: bytes) -> AsyncIterator[str]:
        """Server-sent events: `changed` with the new mark whenever it is no longer `seen`. Raises Retryable when the
        listener has too many of them.
        """
        if sum(whose == listener for _, whose in list(self._streams.values())) >= MOST_STREAMS:
            raise Retryable("too many pages are open", hint="close some of them")
        return self._told(seen, listener)

    async def _told(self, seen: str, listener: bytes) -> AsyncIterator[str]:
        woken = asyncio.Event()
        self._streams[woken] = asyncio.get_running_loop(), listener
        allowed, last = float(AT_ONCE), time.monotonic()
        try:
            while not self._stopped:
                woken.clear()
                if (mark := self.mark) != seen:
                    yield f"id: {mark}\nevent: changed\ndata: {mark}\n\n"
                    seen, now = mark, time.monotonic()
                    allowed, last = min(AT_ONCE, allowed + now - last) - 1, now
                    if allowed < 1:
                        await asyncio.sleep(1 - max(0.0, allowed))
                    continue
                try:
                    await asyncio.wait_for(woken.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            del self._streams[woken]

    def _listen(self) -> None:
        while not self._stopped:
            self._rung.wait()
            self._rung.clear()
            self._count += 1
            self._wake()
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
        for woken, (loop, _) in list(self._streams.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(woken.set)
