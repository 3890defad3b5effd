"""A rebuild under load: killed on the way, with events parked and replayed meanwhile, it ends with equal digests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count, pairwise

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import URL

from access.principals import HUB
from consumers.runtime import rebuild, repair, settle
from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import caught_up
from consumers.runtime.digest import digests
from consumers.runtime.embedded import StoreLoop
from consumers.runtime.rebuild import Rebuild
from consumers.runtime.repair import replay
from consumers.runtime.tables import PARKED
from kernel.errors import Fatal
from kernel.ids import new_id
from producers.store import append_one, head, read
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from storage.bell import Bell
from storage.database import Database
from tests.support.database import fresh_database
from tests.support.judging import contract, document, judging_consumer
from tests.support.rebuilding import Spot, rebuild_in_process
from tests.support.sample import AUTHORITIES, START, Poison, applier, drain, sample_consumer, store, subject_of, unit
from tests.support.wait import until

BY = Actor(id=HUB.id, name="test")
CONTRACTS = 12


def digest(database: Database, consumer: Consumer) -> dict[str, str]:
    with database.worker.begin() as connection:
        return {name.split(".")[1]: value for name, value in digests(connection, [consumer]).items()}


def told(database: Database) -> dict[str, list[str]]:
    """What was told of each alert, in order: the fact and the value that was found."""
    query = text(
        "SELECT subject, split_part(type, '.', 4) || ' ' || (payload::jsonb ->> 'found') AS fact "
        "FROM hub.event WHERE aggregatetype = 'alert' ORDER BY position"
    )
    facts: dict[str, list[str]] = {}
    with database.worker.connect() as connection:
        for row in connection.execute(query):
            facts.setdefault(row.subject, []).append(row.fact)
    return facts


def repeated(facts: dict[str, list[str]]) -> list[list[str]]:
    """The alerts of which something was told that had just been told."""
    return [told for told in facts.values() if any(one == next_ for one, next_ in pairwise(told))]


def write_until(database: Database, done: threading.Event, written: list[int]) -> None:
    """Documents now and again, and contracts that make earlier findings go away."""
    for number in count(1):
        if done.is_set():
            return
        late = [contract(number // 5 % CONTRACTS)] if number % 5 == 0 else []
        store(database, [document(number, of=number % CONTRACTS), *late])
        written.append(number)


@contextmanager
def under_load(database: Database, consumer: Consumer) -> Iterator[Callable[[int], None]]:
    """A live consumer and a writer beside the block, which gets a way to wait for so many more writes."""
    done, written = threading.Event(), list[int]()
    bell = Bell(database)
    loop = StoreLoop(applier(database, consumer), bell.waiter(), page=20)
    loop.start()
    writing = threading.Thread(target=write_until, args=(database, done, written))
    writing.start()

    def more(writes: int) -> None:
        wanted = len(written) + writes
        until(lambda: len(written) >= wanted, 60, f"{writes} more writes")

    try:
        yield more
    finally:
        done.set()
        writing.join()
        until(lambda: loop.failure or is_settled(database, consumer), 60, "the consumer to settle")
        loop.stop()
        bell.stop()
    assert loop.failure is None


def is_settled(database: Database, consumer: Consumer) -> bool:
    with database.worker.connect() as connection:
        return caught_up(connection, [consumer])


def undisturbed(database: Database, postgres: URL, consumer: Consumer) -> dict[str, str]:
    """The digests of the same events consumed in one go in another hub."""
    with database.worker.connect() as connection:
        events = [event for event in read(connection, 0, 100_000) if event.domain != "alert"]
    with fresh_database(postgres) as elsewhere:
        with elsewhere.worker.begin() as connection:
            append_one(connection, events, catalogue=CATALOGUE, now=START)
        drain(applier(elsewhere, consumer))
        return digest(elsewhere, consumer)


@pytest.mark.guarantee
@pytest.mark.parametrize("spots", [("load", "hand-over"), ("finish", "load")])
def test_a_rebuild_under_load_killed_twice(database: Database, postgres: URL, spots: tuple[Spot, Spot]) -> None:
    """Killed with an open transaction, twice, while events come and findings are told: equal digests, nothing twice."""
    consumer = judging_consumer()
    with under_load(database, consumer) as more:
        for spot in spots:
            more(60)
            assert rebuild_in_process(database, 20, spot) == -9
        more(60)
        assert rebuild_in_process(database, 20, "nowhere") == 0
        more(20)
    assert digest(database, consumer) == undisturbed(database, postgres, consumer)
    assert repeated(told(database)) == []


@pytest.mark.guarantee
def test_a_rebuild_tells_nothing_again(database: Database) -> None:
    """What it finds is what was told, so nothing is told."""
    store(database, [document(number, of=number) for number in range(5)])
    at = applier(database, judging_consumer())
    drain(at)
    before = told(database)
    Rebuild(database, at.consumer, CATALOGUE).run()
    drain(at)
    assert told(database) == before


@pytest.mark.guarantee
def test_what_was_told_is_not_forgotten(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: without the memory of what was told, and without derived ids, a rebuild tells everything again."""
    monkeypatch.setattr(settle, "derived_id", lambda *_: new_id())
    store(database, [document(number, of=number) for number in range(5)])
    at = applier(database, judging_consumer())
    drain(at)
    with database.worker.begin() as connection:
        connection.execute(text("DELETE FROM hub.announced"))
    Rebuild(database, at.consumer, CATALOGUE).run()
    drain(at)
    assert len(repeated(told(database))) == 5


