"""The broker the tests run on: it is real, and it leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic

from producers.topics import DAY_MS, Topics, create_topics
from tests.support.kafka import ADDRESS, broker_process
from tests.support.kafka.settings import repository
from tests.support.wait import until

pytestmark = pytest.mark.kafka

USER = """
import signal
from tests.support.kafka import broker_process
with broker_process() as address:
    print(address, flush=True)
    signal.pause()
"""


def listens(address: str) -> bool:
    """Whether someone takes connections at `address` (host:port)."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def test_the_broker_takes_a_topic_at_once(kafka_broker: str) -> None:
    """A broker that was handed out is ready: the first request succeeds without a retry."""
    admin = KafkaAdminClient(bootstrap_servers=kafka_broker)
    topic = f"ready-{uuid4()}"
    try:
        admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])
        until(lambda: topic in admin.list_topics(), 10, "the topic to be listed")
    finally:
        admin.close()


def test_an_address_given_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """SAMSPIL_TEST_KAFKA comes before every other way, and nothing is started."""
    monkeypatch.setenv(ADDRESS, "broker.test:9092")
    with broker_process() as address:
        assert address == "broker.test:9092"


def test_the_broker_ends_when_its_user_is_killed(kafka_broker: str) -> None:
    """A test run that gets kill -9 leaves no broker behind."""
    own = {name: value for name, value in os.environ.items() if name != ADDRESS}
    command = [sys.executable, "-c", USER]
    with subprocess.Popen(command, cwd=repository(), env=own, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout
        if not (address := user.stdout.readline().strip()):
            pytest.skip("brokers come from SAMSPIL_TEST_KAFKA alone on this machine")
        assert listens(address)
        user.send_signal(signal.SIGKILL)
    until(lambda: not listens(address), 15, "the broker to be gone")


def test_no_record_is_kept_longer_than_the_law_waits(kafka_broker: str) -> None:
    """A segment holds a day and goes 29 days later: what is erased in the store is gone from Kafka within 30."""
    topics = Topics(f"test-{uuid4().hex[:8]}")
    create_topics(kafka_broker, topics, ["organisation"], 1)
    admin = KafkaAdminClient(bootstrap_servers=kafka_broker)
    try:
        told = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topics.of("organisation"))])
    finally:
        admin.close()
    settings = told["topic"][topics.of("organisation")]
    assert sum(int(settings[name]["value"]) for name in ("segment.ms", "retention.ms")) == 30 * DAY_MS
