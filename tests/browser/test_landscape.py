"""The pages about states and what is carried on, in a real browser: pictures, what they say in words, and forms."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser

from access.agreements import local_principal
from consumers.runtime.projections import use_active
from consumers.workflows.desk import Desk
from consumers.workflows.queries import tasks
from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from monitoring.web.language import language
from producers.store import append_one
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.hub import Actor
from schemas.months import add_months
from schemas.registry import CATALOGUE
from tests.browser.conftest import DESK, PHONE, Watched
from tests.support.dashboard import Served, served
from tests.support.events import AUTHORITY, event
from tests.support.looking import faults, inaccessible

FEW, MANY = 2, 10_000
HOME = f"/web/{AUTHORITY}"
SUPPLIER, CONTRACT, UNIT = (derived_id("page", name) for name in ("supplier", "contract", "unit"))
CONTRACT_NUMBER = "K-2020-053"
ENDS = add_months(datetime.now(COPENHAGEN).date(), 13)
"""When the contract ends: so soon that it is time to buy anew, whenever the tests run."""


def named(subject: str, name: str) -> Json:
    return {"id": subject, "name": name}


def system(number: int) -> str:
    """The id of the usage with this number."""
    return derived_id("page", "usage", number)


def landscape(count: int) -> list[Event]:
    """So many usages, each reading persons from the first; a supplier, a contract, and what it costs."""
    told: list[tuple[str, str, Json]] = []
    for number in range(count):
        usage = {"system": named(derived_id("page", "system", number), f"System {number}"), "name": f"System {number}"}
        contract = {"main_contract": named(CONTRACT, "Drift")} if number == 0 else {}
        told.append(("system.usage-stated", system(number), usage | contract | {"life_cycle": "operational"}))
        if number:
            relation = {
                "user": named(system(number), f"System {number}"),
                "provider": named(system(0), "System 0"),
                "frequency": "daily",
                "data": [{"name": "Personer"}],
            }
            told.append(("system.relation-stated", derived_id("page", "relation", number), relation))
    if count:
        told.append(
            (
                "supplier.supplier-stated",
                SUPPLIER,
                {"local_id": "LEV-1", "name": "Fjordbro Software A/S", "cvr": "99000104"},
            )
        )
        terms = {"starts_on": "2024-01-01", "ends_on": ENDS.isoformat(), "notice": {"months": 6}}
        stated = {
            "local_id": CONTRACT_NUMBER,
            "title": "Drift",
            "supplier": named(SUPPLIER, "Fjordbro"),
            "terms": terms,
        }
        told.append(("contract.contract-stated", CONTRACT, stated | {"usages": [named(system(0), "System 0")]}))
    return [event(family, subject, position=place + 1, data=data) for place, (family, subject, data) in enumerate(told)]


def fill(place: Served, events: list[Event]) -> None:
    """Put them into the store at once, and wait until every consumer has them."""
    with place.hub.database.worker.begin() as connection:
        append_one(connection, events, catalogue=CATALOGUE, now=place.hub.clock.now())
    place.running.wait(300)


@pytest.fixture(scope="module", params=[0, FEW, MANY], ids=["nothing", "two", "ten-thousand"])
def filled(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[tuple[Served, int]]:
    """A hub with a landscape of so many systems."""
    with served() as made:
        fill(made, landscape(request.param))
        yield made, request.param


def pages(count: int) -> Iterator[str]:
    """What there is to look at in it."""
    yield from ("landscape?steps=3", "landscape?q=System+1", "contracts?show=all", "contracts?q=findes-ikke")
    yield from (f"portfolio?show={part}" for part in ("priorities", "status", "resources", "benefits", "relations"))
    yield from (f"workflows?show={which}" for which in ("open", "running", "ended"))
    yield "landscape?valid_at=2020-01-01&known_at=2020-01-01"
    if count:
        yield from (f"system/{system(0)}", f"system/{system(1)}", f"contracts/{CONTRACT}")


def test_every_page_is_well(filled: tuple[Served, int], watch: Callable[[Served], Watched]) -> None:
    """No sideways scroll, no cut text, no key and no `None`; neither axe nor the console complains."""
    place, count = filled
    watched, wrong = watch(place), list[str]()
    for page in pages(count):
        for lang, width in (("da", DESK), ("en", PHONE))[: 1 if count == MANY else 2]:
            answer = watched.open(f"{HOME}/{page}", width=width, lang=lang)
            where = f"{page} {lang} {width}"
            wrong += [f"{where}: {each}" for each in faults(watched.page)]
            wrong += [f"{where}: {each}" for each in (inaccessible(watched.page) if count == FEW else ())]
            wrong += [f"{where}: {answer.status}"] if answer.status != 200 else []
    assert wrong == []
    assert watched.complaints == []
    assert watched.outside == []


@pytest.fixture(scope="module")
def small(place: Served) -> Served:
    """A hub with three systems, of which two read from the first."""
    fill(place, landscape(3))
    return place


def test_who_loses_which_data_is_drawn_and_told(small: Served, watched: Watched) -> None:
    """The picture is there; beside it stands who loses what, how often it came, and from whom."""
    watched.open(f"{HOME}/landscape?centre={system(0)}")
    watched.page.locator(".landscape.is-drawn").wait_for()
    told = [row.inner_text().split("\t") for row in watched.page.locator("#impact ~ * tbody tr").all()]
    assert [[cell.strip() for cell in row] for row in told] == [
        [f"System {number}", "Personer", "Dagligt", "System 0", "1", "Ingen"] for number in (1, 2)
    ]
    watched.page.get_by_role("button", name="Zoom ind").click()


def test_a_node_leads_to_its_surroundings(small: Served, watched: Watched) -> None:
    """A click on the other of two nodes, wherever along the middle it stands, shows what is around that one."""
    watched.open(f"{HOME}/landscape?centre={SUPPLIER}")
    watched.page.locator(".landscape.is-drawn").wait_for()
    canvas = watched.page.locator(".landscape-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    for right in range(0, int(box["width"]), 6):
        watched.page.mouse.move(box["x"] + right, middle)
        if watched.page.locator(".landscape-canvas.is-over-node").count():
            watched.page.mouse.click(box["x"] + right, middle)
            break
    watched.page.get_by_role("heading", name="Omkring System 0").wait_for()


def test_a_landscape_is_shown_as_of_any_day(small: Served, watched: Watched) -> None:
    """Before the first statement held there was nothing; the page says so, and for which day."""
    watched.open(f"{HOME}/landscape?valid_at=2025-12-31")
    assert watched.page.get_by_text("Landskabet er tomt").is_visible()
    assert watched.page.get_by_text("Som det er den 31-12-2025").is_visible()


def test_six_questions_stand_on_one_page(small: Served, watched: Watched) -> None:
    """What it is, how it hangs together, its cost, when to buy anew, its owner, its conformity."""
    watched.open(f"{HOME}/system/{system(0)}")
    headings = watched.page.locator(".question > h2").all_inner_texts()
    assert [text.split()[0] for text in headings] == ["Hvad", "Hvordan", "Hvad", "Hvornår", "Hvem", "Følger"]
    assert watched.page.get_by_text("Ingen ejer systemet").is_visible()
    watched.page.get_by_role("link", name="Drift", exact=True).last.click()
    watched.page.get_by_role("heading", name="Drift", exact=True).wait_for()
    assert watched.page.get_by_text(language("da").date(ENDS)).first.is_visible()


def holds(role: str, kind: str, subject: str) -> Event:
    """Kali Vestersø holds a role."""
    holder = {"name": "Kali Vestersø", "id": "kali"}
    data = {"role": role, "holder": holder, "kind": kind, "responsible_for": {"id": subject}}
    return event("organisation.role-stated", f"role-{role}", position=1, data=data)


def test_a_task_is_completed(small: Served, watched: Watched) -> None:
    """A contract nears its end: the owner's task is on the page, is done in its form, and the open drawing follows."""
    hub, page, today = small.hub, watched.page, small.hub.clock.now().date()
    begun = {"position": 2, "data": {"date": today.isoformat()}, "effective": today}
    roles = holds("contract-owner", "contract", CONTRACT), holds("central-unit", "unit", UNIT)
    fill(small, [*roles, event("time.day-started", derived_id("calendar"), **begun)])
    watched.open(f"{HOME}/workflows?show=open")
    page.locator("tbody a").first.click()
    wrong = [*faults(page), *inaccessible(page)]
    page.get_by_role("button", name="Udfør opgaven").click()
    page.get_by_text("Noget i formularen mangler eller passer ikke").wait_for()
    wrong += [*faults(page), *inaccessible(page)]
    watched.complaints.clear()  # a form that does not fit is answered with 422, which the browser mentions
    page.get_by_label("Opgaven skal genudbydes").check()
    page.get_by_label("Hvad bruges systemet til").fill("Omsorg og pleje")
    page.get_by_role("button", name="Udfør opgaven").click()
    page.get_by_text("Opgaven er udført", exact=True).wait_for()
    page.locator("[data-element-id=AnalyseNeeds].is-current").wait_for()
    assert [*wrong, *faults(page), *inaccessible(page)] == []

    instance = page.url.split("/workflows/")[1].split("?")[0]
    with hub.database.reading((AUTHORITY,)) as connection:
        use_active(connection, "workflows")
        (task,) = tasks(connection, AUTHORITY, instance=instance)
    with hub.database.worker.begin() as connection:
        here = local_principal(connection, AUTHORITY)
    desk = Desk(hub.acceptor, hub.database, hub.clock)
    desk.complete(here, AUTHORITY, task.id, {"needs": "Færre tastefejl"}, by=Actor(id="kali", name="Kali Vestersø"))
    page.locator("[data-element-id=AnalyseNeeds].is-done").wait_for()
    assert page.locator(".step-current", has_text="Beskriv nuværende og fremtidig løsning").is_visible()
