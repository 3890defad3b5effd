"""Who decides about the discrepancy of an invoice: those who hold the role for its unit, whichever way they say it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from consumers.alerts.queries import open_alerts
from consumers.alerts.rows import AlertRow
from consumers.runtime.projections import use_active
from kernel.ids import new_id
from schemas.registry import CATALOGUE
from tests.support.dashboard import Served, csrf_of, served
from tests.support.events import AUTHORITY

WITHOUT, WITH = "Karen Uden", "Anna Attestant"
TYPES = ("alert.*", "invoice.*", "workflow.*")
REASON = "Leverandøren er spurgt"
OF_INVOICES = ("invoice.rejected", "invoice.returned", "invoice.held")


@pytest.fixture(scope="module")
def place() -> Iterator[Served]:
    with served() as made:
        made.sample(
            "organisation.role-stated", new_id(), role="attestant", title=None, kind="unit",
            holder={"name": WITH, "id": WITH},
        )  # fmt: skip
        yield made


@pytest.fixture(scope="module")
def keys(place: Served) -> dict[str, str]:
    return {name: place.person(name, [AUTHORITY], TYPES) for name in (WITHOUT, WITH)}


def discrepancy(place: Served) -> AlertRow:
    """The alert that an invoice from an unknown supplier raises: it is held."""
    number = f"NR-{uuid4().hex[:8]}"
    subject = place.invoice(number, supplier=f"Leverandør til {number}")
    with place.hub.database.reading((AUTHORITY,)) as connection:
        use_active(connection, "alerts")
        return next(alert for alert in open_alerts(connection, AUTHORITY, rule="ic07") if alert.subject == subject)


def said(place: Served, key: str, family: str, alert: AlertRow, **other: Any) -> httpx.Response:
    """A person says it as an event of its own."""
    closing = {"outcome": "accepted", "reason": REASON, "values_hash": alert.values_hash}
    stopping = {"at": place.hub.clock.now().isoformat(), "reason": REASON}
    of_alert = family.startswith("alert.")
    event = {
        "specversion": "1.0", "id": new_id(), "source": "urn:test", "type": CATALOGUE.latest(family).name,
        "subject": alert.id if of_alert else alert.subject, "authority": AUTHORITY,
        "time": place.hub.clock.now().isoformat(), "data": (closing if of_alert else stopping) | other,
    }  # fmt: skip
    headers = {"authorization": f"Bearer {key}", "content-type": "application/cloudevents+json"}
    return httpx.post(f"{place.url}/events", json=event, headers=headers, timeout=30)


@pytest.mark.parametrize("family", ["alert.decided", *OF_INVOICES])
def test_an_event_of_a_person_needs_the_role(place: Served, keys: dict[str, str], family: str) -> None:
    """An agreement is not enough; who holds the role is named."""
    alert = discrepancy(place)
    refused = said(place, keys[WITHOUT], family, alert)
    assert refused.status_code == 403, refused.text
    assert f"it is held by {WITH}" in refused.text
    assert said(place, keys[WITH], family, alert).status_code == 202


def test_what_is_only_to_be_seen_needs_no_role(place: Served, keys: dict[str, str]) -> None:
    """Everybody with the agreement takes an alert on."""
    alert = discrepancy(place)
    with place.client() as client:
        client.post("/web/login", data={"key": keys[WITHOUT]})
        assert client.post(page_of(alert), data=form(client, alert, "acknowledge")).status_code == 303


@pytest.mark.parametrize("family", OF_INVOICES)
def test_nobody_decides_in_anothers_name(place: Served, keys: dict[str, str], family: str) -> None:
    """What is done with an invoice is said by who does it, also by somebody with the role."""
    refused = said(place, keys[WITH], family, discrepancy(place), by={"id": "chef", "name": "Chefen"})
    assert refused.status_code == 422
    assert "is who sends the decision" in refused.text


def test_an_alert_that_is_none_is_not_decided(place: Served, keys: dict[str, str]) -> None:
    """Nobody can say whose it would be."""
    unknown = said(place, keys[WITH], "alert.decided", replace(discrepancy(place), id=new_id()))
    assert unknown.status_code == 422
    assert "there is no alert" in unknown.text


def test_while_the_supplier_is_asked_the_role_is_still_needed(place: Served, keys: dict[str, str]) -> None:
    """No task is open while the process waits for an answer: the decision is nobody else's for that."""
    alert = discrepancy(place)
    flows = f"{place.url}/workflows/{AUTHORITY}"
    headers = {"authorization": f"Bearer {keys[WITH]}"}
    for answers in ({"answer": "ask", "reason": REASON}, {"question": REASON, "asked_on": "2026-03-02"}):
        (task,) = [
            each for each in httpx.get(f"{flows}/tasks", headers=headers).json()["tasks"]
            if each["business_key"] == alert.id
        ]  # fmt: skip
        done = httpx.post(f"{flows}/tasks/{task['id']}/complete", json=answers, headers=headers, timeout=30)
        assert done.status_code == 201, done.text
    for person, offered in ((WITHOUT, False), (WITH, True)):
        with place.client() as client:
            client.post("/web/login", data={"key": keys[person]})
            page = client.get(page_of(alert)).text
            assert "/workflows/task/" not in page
            for action in ("accept", "reject", "return", "hold", "false-alarm"):
                assert (f'value="{action}"' in page) == offered, (person, action)
                if not offered:
                    assert client.post(page_of(alert), data=form(client, alert, action)).status_code == 403


def page_of(alert: AlertRow) -> str:
    return f"/web/{AUTHORITY}/alerts/{alert.id}"


def form(client: httpx.Client, alert: AlertRow, action: str) -> dict[str, str]:
    page = client.get(page_of(alert))
    position = page.text.split('name="position" value="')[1].split('"')[0]
    return {"csrf": csrf_of(page), "position": position, "action": action, "reason": REASON}
