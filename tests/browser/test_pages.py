"""Every page in a real browser: both languages, at a desk and in a hand, with nothing, one thing and ten thousand."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from consumers.alerts.consumer import ALERTS
from consumers.invoice_control.consumer import INVOICE_CONTROL
from hub.consumers import CONSUMERS
from kernel.ids import new_id
from monitoring.web.navigation import NAVIGATION
from tests.browser.conftest import EACH_WAY, PHONE, Watched
from tests.support.dashboard import Served, fill_many, served
from tests.support.events import AUTHORITY
from tests.support.looking import faults, inaccessible

MANY = 10_000
HOME = f"/web/{AUTHORITY}"
LISTS = (
    *NAVIGATION,
    "invoices",
    "invoices?wrong=true&page=100",
    "alerts?status=all&page=7",
    "events?family=invoice.received",
    "alerts?about=findes-ikke",
)


@pytest.fixture(scope="module", params=[0, 1, MANY], ids=["nothing", "one", "ten-thousand"])
def filled(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Served]:
    """A hub with so many alerts; with many of them only those who keep them are at work."""
    with served(consumers=CONSUMERS if request.param <= 1 else (INVOICE_CONTROL, ALERTS)) as made:
        if request.param == 1:
            made.invoice("FA-000123")
        elif request.param:
            fill_many(made, request.param)
        yield made


def test_every_page_is_well(filled: Served, watch: Callable[[Served], Watched]) -> None:
    """No sideways scroll, no cut text, no key and no `None`; axe and the console are silent; all comes from here."""
    watched = watch(filled)
    assert [wrong for page in LISTS for wrong in watched.look(f"{HOME}/{page}")] == []
    assert watched.complaints == []
    assert watched.outside == []


@pytest.mark.alone
def test_a_long_list_answers_within_a_second(filled: Served) -> None:
    """However much there is, a page of it is quick."""
    with filled.entered() as client:
        for page in LISTS:
            assert client.get(f"{HOME}/{page}").elapsed.total_seconds() < 1, page


KINDS = ("alert", "invoice", "event", "case", "system", "contract", "project", "workflow", "task")


@pytest.fixture(scope="module")
def one_of_each(place: Served) -> dict[str, str]:
    """The address of one of everything that has a page of its own, under the authority's."""
    case, system, contract, project = (new_id() for _ in range(4))
    place.case(case)
    place.sample("system.usage-stated", system)
    place.sample("contract.contract-stated", contract)
    place.sample("portfolio.project-stated", project)
    subject = place.invoice("FA-000777")
    found = {"invoice": f"invoices/{subject}", "event": "events/1", "case": f"cases/{case}"}
    found |= {"system": f"system/{system}", "contract": f"contracts/{contract}", "project": f"portfolio/{project}"}
    with place.entered() as client:
        for kind, listing in (("alert", "alerts/"), ("task", "workflows/task/"), ("workflow", "workflows/")):
            listed = client.get(f"{HOME}/{listing.split('/')[0]}").text.split("<main")[1]
            (first, *_) = re.findall(rf'href="{HOME}/({listing}[0-9a-f-]{{36}})"', listed)
            found[kind] = first
    return found


@pytest.mark.parametrize("what", KINDS)
def test_one_thing_has_a_page_that_is_well(what: str, place: Served, one_of_each: dict[str, str],
                                           watch: Callable[[Served], Watched]) -> None:  # fmt: skip
    """Whatever has a page of its own."""
    watched = watch(place)
    assert watched.look(f"{HOME}/{one_of_each[what]}") == []
    assert watched.complaints == []
    assert watched.outside == []


def test_before_there_is_anything_to_see_the_pages_are_well(place: Served, chromium: Browser) -> None:
    """The login, and what somebody finds behind it whom no authority has given access: they stand up to the same."""
    wrong = []
    with chromium.new_context() as context, context.new_page() as page:
        page.goto(f"{place.url}/web/login")
        wrong += _looked_at(page, f"{place.url}/web/login")
        page.locator("main input[name=key]").fill(place.person("Nina Ny", []))
        page.locator("main button").click()
        page.wait_for_url(f"{place.url}/web/")
        wrong += _looked_at(page, f"{place.url}/web/")
    assert wrong == []


def _looked_at(page: Page, address: str) -> list[str]:
    wrong = []
    for lang, width in EACH_WAY:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{address}?lang={lang}")
        wrong += [f"{address} {lang} {width}: {each}" for each in (*faults(page), *inaccessible(page))]
    return wrong


def test_the_menu_opens_in_a_hand(place: Served, watched: Watched) -> None:
    """On a small screen the menu is a drawer with every page in it."""
    watched.open(f"{HOME}/today", width=PHONE)
    watched.page.get_by_role("button", name="Menu").click()
    drawer = watched.page.get_by_role("dialog")
    assert drawer.is_visible()
    drawer.get_by_role("link", name="Drift").click()
    watched.page.wait_for_url("**/operations")
