"""What people write into forms, and what pages make of numbers and days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.portfolio.rows import StatusRow
from consumers.workflows.definition import FormField
from monitoring.web.language import CODES, Code, language
from monitoring.web.pages.contracts import timeline
from monitoring.web.pages.filling import PREFIX, answered, plain_number, read_form
from monitoring.web.pages.portfolio import lights_over_time
from schemas.contracts import ContractKind, Procedure
from schemas.organisation import Role
from schemas.systems import Frequency, LifeCycle


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2), st.sampled_from(CODES))
def test_a_number_is_read_as_it_is_written(number: Decimal, code: Code) -> None:
    """With the separators of the page's language."""
    assert Decimal(plain_number(language(code).number(number, 2), code)) == number


@pytest.mark.parametrize(("written", "code"), [("1.250,50", "da"), ("1 250,50", "da"), ("1,250.50", "en")])
def test_an_amount_reaches_the_process_in_its_one_form(written: str, code: Code) -> None:
    """Whatever the language it was written in."""
    fields = (FormField.model_validate({"name": "amount", "label": {"da": "Beløb", "en": "Amount"}, "type": "amount"}),)
    assert read_form(fields, {f"{PREFIX}amount": written}, code) == {"amount": "1250.50"}


def test_what_is_left_empty_is_left_out() -> None:
    """And so is what is no field of the form."""
    field = FormField.model_validate({"name": "sure", "label": {"da": "Sikker", "en": "Sure"}, "type": "boolean"})
    assert read_form((field,), {f"{PREFIX}sure": " ", "other": "x"}, "da") == {}
    assert read_form((field,), {f"{PREFIX}sure": "no"}, "da") == {"sure": False}
    assert answered((field,), {"sure": False}, language("en")) == [("Sure", "No")]


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(-5_000, 5_000))
def test_a_day_has_its_place_on_the_line_of_time(on: date, days: int) -> None:
    """Between 0 and 100 percent, and later days further on."""
    line = timeline(on)
    day = on + timedelta(days=days)
    assert 0 <= line.place(day) <= line.place(day + timedelta(days=1)) <= 100
    assert (line.place(line.first), line.place(line.last)) == (0, 100)


def report(project: str, day: int, overall: str) -> StatusRow:
    nothing = dict.fromkeys(("time", "economy", "quality", "resources", "benefits", "spent", "by"))
    return StatusRow(
        id=project, title=None, day=date(2026, 1, day), overall=overall, expected_cost=None, expected_end=None,
        summary="", **nothing,
    )  # fmt: skip


def test_the_last_report_of_each_project_counts() -> None:
    """A project that goes from red to green is counted once, as green."""
    days, counts = lights_over_time([report("a", 1, "red"), report("a", 3, "green"), report("b", 2, "red")])
    assert [day.day for day in days] == [1, 2, 3]
    assert (counts["red"], counts["green"]) == ([1, 2, 1], [0, 0, 1])


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("often", get_args(Frequency)),
        ("life", get_args(LifeCycle)),
        ("procedure", get_args(Procedure)),
        ("contracts.kind", get_args(ContractKind)),
        ("role", get_args(Role)),
    ],
)
def test_every_value_has_a_word_in_both_languages(prefix: str, values: tuple[str, ...]) -> None:
    """What the events may say, the pages can say."""
    for code in CODES:
        assert [value for value in values if f"{prefix}.{value}" not in language(code).texts] == []
