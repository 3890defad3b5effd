"""Webhooks, from the store to a real receiver on this machine."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from access.tables import AUDIT
from consumers.deliveries.reading import Page
from consumers.deliveries.schedule import SCHEDULE_S
from consumers.deliveries.subscriptions import Subscription, replay, resume, rotate
from consumers.deliveries.turns import HELD, WINDOW, Result, Turn, note, take
from consumers.deliveries.webhook import Webhooks
from hub.delivering import guard_of, signing_key, teller
from hub.opening import Hub
from kernel.clock import FixedClock, SystemClock
from kernel.errors import Forbidden, Invalid
from producers.tables import EVENT
from schemas.hub import Actor
from storage.database import Database
from tests.support.delivering import (
    AUTHORITY,
    a_hub,
    cursor_of,
    delivering_hub,
    ended,
    happened,
    in_order,
    log_of,
    long_ago,
    now_of,
    numbers_of,
    secret_of,
    subscribed,
    subscriber,
)
from tests.support.events import event
from tests.support.kafka.settings import repository
from tests.support.receiver import Receiver, receiving
from tests.support.wait import until

METTE = Actor(id="mette", name="Mette")
AWAY_H = sum(SCHEDULE_S[:5]) * 1.1 / 3600
"""Hours until the fifth attempt, at most: the receiver is away for the four before."""


@pytest.mark.guarantee
def test_a_webhook_is_signed_and_says_the_event(database: Database) -> None:
    """The reference library finds the signature right; the body is the event as structured CloudEvents JSON."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, range(5))
        until(lambda: len(receiver.accepted) == 5, 20, "five deliveries")
        events = [each.verified(secret_of(hub, one)) for each in receiver.log]
        assert sorted(numbers_of(events)) == list(range(5))
        assert in_order(events)
        assert all(each.headers["content-type"].startswith("application/cloudevents+json") for each in receiver.log)
        assert {event["authority"] for event in events} == {AUTHORITY}
        until(lambda: len(log_of(hub, one)) == 5, 10, "the log")
        assert {line.outcome for line in log_of(hub, one)} == {"delivered"}


@pytest.mark.guarantee
def test_a_receiver_that_was_away_for_an_hour_gets_everything_in_order(database: Database) -> None:
    """It is tried by the schedule, with one request each time; when it is back, nothing is missing or out of order."""
    clock = long_ago(AWAY_H)
    with a_hub(database, clock) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        receiver.answer(503)
        happened(hub, range(40))
        for attempt, wait in enumerate(SCHEDULE_S[1:4], 1):
            until(lambda made=attempt: cursor_of(hub, one).attempt == made, 20, f"attempt {attempt}")  # type: ignore[misc]
            clock.move(timedelta(seconds=wait * 1.1))
        until(lambda: cursor_of(hub, one).attempt == 4, 20, "attempt 4")
        happened(hub, range(40, 60))
        assert len(receiver.log) == 4, "one request an attempt"
        clock.move(timedelta(minutes=25))
        receiver.answer(200)
        clock.move(timedelta(seconds=SCHEDULE_S[4] * 1.1) - timedelta(minutes=25))
        until(lambda: len(receiver.accepted) == 60, 30, "everything")
        events = [each.verified(secret_of(hub, one)) for each in receiver.accepted]
        assert sorted(numbers_of(events)) == list(range(60))
        assert in_order(events)
        ((_, attempts),) = Counter(each.id for each in receiver.log).most_common(1)
        assert attempts == 5, "the same id at every attempt"


