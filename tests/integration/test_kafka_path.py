"""The way over Kafka: relay and consumer group against a real broker, with the digests of the event store's way."""

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import caught_up
from consumers.runtime.digest import digests
from consumers.runtime.gaps import Gaps
from consumers.runtime.kafka import KafkaLoop
from consumers.runtime.rebuild import Rebuild
from kernel.errors import Invalid
from producers.relay import Relay
from producers.store import append_one
from producers.topics import Topics, create_topics, note_partitions
from schemas.registry import CATALOGUE
from storage.backup import backup, restore
from storage.database import Database
from tests.support.counting import counting_consumer, numbered
from tests.support.database import fresh_name
from tests.support.judging import document, judging_consumer
from tests.support.loops import consuming, relaying
from tests.support.sample import AUTHORITIES, START, applier, drain, sample_consumer, store, unit
from tests.support.wait import until

pytestmark = pytest.mark.kafka

SIZES = (10, 5_000_000, 10, 600_000, 600_000, 10)
"""Letters, each of two bytes."""


def is_caught_up(database: Database, consumer: Consumer) -> bool:
    with database.worker.connect() as connection:
        return caught_up(connection, [consumer])


def domains() -> set[str]:
    return {kind.domain for kind in CATALOGUE}


@pytest.fixture
def topics(kafka_broker: str) -> Topics:
    """Topics of this test's own."""
    made = Topics(f"test-{uuid4().hex[:8]}")
    create_topics(kafka_broker, made, domains(), 3)
    return made


@pytest.mark.guarantee
def test_both_ways_give_equal_digests(database: Database, kafka_broker: str, topics: Topics) -> None:
    """A consumer on Kafka ends with the rows of one on the event store."""
    store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in range(500)))
    on_kafka, on_store = sample_consumer("on_kafka"), sample_consumer("on_store")
    drain(applier(database, on_store))
    loop = KafkaLoop(applier(database, on_kafka), kafka_broker, topics)
    with relaying(Relay(database, kafka_broker, topics)), consuming(loop):
        until(lambda: is_caught_up(database, on_kafka), 30, "the consumer to catch up")
        store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in range(500, 600)))
        until(lambda: is_caught_up(database, on_kafka), 30, "the consumer to catch up again")
    drain(applier(database, on_store))
    with database.worker.begin() as connection:
        found = digests(connection, [on_kafka, on_store])
    assert found["on_kafka.tally"] == found["on_store.tally"]
    assert found["on_kafka.stated"] == found["on_store.stated"]


def sent(database: Database) -> int:
    with database.worker.connect() as connection:
        return int(connection.execute(text("SELECT sent FROM hub.relay")).scalar_one())


def is_relayed(database: Database) -> bool:
    with database.worker.connect() as connection:
        return bool(connection.execute(text("SELECT position = 50 FROM hub.relay")).scalar())


def test_a_restored_store_is_relayed_anew(
    database: Database, postgres: URL, kafka_broker: str, topics: Topics, tmp_path: Path
) -> None:
    """Records of the store before it are nobody's any more: what a consumer had not applied comes again under the new
    store's id, though the old one had sent it."""
    consumer = sample_consumer()
    at = applier(database, consumer)
    store(database, (unit(n) for n in range(50)))
    with relaying(Relay(database, kafka_broker, topics)):
        until(lambda: is_relayed(database), 30, "the relay to come to the end")
    backup(database, tmp_path / "dump")
    drain(at)
    with fresh_name(postgres) as elsewhere:
        restore(elsewhere, tmp_path / "dump")
        loop = KafkaLoop(applier(elsewhere, consumer), kafka_broker, topics)
        with relaying(Relay(elsewhere, kafka_broker, topics)), consuming(loop):
            until(lambda: is_caught_up(elsewhere, consumer), 30, "the consumer to catch up")
        with database.worker.begin() as before, elsewhere.worker.begin() as after:
            assert digests(after, [consumer]) == digests(before, [consumer])


