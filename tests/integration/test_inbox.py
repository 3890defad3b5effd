"""The inbox: a real broker, a real database, and the client that writes to it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import CoordinatorNotAvailableError, KafkaError
from kafka.structs import TopicPartition
from sqlalchemy import text

from access.principals import add_principal
from access.signature import signed_headers
from access.sources import transfer
from kernel.clock import SystemClock
from kernel.errors import Retryable
from producers.client_kafka import KafkaClient
from producers.connecting import connected
from producers.inbox import Inbox
from producers.topics import Topics, create_topics
from schemas.envelope import CONTENT_TYPE, CloudEvent
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.sample import unit
from tests.support.serving import AUTHORITY, key_of, listen
from tests.support.wait import until

pytestmark = pytest.mark.kafka

OPERATOR = "99000023"
NEIGHBOUR = "99000015"
STRUCTURED = {"content-type": CONTENT_TYPE.encode()}


@pytest.fixture
def topics(kafka_broker: str) -> Topics:
    """An inbox of this test's own."""
    made = Topics(f"test-{uuid4().hex[:8]}")
    create_topics(kafka_broker, made, (), 2)
    return made


@pytest.fixture
def producer(kafka_broker: str) -> Iterator[KafkaProducer]:
    made = KafkaProducer(bootstrap_servers=kafka_broker)
    yield made
    made.close()


def inbox_of(database: Database, broker: str, topics: Topics) -> Inbox:
    return Inbox(database, broker, topics, CATALOGUE, SystemClock(), OPERATOR)


@contextmanager
def taking(inbox: Inbox) -> Iterator[Inbox]:
    thread = threading.Thread(target=inbox.run)
    thread.start()
    try:
        yield inbox
    finally:
        inbox.stop()
        thread.join()


@contextmanager
def silent_broker() -> Iterator[str]:
    """The address of something that takes connections and never answers, as a broker that hangs does.

    kafka-python leaves the sockets of refused connections to the collector, which tests take for a fault.
    """
    with listen() as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def write(
    producer: KafkaProducer,
    topics: Topics,
    key: str,
    *events: CloudEvent | bytes,
    headers: Mapping[str, bytes] = STRUCTURED,
) -> None:
    """Records of one partition, in their order, signed with `key`; bytes are written as they are."""
    for event in events:
        value = event if isinstance(event, bytes) else event.model_dump_json(exclude_none=True).encode()
        told = signed_headers("source", key, headers, value)
        producer.send(topics.inbox, value=value, headers=list(told.items()), partition=0)
    producer.flush()


def stored(database: Database) -> list[str]:
    """The ids of what sources sent, in the order of the store."""
    with database.worker.connect() as connection:
        rows = connection.execute(text("SELECT id FROM hub.event WHERE source = 'urn:sample' ORDER BY position"))
        return list(rows.scalars())


def refused(database: Database) -> list[tuple[str, str]]:
    """(authority, reason) of every refusal that was told."""
    with database.worker.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT authority, payload::jsonb ->> 'reason' AS reason FROM hub.event "
                "WHERE type = 'dk.samspil.hub.inbox-refused.v1' ORDER BY position"
            )
        )
        return [(row.authority, row.reason) for row in rows]


def committed(broker: str, topics: Topics) -> int:
    """Where the inbox would go on in partition 0; 0 too while a new broker has no coordinator yet."""
    admin = KafkaAdminClient(bootstrap_servers=broker)
    try:
        found = admin.list_group_offsets([topics.inbox])[topics.inbox]
    except CoordinatorNotAvailableError:
        return 0
    finally:
        admin.close()
    return next((told.offset for place, told in found.items() if place == TopicPartition(topics.inbox, 0)), 0)


def test_both_modes_are_stored_once_and_in_order(
    database: Database, kafka_broker: str, topics: Topics, producer: KafkaProducer
) -> None:
    """Sent twice, in structured and in binary mode: stored once, in the order of the partition."""
    key = key_of(database, "source")
    events = [unit(number) for number in range(100)]
    with taking(inbox_of(database, kafka_broker, topics)):
        write(producer, topics, key, *events)
        for event in events:
            told = event.model_dump(mode="json", exclude_none=True, exclude={"data", "datacontenttype", "shared"})
            attributes = {f"ce_{name}": value.encode() for name, value in told.items()}
            write(producer, topics, key, orjson.dumps(event.data), headers=attributes)
        until(lambda: committed(kafka_broker, topics) == 200, 30, "every record to be taken")
    assert stored(database) == [event.id for event in events]
    assert refused(database) == []


def test_bad_records_are_told_and_delay_nobody(
    database: Database, kafka_broker: str, topics: Topics, producer: KafkaProducer
) -> None:
    """In one batch: no event, bad data, no agreement, a used id, and no signature; the good ones are stored."""
    key = key_of(database, "source")
    write(producer, topics, key, unit(0), b"{", unit(1, data={"name": 7}), unit(2, authority=NEIGHBOUR))
    write(producer, topics, key, unit(0, data={"name": "En anden"}), unit(3))
    write(producer, topics, "samspil_wrong", unit(4))
    write(producer, topics, key, unit(5))
    with taking(inbox_of(database, kafka_broker, topics)) as inbox:
        until(lambda: committed(kafka_broker, topics) == 8, 30, "every record to be taken")
        assert (inbox.taken, inbox.refused) == (3, 5)
    assert stored(database) == ["event-0", "event-3", "event-5"]
    told = refused(database)
    assert sorted(authority for authority, _ in told) == [AUTHORITY] * 2 + [OPERATOR] * 3
    assert "the event's id was already used with another body" in {reason for _, reason in told}


