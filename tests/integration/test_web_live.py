"""The stream that open pages follow: told at once, never hurried, always told the last, and over when the hub stops."""

import asyncio
import time

from sqlalchemy import text

from monitoring.web.live import AT_ONCE, Signals
from storage.bell import PROGRESS
from storage.database import Database

ENOUGH_S = 10.0
LISTENER = b"one person"


def ring(database: Database) -> None:
    """As a consumer does that has told what it found."""
    with database.worker.begin() as connection:
        connection.execute(text("SELECT pg_notify(:channel, 'alerts')"), {"channel": PROGRESS})


def marks(signals: Signals, seen: str, until_s: float) -> list[str]:
    """What the stream tells within so many seconds."""

    async def listen() -> list[str]:
        told = list[str]()
        stream = signals.stream(seen, LISTENER)
        end = time.monotonic() + until_s
        while (left := end - time.monotonic()) > 0:
            try:
                said = await asyncio.wait_for(anext(stream), left)
            except (TimeoutError, StopAsyncIteration):
                break
            told.append(said.splitlines()[0].removeprefix("id: "))
        await stream.aclose()
        return told

    return asyncio.run(listen())


def test_a_page_that_has_missed_something_is_told_at_once(database: Database) -> None:
    """What happened between drawing the page and opening the stream is not lost; what it has seen is not told again."""
    signals = Signals(database)
    try:
        mark = marks(signals, "drawn long ago", 0.5)[-1]
        assert mark == signals.mark
        assert marks(signals, signals.mark, 0.3) == []
    finally:
        signals.stop()


def test_a_busy_hub_does_not_hurry_pages(database: Database) -> None:
    """A few changes come as they are, then one a second, and the last one is always told."""
    signals = Signals(database)
    try:

        async def follow() -> list[str]:
            told = list[str]()
            stream = signals.stream(signals.mark, LISTENER)
            busy = asyncio.get_running_loop().run_in_executor(None, lambda: [ring(database) for _ in range(100)])
            end = time.monotonic() + ENOUGH_S
            while (not busy.done() or not told or told[-1] != signals.mark) and time.monotonic() < end:
                told.append((await asyncio.wait_for(anext(stream), ENOUGH_S)).splitlines()[0].removeprefix("id: "))
            await busy
            await stream.aclose()
            return told

        began = time.monotonic()
        told = asyncio.run(follow())
        assert told[-1] == signals.mark
        assert len(told) <= AT_ONCE + (time.monotonic() - began) + 1
    finally:
        signals.stop()


def test_the_stream_ends_when_the_hub_stops(database: Database) -> None:
    """So that a hub with open pages stops at once."""
    signals = Signals(database)

    async def follow() -> float:
        stream = signals.stream(signals.mark, LISTENER)
        waiting = asyncio.ensure_future(anext(stream, None))
        await asyncio.sleep(0)
        began = time.monotonic()
        await asyncio.get_running_loop().run_in_executor(None, signals.stop)
        while await waiting is not None:
            waiting = asyncio.ensure_future(anext(stream, None))
        return time.monotonic() - began

    assert asyncio.run(follow()) < 5
