"""Days as events: each authority, each day, in order, also those nobody was there for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from access.principals import register_authority
from hub.daybreak import missed_days, tell_days
from hub.opening import Hub
from hub.settings import Settings
from kernel.clock import FixedClock
from producers.accept import Acceptor
from producers.gather import Gatherer
from producers.store import read
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.sample import AUTHORITIES


@pytest.fixture
def hub(database: Database, tmp_path: Path) -> Iterator[Hub]:
    """A hub with two authorities, on the evening of 1 March 2026 in UTC, which is 2 March in Denmark."""
    clock = FixedClock(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    gatherer = Gatherer(database, CATALOGUE, clock)
    with database.worker.begin() as connection:
        for authority in AUTHORITIES:
            register_authority(connection, authority, "", "test")
    yield Hub(Settings(tmp_path), database, Acceptor(gatherer, CATALOGUE, clock), CATALOGUE, clock)
    gatherer.close()


def told(hub: Hub, authority: str) -> list[str]:
    with hub.database.worker.connect() as connection:
        return [event.id for event in read(connection, 0, 100) if event.authority == authority]


def test_the_day_is_that_of_denmark(hub: Hub) -> None:
    """Half past eleven in the evening in UTC is the next day in Copenhagen; telling twice tells once."""
    assert tell_days(hub) == 2
    assert tell_days(hub) == 0
    assert told(hub, AUTHORITIES[0]) == [f"day:{AUTHORITIES[0]}:2026-03-02"]


def test_missed_days_come_in_order(hub: Hub) -> None:
    """A hub that was away tells each day it missed."""
    tell_days(hub)
    assert isinstance(hub.clock, FixedClock)
    hub.clock.set(datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert tell_days(hub) == 6
    assert [one[-2:] for one in told(hub, AUTHORITIES[1])] == ["02", "03", "04", "05"]


def test_a_clock_that_went_back_tells_nothing() -> None:
    """A day that has begun has begun."""
    assert missed_days(date(2026, 3, 5), date(2026, 3, 4)) == []
