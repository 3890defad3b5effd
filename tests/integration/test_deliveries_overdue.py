"""Whether anybody delivers: what could be delivered and nobody takes up is told, what waits for a receiver is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import Connection

from access.agreements import approve_agreement, request_agreement
from consumers.deliveries.mail import take_mail
from consumers.deliveries.overdue import overdue
from consumers.deliveries.schedule import JITTER, SCHEDULE_S
from consumers.deliveries.subscriptions import Subscription, pause
from consumers.deliveries.turns import HELD, Result, Turn, Wait, note, take
from hub.delivering import teller
from hub.opening import Hub
from hub.server import health, listening
from kernel.clock import FixedClock, SystemClock
from monitoring.status import standing_still, status_of
from storage.database import Database
from tests.support.delivering import (
    AUTHORITY,
    a_hub,
    cursor_of,
    delivering_hub,
    ended,
    happened,
    long_ago,
    subscribed,
    subscriber,
)
from tests.support.receiver import receiving
from tests.support.serving import free_port
from tests.support.wait import until

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9/"


def late(hub: Hub, wait_s: float) -> dict[str, float]:
    """The subscriptions that are overdue so many seconds from now, with for how many."""
    with hub.database.worker.connect() as connection:
        found = overdue(connection, hub.clock.now() + timedelta(seconds=wait_s))
    return {id_: seconds for each in found.values() for id_, seconds in each.items()}


def turn_of(hub: Hub, connection: Connection, one: Subscription) -> Turn:
    turn = take(connection, one.id, "me", catalogue=hub.catalogue, now=hub.clock.now())
    assert isinstance(turn, Turn)
    return turn


def test_what_nobody_takes_up_is_overdue_since_it_came(database: Database) -> None:
    """Since the oldest of it came, however much came later."""
    clock = FixedClock(NOW)
    with a_hub(database, clock) as hub:
        one = subscribed(hub, subscriber(hub, "bi"), NOWHERE)
        assert late(hub, 3600) == {}
        happened(hub, [1])
        clock.move(timedelta(seconds=20))
        happened(hub, [2])
        assert late(hub, 0) == {one.id: 20}
        assert late(hub, 40) == {one.id: 60}


def test_what_is_being_sent_is_not_overdue(database: Database) -> None:
    """However old the events are; when the time of the turn is over and nobody went on, it is."""
    with a_hub(database, FixedClock(NOW)) as hub:
        one = subscribed(hub, subscriber(hub, "bi"), NOWHERE)
        happened(hub, [1])
        with database.worker.begin() as connection:
            turn_of(hub, connection, one)
        held = HELD.total_seconds()
        assert late(hub, held) == {}
        assert late(hub, held + 10) == {one.id: 10}


def test_what_waits_for_the_next_attempt_is_not_overdue(database: Database) -> None:
    """That is the receiver's fault; an attempt that nobody makes is not."""
    with a_hub(database, FixedClock(NOW)) as hub:
        one = subscribed(hub, subscriber(hub, "bi"), NOWHERE)
        happened(hub, [1])
        with database.worker.begin() as connection:
            turn = turn_of(hub, connection, one)
            results = [Result(event, delivered=False, status=503, ms=0) for event in turn.events]
            note(connection, turn, results, now=hub.clock.now(), tell=teller(hub))
        assert late(hub, SCHEDULE_S[1]) == {}
        (seconds,) = late(hub, SCHEDULE_S[1] + 100).values()
        assert 100 - SCHEDULE_S[1] * JITTER <= seconds <= 100


def stopped(hub: Hub, one: Subscription) -> None:
    with hub.database.worker.begin() as connection:
        pause(connection, one, "so", by=None, attempts=0, tell=teller(hub))


def agreed_on(types: str) -> Callable[[Hub, Subscription], None]:
    """Ends the agreement and makes another on these types."""

    def other(hub: Hub, one: Subscription) -> None:
        ended(hub, one.principal)
        with hub.database.worker.begin() as connection:
            made = request_agreement(connection, AUTHORITY, "bi", "receive", (types,), by="supplier")
            approve_agreement(connection, made, by="authority")

    return other


@pytest.mark.parametrize(
    ("change", "waits"),
    [
        pytest.param(stopped, False, id="paused"),
        pytest.param(lambda hub, one: ended(hub, one.principal), False, id="no agreement"),
        pytest.param(agreed_on("contract.*"), False, id="an agreement on something else"),
        pytest.param(agreed_on("organisation.unit-stated"), True, id="an agreement on some of it"),
        pytest.param(agreed_on("*"), True, id="an agreement on everything"),
    ],
)
def test_what_is_not_to_be_delivered_is_not_overdue(
    database: Database, change: Callable[[Hub, Subscription], None], *, waits: bool
) -> None:
    """While it is paused, and where no active agreement covers anything of it."""
    with a_hub(database, FixedClock(NOW)) as hub:
        one = subscribed(hub, subscriber(hub, "bi"), NOWHERE)
        happened(hub, [1])
        change(hub, one)
        assert bool(late(hub, 60)) is waits


def test_what_subscribers_come_for_themselves_is_not_overdue(database: Database) -> None:
    """Whoever pulls comes when it likes."""
    with a_hub(database, FixedClock(NOW)) as hub:
        subscribed(hub, subscriber(hub, "bi"), None, way="pull")
        happened(hub, [1])
        assert late(hub, 3600) == {}


def test_nothing_is_overdue_where_the_hub_delivers(database: Database) -> None:
    """Also what nobody subscribed to has been passed."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, range(5))
        happened(hub, [5], family="contract.contract-stated")
        until(lambda: cursor_of(hub, one).position == 6, 20, "everything to be passed")
        assert len(receiver.accepted) == 5
        assert late(hub, 3600) == {}


def test_a_mail_that_is_not_sent_in_time_is_overdue(database: Database) -> None:
    """Though the alert has been read; before the mail's time it is not."""
    with a_hub(database, FixedClock(NOW)) as hub:
        one = subscribed(hub, subscriber(hub, "vagt", ["alert.*"]), "vagt@example.dk", ["alert.*"], way="email")
        happened(hub, [1], family="alert.opened")
        assert late(hub, 60) == {one.id: 60}
        with database.worker.begin() as connection:
            found = take_mail(connection, one.id, "me", catalogue=hub.catalogue, now=hub.clock.now())
        assert isinstance(found, Wait)
        wait_s = (found.until - hub.clock.now()).total_seconds()
        assert late(hub, wait_s) == {}
        assert late(hub, wait_s + 60) == {one.id: 60}


def test_who_delivers_is_not_ready_while_nothing_is_delivered(database: Database) -> None:
    """By the ways in which it delivers; it is ready again when somebody has."""
    with a_hub(database, long_ago(1)) as hub, receiving() as receiver:
        subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, [1])
        assert standing_still(database, (), delivers=["webhook"]) == ["deliveries"]
        assert standing_still(database, (), delivers=["email"]) == standing_still(database, ()) == []
        assert status_of(database, ()).undelivered == ("webhook",)
        port = free_port()
        with listening(health(hub, lambda: None, delivers=["webhook"]), "127.0.0.1", port):
            ready = f"http://127.0.0.1:{port}/health/ready"
            assert "deliveries" in httpx.get(ready).text
            with delivering_hub(hub):
                until(lambda: httpx.get(ready).status_code == 200, 20, "the hub to be ready")
