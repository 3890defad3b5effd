"""The contracts' page: what should have begun, and what is under way."""

from collections.abc import Iterator
from datetime import date

import pytest

from access.principals import HUB
from consumers.alerts.queries import open_alerts
from consumers.runtime.projections import use_active
from kernel.ids import derived_id
from schemas.days import DayStarted
from schemas.envelope import CloudEvent
from schemas.months import add_months
from schemas.registry import CATALOGUE
from tests.support.dashboard import Served, served
from tests.support.events import AUTHORITY

CONTRACT = "7c3b0000-0000-4000-8000-000000000009"
LATE, UNDER_WAY, DECIDED = "Burde være begyndt", "Genudbud er i gang", "Udløber, besluttet"
OWNER = "Ida Ejer"


@pytest.fixture
def place() -> Iterator[Served]:
    with served() as made:
        yield made


def tell(place: Served, family: str, subject: str, data: dict[str, object]) -> None:
    kind = CATALOGUE.latest(family)
    event = CloudEvent(
        id=f"{family}:{subject}", source="urn:test", type=kind.name, subject=subject, authority=AUTHORITY,
        time=place.hub.clock.now(), data=data, effective=date(2020, 1, 1) if family.endswith("stated") else None,
    )  # fmt: skip
    place.hub.acceptor.accept([event], HUB)
    place.running.wait(60)


def stated(ends: str) -> dict[str, object]:
    """A contract after an open procedure that ends on a day."""
    sample = CATALOGUE.latest("contract.contract-stated").sample
    contract = {name: sample[name] for name in ("local_id", "title", "supplier")}
    terms = {"starts_on": "2020-01-01", "ends_on": ends}
    return contract | {"kind": "contract", "terms": terms, "procurement": {"procedure": "open"}}


def test_a_contract_whose_re_tender_has_begun_is_not_late(place: Served) -> None:
    """It is shown as late until the watch has begun a re-tender, and as under way from then on."""
    today = place.hub.clock.now().date()
    ends = add_months(today, 18).isoformat()
    tell(place, "contract.contract-stated", CONTRACT, stated(ends))
    with place.entered() as client:
        page = client.get(f"/web/{AUTHORITY}/contracts").text
        assert (LATE in page, UNDER_WAY in page) == (True, False)
        day = DayStarted(date=today).model_dump(mode="json")
        tell(place, "time.day-started", derived_id("calendar", AUTHORITY), day)
        page = client.get(f"/web/{AUTHORITY}/contracts").text
        assert (f'error">{LATE}' in page, UNDER_WAY in page) == (False, True)


def test_what_nobody_takes_up_is_escalated_and_what_is_decided_is_shown_so(place: Served) -> None:
    """The alarm begins the re-tender by itself, which is no answer; once the owner says that it ends, all is quiet."""
    today = place.hub.clock.now().date()
    ends = add_months(today, 11).isoformat()
    role = {"role": "contract-owner", "kind": "contract", "responsible_for": {"id": CONTRACT}}
    tell(place, "organisation.role-stated", derived_id("owner"), role | {"holder": {"name": OWNER, "id": OWNER}})
    tell(place, "contract.contract-stated", CONTRACT, stated(ends))
    tell(place, "time.day-started", derived_id("calendar", AUTHORITY), DayStarted(date=today).model_dump(mode="json"))
    assert open_rules(place) == {"cw03"}
    headers = {"authorization": f"Bearer {place.person(OWNER, [AUTHORITY], ['workflow.*'])}"}
    with place.client() as client:
        flows = f"/workflows/{AUTHORITY}/tasks"
        ((task, *_),) = [client.get(flows, headers=headers).json()["tasks"]]
        answer = {"route": "ends", "what": "Opgaven er flyttet"}
        assert client.post(f"{flows}/{task['id']}/complete", json=answer, headers=headers).status_code == 201
    place.running.wait(60)
    assert open_rules(place) == set()
    with place.entered() as client:
        for page in ("contracts", f"contracts/{CONTRACT}"):
            shown = client.get(f"/web/{AUTHORITY}/{page}").text
            assert LATE not in shown
        assert DECIDED in client.get(f"/web/{AUTHORITY}/contracts").text


def open_rules(place: Served) -> set[str]:
    """The rules about contracts that have an open alert."""
    with place.hub.database.reading((AUTHORITY,)) as connection:
        use_active(connection, "alerts")
        return {alert.rule for alert in open_alerts(connection, AUTHORITY) if alert.rule.startswith("cw")}
