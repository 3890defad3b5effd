"""The page Operations: what is parked is shown with its reason, and people apply it after all or discard it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from access.principals import HUB
from consumers.deliveries.subscriptions import pause
from hub.delivering import teller
from tests.support.dashboard import Served, csrf_of, served
from tests.support.delivering import subscribed, subscriber
from tests.support.events import AUTHORITY
from tests.support.sample import Poison, sample_consumer, unit

PAGE = f"/web/{AUTHORITY}/operations"


@pytest.fixture
def poison() -> Poison:
    return Poison({"Enhed 1"})


@pytest.fixture
def place(poison: Poison) -> Iterator[Served]:
    """A hub with a consumer that chokes on one name."""
    with served(consumers=(sample_consumer(poison=poison),)) as made:
        made.hub.acceptor.accept([unit(number) for number in range(20)], HUB)
        made.running.wait(60)
        yield made


def parked(place: Served) -> list[str]:
    with place.hub.database.worker.connect() as connection:
        return list(connection.execute(text("SELECT status FROM hub.parked ORDER BY position")).scalars())


def test_what_is_parked_is_applied_after_all(place: Served, poison: Poison) -> None:
    """While the cause stands the person is told so, and nothing changes; once it is mended, the button does it."""
    with place.entered() as client:
        page = client.get(PAGE)
        assert "cannot apply event-1" in page.text
        subject = re.search(r'name="subject" value="([^"]+)"', page.text)
        assert subject
        form = {"csrf": csrf_of(page), "consumer": "sample", "subject": subject[1]}
        assert client.post(f"{PAGE}/replay", data=form).status_code == 422
        assert set(parked(place)) == {"parked"}
        poison.names.clear()
        done = client.post(f"{PAGE}/replay", data=form, follow_redirects=True)
        assert "3 hændelser er anvendt" in done.text
        assert "Intet er parkeret" in done.text
    assert set(parked(place)) == {"replayed"}


def test_what_is_parked_is_discarded_with_a_reason(place: Served) -> None:
    """Never without one."""
    with place.entered() as client:
        page = client.get(PAGE)
        subject = re.search(r'name="subject" value="([^"]+)"', page.text)
        assert subject
        form = {"csrf": csrf_of(page), "consumer": "sample", "subject": subject[1]}
        assert client.post(f"{PAGE}/discard", data=form).status_code == 422
        done = client.post(f"{PAGE}/discard", data=form | {"reason": "sendt ved en fejl"}, follow_redirects=True)
        assert "kasseret" in done.text
    assert set(parked(place)) == {"discarded"}


def deliveries_of(page: str) -> str:
    """The part of the page about deliveries."""
    return page.partition('aria-labelledby="deliveries"')[2].partition("</section>")[0]


def test_deliveries_that_nobody_makes_are_shown_in_red(place: Served) -> None:
    """With what to look at, in both languages; what is put off, stopped or just came says so and raises no alarm."""
    hub = place.hub
    one = subscribed(hub, subscriber(hub, "bi"), "http://127.0.0.1:9/", after=0)
    cursor = text("UPDATE hub.delivery SET due = :due WHERE subscription = :id")
    with place.entered() as client:
        shown = deliveries_of(client.get(PAGE).text)
        assert "standing-resolved" in shown
        assert "står stille" not in shown
        with hub.database.owner.begin() as connection:
            connection.execute(text("UPDATE hub.event SET recorded = recorded - interval '1 hour'"))
        shown = deliveries_of(client.get(PAGE).text)
        assert "Udsendingen står stille" in shown
        assert "standing-open" in shown
        assert "sendes ikke ud" in shown
        assert "wrong-number" in shown
        assert "Deliveries stand still" in client.get(f"{PAGE}?lang=en").text
        with hub.database.worker.begin() as connection:
            connection.execute(cursor, {"due": hub.clock.now() + timedelta(hours=1), "id": one.id})
        shown = deliveries_of(client.get(f"{PAGE}?lang=da").text)
        assert "standing-acknowledged" in shown
        assert "sendes senere" in shown
        assert "står stille" not in shown
        with hub.database.worker.begin() as connection:
            connection.execute(cursor, {"due": None, "id": one.id})
            pause(connection, one, "on holiday", by=None, attempts=0, tell=teller(hub))
        shown = deliveries_of(client.get(PAGE).text)
        assert "standing-acknowledged" in shown
        assert "får intet, før nogen genoptager det" in shown
