"""People decide about projects over HTTP, on a real server with the portfolio at work behind it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from access.principals import HUB
from adapters.http.api import install_problem_handlers
from adapters.http.api import router as events_router
from consumers.portfolio.api import router
from consumers.portfolio.consumer import PORTFOLIO
from hub.opening import Hub
from hub.running import Running, consuming_store
from hub.settings import Settings
from kernel.clock import SystemClock
from kernel.ids import new_id, subject_id
from producers.accept import Acceptor
from producers.gather import Gatherer
from schemas import portfolio_samples as samples
from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.serving import AUTHORITY, key_of, listen, run_server
from tests.support.wait import until

PROJECTS = f"/portfolio/{AUTHORITY}/projects"
BOARD, CHAIR, COUNCIL, OWNER, MANAGER = "heje", "anbo", "liso", "kali", "mho"
SEATS = {BOARD: "portfolio-board", CHAIR: "portfolio-board", COUNCIL: "digitalisation-council"}


class Municipality:
    """A served hub and its people."""

    def __init__(self, running: Running, url: str) -> None:
        self.running, self.database = running, running.hub.database
        self.client = httpx.Client(base_url=url, timeout=20)
        self.keys = {
            person: key_of(self.database, person, types=["portfolio.*"], kind="person")
            for person in (*SEATS, OWNER, MANAGER)
        }
        for person, role in SEATS.items():
            self.seat(role, person, "unit", str(subject_id(AUTHORITY, "unit", "1")))

    def seat(self, role: str, person: str, kind: str, target: str) -> None:
        """Give a person a role."""
        holder = {"name": f"{person} Hansen", "id": person}
        self.tell(
            "organisation.role-stated",
            f"{role}:{person}:{target}",
            {"role": role, "holder": holder, "kind": kind, "responsible_for": {"id": target}},
        )

    def tell(self, family: str, subject: str, data: Json) -> None:
        """What a source system tells."""
        event = CloudEvent(
            id=new_id(), source="urn:test", type=f"dk.samspil.{family}.v1", subject=subject, authority=AUTHORITY,
            time=datetime(2026, 1, 1, tzinfo=UTC), data=data,
        )  # fmt: skip
        self.running.hub.acceptor.accept([event], HUB)
        self.running.wait(20)

    def post(self, person: str, path: str, body: Json, **params: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.keys[person]}"}
        return self.client.post(f"{PROJECTS}{path}", json=body, params=params, headers=headers)

    def get(self, person: str, project: str) -> Json:
        answer = self.client.get(f"{PROJECTS}/{project}", headers={"authorization": f"Bearer {self.keys[person]}"})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def say(self, person: str, project: str, path: str, body: Json) -> httpx.Response:
        """Look, then say it."""
        seen = self.get(person, project)["seen"]
        return self.post(person, f"/{project}/{path}", {k: v for k, v in body.items() if k != "by"}, seen=seen)

    def proposed(self) -> str:
        """A new project with an owner and a manager."""
        answer = self.post(OWNER, "", samples.PROJECT)
        assert answer.status_code == 201, answer.text
        project = str(answer.json()["project"])
        self.seat("project-owner", OWNER, "project", project)
        self.seat("project-manager", MANAGER, "project", project)
        return project


@contextmanager
def serving(database: Database, app: FastAPI) -> Iterator[str]:
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
def town(database: Database, tmp_path: Path) -> Iterator[Municipality]:
    """A municipality with a board of two, a council, and the portfolio at work."""
    clock = SystemClock()
    gatherer = Gatherer(database, CATALOGUE, clock)
    hub = Hub(Settings(tmp_path), database, Acceptor(gatherer, CATALOGUE, clock), CATALOGUE, clock)
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(events_router(hub.acceptor, database))
    app.include_router(router(hub.acceptor, database, clock))
    with ExitStack() as stack:
        stack.callback(gatherer.close)
        running = stack.enter_context(consuming_store(hub, [PORTFOLIO]))
        town = Municipality(running, stack.enter_context(serving(database, app)))
        stack.callback(town.client.close)
        yield town


def said(answer: httpx.Response, status: int) -> Json:
    """The answer's body, when it has this status."""
    assert answer.status_code == status, answer.text
    body: Json = answer.json()
    return body


