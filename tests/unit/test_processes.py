"""The processes that ship with the hub: complete, drawn, and carried to their end on every way."""

from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from consumers.contracts.watch import finding_of
from consumers.contracts.watch_rules import find
from consumers.contracts.watched import Origin, Watched
from consumers.workflows.definition import ROLES
from consumers.workflows.happenings import Happenings
from consumers.workflows.library import Process, load_library
from schemas.alerts import Finding, values_hash
from schemas.catalogue import Json
from schemas.contracts import Contract
from schemas.envelope import Event
from tests.support.events import AUTHORITY, event
from tests.support.invoice_control import contract, invoice, item, judged, line, of, supplier, unit
from tests.support.retendering import ASKED, TO_THE_BOARD, WITH_ONE_REJECTION
from tests.support.walking import Walk, wander

LIBRARY = load_library()
EVERY = pytest.mark.parametrize("process", list(LIBRARY), ids=lambda process: f"{process.key}/v{process.version}")
CONTRACT, UNIT, USAGE, SUPPLIER = (str(UUID(int=number)) for number in range(1, 5))
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"


def contract_alarm(**contract: Any) -> Event:
    """The alarm to buy anew, as the watch over contracts tells it."""
    stated: Json = {
        "local_id": "K-1",
        "title": "OmsorgNær",
        "supplier": {"id": SUPPLIER, "name": "Fjordbro Software A/S"},
        "responsible_unit": {"id": UNIT},
        "usages": [{"id": USAGE}],
        "terms": {"starts_on": "2022-01-01", "ends_on": "2027-12-31"},
    }
    watched = Watched(
        UUID(CONTRACT), Origin("urn:test", "c1"), Contract.model_validate(stated | contract), date(2026, 3, 2)
    )
    ((rule, hit),) = ((rule, hit) for rule, hit in find(watched) if rule.code == "cw02")
    return opened(finding_of(AUTHORITY, rule, hit, watched))


def opened(finding: Finding, alert: str = str(UUID(int=99))) -> Event:
    return event("alert.opened", alert, position=1, data=finding.model_dump(mode="json", exclude_none=True))


def billed_too_much() -> Finding:
    """1,300 for what costs 1,000, as invoice control finds it."""
    (finding,) = judged([supplier(), contract(), item(), unit(), invoice("100", line("1300"), contract_refs=["K-1"])])
    return finding


CAUSES = {"retender": contract_alarm, "invoice_discrepancy": lambda: opened(billed_too_much())}


@EVERY
def test_every_task_has_a_form_a_role_and_a_deadline(process: Process) -> None:
    """In both languages, and every element has an English name."""
    definition = process.definition
    for step, task in definition.tasks.items():
        assert task.working_days, step
        assert set(task.roles) <= set(ROLES), step
        assert definition.forms[task.form], step
        assert all(field.label.da and field.label.en for field in definition.forms[task.form]), step
    assert definition.english.keys() == process.drawing.kinds.keys()
    assert all(definition.english.values())
    assert all(process.name_of(step) != step for step in process.drawing.kinds)


@EVERY
def test_every_element_is_drawn_and_tasks_are_wide(process: Process) -> None:
    """Danish words do not break in 160 points; no two shapes lie on one another, but events on the edge of tasks."""
    root = etree.fromstring(process.xml)
    shapes = {str(shape.get("bpmnElement")): shape.find(f"{_DC}Bounds") for shape in root.iter(f"{_DI}BPMNShape")}
    assert shapes.keys() == process.drawing.kinds.keys()
    edges = {edge.get("bpmnElement") for edge in root.iter(f"{_DI}BPMNEdge")}
    assert edges == {flow.get("id") for flow in root.iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}sequenceFlow")}
    boxes = {}
    for step, bounds in shapes.items():
        assert bounds is not None
        x, y, width, height = (float(str(bounds.get(name))) for name in ("x", "y", "width", "height"))
        assert not process.drawing.kinds[step].endswith("Task") or width >= 160
        if process.drawing.kinds[step] != "boundaryEvent":
            boxes[step] = (x, y, x + width, y + height)
    for one, (left, top, right, bottom) in boxes.items():
        for other, (x1, y1, x2, y2) in boxes.items():
            assert one == other or right <= x1 or x2 <= left or bottom <= y1 or y2 <= top, (one, other)


@EVERY
def test_every_way_comes_to_an_end(process: Process) -> None:
    """Walked anyhow, forms filled in anyhow: it ends, what it tells fits, and no element is never reached."""
    reached = set[str]()
    for seed in range(300):
        walk = Walk.by(LIBRARY, CAUSES[process.key]())
        wander(walk, Random(seed))  # noqa: S311 - any way will do
        assert walk.instance.ended_on, walk.instance.current
        reached |= set(walk.instance.done)
    events = {step for step, kind in process.drawing.kinds.items() if kind == "eventBasedGateway"}
    assert process.drawing.kinds.keys() - reached - events == set()


