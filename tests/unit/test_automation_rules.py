"""Rules as data: what sets them off, what they make, and what is refused before they are adopted."""

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from consumers.automation.checking import rule_problems
from consumers.automation.conditions import holds, sets_off
from consumers.automation.consequences import consequences
from consumers.automation.view import View
from schemas.automation import Condition, Rule, rule_id
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from tests.support.events import AUTHORITY, event

CASE = "8d5c0000-0000-4000-8000-000000000001"
SAMPLE = CATALOGUE.latest("automation.rule-adopted").sample
EMIT, START, TELL = SAMPLE["then"]
RULE_ID = rule_id(AUTHORITY, SAMPLE["code"])


def rule(**changes: Any) -> Rule:
    return Rule.model_validate(SAMPLE | changes)


def told(**changes: Any) -> View:
    return View.of(event("case.case-stated", CASE, position=7, **({"state": "decided"} | changes)), CATALOGUE)


def made(of: Rule, view: View) -> list[tuple[str, Json]]:
    """The facts that the rule makes, each with its data."""
    return [
        (each.type.split(".")[3], orjson.loads(each.payload)) for each in consequences(of, RULE_ID, view, CATALOGUE)
    ]


INVOICE = View.of(
    event(
        "invoice.received",
        CASE,
        position=1,
        contract_refs=["K-1", "K-2"],
        currency="DKK",
    ),
    CATALOGUE,
)


@pytest.mark.parametrize(
    ("path", "operator", "value", "fits"),
    [
        ("data.currency", "equals", "DKK", True),
        ("data.currency", "not-equals", "DKK", False),
        ("data.contract_refs", "equals", "K-2", True),
        ("data.contract_refs", "not-equals", "K-2", False),
        ("data.contract_refs.0", "equals", "K-2", False),
        ("data.contract_refs", "one-of", ["K-9", "K-1"], True),
        ("data.contract_refs", "starts-with", "K-", True),
        ("data.contract_refs", "contains", "k-2", True),
        ("data.totals.tax_exclusive", "at-least", "0", True),
        ("data.totals.tax_exclusive", "less-than", 0, False),
        ("data.issue_date", "more-than", "2020-01-01", True),
        ("data.currency", "at-most", 5, False),
        ("data.nothing", "absent", None, True),
        ("data.lines.id", "exists", None, True),
        ("type", "equals", "invoice.received", True),
        ("day", "equals", "2026-03-02", True),
    ],
)
def test_a_condition_compares_what_stands_at_its_path(path: str, operator: Any, value: Any, fits: bool) -> None:
    """Numbers as numbers, dates and all else as text, each entry of a list on the way."""
    condition = Condition.model_validate({"path": path, "operator": operator, "value": value})
    assert holds(condition, INVOICE) is fits


@pytest.mark.parametrize(
    "wrong",
    [
        {"operator": "one-of", "value": "decided"},
        {"operator": "exists", "value": "decided"},
        {"operator": "equals"},
        {"operator": "matches", "value": ".*"},
        {"operator": "equals", "value": 1.5},
        {"path": "__class__", "value": "x"},
    ],
)
def test_an_operator_compares_with_what_it_can(wrong: Json) -> None:
    """The list of operators is closed, and so are the paths."""
    with pytest.raises(ValidationError):
        Condition.model_validate({"path": "data.state"} | wrong)


def test_a_rule_is_set_off_when_all_of_its_conditions_hold() -> None:
    """One that does not is enough."""
    assert sets_off(rule().when, told())
    assert not sets_off(rule().when, told(state="clarified"))
    assert not sets_off(rule().when, INVOICE)


def test_what_a_rule_makes_is_said_by_the_event() -> None:
    """An event, a request to start a process, and a notice; all of them of the cause, one derivation deeper."""
    view = told()
    entry, start, notice = consequences(rule(), RULE_ID, view, CATALOGUE)
    assert orjson.loads(entry.payload) == {
        "case": CASE, "number": "R-1", "title": "Afgjort: 27.36.04-G01-118-26",
        "direction": "internal", "entered_on": "2026-03-02",
    }  # fmt: skip
    requested = orjson.loads(start.payload)
    assert (requested["process"], requested["business_key"], requested["values"]) == (
        "errand", CASE, {"number": "27.36.04-G01-118-26"},
    )  # fmt: skip
    assert orjson.loads(notice.payload)["title"] == "Sag 27.36.04-G01-118-26 er afgjort"
    assert notice.classification == start.classification == view.event.classification or notice.classification
    assert (entry.time, start.time, notice.time) == (view.event.time, view.event.recorded, view.event.time)
    for each in (entry, start, notice):
        assert (each.causation_id, each.depth) == (view.event.id, 1)
    assert consequences(rule(), RULE_ID, view, CATALOGUE) == [entry, start, notice]


