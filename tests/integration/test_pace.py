"""Lag, the age of commits, and standing still: idleness is healthy, waiting without moving is not."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from access.principals import HUB
from consumers.landscape.consumer import LANDSCAPE
from kernel import metrics
from kernel.clock import SystemClock
from kernel.errors import Invalid
from monitoring.metrics import exposition
from monitoring.status import STILL_S, standing_still, status_of
from producers.accept import Acceptor
from producers.gather import Gatherer
from producers.tally import Tally
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.sample import applier, drain, store, unit

CONSUMERS = (LANDSCAPE,)


def age(database: Database, *, waiting_s: float, commit_s: float) -> None:
    """As if the events had come, and the last batch had been committed, so long ago."""
    with database.owner.begin() as connection:
        connection.execute(
            text("UPDATE hub.event SET recorded = clock_timestamp() - make_interval(secs => :s)"), {"s": waiting_s}
        )
        connection.execute(
            text("UPDATE hub.projection SET advanced = clock_timestamp() - make_interval(secs => :s)"), {"s": commit_s}
        )


def test_lag_counts_what_waits_and_how_long(database: Database) -> None:
    """Events of other domains are not counted; what is applied does not wait."""
    at = applier(database, LANDSCAPE)
    store(database, [unit(n) for n in range(3)])
    age(database, waiting_s=60, commit_s=5)
    (landscape,) = status_of(database, CONSUMERS).consumers
    assert landscape.lag == 3
    assert 59 < landscape.lag_seconds < 90
    assert 4 < landscape.commit_age < 30
    drain(at)
    (landscape,) = status_of(database, CONSUMERS).consumers
    assert (landscape.lag, landscape.lag_seconds) == (0, 0.0)


def test_waiting_without_moving_is_a_standstill(database: Database) -> None:
    """Something waits for long, and nothing was committed for long."""
    applier(database, LANDSCAPE)
    store(database, [unit(1)])
    age(database, waiting_s=2 * STILL_S, commit_s=2 * STILL_S)
    assert standing_still(database, CONSUMERS) == ["landscape"]


def test_working_off_a_backlog_is_no_standstill(database: Database) -> None:
    """Old events wait, but a batch was committed just now."""
    applier(database, LANDSCAPE)
    store(database, [unit(1)])
    age(database, waiting_s=3600, commit_s=1)
    assert standing_still(database, CONSUMERS) == []


def test_idleness_is_no_standstill(database: Database) -> None:
    """Nothing waits, so nothing needs to move."""
    at = applier(database, LANDSCAPE)
    store(database, [unit(1)])
    drain(at)
    age(database, waiting_s=3600, commit_s=3600)
    assert standing_still(database, CONSUMERS) == []


def test_every_declared_metric_is_exposed(database: Database) -> None:
    """Each under its name with its labels, or, where it counts alerts and tasks, when there are consumers of them."""
    text_ = exposition(database, CONSUMERS, Tally()).decode()
    exposed = {family.name for family in text_string_to_metric_families(text_)}
    of_work = {metrics.ALERTS, metrics.AT_STAKE, metrics.INSTANCES, metrics.TASKS, metrics.TASKS_OVERDUE}
    expected = {each.name.removesuffix("_total") for each in metrics.METRICS if each not in of_work}
    assert expected <= exposed


def test_what_is_taken_and_refused_is_counted(database: Database) -> None:
    """By what became of each event."""
    acceptor = Acceptor(Gatherer(database, CATALOGUE, SystemClock()), CATALOGUE, SystemClock())
    event = unit(1)
    acceptor.accept([event], HUB)
    acceptor.accept([event], HUB)
    with pytest.raises(Invalid):
        acceptor.accept([event.model_copy(update={"type": "dk.samspil.nothing.known.v1"})], HUB)
    acceptor.gatherer.close()
    assert dict(acceptor.tally.taken) == {"accepted": 1, "duplicate": 1, "unchanged": 0}
    assert dict(acceptor.tally.refused) == {"invalid": 1, "forbidden": 0, "conflict": 0}