@pytest.mark.guarantee
def test_a_killed_rebuild_goes_on_after_its_tables_were_finished(database: Database) -> None:
    """Killed in the hand-over, and then far behind again: what is loaded now goes into tables under row security."""
    store(database, [document(number, of=number) for number in range(60)])
    at = applier(database, judging_consumer())
    drain(at)
    assert rebuild_in_process(database, 20, "hand-over") == -9
    store(database, [document(number, of=number) for number in range(60, 200)])
    drain(at)
    before = digest(database, at.consumer)
    assert rebuild_in_process(database, 20, "nowhere") == 0
    assert digest(database, at.consumer) == before


def rebuilt_meanwhile(database: Database, consumer: Consumer, meanwhile: Callable[[], object]) -> None:
    """Rebuild in small pages; `meanwhile` happens after the second of them."""
    pages = count(1)

    def after_page(_: int, __: int) -> None:
        if next(pages) == 2:
            meanwhile()

    Rebuild(database, consumer, CATALOGUE, after_page, page=10).run()


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hand-over begins near the end, so that most is loaded."""
    monkeypatch.setattr(rebuild, "NEAR", 0)


@pytest.mark.guarantee
@pytest.mark.usefixtures("small_steps")
def test_an_event_that_is_parked_while_a_rebuild_runs_stays_parked(database: Database) -> None:
    """The new version has not applied it either."""
    store(database, (unit(n) for n in range(50)))
    at = applier(database, sample_consumer(poison=Poison({"Enhed 51"})))
    drain(at)

    def meanwhile() -> None:
        store(database, (unit(n) for n in range(50, 60)))
        drain(at)

    rebuilt_meanwhile(database, sample_consumer(), meanwhile)
    clean = applier(database, sample_consumer("clean", Poison({"Enhed 51"})))
    drain(at)
    drain(clean)
    assert digest(database, at.consumer) == digest(database, clean.consumer)


@pytest.mark.guarantee
@pytest.mark.usefixtures("small_steps")
def test_a_rebuild_that_passes_the_live_version_does_not_know_what_it_parks(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: it loads up to the end of the store, and applies what the live version parks."""
    monkeypatch.setattr(Rebuild, "_decided", lambda _, connection: head(connection))
    store(database, (unit(n) for n in range(50)))
    at = applier(database, sample_consumer(poison=Poison({"Enhed 51"})))
    rebuilt_meanwhile(database, sample_consumer(), lambda: store(database, (unit(n) for n in range(50, 60))))
    clean = applier(database, sample_consumer("clean", Poison({"Enhed 51"})))
    drain(at)
    drain(clean)
    assert digest(database, at.consumer) != digest(database, clean.consumer)


@pytest.mark.guarantee
@pytest.mark.usefixtures("small_steps")
def test_an_event_that_cannot_be_applied_does_not_stop_a_rebuild(database: Database) -> None:
    """It comes while the rebuild runs and before the live version has met it: it is parked after the hand-over."""
    store(database, (unit(n) for n in range(50)))
    at = applier(database, sample_consumer(poison=Poison({"Enhed 51"})))
    drain(at)
    rebuilt_meanwhile(database, at.consumer, lambda: store(database, (unit(n) for n in range(50, 60))))
    drain(at)
    with database.worker.connect() as connection:
        parked = connection.execute(select(PARKED.c.subject).distinct()).scalars().all()
    assert parked == [subject_of(2)]


@pytest.mark.guarantee
@pytest.mark.usefixtures("small_steps")
def test_what_is_replayed_while_a_rebuild_runs_is_not_lost(database: Database) -> None:
    """The rebuild had passed it as parked."""
    store(database, (unit(n) for n in range(50)))
    poison = Poison({"Enhed 3"})
    at = applier(database, sample_consumer(poison=poison))
    drain(at)
    poison.names.clear()
    rebuilt_meanwhile(database, at.consumer, lambda: replay(at, AUTHORITIES[0], subject_of(3), BY))
    clean = applier(database, sample_consumer("clean"))
    drain(clean)
    assert digest(database, at.consumer) == digest(database, clean.consumer)


@pytest.mark.guarantee
@pytest.mark.usefixtures("small_steps")
def test_a_replay_that_no_rebuild_hears_of_is_lost(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: the unfinished version is kept, without the events that were parked when it passed them."""
    monkeypatch.setattr(repair, "build_anew", lambda *_: None)
    store(database, (unit(n) for n in range(50)))
    poison = Poison({"Enhed 3"})
    at = applier(database, sample_consumer(poison=poison))
    drain(at)
    poison.names.clear()
    rebuilt_meanwhile(database, at.consumer, lambda: replay(at, AUTHORITIES[0], subject_of(3), BY))
    assert digest(database, at.consumer)["stated"].startswith("47:")


@pytest.mark.guarantee
def test_old_code_does_not_write_into_new_tables(database: Database) -> None:
    """A process of the release before stops when a version of other code has taken over."""
    store(database, (unit(n) for n in range(20)))
    old = applier(database, sample_consumer())
    drain(old)
    Rebuild(database, replace(sample_consumer(), version=2), CATALOGUE).run()
    store(database, [unit(20)])
    with pytest.raises(Fatal, match="version 2 of its code"):
        drain(old)


def test_findings_are_told_while_events_keep_coming(database: Database) -> None:
    """Nobody waits for a pause to hear what was found."""
    with under_load(database, judging_consumer()) as more:
        more(30)
        until(lambda: told(database), 20, "a first alert")
