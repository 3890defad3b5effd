"""The way over Kafka: relay and consumer group against a real broker, with the digests of the event store's way."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import caught_up
from consumers.runtime.digest import digests
from consumers.runtime.kafka import KafkaLoop
from producers.relay import Relay
from producers.topics import Topics, create_topics
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.sample import AUTHORITIES, applier, drain, sample_consumer, store, unit
from tests.support.wait import until

pytestmark = pytest.mark.kafka


@contextmanager
def relaying(database: Database, broker: str, topics: Topics) -> Iterator[Relay]:
    relay = Relay(database, broker, topics)
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        yield relay
    finally:
        relay.stop()
        thread.join()


@contextmanager
def consuming(database: Database, broker: str, topics: Topics, consumer: Consumer) -> Iterator[KafkaLoop]:
    loop = KafkaLoop(applier(database, consumer), broker, topics)
    started, ended = threading.Event(), threading.Event()
    control: dict[str, object] = {}

    async def run() -> None:
        control["loop"], control["stop"] = asyncio.get_running_loop(), asyncio.Event()
        started.set()
        await loop.run(control["stop"])  # type: ignore[arg-type]

    thread = threading.Thread(target=lambda: (asyncio.run(run()), ended.set()))
    thread.start()
    started.wait()
    try:
        yield loop
    finally:
        control["loop"].call_soon_threadsafe(control["stop"].set)  # type: ignore[attr-defined]
        thread.join()


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


def test_both_ways_give_equal_digests(database: Database, kafka_broker: str, topics: Topics) -> None:
    """A consumer on Kafka ends with the rows of one on the event store."""
    store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in range(500)))
    on_kafka, on_store = sample_consumer("on_kafka"), sample_consumer("on_store")
    drain(applier(database, on_store))
    with relaying(database, kafka_broker, topics), consuming(database, kafka_broker, topics, on_kafka):
        until(lambda: is_caught_up(database, on_kafka), 30, "the consumer to catch up")
        store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in range(500, 600)))
        until(lambda: is_caught_up(database, on_kafka), 30, "the consumer to catch up again")
    drain(applier(database, on_store))
    with database.worker.begin() as connection:
        found = digests(connection, [on_kafka, on_store])
    assert found["on_kafka.tally"] == found["on_store.tally"]
    assert found["on_kafka.stated"] == found["on_store.stated"]
