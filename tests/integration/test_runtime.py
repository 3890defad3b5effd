"""The consumer runtime on the event store: exactly once, in order, parked, stopped."""

import asyncio

import pytest
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from consumers.runtime.digest import digests
from consumers.runtime.kafka import KafkaLoop
from consumers.runtime.ledger import StoreLedger
from consumers.runtime.projections import use_active
from consumers.runtime.tables import PARKED, PROJECTION
from kernel.errors import Fatal, Retryable
from producers.store import read
from producers.topics import Topics
from storage.database import Database
from tests.support.sample import TALLY, Poison, applier, drain, sample_consumer, store, subject_of, unit
from tests.support.wait import until


def counted(database: Database, consumer: str = "sample") -> dict[str, int]:
    with database.worker.begin() as connection:
        use_active(connection, consumer)
        rows = connection.execute(select(TALLY.c.subject, func.sum(TALLY.c.events)).group_by(TALLY.c.subject))
        return {subject: int(events) for subject, events in rows}


@pytest.mark.guarantee
def test_every_event_is_applied_once(database: Database) -> None:
    """What was applied is not applied again, by this process or by a twin with an old page."""
    store(database, (unit(n) for n in range(50)))
    consumer = sample_consumer()
    first = applier(database, consumer)
    with database.worker.connect() as connection:
        stale = StoreLedger(read(connection, 0, 100), upto=50)
    assert drain(first) == 50
    assert applier(database, consumer).apply(stale).events == 0
    assert sum(counted(database).values()) == 50


@pytest.mark.guarantee
def test_a_failing_event_parks_its_subject_only(database: Database) -> None:
    """Event 2 of 5 of a subject fails: 2 to 5 wait, everything else is applied, and an alert's cause is written."""
    store(database, [unit(n, subject="bad" if n % 2 else f"good-{n}") for n in range(10)])
    poison = Poison({"Enhed 3"})
    drain(applier(database, sample_consumer(poison=poison)))
    assert counted(database) == {"bad": 1} | {f"good-{n}": 1 for n in (0, 2, 4, 6, 8)}
    with database.worker.connect() as connection:
        parked = connection.execute(select(PARKED).order_by(PARKED.c.position)).all()
        facts = [event.type for event in read(connection, 10, 10)]
    assert [row.position for row in parked] == [4, 6, 8, 10]
    assert "cannot apply event-3" in parked[0].reason
    assert facts == ["dk.samspil.hub.event-parked.v1"]


@pytest.mark.guarantee
def test_later_events_of_a_parked_subject_wait(database: Database) -> None:
    """A later batch does not overtake what is parked."""
    store(database, [unit(1, subject="bad"), unit(2, subject="good")])
    poison = Poison({"Enhed 1"})
    at = applier(database, sample_consumer(poison=poison))
    drain(at)
    poison.names.clear()
    store(database, [unit(3, subject="bad")])
    drain(at)
    assert counted(database) == {"good": 1}


@pytest.mark.guarantee
def test_when_everything_fails_the_consumer_stops(database: Database) -> None:
    """A bad release parks nothing: it stops after as many subjects as it may fail, and the position is unmoved."""
    store(database, (unit(n, subject=f"s{n}") for n in range(50)))
    at = applier(database, sample_consumer(poison=Poison(everything=True)), stop_after=5)
    with pytest.raises(Fatal, match="5 subjects"):
        drain(at)
    with database.worker.connect() as connection:
        assert connection.execute(select(func.count()).select_from(PARKED)).scalar() == 0
        assert connection.execute(select(PROJECTION.c.position)).scalar() == 0


@pytest.mark.guarantee
def test_failures_in_small_batches_stop_it_too(database: Database) -> None:
    """Subjects that fail one batch after the other count together, until something succeeds."""
    store(database, (unit(n, subject=f"s{n}") for n in range(50)))
    at = applier(database, sample_consumer(poison=Poison(everything=True)), stop_after=5)
    with pytest.raises(Fatal):
        drain(at, page=2)


@pytest.mark.guarantee
def test_equal_events_give_equal_digests(database: Database) -> None:
    """The digest does not see batches or positions, and sees every other column."""
    store(database, (unit(n) for n in range(30)))
    big, small = sample_consumer("big"), sample_consumer("small")
    drain(applier(database, big), page=1000)
    drain(applier(database, small), page=3)
    with database.worker.begin() as connection:
        found = digests(connection, [big, small])
        assert found["big.tally"] == found["small.tally"]
        assert found["big.stated"] == found["small.stated"]
        use_active(connection, "small")
        more = text("UPDATE tally SET events = events + 1 WHERE subject = :subject")
        connection.execute(more, {"subject": subject_of(1)})
        assert digests(connection, [small])["small.tally"] != found["small.tally"]


def test_a_consumer_waits_for_a_broker_that_is_away(database: Database) -> None:
    """It neither fails nor hangs: it is there when told to stop."""
    loop = KafkaLoop(applier(database, sample_consumer()), "127.0.0.1:1", Topics("away"))

    def said() -> list[str]:
        return [entry["event"] for entry in logs]

    async def run() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(loop.run(stop))
        await asyncio.to_thread(until, lambda: "waiting for Kafka" in said(), 30, "the consumer to say so")
        stop.set()
        await asyncio.wait_for(running, 30)

    with capture_logs() as logs:
        asyncio.run(run())
    assert loop.failure is None


def test_a_database_that_is_away_is_said_to_its_owner_too() -> None:
    """Not a driver's error, but ours, with what to look at."""
    with pytest.raises(Retryable, match="SAMSPIL_DATABASE_URL"):
        Database.at("postgresql://owner:secret@127.0.0.1:1/none").owner.connect()