def test_the_window_opens_with_an_answer_and_closes_without_one(database: Database) -> None:
    """One request alone at first; sixteen at the same time once the receiver answers; one again when it does not."""

    async def windows(hub: Hub, one: Subscription, receiver: Receiver) -> list[int]:
        sender = Webhooks(guard_of(hub), signing_key(hub), hub.clock)
        happened = (event("organisation.unit-stated", "x", position=1),)
        turn = Turn(one, "me", 0, Page(happened, 1), happened, frozenset())
        seen = [sender.window(one.id)]
        receiver.answer(503)
        await sender.deliver(turn)
        seen.append(sender.window(one.id))
        await sender.deliver(replace(turn, subscription=replace(one, address="http://127.0.0.1:9/")))
        seen.append(sender.window(one.id))
        await sender.close()
        return seen

    with a_hub(database, SystemClock()) as hub, receiving() as receiver:
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        assert asyncio.run(windows(hub, one, receiver)) == [1, WINDOW, 1]


def test_a_subscription_at_which_the_hub_fails_is_paused_and_the_others_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of our own is told as a pause; it ends nobody else's deliveries."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, receiving() as other:
        broken = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        served = subscribed(hub, subscriber(hub, "esdh"), other.url)
        deliver = Webhooks.deliver

        async def failing(self: Webhooks, turn: Turn) -> Any:
            if turn.subscription.id == broken.id:
                raise ZeroDivisionError("a fault of our own")
            return await deliver(self, turn)

        monkeypatch.setattr(Webhooks, "deliver", failing)
        with delivering_hub(hub):
            happened(hub, [1])
            until(lambda: now_of(hub, broken).status == "paused", 20, "the pause")
            happened(hub, [2])
            until(lambda: len(other.accepted) == 2, 20, "the others' deliveries")
        assert now_of(hub, served).status == "active"


@pytest.mark.guarantee
def test_what_was_sent_and_not_noted_is_sent_again_with_the_same_id(database: Database) -> None:
    """A process is killed (-9) while its receiver answers; when its turn is over, another process delivers it."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver:
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, [1])
        with _deliverer_process(database) as process:

            def kill(_: Any) -> tuple[int, dict[str, str]]:
                os.kill(process.pid, signal.SIGKILL)
                return 200, {}

            receiver.answers = kill
            until(lambda: process.poll() is not None, 30, "the process to be killed")
        assert log_of(hub, one) == []
        receiver.answer(200)
        later = FixedClock(SystemClock().now() + HELD + timedelta(seconds=1))
        with a_hub(database, later) as survivor, delivering_hub(survivor):
            until(lambda: len(receiver.log) == 2, 20, "the delivery again")
        assert receiver.log[0].id == receiver.log[1].id
        assert receiver.log[0].body == receiver.log[1].body


@pytest.mark.guarantee
def test_what_is_noted_before_it_is_sent_can_be_lost(database: Database) -> None:
    """Who notes first and is killed before it sends has told nobody, and nobody tells it again."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver:
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, [1])
        with database.worker.begin() as connection:
            turn = take(connection, one.id, "killed", catalogue=hub.catalogue, now=hub.clock.now())
            assert isinstance(turn, Turn)
            results = [Result(event, delivered=True, status=200, ms=0) for event in turn.events]
            note(connection, turn, results, now=hub.clock.now(), tell=teller(hub))
        happened(hub, [2])
        later = FixedClock(SystemClock().now() + HELD + timedelta(seconds=1))
        with a_hub(database, later) as survivor, delivering_hub(survivor):
            until(lambda: len(receiver.accepted) == 1, 20, "the second event")
        assert numbers_of([each.event for each in receiver.log]) == [2]


@pytest.mark.guarantee
def test_two_processes_do_not_send_the_same(database: Database) -> None:
    """A turn is held by one of them."""
    with (
        a_hub(database, SystemClock()) as hub,
        receiving() as receiver,
        delivering_hub(hub),
        delivering_hub(hub),
        delivering_hub(hub),
    ):
        subscribed(hub, subscriber(hub, "bi"), receiver.url)
        for number in range(30):
            happened(hub, [number])
        until(lambda: len(receiver.accepted) >= 30, 30, "thirty deliveries")
        assert len({each.id for each in receiver.log}) == len(receiver.log) == 30


