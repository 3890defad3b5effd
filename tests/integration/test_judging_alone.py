"""Every consumer that judges works alone on the authority it judges."""

import pytest
from sqlalchemy import text

from consumers.runtime.consumer import Consumer
from consumers.runtime.projections import ensure_active, use_active
from hub.consumers import CONSUMERS
from storage.database import Database
from tests.support.events import AUTHORITY, event

TRIED = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


@pytest.mark.guarantee
@pytest.mark.parametrize(
    "consumer", [each for each in CONSUMERS if each.findings is not None], ids=lambda one: one.name
)
def test_whoever_judges_holds_the_authority_until_the_commit(database: Database, consumer: Consumer) -> None:
    """Another process waits before it judges, and so sees what this one has written."""
    ensure_active(database, consumer)
    moved = [event("time.day-started", AUTHORITY, position=1)]
    with database.worker.begin() as connection, database.worker.begin() as other:
        use_active(connection, consumer.name)
        for step in (consumer.judge, consumer.react):
            if step is not None:
                step(connection, moved)
        name = f"judge {consumer.name} {AUTHORITY}"
        assert other.execute(TRIED, {"name": name}).scalar_one() is False
    with database.worker.begin() as free:
        assert free.execute(TRIED, {"name": name}).scalar_one() is True
