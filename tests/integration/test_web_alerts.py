"""What people do on the dashboard: every action is an event, is seen on the page that answers, and is done once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from consumers.alerts.queries import open_alerts
from consumers.alerts.rows import AlertRow
from consumers.runtime.projections import use_active
from kernel.ids import new_id
from tests.support.dashboard import Served, csrf_of, served
from tests.support.events import AUTHORITY

REASON = "Leverandøren er spurgt"


@pytest.fixture(scope="module")
def place() -> Iterator[Served]:
    with served() as made:
        yield made


@pytest.fixture
def client(place: Served) -> Iterator[httpx.Client]:
    with place.entered() as entered:
        yield entered


def alert_about(place: Served, number: str) -> AlertRow:
    """The alert that an invoice from an unknown supplier raises."""
    subject = place.invoice(number, supplier=f"Leverandør til {number}")
    with place.hub.database.reading((AUTHORITY,)) as connection:
        use_active(connection, "alerts")
        return next(alert for alert in open_alerts(connection, AUTHORITY, rule="ic07") if alert.subject == subject)


def page_of(alert: AlertRow) -> str:
    return f"/web/{AUTHORITY}/alerts/{alert.id}"


def form(client: httpx.Client, alert: AlertRow, action: str, **fields: str) -> dict[str, str]:
    """The form as the page gives it, filled in."""
    page = client.get(page_of(alert))
    position = page.text.split('name="position" value="')[1].split('"')[0]
    return {"csrf": csrf_of(page), "position": position, "action": action, "reason": REASON, **fields}


def told(place: Served, subject: str) -> list[tuple[str, dict[str, Any]]]:
    """(fact, data) of what people told about a subject."""
    with place.hub.database.worker.connect() as connection:
        rows = connection.execute(
            text("SELECT type, payload FROM hub.event WHERE subject = :subject AND source LIKE 'urn:person:%' "
                 "ORDER BY position"), {"subject": subject},
        )  # fmt: skip
        return [(row.type.split(".", 2)[2].rsplit(".", 1)[0], orjson.loads(row.payload)) for row in rows]


@pytest.mark.parametrize(
    ("action", "facts", "closes"),
    [
        ("acknowledge", [("alert", "alert.acknowledged")], False),
        ("accept", [("alert", "alert.decided")], True),
        ("false-alarm", [("alert", "alert.decided")], True),
        ("reject", [("invoice", "invoice.rejected"), ("alert", "alert.decided")], True),
        ("return", [("invoice", "invoice.returned"), ("alert", "alert.acknowledged")], False),
        ("hold", [("invoice", "invoice.held"), ("alert", "alert.acknowledged")], False),
        ("silence", [("alert", "alert.silenced")], False),
    ],
)
def test_an_action_is_events_and_is_seen_at_once(
    place: Served, client: httpx.Client, action: str, facts: list[tuple[str, str]], closes: bool
) -> None:
    """The facts are in the store with who and why, and the page that answers shows how the alert stands now."""
    alert = alert_about(place, f"NR-{action}")
    until = (place.hub.clock.now() + timedelta(days=14)).date().isoformat()
    fields = {"until": until} if action in ("hold", "silence") else {}
    answer = client.post(page_of(alert), data=form(client, alert, action, **fields), follow_redirects=True)
    assert answer.status_code == 200
    assert f"done={action}" in str(answer.url)
    assert REASON in answer.text
    assert ("standing-resolved" in answer.text) == closes
    for about, family in facts:
        found = told(place, alert.id if about == "alert" else alert.subject)
        (data,) = [data for fact, data in found if fact == family]
        assert data["by"]["name"] == "Mette Holm"
        assert REASON in (data.get("reason"), data.get("note"))
    assert sum(len(told(place, subject)) for subject in (alert.id, alert.subject)) == len(facts)


def test_a_silenced_alert_is_off_today_and_still_in_the_list(place: Served, client: httpx.Client) -> None:
    """Until its day is over nobody is reminded of it; whoever looks sees it, and until when."""
    alert = alert_about(place, "NR-stille")
    today = f"/web/{AUTHORITY}/today"
    assert page_of(alert) in client.get(f"/web/{AUTHORITY}/alerts?about=NR-stille").text
    until = (place.hub.clock.now() + timedelta(days=3)).date()
    client.post(page_of(alert), data=form(client, alert, "silence", until=until.isoformat()))
    assert page_of(alert) not in client.get(today).text
    listed = client.get(f"/web/{AUTHORITY}/alerts?about=NR-stille").text
    assert page_of(alert) in listed
    assert f"Stille til {until:%d-%m-%Y}" in listed


def test_of_two_people_one_is_told_that_somebody_was_first(place: Served) -> None:
    """Both saw the alert as it stood; the second decision is refused, with a way back."""
    alert = alert_about(place, "NR-to")
    with place.entered() as one, place.entered() as two:
        first, second = form(one, alert, "accept"), form(two, alert, "reject")
        assert one.post(page_of(alert), data=first).status_code == 303
        late = two.post(page_of(alert), data=second)
        assert late.status_code == 409
        assert "Nogen kom først" in late.text
    assert told(place, alert.subject) == []
    assert len(told(place, alert.id)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "accept", "reason": "  "},
        {"action": "silence", "until": ""},
        {"action": "silence", "until": "2001-01-01"},
        {"action": "pay"},
        {"position": "-1"},
    ],
    ids=str,
)
def test_what_is_missing_is_refused(place: Served, client: httpx.Client, fields: dict[str, str]) -> None:
    """Without a reason, a day to come or a known action nothing is stored."""
    alert = alert_about(place, "NR-mangler")
    sent = form(client, alert, "accept") | fields
    assert client.post(page_of(alert), data=sent).status_code == 422
    assert told(place, alert.id) == []


@pytest.mark.parametrize("types", [("alert.*",), ("alert.*", "invoice.*")], ids=["without-agreement", "without-role"])
def test_a_person_acts_within_agreement_and_role(place: Served, types: tuple[str, ...]) -> None:
    """The discrepancy is a task: whoever holds no role for it may take the alert on, and decides nothing."""
    name = f"Karen {len(types)}"
    key = place.person(name, [AUTHORITY], types)
    alert = alert_about(place, f"NR-aftale-{len(types)}")
    with place.client() as client:
        client.post("/web/login", data={"key": key})
        page = client.get(page_of(alert)).text
        assert 'value="acknowledge"' in page
        assert 'value="reject"' not in page
        assert f"/web/{AUTHORITY}/workflows/task/" in page
        for action in ("accept", "reject", "return", "hold", "false-alarm"):
            assert client.post(page_of(alert), data=form(client, alert, action)).status_code == 403, action
        assert told(place, alert.id) == told(place, alert.subject) == []
        assert client.post(page_of(alert), data=form(client, alert, "acknowledge")).status_code == 303
    ((fact, data),) = told(place, alert.id)
    assert (fact, data["by"]["name"]) == ("alert.acknowledged", name)


def test_an_invoice_page_tells_its_whole_story(place: Served, client: httpx.Client) -> None:
    """The document, what is found, and what was done with it stand together."""
    alert = alert_about(place, "NR-historie")
    client.post(page_of(alert), data=form(client, alert, "hold"))
    page = client.get(f"/web/{AUTHORITY}/invoices/{alert.subject}").text
    for expected in ("NR-historie", "Brugerlicens", "Leverandøren er ukendt", "Faktura tilbageholdt", REASON):
        assert expected in page
    assert "010190-1234" not in page
    assert "010190-****" in page


def test_an_event_is_found_by_the_number_that_people_know(place: Served, client: httpx.Client) -> None:
    """An invoice and a case by their numbers, in whatever letters; a part of a number finds nothing."""
    invoice, case = place.invoice("FA-000981"), new_id()
    place.sample("case.case-stated", case, number="27.36-0981")
    events = f"/web/{AUTHORITY}/events?about="
    assert invoice in client.get(f"{events}fa-000981").text
    assert case in client.get(f"{events}27.36-0981").text
    assert invoice not in client.get(f"{events}FA-00098").text
