"""Workflows on Kafka: where several domains meet, an instance still is what its own facts come to."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.engine import URL

from consumers.runtime.coverage import caught_up
from consumers.runtime.digest import digests
from consumers.runtime.kafka import KafkaLoop
from producers.relay import Relay
from producers.topics import Topics, create_topics
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.database import fresh_database
from tests.support.loops import consuming, relaying
from tests.support.sample import applier
from tests.support.wait import until
from tests.support.workflows import (
    CONSUMER,
    MONDAY,
    NO,
    YES,
    budget,
    carry_on,
    completed,
    day,
    days_after,
    delivered,
    facts,
    holds,
    put,
)

pytestmark = pytest.mark.kafka

LATER = MONDAY + timedelta(days=8)
STEPS: tuple[tuple[CloudEvent, ...], ...] = (
    (holds("budget-holder", "kali"), *(budget(number) for number in range(20))),
    (completed(1, NO), completed(2, YES), *(day(days_after(number)) for number in range(1, 9))),
    (completed(1, YES, ordinal=2, at=LATER), completed(3, YES, at=LATER)),
    (delivered(at=LATER),),
)


def test_both_ways_carry_workflows_to_the_same_end(database: Database, postgres: URL, kafka_broker: str) -> None:
    """Twenty errands with days, refusals and deliveries: the same rows and the same facts as on the event store."""
    topics = Topics(f"test-{uuid4().hex[:8]}")
    create_topics(kafka_broker, topics, {kind.domain for kind in CATALOGUE}, 3)
    with fresh_database(postgres) as embedded:
        for step in STEPS:
            put(embedded, *step)
            carry_on(applier(embedded, CONSUMER))
        loop = KafkaLoop(applier(database, CONSUMER), kafka_broker, topics)
        with relaying(Relay(database, kafka_broker, topics)), consuming(loop):
            for step in STEPS:
                put(database, *step)
                until(lambda: _is_settled(database), 60, "the workflows to have come as far as they can")
        assert sorted(facts(database)) == sorted(facts(embedded))
        assert _digests(database) == _digests(embedded)


def _is_settled(database: Database) -> bool:
    with database.worker.connect() as connection:
        return caught_up(connection, [CONSUMER])


def _digests(database: Database) -> dict[str, str]:
    with database.worker.connect() as connection:
        return digests(connection, [CONSUMER])
