"""The re-tender of a system over HTTP, from the contract's alarm to the next contract, with every process killed on
the way: the project, each task and the next contract are there once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.months import add_months
from schemas.registry import CATALOGUE
from tests.support.events import AUTHORITY
from tests.support.office import Office, office
from tests.support.wait import until

OWNER, CENTRAL, COLLEAGUE, COUNCIL, BOARD, BUYER, MANAGER, OUTSIDER = (
    "kali", "cent", "coll", "raad", "styr", "indk", "mho", "peer",
)  # fmt: skip
PEOPLE = (OWNER, CENTRAL, COLLEAGUE, COUNCIL, BOARD, BUYER, MANAGER, OUTSIDER)
CONTRACT, UNIT, USAGE, SUPPLIER, SYSTEM = (str(UUID(int=number)) for number in range(1, 6))
TODAY = datetime.now(COPENHAGEN).date()
ENDS = add_months(TODAY, 20)
STEP_S = 60

BUSINESS_CASE: Json = {
    "case_summary": "Fælles snitflader", "investment": "1800000", "yearly_cost": "2300000", "yearly_gain": "650000",
    "risks": "Konvertering", "risk_document": "2026-014-3", "benefit_title": "Kortere journal", "benefit_kind": "time",
    "benefit_unit": "minutter", "benefit_baseline": "7.5", "benefit_target": "5",
    "benefit_due": add_months(TODAY, 36).isoformat(), "project_end": add_months(TODAY, 22).isoformat(), "hours": "60",
}  # fmt: skip
SCORES: Json = {f"score_{name}": "4" for name in ("strategy", "economy", "service", "obligation", "feasibility")}
STANDARDS: Json = dict.fromkeys(("architecture", "security", "data_protection", "accessibility", "archiving"), True)
TO_THE_BOARD: tuple[tuple[str, str, Json], ...] = (
    ("AnalyseNeeds", CENTRAL, {"needs": "Journal", "users": "900"}),
    ("DescribeAsIsToBe", CENTRAL, {"as_is": "Egen drift", "to_be": "Service"}),
    ("MakeBusinessCase", CENTRAL, BUSINESS_CASE),
    ("Recommend", CENTRAL, {"recommendation": "Begrænset udbud"}),
    ("CouncilDecides", COUNCIL, {**SCORES, "advice": "approve", "advice_reason": "Kontrakten udløber"}),
)
STORY: tuple[tuple[str, str, Json], ...] = (
    ("AskCentralUnit", OWNER, {"route": "retender", "what": "Omsorgsjournal"}),
    *TO_THE_BOARD,
    ("BoardDecides", BOARD, {"board_decision": "reject", "board_reason": "Gevinsterne har ingen ejere"}),
    *TO_THE_BOARD,
    ("BoardDecides", BOARD, {"board_decision": "approve", "board_reason": "Som indstillet", "budget": "1800000"}),
    ("AppointManager", CENTRAL, {"manager_id": MANAGER, "manager_name": "Mette Holm"}),
    ("FormTeam", MANAGER, {"team": "Sygeplejerske, it"}),
    ("SpecifyRequirements", MANAGER, {"requirements_document": "D-2", **STANDARDS}),
    ("DraftContract", BUYER, {
        "template": "K02", "uptime": "99.5", "uptime_credit": "5", "resolution": "8", "return_format": "SIARD",
    }),
    ("RunTender", BUYER, {
        "procedure": "restricted", "next_number": "K-2", "same_supplier": False, "winner": "Skovsøen Digital A/S",
        "signed_on": TODAY.isoformat(), "next_starts_on": (ENDS + timedelta(days=1)).isoformat(),
        "next_ends_on": add_months(ENDS, 60).isoformat(), "next_notice": "6", "total_value": "9000000",
    }),
    ("CheckImplementation", MANAGER, {
        "result": "change", "light": "green", "status": "Næsten i drift", "test_document": "2027-1",
    }),
    ("HandleChange", OWNER, {
        "change": "Flere brugere", "change_value": "100000", "change_basis": "180", "change_reason": "Under 10 %",
    }),
    ("CheckImplementation", MANAGER, {
        "result": "accepted", "light": "green", "status": "I drift", "test_document": "2027-2",
    }),
    ("HandOver", OWNER, {}),
    ("CloseProject", OWNER, {"closing_document": "D-9", "lessons": "Begynd før"}),
)  # fmt: skip
"""What is asked at each step, who holds the role for it, and how the form is filled in; the board says no once."""


@pytest.fixture
def hub() -> Iterator[Office]:
    with office(PEOPLE, ["workflow.*"], "registre") as served:
        served.send("registre", list(_registers()))
        yield served


def test_a_retender_goes_from_alarm_to_next_contract_though_everything_is_killed_between_its_steps(
    hub: Office,
) -> None:
    """Whoever has not the role is refused at every step; of two who do one task, one is told that it is done."""
    for step, person, form in STORY:
        task = _asked(hub, step)
        assert hub.post(OUTSIDER, f"{_TASKS}/{task}/complete", form).status_code == httpx.codes.FORBIDDEN
        if step == "Recommend":
            _both_at_once(hub, task, form)
        else:
            done = hub.post(person, f"{_TASKS}/{task}/complete", form)
            assert done.status_code == httpx.codes.CREATED, (step, done.text)
        hub.kill()
        hub.start()
    until(lambda: _instances(hub, "ended"), STEP_S, "the re-tender to end")
    (instance,) = _instances(hub, "ended")
    assert (instance["outcome"], _instances(hub, "running")) == ("NextContractRuns", [])
    assert hub.kills == len(STORY)
    _everything_is_there_once(hub, instance["id"])


_TASKS = f"/workflows/{AUTHORITY}/tasks"


def _asked(hub: Office, step: str) -> str:
    """The one open task, which is at `step`; its id."""

    def found() -> list[Json]:
        tasks = hub.get(OUTSIDER, _TASKS, mine="false")["tasks"]
        return [task for task in tasks if task["step"] == step]

    until(found, STEP_S, f"somebody to be asked for {step}")
    (task,) = found()
    return str(task["id"])


def _both_at_once(hub: Office, task: str, form: Json) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda who: hub.post(who, f"{_TASKS}/{task}/complete", form), (CENTRAL, COLLEAGUE)))
    assert sorted(answer.status_code for answer in answers) == [httpx.codes.CREATED, httpx.codes.CONFLICT]
    (late,) = (answer for answer in answers if answer.status_code == httpx.codes.CONFLICT)
    assert "already completed by" in late.text


def _instances(hub: Office, status: str) -> list[Json]:
    found: list[Json] = hub.get(OUTSIDER, f"/workflows/{AUTHORITY}/instances", status=status)["instances"]
    return found


def _everything_is_there_once(hub: Office, instance: str) -> None:
    with hub.database() as database, database.worker.connect() as connection:
        rows = connection.execute(text("SELECT type, subject, payload::jsonb AS data FROM hub.event")).all()
    told: dict[str, list[Any]] = {}
    for row in rows:
        told.setdefault(row.type.removeprefix("dk.samspil.").rpartition(".v")[0], []).append(row)
    (project,) = told["portfolio.proposed"]
    assert project.data["project"]["origin"]["id"] == instance
    assert (len(told["portfolio.rejected"]), len(told["portfolio.approved"])) == (1, 1)
    following = [row for row in told["contract.contract-stated"] if row.subject != CONTRACT]
    assert [row.data["replaces"]["id"] for row in following] == [CONTRACT]
    opened = Counter((row.data["step"], row.data["ordinal"]) for row in told["workflow.task-opened"])
    assert set(opened.values()) == {1}
    assert Counter(step for step, _ in opened) == Counter(step for step, _, _ in STORY)
    assert len(told["workflow.started"]) == len(told["workflow.ended"]) == 1
    assert len(told["workflow.task-completed"]) == len(STORY)


def _registers() -> Iterator[CloudEvent]:
    """A contract that ends in 20 months, what it is about, and who holds which role."""
    yield _stated("organisation.unit", UNIT, {"name": "Center for Social og Sundhed"})
    yield _stated(
        "supplier.supplier", SUPPLIER, {"local_id": "L-1", "name": "Fjordbro Software A/S", "cvr": "99000104"}
    )
    yield _stated("system.usage", USAGE, {"system": {"id": SYSTEM, "name": "OmsorgNær"}, "name": "OmsorgNær"})
    yield _role("contract-owner", OWNER, "contract", CONTRACT)
    for role, holder in (
        ("central-unit", CENTRAL), ("central-unit", COLLEAGUE), ("digitalisation-council", COUNCIL),
        ("portfolio-board", BOARD), ("procurement", BUYER),
    ):  # fmt: skip
        yield _role(role, holder, "unit", UNIT)
    contract = {
        "local_id": "K-1",
        "title": "OmsorgNær",
        "supplier": {"id": SUPPLIER, "name": "Fjordbro Software A/S"},
        "responsible_unit": {"id": UNIT},
        "usages": [{"id": USAGE}],
        "terms": {"starts_on": "2022-01-01", "ends_on": ENDS.isoformat()},
    }
    yield _stated("contract.contract", CONTRACT, contract)


def _role(role: str, holder: str, kind: str, thing: str) -> CloudEvent:
    subject = derived_id("role", role, holder)
    held = {"role": role, "holder": {"id": holder, "name": holder}, "kind": kind, "responsible_for": {"id": thing}}
    return _stated("organisation.role", subject, held)


def _stated(family: str, subject: str, data: Json) -> CloudEvent:
    return CloudEvent(
        id=f"{family}:{subject}",
        source="urn:egesoe:registre",
        type=CATALOGUE.latest(f"{family}-stated").name,
        subject=subject,
        authority=AUTHORITY,
        time=datetime.now(COPENHAGEN),
        data=data,
        effective=date(2022, 1, 1),
    )
