"""Order: positions are handed out in commit order, and nobody who is slow, frozen or elsewhere holds that up."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from access.principals import HUB
from kernel.clock import SystemClock
from kernel.errors import Retryable
from producers import store as event_store
from producers.check import check
from producers.store import append_one, read
from schemas.envelope import CloudEvent, Event
from schemas.registry import CATALOGUE
from storage.database import Database
from storage.watchdog import Watchdog
from tests.support.database import fresh_name
from tests.support.frozen import Where, frozen
from tests.support.sample import AUTHORITIES, applier, drain, sample_consumer, store, unit
from tests.support.wait import until

WRITERS = 6
EACH = 120


def put(connection: Connection, *events: CloudEvent) -> None:
    """Append in the caller's transaction, which stays open."""
    append_one(connection, check(events, HUB, CATALOGUE), catalogue=CATALOGUE, now=SystemClock().now())


def write(database: Database, writer: int) -> None:
    """One writer's events: every other writer in batches, the others one by one."""
    events = [unit(1000 * writer + n, subject=f"writer-{writer}") for n in range(EACH)]
    size = 30 if writer % 2 else 1
    for start in range(0, EACH, size):
        store(database, events[start : start + size])


def follow(database: Database, done: threading.Event) -> list[Event]:
    """What a reader sees who always goes on after the last position it saw."""
    seen: list[Event] = []
    while True:
        finished = done.is_set()
        with database.worker.connect() as connection:
            found = read(connection, seen[-1].position if seen else 0, 50)
        seen += found
        if finished and not found:
            return seen


def waits(database: Database, seconds: float) -> bool:
    """Whether a writer has to wait longer than this for its turn."""
    try:
        with database.worker.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{seconds} s'"))
            put(connection, unit(next(_numbers)))
    except Retryable:
        return True
    return False


_numbers = count(900_000)


@pytest.mark.guarantee
def test_a_reader_misses_nothing_of_concurrent_writers(database: Database) -> None:
    """Six writers, in batches and one by one, and a reader beside them: it sees every event once, in order."""
    done = threading.Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(follow, database, done)
        for writing in [pool.submit(write, database, writer) for writer in range(WRITERS)]:
            writing.result()
        done.set()
        seen = reader.result()
    assert len(seen) == WRITERS * EACH
    assert [event.position for event in seen] == sorted({event.position for event in seen})
    for writer in range(WRITERS):
        mine = [event.id for event in seen if event.subject == f"writer-{writer}"]
        assert mine == [f"event-{1000 * writer + n}" for n in range(EACH)]


def two_writers_and_a_reader(database: Database) -> Sequence[str]:
    """One writer has its position and has not committed, another comes after it; what a reader has seen in the end."""
    with database.worker.connect() as slow:
        put(slow, unit(1))
        with database.worker.begin() as quick:
            quick.execute(text("SET LOCAL lock_timeout = '300 ms'"))
            put(quick, unit(2, authority=AUTHORITIES[1]))
        with database.worker.connect() as reader:
            first = read(reader, 0, 10)
        slow.commit()
    with database.worker.connect() as reader:
        return [event.id for event in (*first, *read(reader, first[-1].position, 10))]


@pytest.mark.guarantee
def test_no_writer_overtakes_another(database: Database) -> None:
    """The second waits for the first to commit (here until its patience of 0.3 s ends)."""
    with pytest.raises(Retryable, match="lock timeout"):
        two_writers_and_a_reader(database)


@pytest.mark.guarantee
def test_without_the_append_lock_a_reader_misses_events(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: each writer has a lock of its own; the reader passes a position that is committed later."""
    locks, append = count(1), event_store.append

    def unguarded(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(event_store, "APPEND_LOCK", next(locks))
        return append(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(event_store, "append", unguarded)
    assert two_writers_and_a_reader(database) == ["event-2"]


@pytest.mark.guarantee
@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_a_transaction_elsewhere_delays_nothing(database: Database, postgres: URL, seconds: float) -> None:
    """A write transaction is held open in another database of the server; every event is applied meanwhile."""
    consumer = applier(database, sample_consumer())
    with fresh_name(postgres) as elsewhere, psycopg.connect(elsewhere.conninfo("owner")) as holder:
        holder.execute("CREATE TABLE kept_open (word text)")
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (event_store.APPEND_LOCK,))
        end = time.monotonic() + seconds
        for number in count():
            store(database, [unit(number)])
            assert drain(consumer) == 1
            if time.monotonic() > end:
                break
        assert holder.info.transaction_status.name == "INTRANS"


@pytest.mark.guarantee
def test_a_reader_bounded_by_transaction_ids_stands_still(database: Database, postgres: URL) -> None:
    """Switched off: the other way to read in commit order, up to the oldest open transaction of the whole server."""
    bounded = text(
        "SELECT count(*) FROM hub.event "
        "WHERE xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    )

    def seen() -> int:
        with database.worker.connect() as connection:
            return int(connection.execute(bounded).scalar_one())

    with fresh_name(postgres) as elsewhere, psycopg.connect(elsewhere.conninfo("owner")) as holder:
        holder.execute("CREATE TABLE kept_open (word text)")
        store(database, [unit(1)])
        assert seen() == 0
        holder.commit()
        assert seen() == 1


@pytest.mark.guarantee
@pytest.mark.parametrize("where", ["transaction", "copy"])
def test_a_frozen_process_does_not_stop_the_others(database: Database, where: Where) -> None:
    """It holds the append lock when it freezes; the watchdog ends its session, and the next writer goes on."""
    watchdog = Watchdog(database, patience_s=0.5)
    watchdog.start()
    try:
        with frozen(database, where) as session:
            assert not waits(database, 30)
            until(lambda: watchdog.ended, 10, "the watchdog to say whom it ended")
            assert set(watchdog.ended) == {session}
    finally:
        watchdog.stop()


@pytest.mark.guarantee
@pytest.mark.parametrize("where", ["transaction", "copy"])
def test_without_the_watchdog_a_frozen_process_stops_the_others(database: Database, where: Where) -> None:
    """Switched off: nobody ends its session, and writers wait (here 2 s, four times the watchdog's patience)."""
    with frozen(database, where):
        assert waits(database, 2)


@pytest.mark.guarantee
def test_no_time_limit_ends_a_client_frozen_inside_copy(database: Database) -> None:
    """Why there is a watchdog: a limit on idle transactions ends the one, and does not see the other."""
    with frozen(database, "transaction", idle_limit="300ms"):
        assert not waits(database, 30)
    with frozen(database, "copy", idle_limit="300ms"):
        assert waits(database, 2)