@pytest.mark.guarantee
def test_without_an_agreement_nothing_is_subscribed_to(database: Database) -> None:
    """Nor for a type that the agreement does not cover."""
    with a_hub(database, SystemClock()) as hub:
        stranger = subscriber(hub, "stranger", agreed=False)
        with pytest.raises(Forbidden):
            subscribed(hub, stranger, "http://127.0.0.1:9/")
        with pytest.raises(Forbidden):
            subscribed(hub, subscriber(hub, "bi", ["organisation.*"]), "http://127.0.0.1:9/", ["*"])


@pytest.mark.guarantee
def test_an_agreement_that_ends_stops_deliveries_at_once(database: Database) -> None:
    """It is looked up at every delivery; another subscriber goes on."""
    with (
        a_hub(database, SystemClock()) as hub,
        receiving() as receiver,
        receiving() as other,
        delivering_hub(hub),
    ):
        principal = subscriber(hub, "bi")
        subscribed(hub, principal, receiver.url)
        subscribed(hub, subscriber(hub, "other"), other.url)
        happened(hub, range(3))
        until(lambda: len(receiver.accepted) == len(other.accepted) == 3, 20, "three deliveries each")
        ended(hub, principal)
        happened(hub, range(3, 9))
        until(lambda: len(other.accepted) == 9, 20, "the other's deliveries")
        assert len(receiver.log) == 3


@pytest.mark.guarantee
def test_a_look_at_the_agreement_once_would_deliver_after_its_end(database: Database) -> None:
    """A turn that was taken before the end still holds what the next one does not."""
    with a_hub(database, SystemClock()) as hub:
        principal = subscriber(hub, "bi")
        one = subscribed(hub, principal, "http://127.0.0.1:9/")
        happened(hub, range(2))

        def taken() -> object:
            with database.worker.begin() as connection:
                return take(connection, one.id, "me", catalogue=hub.catalogue, now=hub.clock.now())

        before = taken()
        ended(hub, principal)
        assert isinstance(before, Turn)
        assert not isinstance(taken(), Turn)


def test_data_that_is_kept_more_closely_is_not_delivered(database: Database) -> None:
    """An agreement up to `internal` covers no personal data, of the same type either."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, delivering_hub(hub):
        subscribed(hub, subscriber(hub, "bi", ["*"]), receiver.url, ["*"])
        happened(hub, [1], family="organisation.role-stated")
        happened(hub, [2])
        until(lambda: receiver.accepted, 20, "what is internal")
        assert {each.event["type"] for each in receiver.log} == {"dk.samspil.organisation.unit-stated.v1"}


def test_a_redirect_is_not_followed(database: Database) -> None:
    """It is no success, and nobody is asked where it leads."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, receiving() as inside, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        receiver.answer(307, location=inside.url)
        happened(hub, [1])
        until(lambda: log_of(hub, one), 20, "the attempt")
        assert [(line.outcome, line.status) for line in log_of(hub, one)] == [("failed", 307)]
        assert inside.log == []


def test_an_address_that_may_not_be_reached_is_not_connected_to(database: Database) -> None:
    """Though it was allowed when the subscription was made: the network is looked at again at every connection."""
    with a_hub(database, SystemClock(), webhook_allow=("127.0.0.2/32",)) as hub, receiving() as receiver:
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, [1])
        with delivering_hub(hub):
            until(lambda: log_of(hub, one), 20, "the attempt")
        assert receiver.log == []
        assert "may not be reached" in log_of(hub, one)[0].note


