"""Consumers that carry something on: what follows is told once, with the rows, and never by a rebuild."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Column, Connection, Integer, Table, Text, text

from consumers.runtime import apply
from consumers.runtime.consumer import Consumer
from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from consumers.runtime.repair import replay
from kernel.ids import derived_id
from producers.store import append_one, head, read
from schemas.catalogue import canonical_json
from schemas.envelope import Event
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from storage.database import Database, cursor_of
from tests.support.events import event
from tests.support.sample import Poison, applier, drain, sample_consumer, store, unit

COUNTED = CATALOGUE.latest("statistics.count-stated")
BY = Actor(id="mette.holm")


def reacting_consumer(poison: Poison | None = None) -> Consumer:
    """Keeps how often each subject came, and tells every third time."""
    sample = sample_consumer("reacting", poison)
    metadata = type(sample.tables)()
    for table in sample.tables.sorted_tables:
        table.to_metadata(metadata)
    Table(
        "carried",
        metadata,
        Column("authority", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("times", Integer, nullable=False),
        info={"write": "replace"},
    )

    def react(connection: Connection, events: Sequence[Event]) -> list[Event]:
        told = []
        with cursor_of(connection) as cursor:
            for event in events:
                cursor.execute(
                    "INSERT INTO carried VALUES (%s, %s, 1) ON CONFLICT (authority, subject) "
                    "DO UPDATE SET times = carried.times + 1 RETURNING times",
                    (event.authority, event.subject),
                )
                row = cursor.fetchone()
                if row and row[0] % 3 == 0:
                    told.append(_follows(event, row[0]))
        return told

    return replace(sample, tables=metadata, react=react)


def _follows(event: Event, times: int) -> Event:
    return Event(
        authority=event.authority,
        source="urn:samspil:reacting",
        id=derived_id("reacting", event.id, COUNTED.name, event.subject, 0),
        type=COUNTED.name,
        subject=event.subject,
        time=event.time,
        payload=canonical_json(COUNTED.model.model_validate({**COUNTED.sample, "value": times})),
        causation_id=event.id,
        depth=event.depth + 1,
    )


def told(database: Database) -> list[tuple[str, str | None]]:
    with database.worker.connect() as connection:
        events = read(connection, 0, 10_000)
    return [(event.subject, event.causation_id) for event in events if event.type == COUNTED.name]


def test_what_follows_is_told_once(database: Database) -> None:
    """Every third event of a subject is followed by one, however the log is cut into batches."""
    store(database, [unit(n, subject=f"s-{n % 2}") for n in range(12)])
    drain(applier(database, reacting_consumer()), page=5)
    assert sorted(told(database)) == [("s-0", "event-10"), ("s-0", "event-4"), ("s-1", "event-11"), ("s-1", "event-5")]


def test_what_follows_commits_with_the_rows(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that does not commit tells nothing, and is carried on once when it comes again."""
    store(database, [unit(n, subject="s") for n in range(3)])
    at = applier(database, reacting_consumer())

    def fail(*_: object, **__: object) -> None:
        raise MemoryError("the process dies here")

    with monkeypatch.context() as broken:
        broken.setattr(apply, "append_one", fail)
        with pytest.raises(MemoryError):
            drain(at)
    assert told(database) == []
    drain(at)
    assert told(database) == [("s", "event-2")]


def test_a_bad_event_takes_nothing_of_the_others_back(database: Database) -> None:
    """Beside a parked event others are carried on once; the parked one is when it is replayed."""
    poison = Poison({"Enhed 4"})
    store(database, [unit(n, subject=f"s-{n % 2}") for n in range(6)])
    at = applier(database, reacting_consumer(poison))
    drain(at)
    assert told(database) == [("s-1", "event-5")]
    poison.names.clear()
    replay(at, unit(0).authority or "", "s-0", BY)
    assert sorted(told(database)) == [("s-0", "event-4"), ("s-1", "event-5")]


def test_what_was_derived_more_than_sixteen_times_over_is_parked(database: Database) -> None:
    """Rules that set each other off come to an end."""
    deep = [
        event("organisation.unit-stated", f"depth-{depth}", position=depth)._replace(depth=depth) for depth in (16, 17)
    ]
    with database.worker.begin() as connection:
        append_one(connection, deep, catalogue=CATALOGUE, now=deep[0].time)
    drain(applier(database, reacting_consumer()))
    with database.worker.connect() as connection:
        parked = connection.execute(text("SELECT subject FROM hub.parked")).scalars().all()
        carried = connection.execute(text("SELECT subject FROM reacting_v1.carried")).scalars().all()
    assert (parked, carried) == (["depth-17"], ["depth-16"])


def test_a_rebuild_carries_on_and_tells_nothing(database: Database) -> None:
    """The version that is built anew ends with the same rows, and no event comes of it."""
    store(database, [unit(n) for n in range(60)])
    consumer = reacting_consumer()
    drain(applier(database, consumer))
    with database.worker.begin() as connection:
        before, upto = digests(connection, [consumer]), head(connection)
    Rebuild(database, consumer, CATALOGUE, page=7).run()
    with database.worker.begin() as connection:
        assert head(connection) == upto
        assert digests(connection, [consumer]) == before
        assert connection.execute(text("SELECT count(*) FROM hub.projection WHERE state = 'active'")).scalar() == 1
