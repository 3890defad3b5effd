"""Conditions, templates, forms, deadlines and drawings: what they may hold, and what is refused."""

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.workflows.definition import Definition
from consumers.workflows.drawing import read_drawing
from consumers.workflows.engine import compile_drawing
from consumers.workflows.expressions import evaluate
from consumers.workflows.forms import filled_in
from consumers.workflows.library import load_library
from consumers.workflows.templates import fill
from consumers.workflows.workdays import after_span, deadline, is_working_day
from kernel.errors import Invalid
from tests.support.workflows import ERRAND

VALUES: dict[str, Any] = {"amount": "1200.50", "approved": True, "kind": "eu", "on": "2026-03-02", "nothing": "sNaN"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("approved and amount <= 1200.5", True),
        ("amount > 999", True),
        ("amount == 1200.5", True),
        ("not approved or kind in ['eu', 'mini']", True),
        ("kind not in ['mini']", True),
        ("on < '2026-04-01'", True),
        ("missing == None", True),
        ("missing > 5", False),
        ("kind > 5", False),
        ("1 < 2 < 3", True),
        ("amount > -1", True),
        ("nothing > 5", False),
        ("nothing != 5", True),
    ],
)
def test_a_condition(expression: str, expected: bool) -> None:
    """Comparisons of values, with numbers written as text, dates, and what is missing."""
    assert evaluate(expression, VALUES.get) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').getpid()",
        "open('/etc/passwd')",
        "[x for x in amount]",
        "lambda: 1",
        "amount + 1",
        "f'{amount}'",
        "amount[0]",
        "(lambda: 1).__globals__",
        "''.join(kind)",
        "a := 1",
        "1 +",
        "",
    ],
)
def test_what_is_more_than_a_condition_is_refused(expression: str) -> None:
    """A drawing is never code."""
    with pytest.raises(Invalid):
        evaluate(expression, VALUES.get)


@given(st.text(max_size=40))
def test_no_text_is_run(text: str) -> None:
    """Any text is either of the language, and comes to a value, or is refused."""
    with suppress(Invalid):
        evaluate(text, VALUES.get)


def test_a_template() -> None:
    """A single place keeps the value's kind, text holds several, and what has no value is left out."""
    template = {"id": "{amount}", "yes": "{approved}", "text": "{kind}: {amount}{missing}", "gone": "{missing}",
                "inner": {"id": "{missing}"}, "list": ["{missing}", "{kind}"], "number": 3}  # fmt: skip
    assert fill(template, VALUES.get) == {
        "id": "1200.50",
        "yes": True,
        "text": "eu: 1200.50",
        "list": ["eu"],
        "number": 3,
    }


def test_a_deadline_counts_working_days_from_the_day_after() -> None:
    """Over Easter, Christmas and the closed days; great prayer day counts since 2024."""
    assert deadline(date(2026, 3, 2), 1) == date(2026, 3, 3)
    assert deadline(date(2026, 4, 1), 1) == date(2026, 4, 7)
    assert deadline(date(2026, 12, 23), 1) == date(2026, 12, 28)
    assert deadline(date(2026, 12, 30), 1) == date(2027, 1, 4)
    assert deadline(date(2026, 6, 4), 1) == date(2026, 6, 8)
    assert is_working_day(date(2024, 4, 26))
    assert not is_working_day(date(2023, 5, 5))


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 60))
def test_a_deadline_is_a_working_day_and_grows(opened: date, days: int) -> None:
    """It lies after the opening, on a day when somebody is at work, and a day more is later."""
    found = deadline(opened, days)
    assert found > opened
    assert is_working_day(found)
    assert deadline(opened, days + 1) > found


def test_a_span_of_days_and_months() -> None:
    """ISO 8601 without hours; the end of a month stays one."""
    assert after_span(date(2026, 1, 31), "P1M") == date(2026, 2, 28)
    assert after_span(date(2026, 1, 1), "P1Y2W3D") == date(2027, 1, 18)
    for wrong in ("P", "PT5M", "5 days"):
        with pytest.raises(Invalid):
            after_span(date(2026, 1, 1), wrong)


def test_a_form_is_read_in_its_one_written_form() -> None:
    """Amounts are plain numbers, a CPR number in text is masked, what is empty is left out."""
    fields = ERRAND.definition.forms["decision"]
    assert filled_in(fields, {"approved": False, "amount": "1200.50", "why": " om 010190-1234 "}) == {
        "approved": False,
        "amount": "1200.5",
        "why": "om 010190-****",
    }
    with pytest.raises(Invalid) as refused:
        filled_in(fields, {"approved": "ja", "amount": 12.5, "why": "", "more": 1})
    assert {problem.where for problem in refused.value.problems} == {"values.approved", "values.amount", "values.more"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("approved and amount", "open('x') and amount", "not of the language"),
        ('<bpmn:serviceTask id="Order"', '<bpmn:scriptTask id="Order"', "not carried out"),
        ('id="Decide" name', 'id="Judge" name', "are those of the drawing"),
        ('id="errand" name', 'id="other" name', "with the id errand"),
        ('name="delivered"', 'name="brought"', "are those of the drawing"),
        ("<bpmn:timerEventDefinition>", "<bpmn:signalEventDefinition/><bpmn:timerEventDefinition>", "not carried out"),
        ('<bpmn:startEvent id="Asked">', '<bpmn:startEvent id="Asked"><bpmn:messageEventDefinition/>', "a plain start"),
        ('<bpmn:endEvent id="Reminded">', '<bpmn:endEvent id="Reminded"><bpmn:messageEventDefinition/>', "a plain end"),
        ('attachedToRef="Decide"', 'attachedToRef="Order"', "on a user task"),
        ("xmlns:xsi", "oops", "is no XML"),
    ],
)  # fmt: skip
def test_a_drawing_that_cannot_be_carried_out_is_refused_when_it_is_loaded(old: str, new: str, said: str) -> None:
    """Code, elements that are not known here, and what does not fit the definition: said with its line."""
    xml = ERRAND.xml.decode().replace(old, new)
    if "scriptTask" in new:
        xml = xml.replace("</bpmn:serviceTask>", "</bpmn:scriptTask>")
    with pytest.raises(Invalid) as refused:
        read_drawing(xml.encode(), ERRAND.definition, "errand/v1.bpmn")
    assert said in str(refused.value)


def test_a_drawing_that_goes_nowhere_is_refused() -> None:
    """A flow to an element that is not there."""
    xml = ERRAND.xml.replace(b'targetRef="Approved"', b'targetRef="Nowhere"')
    with pytest.raises(Invalid):
        compile_drawing(xml, "errand")


def test_a_definition_is_refused_with_its_file_and_field(tmp_path: Path) -> None:
    """A task's form that is not defined, a file of another name, a drawing that is missing."""
    folder = tmp_path / "errand"
    folder.mkdir()
    written = ERRAND.definition.model_dump_json()
    (folder / "v1.json").write_text(written.replace('"form":"nothing"', '"form":"something"'))
    with pytest.raises(Invalid, match=r"errand/v1.json is no definition"):
        load_library(tmp_path)
    (folder / "v1.json").write_text(written)
    with pytest.raises(Invalid, match=r"draw v1.bpmn"):
        load_library(tmp_path)
    (folder / "v1.json").rename(folder / "v2.json")
    with pytest.raises(Invalid, match=r"defines errand version 1"):
        load_library(tmp_path)
    assert Definition.model_validate_json(written) == ERRAND.definition