WAY: tuple[tuple[str, str, Json], ...] = (
    (COUNCIL, "scores", samples.SCORES_GIVEN),
    (COUNCIL, "gates", {"gate": "start-analysis"}),
    (OWNER, "business-case", samples.BUSINESS_CASE),
    (OWNER, "benefits", {"benefits": [{**each, "owner": {"id": OWNER}} for each in samples.BENEFITS["benefits"]]}),
    (MANAGER, "resources", samples.RESOURCES),
    (COUNCIL, "recommendation", samples.RECOMMENDED),
    (BOARD, "rejection", samples.REJECTED),
    (COUNCIL, "recommendation", samples.RECOMMENDED),
    (BOARD, "approval", samples.APPROVED),
    (BOARD, "gates", {"gate": "start-implementation", "evidence": [samples.EVIDENCE_FILED]}),
    (MANAGER, "status", samples.STATUS_REPORTED),
    (MANAGER, "evidence", samples.EVIDENCE_FILED | {"kind": "acceptance-test"}),
    (OWNER, "gates", {"gate": "start-closing"}),
    (MANAGER, "evidence", samples.EVIDENCE_FILED | {"kind": "closing-report"}),
    (OWNER, "gates", {"gate": "start-benefit-realisation"}),
    (OWNER, "measurements", {"benefit": "G1", "value": "5"}),
    (OWNER, "measurements", {"benefit": "G2", "value": "0"}),
    (OWNER, "closing", samples.CLOSED),
)
OUTSIDER = {path: person for person, path in (
    (OWNER, "scores"), (OWNER, "recommendation"), (COUNCIL, "approval"), (COUNCIL, "rejection"), (BOARD, "status"),
    (COUNCIL, "closing"),
)}  # fmt: skip
"""Somebody who may not say it."""


def test_a_project_from_proposal_to_measured_benefits(town: Municipality) -> None:
    """With one rejection on the way; at every step a person without the role is refused and nothing is stored."""
    project = town.proposed()
    for person, path, body in WAY:
        other = OUTSIDER.get(path) or (MANAGER if path == "gates" else None)
        if other:
            refused = said(town.say(other, project, path, body), 403)
            assert "holds" in refused["detail"]
        said(town.say(person, project, path, body), 201)
    closed = town.get(OWNER, project)
    assert (closed["standing"], closed["phase"]) == ("completed", "benefit-realisation")
    assert len(closed["facts"]) == 1 + len(WAY) - 3
    assert {fact["data"]["by"]["name"] for fact in closed["facts"][1:]} <= {f"{each} Hansen" for each in town.keys}
    said(town.say(MANAGER, project, "status", samples.STATUS_REPORTED), 409)


@pytest.mark.guarantee
def test_of_two_who_decide_at_once_one_is_told_who_was_first(town: Municipality) -> None:
    """One approves and one rejects what both have seen: one of them counts."""
    project = town.proposed()
    said(town.say(COUNCIL, project, "recommendation", samples.RECOMMENDED), 201)
    seen = town.get(BOARD, project)["seen"]
    with ThreadPoolExecutor(2) as two:
        answers = [
            two.submit(town.post, BOARD, f"/{project}/approval", {}, seen=seen),
            two.submit(town.post, CHAIR, f"/{project}/rejection", {"reason": "For dyrt"}, seen=seen),
        ]
    results = [answer.result() for answer in answers]
    assert sorted(answer.status_code for answer in results) == [201, 409]
    winner = BOARD if results[0].status_code == 201 else CHAIR
    (loser,) = [answer.json() for answer in results if answer.status_code == 409]
    assert loser["detail"].startswith(f"{winner} Hansen was first: ")
    assert len(town.get(BOARD, project)["facts"]) == 3


def test_a_gate_without_its_evidence_is_refused_and_what_is_missing_named(town: Municipality) -> None:
    """Each missing piece is a finding; nothing is stored."""
    project = town.proposed()
    before = town.get(COUNCIL, project)
    assert (before["next_gate"], before["missing"]) == ("start-analysis", ["scores"])
    refused = said(town.say(COUNCIL, project, "gates", {"gate": "start-analysis"}), 422)
    assert refused["detail"] == "start-analysis is not passed: scores is missing"
    assert town.get(COUNCIL, project) == before


