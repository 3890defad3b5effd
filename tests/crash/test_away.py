"""The database or Kafka is away for a while: nobody gives up, nothing is lost, and everybody goes on by himself."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from consumers.runtime.kafka import KafkaLoop
from producers.relay import Relay
from storage.database import Database
from tests.crash.processes import PATIENCE_S, workers
from tests.crash.stream import Stream, topics_of
from tests.support.counting import counting_consumer
from tests.support.kafka import NoBroker, SwitchableBroker, switchable_broker
from tests.support.loops import consuming, relaying
from tests.support.needs import missing
from tests.support.sample import applier
from tests.support.wait import until

pytestmark = pytest.mark.kafka

EVENTS = 20_000
SESSION_S = 1.5


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Nobody gets a connection to the database, and those that were there are cut off."""
    name = database.url.database
    beside = Database(database.url.set(database="postgres"))
    with beside.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        try:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
            )
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))


def is_paused(loop: KafkaLoop) -> bool:
    """Whether every partition the loop has is paused."""
    consumer = loop._consumer
    return consumer is not None and bool(consumer.assignment()) and consumer.paused() == consumer.assignment()


def test_a_consumer_waits_for_the_database(database: Database, kafka_broker: str) -> None:
    """Its partitions are paused, so it asks again and again for the database and not for records; it stays a member of
    its group for longer than its session lasts; and afterwards it goes on where it was."""
    topics = topics_of(database, kafka_broker)
    stream = Stream(database)
    stream.more(EVENTS)
    loop = KafkaLoop(applier(database, counting_consumer()), kafka_broker, topics, max_records=200, session_s=SESSION_S)
    with capture_logs() as logs, relaying(Relay(database, kafka_broker, topics, lease_s=1)):
        stream.wait_relayed()
        with consuming(loop):
            until(stream.came, PATIENCE_S, "the first events to be applied")
            with away(database):
                until(lambda: is_paused(loop), PATIENCE_S, "the partitions to be paused")
                left = time.monotonic() + 3 * SESSION_S
                until(lambda: time.monotonic() > left or not is_paused(loop), PATIENCE_S, "the group to lose patience")
                assert is_paused(loop)
            assert not stream.is_applied()
            stream.wait()
            stream.more(100)
            stream.wait()
            assert loop.rebalances == 0
    waited = [entry["event"] for entry in logs if entry["event"] == "waiting for the database"]
    assert 1 <= len(waited) <= 3
    assert stream.came() == stream.should_have_come()


@pytest.fixture
def broker() -> Iterator[SwitchableBroker]:
    """A broker of this test's own, to be killed."""
    try:
        with switchable_broker() as made:
            yield made
    except NoBroker as none:
        missing(str(none))


def test_the_relay_waits_for_kafka(database: Database, broker: SwitchableBroker, tmp_path: Path) -> None:
    """The broker is killed and comes back with its data: what was accepted meanwhile is brought to it from the mark
    on, and applied once."""
    topics = topics_of(database, broker.address)
    stream = Stream(database)
    stream.more(2_000)
    with workers(database, tmp_path, options=("--broker", broker.address, "--topics", topics.prefix)) as crew:
        relay, _ = crew.start("relay"), crew.start("consume")
        stream.wait()
        broker.kill()
        stream.more(2_000)
        until(lambda: "the relay waits" in relay.said(), PATIENCE_S, "the relay to wait")
        assert not stream.is_applied()
        broker.start()
        stream.wait()
    assert stream.came() == stream.should_have_come()
