"""People do tasks over HTTP, on a real server with the workflows at work behind it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from access.bearer import principal_of
from adapters.http.api import install_problem_handlers
from adapters.http.api import router as events_router
from consumers.runtime import coverage
from consumers.workflows.api import router
from consumers.workflows.desk import Desk
from hub.opening import Hub
from hub.running import Running, consuming_store
from hub.settings import Settings
from kernel.clock import FixedClock
from kernel.errors import Forbidden, Retryable
from producers.accept import Acceptor
from producers.gather import Gatherer
from schemas.catalogue import Json
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.events import AUTHORITY
from tests.support.sample import applier
from tests.support.serving import key_of, listen, run_server
from tests.support.wait import until
from tests.support.workflows import (
    CONSUMER,
    LIBRARY,
    MONDAY,
    NO,
    YES,
    budget,
    carry_on,
    completed,
    errand_key,
    facts,
    holds,
    instance,
    put,
    task,
)

BUDGET, BUDGET_2, MANAGER, ELSEWHERE = "kali", "ulla", "mho", "peer"
OTHER_UNIT = "6b2a0000-0000-4000-8000-0000000000c2"


class Office:
    """A served hub with errand number 1 on its way, and its people."""

    def __init__(self, running: Running, url: str, database: Database) -> None:
        self.running, self.database = running, database
        self.client = httpx.Client(base_url=f"{url}/workflows/{AUTHORITY}", timeout=30)
        people = (BUDGET, BUDGET_2, MANAGER, ELSEWHERE)
        self.keys = {name: key_of(database, name, types=["workflow.*"], kind="person") for name in people}
        put(
            database,
            holds("budget-holder", BUDGET),
            holds("other", BUDGET_2, title="Direktion"),
            holds("unit-manager", MANAGER),
            holds("budget-holder", ELSEWHERE, unit=OTHER_UNIT),
            budget(1),
        )
        running.wait(20)

    def get(self, person: str, path: str, **params: str) -> Json:
        answer = self.client.get(path, params=params, headers=self.headers(person))
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def post(self, person: str, path: str, body: Json) -> httpx.Response:
        return self.client.post(path, json=body, headers=self.headers(person))

    def headers(self, person: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.keys[person]}"}


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    server = run_server(app)
    with listen() as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started, 10, "the server to start")
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    """The day after the errand was started."""
    clock = FixedClock(MONDAY + timedelta(days=1))
    gatherer = Gatherer(database, CATALOGUE, clock)
    acceptor = Acceptor(gatherer, CATALOGUE, clock)
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(events_router(acceptor, database))
    desk = Desk(acceptor, database, clock, LIBRARY, CONSUMER)
    app.include_router(router(acceptor, database, clock, desk))
    with ExitStack() as stack:
        stack.callback(gatherer.close)
        hub = Hub(Settings(tmp_path), database, acceptor, CATALOGUE, clock)
        running = stack.enter_context(consuming_store(hub, [CONSUMER]))
        made = Office(running, stack.enter_context(serving(app)), database)
        stack.callback(made.client.close)
        yield made


def test_people_see_their_tasks_and_do_them(office: Office) -> None:
    """A task is with those who hold its role for its unit; once done, the next step stands on the drawing."""
    (mine,) = office.get(BUDGET, "/tasks")["tasks"]
    assert (mine["id"], mine["name"], mine["deadline"]) == (
        task(1),
        {"da": "Tag stilling", "en": "Decide"},
        "2026-03-09",
    )
    assert [each["id"] for each in office.get(BUDGET_2, "/tasks")["tasks"]] == [task(1)]
    assert office.get(MANAGER, "/tasks")["tasks"] == office.get(ELSEWHERE, "/tasks")["tasks"] == []
    assert [field["name"] for field in office.get(BUDGET, f"/tasks/{task(1)}")["fields"]] == [
        "approved",
        "amount",
        "why",
    ]
    assert office.post(BUDGET, f"/tasks/{task(1)}/claim", {}).status_code == 201
    assert office.post(BUDGET, f"/tasks/{task(1)}/complete", YES).status_code == 201
    found = office.get(MANAGER, f"/instances/{instance(1)}")
    assert (found["current"], found["done"]) == (["Delivery", "TooLong"], ["Asked", "Decide", "Approved", "Order"])
    assert found["names"]["Delivery"] == {"da": "Leveret", "en": "Delivered"}
    assert [(fact["fact"], fact["by"]) for fact in found["history"]] == [
        ("started", None),
        ("task-claimed", BUDGET),
        ("task-completed", BUDGET),
    ]


def test_without_the_role_nobody_does_a_task(office: Office) -> None:
    """The answer says which role it takes and who holds it, and nothing has moved; who may recommend does that."""
    for person in (MANAGER, ELSEWHERE):
        answer = office.post(person, f"/tasks/{task(1)}/complete", YES)
        assert answer.status_code == 403
        assert "budget-holder or Direktion, for the unit" in answer.json()["detail"]
    assert office.post(ELSEWHERE, f"/tasks/{task(1)}/recommend", {"values": YES}).status_code == 403
    assert office.post(MANAGER, f"/tasks/{task(1)}/recommend", {"values": YES, "note": "Ja"}).status_code == 201
    seen = office.get(MANAGER, f"/tasks/{task(1)}")
    assert (seen["status"], seen["may_complete"], seen["may_recommend"]) == ("open", False, True)
    assert seen["history"][-1]["data"]["note"] == "Ja"


def test_of_two_people_one_is_told_who_was_first(office: Office) -> None:
    """Both complete at the same moment: one is stored, the other learns by whom and when it was done."""
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: office.post(one, f"/tasks/{task(1)}/complete", NO), (BUDGET, BUDGET_2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (late,) = [answer.json()["detail"] for answer in answers if answer.status_code == 409]
    first = office.get(MANAGER, f"/tasks/{task(1)}")["completed_by"]
    assert f"already completed by {first} at 2026-03-03 10:00" in late


def test_a_form_says_everything_that_is_wrong(office: Office) -> None:
    """A missing answer, an amount that is none and a field nobody asked for are said at once."""
    answer = office.post(BUDGET, f"/tasks/{task(1)}/complete", {"amount": "mange", "who": "mig"})
    assert answer.status_code == 422
    assert {each["where"] for each in answer.json()["problems"]} == {"values.who", "values.approved", "values.amount"}


def test_what_the_process_could_not_go_on_with_is_refused(office: Office) -> None:
    """A reason that is too long for the event that is made of it is said at once: nothing is stored, nothing parked."""
    answer = office.post(BUDGET, f"/tasks/{task(1)}/complete", YES | {"why": "n" * 400})
    assert answer.status_code == 422, answer.text
    assert "cannot go on with this" in answer.json()["detail"]
    assert facts(office.database, 1) == ["started", "task-opened"]
    assert office.post(BUDGET, f"/tasks/{task(1)}/complete", YES).status_code == 201


def test_values_are_an_object(office: Office) -> None:
    """Anything else is said to be wrong, with nothing moved."""
    for path in (f"/tasks/{task(1)}/recommend", "/instances"):
        sent = {"process": "errand", "business_key": errand_key(2), "values": ["ja"]}
        answer = office.post(MANAGER, path, sent)
        assert (answer.status_code, "`values` is an object" in answer.text) == (422, True)


def test_who_has_lost_the_role_decides_no_longer(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that is taken away in the store counts before the tables have read of it: nothing is stored."""
    monkeypatch.setattr(coverage, "PATIENCE_S", 0.1)
    clock = FixedClock(MONDAY + timedelta(days=1))
    put(database, holds("budget-holder", BUDGET), budget(1))
    carry_on(applier(database, CONSUMER))
    held = holds("budget-holder", BUDGET)
    put(
        database,
        held.model_copy(
            update={"id": "gone", "type": "dk.samspil.organisation.role-removed.v1", "data": {"reason": "Fratrådt"}}
        ),
    )
    with ExitStack() as stack:
        gatherer = Gatherer(database, CATALOGUE, clock)
        stack.callback(gatherer.close)
        desk = Desk(Acceptor(gatherer, CATALOGUE, clock), database, clock, LIBRARY, CONSUMER)
        person = principal_of(database, f"Bearer {key_of(database, BUDGET, types=['workflow.*'], kind='person')}")
        with pytest.raises(Retryable):
            desk.complete(person, AUTHORITY, task(1), YES)
        assert facts(database, 1) == ["started", "task-opened"]
        carry_on(applier(database, CONSUMER))
        with pytest.raises(Forbidden):
            desk.complete(person, AUTHORITY, task(1), YES)


def test_a_process_is_started_by_hand(office: Office) -> None:
    """By whom the definition allows, once for a key."""
    start = {
        "process": "errand",
        "business_key": errand_key(2),
        "values": {"unit": OTHER_UNIT, "needed_by": "2026-04-01"},
    }
    assert office.post(BUDGET, "/instances", start).status_code == 403
    answer = office.post(MANAGER, "/instances", start)
    assert answer.status_code == 201, answer.text
    assert answer.json()["id"] == instance(2)
    assert office.post(MANAGER, "/instances", start).status_code == 409
    office.running.wait(20)
    assert [each["id"] for each in office.get(ELSEWHERE, "/tasks")["tasks"]] == [task(2)]


def test_nobody_says_a_fact_of_workflows_past_the_roles(office: Office) -> None:
    """A completed task that is sent as an event is refused: only the hub writes facts of workflows."""
    event = completed(1, YES).model_dump(mode="json", exclude_none=True)
    url = str(office.client.base_url).split("/workflows")[0]
    headers = {**office.headers(BUDGET), "content-type": "application/cloudevents+json"}
    answer = httpx.post(f"{url}/events", json=event, headers=headers)
    assert answer.status_code == 403, answer.text
