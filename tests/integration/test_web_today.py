"""Today: what rules tell people is on the page of those it is told to."""

from collections.abc import Iterator

import pytest

from access.agreements import approve_agreement, request_agreement
from kernel.ids import new_id
from schemas.automation import rule_id
from schemas.registry import CATALOGUE
from tests.support.dashboard import Served, served
from tests.support.events import AUTHORITY

MANAGER, OTHER, UNINFORMED = "Lea Leder", "Nina Nabo", "Ulla Uden"
TOLD = "Sag 2 er afgjort"


@pytest.fixture(scope="module")
def place() -> Iterator[Served]:
    """A rule has told the unit managers of a case."""
    with served() as made:
        rule = CATALOGUE.latest("automation.rule-adopted").sample
        made.sample("automation.rule-adopted", rule_id(AUTHORITY, rule["code"]))
        for name in (MANAGER, UNINFORMED):
            role = {"role": "unit-manager", "kind": "unit", "holder": {"name": name, "id": name}}
            made.sample("organisation.role-stated", new_id(), **role)
        made.sample("case.case-stated", new_id(), number="2", state="decided", kle_subject="27.36.04")
        yield made


def page_of(place: Served, name: str, most: str) -> str:
    key = place.person(name, [AUTHORITY])
    with place.hub.database.worker.begin() as connection:
        asked = request_agreement(
            connection, AUTHORITY, name, "receive", ["automation.*"], by="asker", max_sensitivity=most
        )
        approve_agreement(connection, asked, by="approver")
    with place.client() as client:
        client.post("/web/login", data={"key": key})
        return client.get(f"/web/{AUTHORITY}/today").text


def test_a_notice_is_read_by_whom_it_is_told_to(place: Served) -> None:
    """By those who hold the role and may read it, and by whoever started the hub."""
    assert TOLD in page_of(place, MANAGER, "sensitive")
    assert TOLD not in page_of(place, OTHER, "sensitive")
    assert TOLD not in page_of(place, UNINFORMED, "internal")
    with place.entered() as client:
        assert TOLD in client.get(f"/web/{AUTHORITY}/today").text
