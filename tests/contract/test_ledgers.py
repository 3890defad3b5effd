"""One suite for both logs: however events are delivered, and how often, a consumer ends in the state of a clean run."""

from collections.abc import Sequence
from itertools import count
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from consumers.runtime import gaps as gaps_module
from consumers.runtime import ledger
from consumers.runtime.consumer import Consumer
from consumers.runtime.digest import digests
from consumers.runtime.gaps import Gaps
from consumers.runtime.ledger import KafkaLedger, Ledger, Relayed, StoreLedger
from consumers.runtime.tables import PARKED, PROJECTION
from producers.store import read
from producers.topics import note_partitions, partition_of
from schemas.envelope import Event
from storage.database import Database
from tests.support.sample import AUTHORITIES, Poison, applier, sample_consumer, store, unit

EVENTS = 24
PARTITIONS = 4
"""Of these, the two authorities have one each."""
POISON = "Enhed 9"
"""What the consumer cannot apply: its subject has events before and after it."""
DELIVERIES = some.lists(some.lists(some.integers(0, EVENTS - 1), min_size=1, max_size=8), max_size=8)
"""Batches of event numbers: again, too early, out of order, or never."""
_names = (f"c{number}" for number in count())


class Log(Protocol):
    """A way on which events come to a consumer."""

    def some(self, consumer: str, numbers: Sequence[int]) -> Ledger:
        """A batch of these events, as this log could hand it over."""
        ...

    def all(self, consumer: str) -> Ledger:
        """Everything, in order: what in the end comes for certain."""
        ...


class StoreLog:
    """The event store. A page is complete from the position where it was read; a twin's page may be older."""

    def __init__(self, database: Database, events: Sequence[Event]) -> None:
        self.database, self.events = database, events

    def some(self, consumer: str, numbers: Sequence[int]) -> Ledger:
        with self.database.worker.connect() as connection:
            applied = connection.execute(
                select(PROJECTION.c.position).where(PROJECTION.c.consumer == consumer)
            ).scalar()
        first, last = min(*numbers, int(applied or 0)), max(numbers)
        page = self.events[first : last + 1]
        return StoreLedger(page, upto=page[-1].position if page else 0)

    def all(self, consumer: str) -> Ledger:
        return self.some(consumer, range(EVENTS))


class KafkaLog:
    """Topics and partitions, whose records come again, in any order, and with some missing."""

    def __init__(self, database: Database, events: Sequence[Event]) -> None:
        self.records: list[Relayed] = []
        last: dict[ledger.Place, int] = {}
        for event in events:
            place = (event.domain, partition_of(event.authority, PARTITIONS))
            self.records.append(Relayed(place, event.position, last.get(place, 0), event))
            last[place] = event.position

    def some(self, consumer: str, numbers: Sequence[int]) -> Ledger:
        return KafkaLedger([self.records[number] for number in numbers], lambda raw: raw)

    def all(self, consumer: str) -> Ledger:
        return self.some(consumer, range(EVENTS))


@pytest.fixture
def events(database: Database) -> Sequence[Event]:
    """Two authorities' events, which two partitions carry."""
    store(database, (unit(n, subject=f"s{n % 5}", authority=AUTHORITIES[n % 5 % 2]) for n in range(EVENTS)))
    with database.worker.connect() as connection:
        return read(connection, 0, EVENTS)


@pytest.fixture(params=[StoreLog, KafkaLog])
def log(request: pytest.FixtureRequest, database: Database, events: Sequence[Event]) -> Log:
    made: Log = request.param(database, events)
    return made


def run(database: Database, log: Log, deliveries: Sequence[Sequence[int]]) -> dict[str, Any]:
    """The state after these deliveries and, in the end, everything: digests without the consumer's name, and parked."""
    consumer = sample_consumer(next(_names), Poison({POISON}))
    at = applier(database, consumer)
    for numbers in deliveries:
        at.apply(log.some(consumer.name, numbers))
    at.apply(log.all(consumer.name))
    with database.worker.connect() as connection:
        parked = connection.execute(select(PARKED.c.position).where(PARKED.c.consumer == consumer.name)).scalars()
        return digests_of(database, consumer) | {"parked": sorted(parked)}


def digests_of(database: Database, consumer: Consumer) -> dict[str, Any]:
    with database.worker.begin() as connection:
        return {name.split(".")[1]: digest for name, digest in digests(connection, [consumer]).items()}


@pytest.fixture
def clean(database: Database, log: Log) -> dict[str, Any]:
    """The state when everything comes once, in one batch."""
    return run(database, log, [])


@pytest.mark.guarantee
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=DELIVERIES)
def test_no_delivery_changes_the_outcome(
    database: Database, log: Log, clean: dict[str, Any], deliveries: list[list[int]]
) -> None:
    """Re-sending, restarts, frozen twins and gaps: every event is applied exactly once, in order per subject."""
    assert run(database, log, deliveries) == clean
    assert clean["parked"] == [10, 15, 20]


