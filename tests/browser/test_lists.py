"""Every list about states and what is carried on, with nothing in it, a little, and ten thousand rows."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Watched
from tests.support.crowd import crowd, crowded
from tests.support.dashboard import Served, served
from tests.support.events import AUTHORITY
from tests.support.landscapes import CONTRACT, landscape, system

FEW, MANY = 2, 10_000
HOME = f"/web/{AUTHORITY}"
LISTS = (
    "landscape?steps=3",
    "landscape?q=System+1",
    "landscape?valid_at=2020-01-01&known_at=2020-01-01",
    "contracts",
    "contracts?show=all&page=2",
    "contracts?q=findes-ikke",
    *(f"portfolio?show={part}" for part in ("overview", "priorities", "status", "resources", "benefits", "relations")),
    *(f"workflows?show={which}" for which in ("mine", "open", "running", "ended")),
    "cases",
    "cases?state=all&page=2",
)


@pytest.fixture(scope="module", params=[0, FEW, MANY], ids=["nothing", "two", "ten-thousand"])
def filled(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[tuple[Served, int]]:
    """A hub with so many of everything, of workflows at most as many as `crowd` says."""
    with served() as made:
        made.take([*landscape(request.param), *crowd(request.param, made.hub.clock.now().date())])
        yield made, request.param


def pages(count: int) -> Iterator[str]:
    """The lists, and some of what is in them: the system and the contract that all rest on, a project, a case."""
    yield from LISTS
    if count:
        yield from (f"system/{system(0)}", f"system/{system(1)}", f"contracts/{CONTRACT}")
        yield from (f"portfolio/{crowded('project', 1)}", f"cases/{crowded('case', 1)}")


def test_every_page_is_well(filled: tuple[Served, int], watch: Callable[[Served], Watched]) -> None:
    """No sideways scroll, no cut text, no key and no `None`; neither axe nor the console complains."""
    place, count = filled
    watched = watch(place)
    assert [wrong for page in pages(count) for wrong in watched.look(f"{HOME}/{page}")] == []
    assert watched.complaints == []
    assert watched.outside == []