def test_gone_stops_the_subscription_and_is_an_alert(database: Database) -> None:
    """410 pauses it at once; a person resumes it, and what came meanwhile is delivered."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        receiver.answer(410)
        happened(hub, [1])
        until(lambda: now_of(hub, one).status == "paused", 20, "the pause")
        happened(hub, [2])
        receiver.answer(200)
        with database.worker.begin() as connection:
            resume(connection, now_of(hub, one), by=METTE, tell=teller(hub))
        until(lambda: len(receiver.accepted) == 2, 20, "both events")
        with database.worker.connect() as connection:
            told = select(EVENT.c.type).where(EVENT.c.type.contains("subscription")).order_by(EVENT.c.position)
            facts = list(connection.execute(told).scalars())
        assert facts == ["dk.samspil.hub.subscription-paused.v1", "dk.samspil.hub.subscription-resumed.v1"]


def test_when_the_schedule_is_over_the_subscription_is_paused(database: Database) -> None:
    """After ten attempts, about three days."""
    clock = long_ago(100)
    with a_hub(database, clock) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        receiver.answer(500)
        happened(hub, [1])
        for attempt, wait in enumerate(SCHEDULE_S[1:], 1):
            until(lambda made=attempt: cursor_of(hub, one).attempt == made, 20, f"attempt {attempt}")  # type: ignore[misc]
            clock.move(timedelta(seconds=wait * 1.1))
        until(lambda: now_of(hub, one).status == "paused", 20, "the pause")
        assert len(receiver.log) == len(SCHEDULE_S)


def test_a_receiver_that_asks_for_time_gets_it(database: Database) -> None:
    """429 with Retry-After puts the next attempt off."""
    clock = long_ago(1)
    with a_hub(database, clock) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        receiver.answer(429, retry_after="1800")
        happened(hub, [1])
        until(lambda: cursor_of(hub, one).attempt == 1, 20, "the attempt")
        assert cursor_of(hub, one).due == clock.now() + timedelta(seconds=1800)


def test_a_replay_delivers_again_with_the_same_ids(database: Database) -> None:
    """From any position; and the audit log says who asked for it."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, range(4))
        until(lambda: len(receiver.accepted) == 4, 20, "four deliveries")
        until(lambda: len(log_of(hub, one)) == 4, 20, "their notes")
        with database.worker.begin() as connection:
            replay(connection, one, 0, by=METTE)
        until(lambda: len(receiver.accepted) == 8, 20, "four more")
        ids = [each.id for each in receiver.log]
        assert sorted(ids[:4]) == sorted(ids[4:])
        with database.worker.connect() as connection:
            assert (
                "Mette"
                in connection.execute(select(AUDIT.c.principal).where(AUDIT.c.action == "subscription replayed"))
                .scalars()
                .all()
            )
        with database.worker.begin() as connection, pytest.raises(Invalid):
            replay(connection, one, 10_000, by=METTE)


def test_the_log_is_kept_for_ninety_days(database: Database) -> None:
    """What is older is taken out by whoever delivers; what was counted stays."""
    clock = long_ago(24 * 91)
    with a_hub(database, clock) as hub, receiving() as receiver:
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, [1])
        with delivering_hub(hub):
            until(lambda: log_of(hub, one), 20, "the first line")
        clock.move(timedelta(days=90, minutes=1))
        happened(hub, [2])
        with delivering_hub(hub):
            until(lambda: [line.attempt for line in log_of(hub, one)] == [1], 20, "the first line to be gone")
            until(lambda: len(receiver.accepted) == 2, 20, "the second delivery")
            until(lambda: cursor_of(hub, one).delivered == 2, 20, "its note")
        assert len(log_of(hub, one)) == 1


def test_after_a_rotation_both_secrets_verify(database: Database) -> None:
    """So a receiver changes its secret without losing anything."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        with database.worker.begin() as connection:
            rotated = rotate(connection, one, by=METTE, now=hub.clock.now())
        happened(hub, [1])
        until(lambda: receiver.accepted, 20, "the delivery")
        for secret in (secret_of(hub, one), secret_of(hub, rotated)):
            assert receiver.log[0].verified(secret)["subject"]


def _deliverer_process(database: Database) -> "subprocess.Popen[bytes]":
    """A deliverer in a process of its own, which may be killed."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "hub.cli", "deliver"]
    settings = {"SAMSPIL_DATABASE_URL": url, "SAMSPIL_WEBHOOK_ALLOW": "127.0.0.0/8"}
    return subprocess.Popen(command, cwd=repository(), env={**os.environ, **settings})
