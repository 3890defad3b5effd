"""What cannot be applied waits by itself, visibly and in order; what happens without each part of that."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from access.principals import HUB
from consumers.alerts.consumer import ALERTS
from consumers.alerts.queries import alerts
from consumers.runtime import apply, repair
from consumers.runtime.apply import Applier
from consumers.runtime.consumer import Rows
from consumers.runtime.projections import use_active
from consumers.runtime.repair import replay
from consumers.runtime.tables import PARKED
from kernel.clock import SystemClock
from producers.store import append_one, read_at
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.counting import CAME, counting_consumer, numbered, project
from tests.support.sample import AUTHORITIES, TALLY, Poison, applier, drain, sample_consumer, store, unit

BY = Actor(id=HUB.id, name="test")
BAD = "bad"


def counted(database: Database) -> dict[str, int]:
    with database.worker.begin() as connection:
        use_active(connection, "sample")
        return {row.subject: int(row.events) for row in connection.execute(select(TALLY))}


def parked(database: Database) -> list[Any]:
    with database.worker.connect() as connection:
        return list(connection.execute(select(PARKED).order_by(PARKED.c.position)))


def statuses(database: Database) -> list[str]:
    """Of the alerts that a person of the authority sees."""
    with database.reading((AUTHORITIES[0],)) as connection:
        use_active(connection, ALERTS.name)
        return [alert.status for alert in alerts(connection, AUTHORITIES[0])]


@pytest.mark.guarantee
def test_what_is_parked_keeps_its_reason_and_bytes_and_raises_an_alert(database: Database) -> None:
    """The reason is in the listing, the bytes stay in the store, and the alert is gone when it has been replayed."""
    store(database, [unit(1, subject=BAD)])
    poison = Poison({"Enhed 1"})
    at, alerting = applier(database, sample_consumer(poison=poison)), applier(database, ALERTS)
    drain(at)
    drain(alerting)
    (row,) = parked(database)
    assert row.reason == "cannot apply event-1"
    with database.worker.connect() as connection:
        assert orjson.loads(read_at(connection, [row.position])[0].payload)["name"] == "Enhed 1"
    assert statuses(database) == ["open"]
    poison.names.clear()
    replay(at, AUTHORITIES[0], BAD, BY)
    drain(alerting)
    assert statuses(database) == ["resolved"]


@pytest.mark.guarantee
def test_without_a_fact_of_its_own_nobody_hears_of_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: parked without telling, the event waits for ever and no alert is raised."""
    monkeypatch.setattr(apply, "append_one", lambda *_, **__: [])
    store(database, [unit(1, subject=BAD)])
    drain(applier(database, sample_consumer(poison=Poison({"Enhed 1"}))))
    drain(applier(database, ALERTS))
    assert len(parked(database)) == 1
    assert statuses(database) == []


@pytest.mark.guarantee
def test_without_halves_one_event_stops_everything(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: a batch that fails is only tried again as a whole, and nobody's events are applied."""

    def whole(attempt: Any, events: Sequence[Event]) -> None:
        attempt.applier.write(attempt.connection, events)

    monkeypatch.setattr(apply._Attempt, "try_all", whole)
    store(database, [unit(n, subject=BAD if n == 3 else f"good-{n}") for n in range(10)])
    at = applier(database, sample_consumer(poison=Poison({"Enhed 3"})))
    with pytest.raises(ValueError, match="cannot apply"):
        drain(at)
    assert counted(database) == {}


@pytest.mark.guarantee
def test_without_holding_the_subject_later_events_overtake(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: what comes after a parked event of its subject is applied before it."""
    monkeypatch.setattr(apply, "_split", lambda events, _: (events, ()))
    store(database, [unit(1, subject=BAD)])
    at = applier(database, sample_consumer(poison=Poison({"Enhed 1"})))
    drain(at)
    store(database, [unit(2, subject=BAD)])
    drain(at)
    assert counted(database) == {BAD: 1}


@pytest.mark.guarantee
def test_without_the_limit_a_bad_release_parks_the_log(database: Database) -> None:
    """Switched off: a consumer that may fail as often as it will passes everything and applies nothing."""
    store(database, (unit(n, subject=f"s{n}") for n in range(50)))
    drain(applier(database, sample_consumer(poison=Poison(everything=True)), stop_after=1_000))
    assert len(parked(database)) == 50


def came_after_replay(database: Database) -> str:
    """Five events of a subject, the second of which fails until it is replayed: the numbers as they were applied."""
    with database.worker.begin() as connection:
        events = [numbered(number, AUTHORITIES[0], BAD) for number in range(1, 6)]
        append_one(connection, events, catalogue=CATALOGUE, now=SystemClock().now())
    mended = counting_consumer()

    def choking(events: Sequence[Event], catalogue: Catalogue) -> Rows:
        if any(event.id == "2" for event in events):
            raise ValueError("cannot apply 2")
        return project(events, catalogue)

    at = applier(database, mended)
    drain(Applier(database, replace(mended, project=choking), CATALOGUE, SystemClock()))
    replay(at, AUTHORITIES[0], BAD, BY)
    with database.worker.begin() as connection:
        use_active(connection, mended.name)
        return str(connection.execute(select(CAME.c.numbers)).scalar_one())


@pytest.mark.guarantee
def test_a_replay_keeps_the_order(database: Database) -> None:
    """Event 2 of 5 fails: 2 to 5 wait, and are applied in their order."""
    assert came_after_replay(database) == "1 2 3 4 5 "


@pytest.mark.guarantee
def test_a_replay_in_another_order_shows(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: parked events as they happen to come out of the store."""
    monkeypatch.setattr(repair, "read_at", lambda *arguments: read_at(*arguments)[::-1])
    assert came_after_replay(database) == "1 5 4 3 2 "


@pytest.mark.guarantee
def test_a_consumer_that_stopped_has_parked_nothing_and_goes_on_when_mended(database: Database) -> None:
    """Everything fails: nothing is parked or passed, so the mended release applies all of it."""
    store(database, (unit(n, subject=f"s{n}") for n in range(50)))
    poison = Poison(everything=True)
    at = applier(database, sample_consumer(poison=poison))
    with pytest.raises(apply.Fatal, match="10 subjects failed"):
        drain(at)
    poison.everything = False
    assert drain(at) == 50
    with database.worker.connect() as connection:
        assert connection.execute(select(func.count()).select_from(PARKED)).scalar() == 0
