"""The pages about states and what is carried on, in a real browser: pictures, what they say in words, and forms."""

import pytest

from access.agreements import local_principal
from consumers.runtime.projections import use_active
from consumers.workflows.desk import Desk
from consumers.workflows.queries import tasks
from kernel.ids import derived_id
from monitoring.web.language import language
from schemas.envelope import Event
from schemas.hub import Actor
from tests.browser.conftest import Watched
from tests.support.dashboard import Served
from tests.support.events import AUTHORITY, event
from tests.support.landscapes import CONTRACT, ENDS, SUPPLIER, UNIT, landscape, system
from tests.support.looking import faults, inaccessible

HOME = f"/web/{AUTHORITY}"


@pytest.fixture(scope="module")
def small(place: Served) -> Served:
    """A hub with three systems, of which two read from the first."""
    place.take(landscape(3))
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
    small.take([*roles, event("time.day-started", derived_id("calendar"), **begun)])
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