def test_a_name_is_its_owners_over_kafka_too(
    database: Database, kafka_broker: str, topics: Topics, producer: KafkaProducer
) -> None:
    """What somebody else sends under it is refused and told; the owner's letters beside it are stored."""
    with database.worker.begin() as connection:
        add_principal(connection, "owner", "system")
        transfer(connection, AUTHORITY, "urn:owned", "owner", by="ole")
    key = key_of(database, "source")
    write(producer, topics, key, unit(0), unit(1).model_copy(update={"source": "urn:owned"}), unit(2))
    with taking(inbox_of(database, kafka_broker, topics)):
        until(lambda: committed(kafka_broker, topics) == 3, 30, "every record to be taken")
    assert stored(database) == ["event-0", "event-2"]
    assert refused(database) == [(AUTHORITY, "the source urn:owned of 99000007 is owner's")]


def test_what_is_read_again_changes_nothing(
    database: Database, kafka_broker: str, topics: Topics, producer: KafkaProducer
) -> None:
    """Offsets set back: events are duplicates, and refusals are not told twice."""
    key = key_of(database, "source")
    write(producer, topics, key, unit(0), b"{", unit(0, data={"name": "En anden"}), unit(1))
    with taking(inbox_of(database, kafka_broker, topics)):
        until(lambda: committed(kafka_broker, topics) == 4, 30, "every record to be taken")
    before = (stored(database), refused(database))
    admin = KafkaAdminClient(bootstrap_servers=kafka_broker)
    admin.delete_groups([topics.inbox])
    admin.close()
    with taking(inbox_of(database, kafka_broker, topics)):
        until(lambda: committed(kafka_broker, topics) == 4, 30, "every record to be taken again")
    assert (stored(database), refused(database)) == before


def test_what_the_database_cannot_hold_is_found_alone(
    database: Database, kafka_broker: str, topics: Topics, producer: KafkaProducer
) -> None:
    """A record that breaks the whole transaction is refused; the rest of its batch is stored, in order."""
    key = key_of(database, "source")
    with database.owner.begin() as connection:
        connection.execute(text("ALTER TABLE hub.event ADD CHECK (id <> 'event-3')"))
    write(producer, topics, key, *(unit(number) for number in range(6)))
    with taking(inbox_of(database, kafka_broker, topics)):
        until(lambda: committed(kafka_broker, topics) == 6, 30, "every record to be taken")
    assert stored(database) == [f"event-{number}" for number in (0, 1, 2, 4, 5)]
    assert refused(database) == [(AUTHORITY, "it could not be read: CheckViolation")]


def test_a_database_that_is_away_is_waited_for(
    database: Database, kafka_broker: str, topics: Topics, producer: KafkaProducer
) -> None:
    """Nothing is committed to Kafka meanwhile, and nothing is lost."""
    key = key_of(database, "source")
    name = database.url.database
    away = f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"
    back = f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    elsewhere = Database(database.url.set(database="postgres"))
    with elsewhere.driver("owner") as server, taking(inbox_of(database, kafka_broker, topics)) as inbox:
        write(producer, topics, key, unit(0))
        until(lambda: inbox.taken == 1, 30, "the first record")
        server.execute(away)  # type: ignore[call-overload]
        server.execute(ended)  # type: ignore[call-overload]
        write(producer, topics, key, unit(1))
        until(lambda: inbox._backoff._next > 0.2, 30, "the inbox to have tried twice")
        server.execute(back)  # type: ignore[call-overload]
        until(lambda: inbox.taken == 2, 30, "the second record")
    assert stored(database) == ["event-0", "event-1"]


def test_a_broker_that_is_away_is_waited_for(database: Database) -> None:
    """The inbox backs off, and stops when it is told to."""
    with silent_broker() as address, taking(inbox_of(database, address, Topics())) as inbox:
        until(lambda: inbox._backoff._next, 30, "the first attempt to fail")


@pytest.mark.parametrize("kind", [KafkaConsumer, KafkaProducer, KafkaAdminClient])
def test_an_attempt_that_fails_leaves_no_thread_behind(kind: Callable[..., object]) -> None:
    """A broker may be away for days, and an attempt be made every few seconds."""
    before = set(threading.enumerate())
    with silent_broker() as address, pytest.raises(KafkaError):
        connected(kind, bootstrap_servers=address, bootstrap_timeout_ms=300)
    until(lambda: set(threading.enumerate()) <= before, 10, "the threads of the attempt to end")


def test_the_client_writes_what_the_inbox_takes(
    database: Database, kafka_broker: str, topics: Topics, tmp_path: Path
) -> None:
    """Kept while the broker was away, then sent: everything once, each subject in its order."""
    key = key_of(database, "source")
    with silent_broker() as address:
        away = KafkaClient(address, "source", key, tmp_path / "buffer", topics=topics)
        away.send(*(unit(number) for number in range(30)))
        until(lambda: away._trouble, 30, "the first attempt to fail")
        with pytest.raises(Retryable, match="30 events"):
            away.flush(0)
        away.close(0)
    with (
        taking(inbox_of(database, kafka_broker, topics)),
        KafkaClient(kafka_broker, "source", key, tmp_path / "buffer", topics=topics) as client,
    ):
        client.send(*(unit(number) for number in range(30, 40)), unit(40, data={"note": "x" * 2_000_000}), unit(41))
        client.flush()
        (too_large,) = client.refused()
        assert "larger" in too_large.reason
        until(lambda: len(stored(database)) == 41, 30, "every event to be taken")
    numbers = [int(identity.removeprefix("event-")) for identity in stored(database)]
    assert sorted(numbers) == [*range(40), 41]
    for subject in range(7):
        mine = [number for number in numbers if number % 7 == subject]
        assert mine == sorted(mine)