def test_a_path_alone_keeps_its_kind_and_one_that_leads_nowhere_leaves_its_field_out() -> None:
    """A list stays a list, also with one entry; within text, entries stand side by side."""
    data = {
        "name": "${data.title}, ${data.kle_facet}",
        "kle": ["${data.kle_subject}"],
        "former_name": "${data.handler.name}",
        "description": "${data.unit.id}",
    }
    emit = {"action": "emit", "type": "dk.samspil.system.catalogue-stated.v1", "data": data}
    (fact,) = made(rule(then=[emit]), told(handler=None, kle_facet="G01"))
    assert fact[1]["name"] == "Ansøgning om personlig hjælp, G01"
    assert fact[1]["kle"] == ["27.36.04"]
    assert "former_name" not in fact[1]


def test_an_action_that_cannot_be_is_told_as_failed_and_the_others_go_on() -> None:
    """With the field and never its value."""
    no_uuid = EMIT | {"subject": "${data.number}"}
    no_date = EMIT | {"data": EMIT["data"] | {"entered_on": "${data.title}"}}
    facts = made(rule(then=[no_uuid, no_date, TELL]), told(title="Hansen"))
    assert [name for name, _ in facts] == ["action-failed", "action-failed", "notice"]
    assert "is a UUID" in facts[0][1]["reason"]
    assert facts[1][1]["reason"].startswith("data.entered_on: ")
    assert "Hansen" not in facts[1][1]["reason"]


def test_cpr_numbers_do_not_come_out_of_templates() -> None:
    """What a text is filled with is masked with it."""
    notice = TELL | {"title": "Om ${data.number}", "text": "cpr 010190-1234"}
    facts = made(rule(then=[notice]), told(number="sag-0101901234"))
    assert "1234" not in facts[0][1]["text"]
    facts = made(rule(then=[TELL | {"title": "Om ${data.number}"}]), told(number="010190 1234"))
    assert "1234" not in facts[0][1]["title"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"when": {"event": "case.nothing"}}, "when.event"),
        ({"when": {"event": "hub.redacted"}}, "when.event"),
        ({"when": {"event": "case.case-stated", "conditions": [{"path": "data.stat", "value": "x"}]}}, "conditions.0"),
        ({"then": [EMIT | {"type": "dk.samspil.case.nothing.v1"}]}, "then.0.type"),
        ({"then": [EMIT | {"type": "dk.samspil.alert.opened.v1"}]}, "then.0.type"),
        ({"then": [EMIT | {"type": "dk.samspil.workflow.ended.v1"}]}, "then.0.type"),
        ({"then": [EMIT | {"type": "dk.samspil.case.case-stated.v1"}]}, "then.0"),
        ({"when": {"event": "automation.notice"}, "then": [TELL | {"title": "Se her"}]}, "then.0"),
        ({"when": {"event": "workflow.start-requested"}, "then": [{"action": "start", "process": "errand"}]}, "then.0"),
        ({"then": [EMIT | {"data": EMIT["data"] | {"content": "x"}}]}, "then.0.data.content"),
        ({"then": [TELL | {"title": "${data.nothing}"}]}, "then.0"),
        ({"then": [TELL | {"title": "${data.unit.name.first}"}]}, "then.0"),
        ({"then": [TELL | {"title": "${os.environ}"}]}, "then.0"),
        ({"then": [EMIT | {"data": EMIT["data"] | {"entered_on": "${data.number}"}}]}, "then.0"),
    ],
)
def test_what_can_be_known_to_be_wrong_is_found_before_adoption(changes: Json, where: str) -> None:
    """Names that are none, events that no rule may tell, circles, and data that the type would refuse."""
    found = rule_problems(rule(**changes), CATALOGUE)
    assert [problem.where for problem in found if where in problem.where], found
    assert rule_problems(rule(), CATALOGUE) == []


def test_ids_are_of_the_cause_the_rule_and_the_action() -> None:
    """Another event, another version or another action is another event; the same is the same."""
    again: Event = told().event._replace(id="another")
    ids = {each.id for each in consequences(rule(then=[TELL, TELL]), RULE_ID, told(), CATALOGUE)}
    ids |= {each.id for each in consequences(rule(then=[TELL, TELL], version=3), RULE_ID, told(), CATALOGUE)}
    ids |= {each.id for each in consequences(rule(then=[TELL]), RULE_ID, View.of(again, CATALOGUE), CATALOGUE)}
    assert len(ids) == 5
