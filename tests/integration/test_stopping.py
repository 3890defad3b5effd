"""When a consumer stops: not for one source's events, not after trying thousands, and not without saying so."""

import pytest
from sqlalchemy import func, select, text

from consumers.alerts.consumer import ALERTS
from consumers.alerts.queries import alerts
from consumers.runtime import apply
from consumers.runtime.projections import use_active
from consumers.runtime.settle import settle
from consumers.runtime.stopping import Stopped, spread
from consumers.runtime.tables import PARKED, PROJECTION
from schemas.envelope import Event
from storage.database import Database
from tests.support.events import event
from tests.support.sample import AUTHORITIES, Poison, applier, drain, sample_consumer, store, unit


def parked(database: Database) -> int:
    with database.worker.connect() as connection:
        return connection.execute(select(func.count()).select_from(PARKED)).scalar_one()


def told(database: Database) -> list[tuple[str, int]]:
    """Every stop that was told: the authority, and the position where it was."""
    query = text(
        "SELECT authority, (payload::jsonb ->> 'position')::bigint AS position FROM hub.event "
        "WHERE type = 'dk.samspil.hub.consumer-stopped.v1' ORDER BY hub.event.position"
    )
    with database.worker.connect() as connection:
        return [(row.authority, row.position) for row in connection.execute(query)]


@pytest.mark.guarantee
def test_one_source_whose_events_all_fail_stops_nobody_else(database: Database) -> None:
    """Far more subjects fail one after the other than a consumer takes; the rest of the batch shows that it is well."""
    bad, good = range(40), range(40, 140)
    store(database, [unit(n, subject=f"s{n}") for n in (*bad, *good)])
    at = applier(database, sample_consumer(poison=Poison({f"Enhed {n}" for n in bad})))
    assert drain(at, page=200) == len(good)
    assert parked(database) == len(bad)


@pytest.mark.guarantee
def test_without_a_look_at_the_rest_one_source_stops_everybody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: ten subjects of one source that fail are taken for a bad release, again at every restart."""
    monkeypatch.setattr(apply, "spread", lambda *_: [])
    store(database, [unit(n, subject=f"s{n}") for n in range(140)])
    at = applier(database, sample_consumer(poison=Poison({f"Enhed {n}" for n in range(40)})))
    for _ in range(2):
        with pytest.raises(Stopped):
            drain(at, page=200)


@pytest.mark.guarantee
def test_a_bad_release_is_not_tried_on_thousands(database: Database) -> None:
    """After ten failures fifty more subjects are tried, spread over the batch, and then it stops."""
    store(database, [unit(n, subject=f"s{n}") for n in range(1_000)])
    at = applier(database, sample_consumer(poison=Poison(everything=True)))
    with pytest.raises(Stopped, match="10 subjects failed one after the other, 50 more of the batch failed too"):
        drain(at, page=1_000)
    assert parked(database) == 0
    with database.worker.connect() as connection:
        assert connection.execute(select(PROJECTION.c.position)).scalar() == 0


@pytest.mark.guarantee
def test_a_stop_raises_an_alert_with_each_authority_and_once(database: Database) -> None:
    """Whose events could not be applied is told, and a process that is started again and again tells nothing twice."""
    store(database, [unit(n, subject=f"s{n}", authority=AUTHORITIES[n % 2]) for n in range(30)])
    for _ in range(2):
        with pytest.raises(Stopped):
            drain(applier(database, sample_consumer(poison=Poison(everything=True))))
    assert told(database) == [(authority, 10) for authority in AUTHORITIES]
    drain(applier(database, ALERTS))
    for authority in AUTHORITIES:
        with database.reading((authority,)) as connection:
            use_active(connection, ALERTS.name)
            (alert,) = alerts(connection, authority)
            assert (alert.rule, alert.status) == ("hub.consumer-stopped", "open")


@pytest.mark.guarantee
def test_without_a_fact_of_its_own_nobody_hears_of_a_stop(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: the process ends, and no alert says so."""
    monkeypatch.setattr(apply, "tell_stopped", lambda *_, **__: None)
    store(database, [unit(n, subject=f"s{n}") for n in range(30)])
    with pytest.raises(Stopped):
        drain(applier(database, sample_consumer(poison=Poison(everything=True))))
    assert told(database) == []


@pytest.mark.guarantee
def test_a_stop_is_over_when_the_consumer_has_passed_it(database: Database) -> None:
    """Nobody closes the alert: every authority is told once, and a later stop opens it again."""
    store(database, [unit(n, subject=f"s{n}", authority=AUTHORITIES[n % 2]) for n in range(30)])
    poison = Poison(everything=True)
    at = applier(database, sample_consumer(poison=poison))
    with pytest.raises(Stopped):
        drain(at)
    settle(at)
    assert standing(database) == ["open", "open"]
    poison.everything = False
    drain(at)
    drain(applier(database, sample_consumer(poison=poison)))
    assert standing(database) == ["resolved", "resolved"]
    store(database, [unit(n, subject=f"s{n}") for n in range(30, 60)])
    poison.everything = True
    with pytest.raises(Stopped):
        drain(at)
    assert standing(database) == ["open", "resolved"]


def standing(database: Database) -> list[str]:
    """How the alert about the stop stands with each authority."""
    drain(applier(database, ALERTS))
    found = list[str]()
    for authority in AUTHORITIES:
        with database.reading((authority,)) as connection:
            use_active(connection, ALERTS.name)
            found += [alert.status for alert in alerts(connection, authority)]
    return found


def test_more_events_in_the_batch_do_not_make_it_another_stop(database: Database) -> None:
    """The same place with another number of subjects tried is the stop that was told already."""
    for first, last in ((0, 20), (20, 40)):
        store(database, [unit(n, subject=f"s{n}") for n in range(first, last)])
        with pytest.raises(Stopped):
            drain(applier(database, sample_consumer(poison=Poison(everything=True))))
    assert told(database) == [(AUTHORITIES[0], 10)]


def of(subject: int, position: int) -> Event:
    return event("organisation.unit-stated", f"s{subject}", position=position)


def test_a_sample_is_spread_over_the_subjects() -> None:
    """The first event of each subject that was not tried, from the beginning of the batch to its end."""
    events = [of(position // 2, position) for position in range(200)]
    chosen = spread(events, {events[0].key}, 10)
    assert len(chosen) <= 10
    assert all(each.position % 2 == 0 for each in chosen)
    assert chosen[-1].position > 150
    assert events[0] not in chosen