def test_a_role_that_was_taken_back_a_moment_ago_does_not_count(town: Municipality) -> None:
    """What is stored is known before anybody decides, also when it came by another topic."""
    project = town.proposed()
    seen = town.get(BOARD, project)["seen"]
    unit = subject_id(AUTHORITY, "unit", "1")
    removal = CloudEvent(
        id=new_id(), source="urn:test", type="dk.samspil.organisation.role-removed.v1", authority=AUTHORITY,
        subject=f"portfolio-board:{BOARD}:{unit}", time=datetime(2026, 1, 2, tzinfo=UTC), data={"reason": "fratrådt"},
    )  # fmt: skip
    town.running.hub.acceptor.accept([removal], HUB)
    refused = said(town.post(BOARD, f"/{project}/rejection", {"reason": "Nej"}, seen=seen), 403)
    assert refused["detail"].endswith("holds no role here")


def test_what_the_model_does_not_know_is_refused(town: Municipality) -> None:
    """Gates, criteria, scores and benefits; a gate of another phase; a completion too early."""
    project = town.proposed()
    refusals = (
        (BOARD, "gates", {"gate": "bp9"}, "no gate"),
        (BOARD, "gates", {"gate": "start-implementation"}, "the project is in idea"),
        (COUNCIL, "scores", {"scores": [{"criterion": "beauty", "score": "6"}]}, "do not fit"),
        (OWNER, "measurements", {"benefit": "G9", "value": "1"}, "no benefit"),
        (OWNER, "closing", samples.CLOSED, "not completed"),
    )
    for person, path, body, words in refusals:
        assert words in said(town.say(person, project, path, body), 422)["detail"]


def test_who_decides_is_known_by_the_key(town: Municipality) -> None:
    """Nobody decides in another's name, by neither way in; a system does not decide here at all."""
    project = town.proposed()
    seen = town.get(BOARD, project)["seen"]
    said(town.post(COUNCIL, f"/{project}/approval", {"by": {"id": BOARD}}, seen=seen), 422)
    event = {
        "specversion": "1.0", "id": "1", "source": "urn:mine", "type": "dk.samspil.portfolio.approved.v1",
        "subject": project, "authority": AUTHORITY, "time": "2026-03-02T12:00:00Z", "data": {"by": {"id": BOARD}},
    }  # fmt: skip
    headers = {"authorization": f"Bearer {town.keys[COUNCIL]}", "content-type": "application/cloudevents+json"}
    refused = said(town.client.post("/events", json=event, headers=headers), 422)
    assert [problem["message"] for problem in refused["problems"]] == [
        "is who sends the decision; leave `by` out, and it is filled in"
    ]
    town.keys["esdh"] = key_of(town.database, "esdh", types=["portfolio.*"])
    assert "is no person" in said(town.post("esdh", "", samples.PROJECT), 403)["detail"]


def test_without_agreement_nothing_is_said_or_read(town: Municipality) -> None:
    """A person of another authority, and one whose agreement is about something else."""
    project = town.proposed()
    town.keys["away"] = key_of(town.database, "away", authority="99000015", types=["portfolio.*"], kind="person")
    town.keys["clerk"] = key_of(town.database, "clerk", types=["organisation.*"], kind="person")
    for person in ("away", "clerk"):
        said(town.post(person, "", samples.PROJECT), 403)
        headers = {"authorization": f"Bearer {town.keys[person]}"}
        said(town.client.get(f"{PROJECTS}/{project}", headers=headers), 403)
    said(town.client.get(f"{PROJECTS}/{project}"), 401)


def test_a_breach_that_a_source_tells_is_an_alert(town: Municipality) -> None:
    """What the way for people refuses, a source may state: it is stored, and announced as an alert that goes again."""
    project = town.proposed()
    town.tell("portfolio.gate-passed", project, {"gate": "start-analysis", "by": {"id": COUNCIL}})
    assert town.get(OWNER, project)["phase"] == "analysis"
    assert alerts(town) == [("opened", "pf01", project)]
    said(town.say(COUNCIL, project, "scores", samples.SCORES_GIVEN), 201)
    town.running.wait(20)
    assert alerts(town) == [("opened", "pf01", project), ("resolved", "pf01", project)]


def alerts(town: Municipality) -> list[tuple[str, str, str]]:
    """What was told of alerts: fact, rule and project."""
    from sqlalchemy import text

    query = "SELECT type, payload::jsonb AS data FROM hub.event WHERE aggregatetype = 'alert' ORDER BY position"
    with town.database.worker.connect() as connection:
        rows = connection.execute(text(query)).all()
    return [(row.type.split(".")[3], row.data["rule"], row.data["subject"]["id"]) for row in rows]