def test_a_retender_from_alarm_to_next_contract() -> None:
    """With one rejection: one project, proposed, scored, rejected, approved and carried out, and one next contract."""
    walk = Walk.by(LIBRARY, contract_alarm())
    for step, values in WITH_ONE_REJECTION:
        walk.do(step, values)
    assert walk.instance.outcome == "NextContractRuns"
    (proposed,) = walk.events("portfolio.proposed")
    assert proposed["project"]["origin"]["kind"] == "workflow"
    assert [each["id"] for each in proposed["project"]["contracts"]] == [CONTRACT]
    assert [gate["gate"] for gate in walk.events("portfolio.gate-passed")] == [
        "start-analysis", "start-analysis", "start-implementation", "start-closing", "start-benefit-realisation",
    ]  # fmt: skip
    assert (len(walk.events("portfolio.rejected")), len(walk.events("portfolio.approved"))) == (1, 1)
    (following,) = walk.events("contract.contract-stated")
    assert following["replaces"]["id"] == CONTRACT
    assert [level["measure"] for level in following["service_levels"]] == ["uptime", "resolution"]
    assert following["supplier"]["id"] != SUPPLIER
    assert (following["responsible_unit"]["id"], following["usages"][0]["id"]) == (UNIT, USAGE)
    roles = {held["role"] for held in walk.events("organisation.role-stated")}
    assert roles == {"project-owner", "project-manager", "contract-owner"}


def test_a_contract_of_which_little_is_known_is_carried_on_too() -> None:
    """Without unit and system nothing is made up: no resources are told, and the project names no unit."""
    walk = Walk.by(LIBRARY, contract_alarm(responsible_unit=None, usages=[]))
    for step, values in (*ASKED, *TO_THE_BOARD):
        walk.do(step, values)
    assert walk.open_steps() == ["BoardDecides"]
    assert walk.events("portfolio.resources-stated") == []
    assert "unit" not in walk.events("portfolio.proposed")[0]["project"]


def test_reminders_are_asked_for_and_end_with_the_process() -> None:
    """Two silent weeks ask the central unit to remind; when the owner says no all is over."""
    walk = Walk.by(LIBRARY, contract_alarm())
    walk.fire("OwnerIsSilent")
    assert walk.open_steps() == ["AskCentralUnit", "RemindOwner"]
    walk.do("AskCentralUnit", {"route": "option", "what": "Optionen bruges"})
    assert (walk.instance.outcome, walk.open_steps()) == ("NotNeeded", [])


@pytest.mark.parametrize(
    ("answer", "outcome", "told", "decided"),
    [
        ("accept", "Accepted", [], "accepted"),
        ("reject", "Rejected", ["rejected"], "handled"),
        ("return", "Returned", ["returned"], "handled"),
    ],
)
def test_a_discrepancy_that_is_decided(answer: str, outcome: str, told: list[str], decided: str) -> None:
    """The decision is bound to the values that were found last, and the invoice is told what becomes of it."""
    finding = billed_too_much()
    walk = Walk.by(LIBRARY, opened(finding))
    walk.receive("alert-changed", {"values_hash": values_hash(finding)[::-1]})
    walk.do("Assess", {"answer": answer, "reason": "Aftalt mundtligt"})
    assert walk.instance.outcome == outcome
    (decision,) = walk.events("alert.decided")
    assert (decision["outcome"], decision["values_hash"]) == (decided, values_hash(finding)[::-1])
    assert [fact for fact in ("rejected", "returned") if walk.events(f"invoice.{fact}")] == told


def test_a_supplier_is_asked_reminded_and_credits() -> None:
    """The credit note that names the invoice moves it on; one that covers too little leads back."""
    walk = Walk.by(LIBRARY, opened(billed_too_much()))
    ask = {"question": "Hvorfor 1.301,25?", "asked_on": "2026-03-03"}
    walk.do("Assess", {"answer": "ask", "reason": "Uklar pris"})
    walk.do("AskSupplier", ask)
    walk.fire("NoAnswer")
    walk.do("RemindSupplier", {"wait_again": True})
    credit: Json = {"doc_type": "credit-note", "supplier": {"cvr": "99000104"}, "number": "KN-1"}
    credit["billing_refs"] = [{"number": "100", "normal_number": "100"}]
    (came,) = Happenings(LIBRARY).messages(event("invoice.received", str(of("kn1")), position=9, **credit))
    assert (came.message, came.key) == ("credit-note", walk.instance.values[came.equals])
    walk.receive(came.message, came.values)
    walk.do("CheckCreditNote", {"covers": False, "settled_reason": "For lidt"})
    walk.do("Assess", {"answer": "ask", "reason": "Igen"})
    walk.do("AskSupplier", ask)
    walk.receive("credit-note")
    walk.do("CheckCreditNote", {"covers": True, "settled_reason": "Dækker"})
    assert (walk.instance.outcome, walk.events("alert.decided")[0]["outcome"]) == ("Settled", "handled")


def test_a_discrepancy_ends_by_itself_when_its_alert_does() -> None:
    """Wherever it stands."""
    walk = Walk.by(LIBRARY, opened(billed_too_much()))
    walk.receive("alert-resolved")
    assert (walk.instance.outcome, walk.open_steps(), walk.events("alert.decided")) == ("Resolved", [], [])


def test_only_the_attestant_or_payment_authoriser_of_the_unit_decides() -> None:
    """The others with a role there recommend; the unit is the one the invoice was sent to."""
    walk = Walk.by(LIBRARY, opened(billed_too_much()))
    (task,) = walk.events("workflow.task-opened")
    assert task["roles"] == ["attestant", "payment-authoriser"]
    assert task["about"] == [{"kind": "unit", "id": str(of("unit"))}]
    definition = LIBRARY.latest("invoice_discrepancy").definition
    deciding = [step for step in definition.tasks if step != "Escalate"]
    assert all(definition.tasks[step].recommend == ("*",) for step in deciding)
