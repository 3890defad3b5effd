"""The way of one event, from what caused it to what followed."""

from sqlalchemy import text

from hub.listing import trace_rows
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.sample import applier, drain, sample_consumer, store, unit


def test_the_way_of_an_event(database: Database) -> None:
    """What caused it, that it was stored and applied, and what followed from it."""
    chain = [unit(1), unit(2, causationid="event-1"), unit(3, causationid="event-2"), unit(4)]
    store(database, chain)
    consumer = sample_consumer()
    drain(applier(database, consumer))
    rows = trace_rows(database, [consumer], CATALOGUE, "event-2")
    assert [row["step"] for row in rows] == ["caused by", "sent", "stored", "sample: applied", "led to"]
    assert [row["id"] for row in rows if row.get("id")] == ["event-1", "event-2", "event-3"]


def test_no_event_is_read_that_is_not_on_the_way(database: Database) -> None:
    """Each question by an id has its index, however large the store is."""
    with database.worker.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        for column, index in (("id", "event_id"), ("causation_id", "event_causation")):
            plan = connection.execute(text(f"EXPLAIN SELECT position FROM hub.event WHERE {column} = 'x'")).scalars()
            assert index in " ".join(plan)