def test_a_large_event_reaches_the_consumers(database: Database, kafka_broker: str, topics: Topics) -> None:
    """Accept takes ten megabytes over HTTP, and one event may be all of that: it must not stop the relay."""
    consumer = counting_consumer()
    events = [numbered(number, AUTHORITIES[0], "subject", remarks="æ" * size) for number, size in enumerate(SIZES)]
    with database.worker.begin() as connection:
        append_one(connection, events, catalogue=CATALOGUE, now=START)
    loop = KafkaLoop(applier(database, consumer), kafka_broker, topics)
    with relaying(Relay(database, kafka_broker, topics)), consuming(loop):
        until(lambda: is_caught_up(database, consumer), 60, "the consumer to catch up")


def test_a_relay_that_cannot_go_on_says_so(database: Database, kafka_broker: str, topics: Topics) -> None:
    """Topics with fewer partitions than the store was told of: the relay ends, and its failure is there to be seen."""
    store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in range(10)))
    with database.worker.begin() as connection:
        note_partitions(connection, 1000)
    with relaying(Relay(database, kafka_broker, topics)) as relay:
        until(lambda: relay.failure, 30, "the relay to end")


def test_the_number_of_partitions_does_not_change_once_events_were_sent(
    database: Database, kafka_broker: str, topics: Topics
) -> None:
    """An authority's order hangs on its partition."""
    store(database, [unit(0)])
    with relaying(Relay(database, kafka_broker, topics)):
        until(lambda: sent(database), 30, "the first event to be relayed")
    with database.worker.begin() as connection, pytest.raises(Invalid, match="was relayed to"):
        note_partitions(connection, 1000)


def test_a_record_that_kafka_has_lost_is_read_from_the_store(
    database: Database, kafka_broker: str, topics: Topics
) -> None:
    """Topics that were lost with everything on them: the first record that comes is behind a gap that nobody fills."""
    store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in range(50)))
    gone = Topics(f"gone-{topics.prefix}")
    create_topics(kafka_broker, gone, domains(), 3)
    with relaying(Relay(database, kafka_broker, gone)):
        until(lambda: is_relayed(database), 30, "the relay to come to the end")
    consumer = sample_consumer()
    loop = KafkaLoop(applier(database, consumer), kafka_broker, topics, gaps=Gaps(patience_s=0.5))
    with relaying(Relay(database, kafka_broker, topics)), consuming(loop):
        store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in range(50, 60)))
        until(lambda: is_caught_up(database, consumer), 30, "the consumer to catch up")
        store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in range(60, 70)))
        until(lambda: is_caught_up(database, consumer), 30, "the consumer to catch up again")
    on_store = sample_consumer("on_store")
    drain(applier(database, on_store))
    with database.worker.begin() as connection:
        found = digests(connection, [consumer, on_store])
    assert found["sample.stated"] == found["on_store.stated"]
    assert found["sample.tally"] == found["on_store.tally"]


def test_what_a_rebuild_found_is_told_without_another_event(
    database: Database, kafka_broker: str, topics: Topics
) -> None:
    """A quiet hub: no record brings the consumer to tell it."""
    consumer = judging_consumer()
    store(database, [document(1, of=7)])
    loop = KafkaLoop(applier(database, consumer), kafka_broker, topics)
    with relaying(Relay(database, kafka_broker, topics)), consuming(loop):
        until(lambda: is_caught_up(database, consumer), 30, "the consumer to catch up")
        with database.worker.begin() as connection:
            connection.execute(text("UPDATE hub.announced SET hash = 'other rules'"))
        Rebuild(database, consumer, CATALOGUE).run()
        until(lambda: is_caught_up(database, consumer), 30, "the consumer to tell what the rebuild found")
    with database.worker.connect() as connection:
        facts = connection.execute(text("SELECT type FROM hub.event WHERE aggregatetype = 'alert' ORDER BY position"))
        assert list(facts.scalars()) == ["dk.samspil.alert.opened.v1", "dk.samspil.alert.changed.v1"]
