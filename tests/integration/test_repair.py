"""Rebuild, replay, discard, redact, backup and restore, on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from access.principals import HUB
from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from consumers.runtime.repair import discard, replay
from kernel.clock import SystemClock
from kernel.errors import Invalid
from producers.redact import redact
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from storage.backup import backup, restore
from storage.database import Database
from tests.support.database import fresh_name
from tests.support.sample import AUTHORITIES, Poison, applier, drain, sample_consumer, store, unit
from tests.support.wait import until

BY = Actor(id=HUB.id, name="test")


def digest(database: Database, consumer: object) -> dict[str, str]:
    with database.worker.begin() as connection:
        return digests(connection, [consumer])  # type: ignore[list-item]


@pytest.mark.guarantee
def test_a_rebuild_gives_equal_digests(database: Database) -> None:
    """A second version, loaded another way, holds the same rows and takes over."""
    store(database, (unit(n) for n in range(200)))
    consumer = sample_consumer()
    drain(applier(database, consumer))
    before = digest(database, consumer)
    rebuilt = Rebuild(database, consumer, CATALOGUE, page=30).run()
    assert rebuilt.version == 2
    assert digest(database, consumer) == before
    store(database, (unit(n) for n in range(200, 220)))
    assert drain(applier(database, consumer)) == 20


@pytest.mark.guarantee
def test_a_killed_rebuild_goes_on(database: Database) -> None:
    """An interrupted rebuild keeps its pages and applies none of them twice."""
    store(database, (unit(n) for n in range(5000)))
    consumer = sample_consumer()
    drain(applier(database, consumer), page=2000)
    before = digest(database, consumer)

    def interrupted(position: int, _: int) -> None:
        if position >= 2000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Rebuild(database, consumer, CATALOGUE, after_page=interrupted, page=500).run()
    rebuilt = Rebuild(database, consumer, CATALOGUE, page=500).run()
    assert rebuilt.version == 2
    assert rebuilt.events == 3000
    assert digest(database, consumer) == before


@pytest.mark.parametrize("ends", [True, False])
def test_a_rebuild_waits_for_a_killed_one_and_refuses_beside_a_running_one(
    database: Database, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    """PostgreSQL ends the session of a killed process when it comes to it: until then its lock is still held."""
    if not ends:
        monkeypatch.setattr("consumers.runtime.rebuild.PREDECESSOR_GONE", "50ms")
    store(database, (unit(n) for n in range(10)))
    consumer = sample_consumer()
    drain(applier(database, consumer))
    waiting_sql = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with ThreadPoolExecutor(1) as pool, database.driver("worker") as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('rebuild sample', 0))")
        rebuilt = pool.submit(Rebuild(database, consumer, CATALOGUE).run)
        if ends:
            until(lambda: other.execute(waiting_sql).fetchone(), 10, "the rebuild to wait for the lock")
            other.close()
            assert rebuilt.result().version == 2
        else:
            with pytest.raises(Invalid, match="a rebuild of sample is already running"):
                rebuilt.result()


@pytest.mark.guarantee
def test_replay_applies_what_was_parked_in_order(database: Database) -> None:
    """After the cause is mended, the parked events are applied, and the digest is that of an undisturbed run."""
    events = [unit(n, subject="bad" if n % 2 else f"good-{n}") for n in range(10)]
    store(database, events)
    poison = Poison({"Enhed 3"})
    at = applier(database, sample_consumer(poison=poison))
    drain(at)
    with pytest.raises(Invalid, match="cannot apply event-3"):
        replay(at, AUTHORITIES[0], "bad", BY)
    poison.names.clear()
    assert replay(at, AUTHORITIES[0], "bad", BY) == 4
    undisturbed = sample_consumer("undisturbed")
    drain(applier(database, undisturbed))
    ours, theirs = digest(database, at.consumer), digest(database, undisturbed)
    assert list(ours.values()) == list(theirs.values())


@pytest.mark.guarantee
def test_a_rebuild_honours_what_is_parked_and_discarded(database: Database) -> None:
    """Neither a parked nor a discarded event comes back by a rebuild."""
    store(database, [unit(n, subject="bad" if n % 2 else "good") for n in range(10)])
    poison = Poison({"Enhed 3"})
    at = applier(database, sample_consumer(poison=poison))
    drain(at)
    before = digest(database, at.consumer)
    poison.names.clear()
    Rebuild(database, at.consumer, CATALOGUE).run()
    assert digest(database, at.consumer) == before
    discard(at, AUTHORITIES[0], "bad", BY, "test data", positions=[4])
    assert replay(at, AUTHORITIES[0], "bad", BY) == 3
    after = digest(database, at.consumer)
    Rebuild(database, at.consumer, CATALOGUE).run()
    assert digest(database, at.consumer) == after


@pytest.mark.guarantee
def test_redact_empties_store_and_projections(database: Database) -> None:
    """No table holds the person afterwards, and a rebuild brings nothing back."""
    person = "Ingeborg Hemmelig"
    store(database, [unit(n, subject=f"s{n % 3}", data={"name": f"{person} {n}"}) for n in range(6)])
    consumer = sample_consumer()
    at = applier(database, consumer)
    drain(at)
    for n in range(3):
        with database.worker.begin() as connection:
            redact(
                connection, AUTHORITIES[0], f"s{n}", reason="right to erasure", by=BY, key=b"secret",
                catalogue=CATALOGUE, now=SystemClock().now(),
            )  # fmt: skip
    drain(at)
    before = digest(database, consumer)
    Rebuild(database, consumer, CATALOGUE).run()
    assert digest(database, consumer) == before
    assert before["sample.stated"].startswith("0:")
    with database.owner.connect() as connection:
        tables = connection.execute(
            text("SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables "
                 "WHERE table_schema = 'hub' OR table_schema LIKE 'sample%'")
        ).scalars()  # fmt: skip
        for table in list(tables):
            rows = connection.execute(text(f"SELECT t::text FROM {table} AS t")).scalars()
            assert not [row for row in rows if "Hemmelig" in row], table


@pytest.mark.guarantee
def test_restore_brings_everything_back_as_another_store(database: Database, postgres: URL, tmp_path: Path) -> None:
    """Equal digests elsewhere, a new store id, and a database that holds a hub is not overwritten."""
    store(database, (unit(n) for n in range(50)))
    consumer = sample_consumer()
    drain(applier(database, consumer))
    backup(database, tmp_path / "dump")
    with fresh_name(postgres) as elsewhere:
        restore(elsewhere, tmp_path / "dump")
        assert digest(elsewhere, consumer) == digest(database, consumer)
        query = text("SELECT id FROM hub.store")
        with database.worker.connect() as one, elsewhere.worker.connect() as other:
            assert one.execute(query).scalar() != other.execute(query).scalar()
        store(elsewhere, [unit(51)])
        assert drain(applier(elsewhere, consumer)) == 1
        with pytest.raises(Invalid, match="already holds a hub"):
            restore(elsewhere, tmp_path / "dump")
