"""The stream that open pages follow: told at once, never hurried, always told the last, and over when the hub stops."""

import asyncio
import time
from contextlib import suppress

from sqlalchemy import text

from monitoring.web.live import AT_ONCE, Signals
from storage.bell import PROGRESS
from storage.database import Database
from tests.support.wait import until

ENOUGH_S = 10.0
LISTENER = b"one person"


def ring(database: Database, times: int) -> None:
    """As a consumer does that has told what it found."""
    for _ in range(times):
        with database.worker.begin() as connection:
            connection.execute(text("SELECT pg_notify(:channel, 'alerts')"), {"channel": PROGRESS})


def marks(signals: Signals, seen: str, until_s: float) -> list[str]:
    """The first thing the stream tells within so many seconds, if it tells one."""

    async def listen() -> list[str]:
        with suppress(TimeoutError):
            return [_mark(await asyncio.wait_for(anext(signals.stream(seen, LISTENER)), until_s))]
        return []

    return asyncio.run(listen())


def _mark(said: str) -> str:
    return said.splitlines()[0].removeprefix("id: ")


def test_a_page_that_has_missed_something_is_told_at_once(database: Database) -> None:
    """What happened between drawing the page and opening the stream is not lost; what it has seen is not told again."""
    signals = Signals(database)
    try:
        assert marks(signals, "drawn long ago", ENOUGH_S)
        until(lambda: marks(signals, signals.mark, 0.3) == [], ENOUGH_S, "the stream to be silent")
    finally:
        signals.stop()


def test_a_busy_hub_does_not_hurry_pages(database: Database) -> None:
    """A few changes come as they are, then one a second, and the last one is always told."""
    signals = Signals(database)
    told = list[str]()

    async def listen() -> None:
        async for said in signals.stream(signals.mark, LISTENER):
            told.append(_mark(said))

    async def follow() -> None:
        listening = asyncio.create_task(listen())
        await asyncio.to_thread(ring, database, 100)
        await asyncio.to_thread(until, lambda: told[-1:] == [signals.mark], ENOUGH_S, "the last change to be told")
        listening.cancel()

    try:
        began = time.monotonic()
        asyncio.run(follow())
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
