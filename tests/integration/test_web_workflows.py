"""The page of a task: who is asked, and for what."""

from collections.abc import Iterator

import pytest

from kernel.ids import new_id
from tests.support.dashboard import Served, served
from tests.support.events import AUTHORITY

GLN = "5798009811578"
"""The sample invoice's."""


@pytest.fixture
def place() -> Iterator[Served]:
    with served() as made:
        yield made


def test_an_instance_is_listed_by_what_people_are_asked_for(place: Served) -> None:
    """Not by the alert and the reminder that it waits for meanwhile."""
    place.invoice("FA-000123")
    with place.entered() as client:
        listed = client.get(f"/web/{AUTHORITY}/workflows?show=running").text
    assert "Vurdér afvigelse</td>" in listed
    assert "En uge uden svar" not in listed


def test_a_task_says_for_which_unit_by_its_name(place: Served) -> None:
    """A unit that no system belongs to has a name too."""
    unit = new_id()
    place.sample("organisation.unit-stated", unit, name="Center for Vand", parent=None, glns=[{"gln": GLN}])
    place.invoice("FA-000123")
    with place.entered() as client:
        listed = client.get(f"/web/{AUTHORITY}/workflows").text
        address = next(part.split('"')[0] for part in listed.split('href="') if "/workflows/task/" in part[:80])
        page = client.get(address).text
    assert "Center for Vand" in page
    assert f">{unit}<" not in page
