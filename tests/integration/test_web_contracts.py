"""The contracts' page: what should have begun, and what is under way."""

from collections.abc import Iterator
from datetime import date

import pytest

from access.principals import HUB
from kernel.ids import derived_id
from schemas.days import DayStarted
from schemas.envelope import CloudEvent
from schemas.months import add_months
from schemas.registry import CATALOGUE
from tests.support.dashboard import Served, served
from tests.support.events import AUTHORITY

CONTRACT = "7c3b0000-0000-4000-8000-000000000009"
LATE, UNDER_WAY = "Burde være begyndt", "Genudbud er i gang"


@pytest.fixture
def place() -> Iterator[Served]:
    with served() as made:
        yield made


def tell(place: Served, family: str, subject: str, data: dict[str, object]) -> None:
    kind = CATALOGUE.latest(family)
    event = CloudEvent(
        id=f"{family}:{subject}", source="urn:test", type=kind.name, subject=subject, authority=AUTHORITY,
        time=place.hub.clock.now(), data=data, effective=date(2020, 1, 1) if "contract" in family else None,
    )  # fmt: skip
    place.hub.acceptor.accept([event], HUB)
    place.running.wait(60)


def test_a_contract_whose_re_tender_has_begun_is_not_late(place: Served) -> None:
    """It is shown as late until the watch has begun a re-tender, and as under way from then on."""
    today = place.hub.clock.now().date()
    ends = add_months(today, 18).isoformat()
    sample = CATALOGUE.latest("contract.contract-stated").sample
    contract = {name: sample[name] for name in ("local_id", "title", "supplier")}
    terms = {"starts_on": "2020-01-01", "ends_on": ends}
    tell(
        place,
        "contract.contract-stated",
        CONTRACT,
        contract | {"kind": "contract", "terms": terms, "procurement": {"procedure": "open"}},
    )
    with place.entered() as client:
        page = client.get(f"/web/{AUTHORITY}/contracts").text
        assert (LATE in page, UNDER_WAY in page) == (True, False)
        day = DayStarted(date=today).model_dump(mode="json")
        tell(place, "time.day-started", derived_id("calendar", AUTHORITY), day)
        page = client.get(f"/web/{AUTHORITY}/contracts").text
        assert (f'error">{LATE}' in page, UNDER_WAY in page) == (False, True)