@pytest.mark.guarantee
def test_both_logs_lead_to_the_same_state(database: Database, events: Sequence[Event]) -> None:
    """The projection is one function for both."""
    assert run(database, StoreLog(database, events), []) == run(database, KafkaLog(database, events), [])


@pytest.mark.guarantee
def test_without_the_position_what_comes_again_is_applied_again(
    database: Database, log: Log, clean: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: a ledger that forgets how far it came counts a batch twice."""
    lock = ledger._lock
    monkeypatch.setattr(ledger, "_lock", lambda *a, **k: lock(*a, **k)._replace(position=0, places={}))
    assert run(database, log, [range(5)]) != clean


@pytest.mark.guarantee
def test_a_gap_is_not_passed(database: Database, events: Sequence[Event]) -> None:
    """What lies behind a missing record is left alone, and the place and the last position before it are named."""
    log = KafkaLog(database, events)
    at = applier(database, sample_consumer(next(_names)))
    found = log.some(at.consumer.name, [0, 4])
    assert at.apply(found).events == 1
    assert isinstance(found, KafkaLedger)
    assert found.gaps == {log.records[0].place: 1}
    again = log.some(at.consumer.name, [2, 4])
    assert at.apply(again).events == 2
    assert isinstance(again, KafkaLedger)
    assert again.gaps == {}


@pytest.mark.guarantee
def test_without_the_chain_a_gap_is_passed(database: Database, events: Sequence[Event]) -> None:
    """Switched off: records that do not name the one before them let a lost event go unseen for ever."""
    log = KafkaLog(database, events)
    clean = run(database, log, [])
    log.records = [record._replace(previous=0) for record in log.records]
    assert run(database, log, [[0, 4]]) != clean


def test_a_record_that_is_none_of_the_consumers_moves_it_on(database: Database, events: Sequence[Event]) -> None:
    """Its place in the chain counts, whatever it is about."""
    log = KafkaLog(database, events)
    at = applier(database, sample_consumer(next(_names)))
    foreign = KafkaLedger(log.records[:2], lambda _: None)
    assert at.apply(foreign).events == 0
    assert at.apply(log.some(at.consumer.name, [2])).events == 1


@pytest.mark.guarantee
def test_what_kafka_has_lost_is_read_from_the_store(database: Database, events: Sequence[Event]) -> None:
    """A gap that nobody fills is closed, to the last record that came behind it; the other partition is not touched."""
    with database.worker.begin() as connection:
        note_partitions(connection, PARTITIONS)
    log = KafkaLog(database, events)
    consumer = sample_consumer(next(_names), Poison({POISON}))
    at, gaps = applier(database, consumer), Gaps(patience_s=0)
    mine = [number for number, record in enumerate(log.records) if record.place == log.records[0].place]
    for number in (mine[0], mine[4], mine[6]):
        batch = KafkaLedger([log.records[number]], lambda raw: raw)
        at.apply(batch)
        gaps.note(batch)
    assert gaps.close_overdue(at) == 1
    assert not gaps.overdue
    following = KafkaLedger([log.records[number] for number in mine[7:]], lambda raw: raw)
    at.apply(following)
    assert following.gaps == {}
    other = [number for number in range(EVENTS) if number not in mine]
    assert at.apply(log.some(consumer.name, other)).events == len(other)
    assert digests_of(database, consumer) == {
        name: digest for name, digest in run(database, log, []).items() if name != "parked"
    }


def test_a_large_gap_is_closed_in_turns(
    database: Database, events: Sequence[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page at a time when time is short, so that records and hand-overs of partitions do not wait for all of it."""
    monkeypatch.setattr(gaps_module, "PAGE", 5)
    monkeypatch.setattr(gaps_module, "CLOSE_FOR_S", 0)
    with database.worker.begin() as connection:
        note_partitions(connection, PARTITIONS)
    log = KafkaLog(database, events)
    at, gaps = applier(database, sample_consumer(next(_names))), Gaps(patience_s=0)
    mine = [number for number, record in enumerate(log.records) if record.place == log.records[0].place]
    batch = KafkaLedger([log.records[mine[-1]]], lambda raw: raw)
    at.apply(batch)
    gaps.note(batch)
    turns = 0
    while gaps.overdue:
        assert gaps.close_overdue(at) == 1
        turns += 1
    assert turns == -(-log.records[mine[-1]].position // 5)
    again = KafkaLedger([log.records[number] for number in mine], lambda raw: raw)
    assert at.apply(again).events == 0


@pytest.mark.guarantee
def test_a_gap_that_is_filled_in_time_is_forgotten(database: Database, events: Sequence[Event]) -> None:
    """The relay sends again: nothing is read from the store."""
    log = KafkaLog(database, events)
    at, gaps = applier(database, sample_consumer(next(_names))), Gaps(patience_s=0)
    for numbers in ([0, 4], [2, 4]):
        batch = KafkaLedger([log.records[number] for number in numbers], lambda raw: raw)
        at.apply(batch)
        gaps.note(batch)
    assert not gaps.overdue
