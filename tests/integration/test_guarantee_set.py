"""State depends on the set of events, not on the order in which different subjects' events arrived."""

import random
from collections.abc import Sequence

import pytest
from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.engine import URL

from consumers.runtime.consumer import Consumer, Rows
from consumers.runtime.digest import digests
from kernel.clock import SystemClock
from producers.store import append_one
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from tests.support.database import fresh_database
from tests.support.events import AUTHORITY, OTHER
from tests.support.filled import CONSUMERS, OPERATOR, samples
from tests.support.judging import judging_consumer
from tests.support.sample import applier, drain, sample_consumer

LATEST = Table(
    "latest",
    MetaData(),
    Column("authority", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    info={"write": "replace"},
)


def project_latest(events: Sequence[Event], _: Catalogue) -> Rows:
    return {LATEST: list({event.authority: (event.authority, event.subject) for event in events}.values())}


LATEST_COMER = Consumer(
    name="latest",
    version=1,
    families=frozenset({"organisation.unit-stated", "organisation.role-stated", "organisation.budget-stated"}),
    tables=LATEST.metadata,
    project=project_latest,
)
"""Keeps whichever subject of an authority came last: what no projection may do."""


def arrived(order: int) -> list[Event]:
    """Several statements of many subjects, each subject's in its order, and the subjects mixed in one of many ways."""
    queues: dict[str, list[Event]] = {}
    for round_ in range(3):
        for authority in (AUTHORITY, OTHER, OPERATOR):
            for event in samples(authority):
                again = event._replace(id=f"{event.id}:{round_}")
                queues.setdefault(event.key, []).append(again)
    mixed = random.Random(order)  # noqa: S311 - an order that can be had again
    keys = [key for key, queue in queues.items() for _ in queue]
    mixed.shuffle(keys)
    return [queues[key].pop(0) for key in keys]


def state(postgres: URL, order: int, page: int, consumers: Sequence[Consumer]) -> dict[str, str]:
    """The digests after the events arrived in this order and were applied in pages of this size."""
    with fresh_database(postgres) as database:
        with database.worker.begin() as connection:
            append_one(connection, arrived(order), catalogue=CATALOGUE, now=SystemClock().now())
        appliers = [applier(database, consumer) for consumer in consumers]
        while sum(drain(each, page) for each in appliers):
            pass
        with database.worker.begin() as connection:
            return digests(connection, consumers)


@pytest.mark.guarantee
def test_the_order_of_arrival_does_not_show(postgres: URL) -> None:
    """Every consumer, over samples of every event type, in three orders and page sizes: equal digests."""
    consumers = (*CONSUMERS, judging_consumer(), sample_consumer())
    first, *others = [state(postgres, order, page, consumers) for order, page in ((1, 1_000), (2, 37), (3, 150))]
    assert all(other == first for other in others)
    assert first["landscape.usage"].startswith("18:")


@pytest.mark.guarantee
def test_the_order_shows_where_subjects_share_a_row(postgres: URL) -> None:
    """Switched off: a projection that keeps what came last of several subjects."""
    found = {state(postgres, order, 1_000, [LATEST_COMER])["latest.latest"] for order in range(1, 5)}
    assert len(found) > 1
