"""The share of a list of requirements that a usage meets."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.landscape.conformities import answers, share
from schemas.conformity import Requirement, RequirementMet

STATUSES = ("met", "partly-met", "not-met", "not-relevant", "unknown")


def shared(*given_answers: tuple[str, str]) -> Decimal | None:
    """The share for requirements given as (status, weight)."""
    requirements = [
        Requirement.model_validate({"number": str(number), "text": "", "weight": weight})
        for number, (_, weight) in enumerate(given_answers)
    ]
    answered = [
        RequirementMet.model_validate({"requirement": str(number), "status": status})
        for number, (status, _) in enumerate(given_answers)
    ]
    return share(answers(requirements, answered))


@pytest.mark.parametrize(
    ("given_answers", "expected"),
    [
        ([("met", "1"), ("not-met", "1")], "0.5"),
        ([("met", "1"), ("not-met", "3")], "0.25"),
        ([("partly-met", "1")], "0.5"),
        ([("met", "1"), ("not-relevant", "9")], "1"),
        ([("met", "1"), ("unknown", "1"), ("unknown", "1")], "0.3333"),
        ([("not-relevant", "1")], None),
        ([("met", "0")], None),
        ([], None),
    ],
)
def test_share(given_answers: list[tuple[str, str]], expected: str | None) -> None:
    """By weight; partly met counts half, what is not relevant not at all, and what is unknown is not met."""
    assert shared(*given_answers) == (None if expected is None else Decimal(expected))


@given(st.lists(st.tuples(st.sampled_from(STATUSES), st.sampled_from(["0", "0.5", "1", "3"])), max_size=6))
def test_a_share_is_between_nothing_and_everything(given_answers: list[tuple[str, str]]) -> None:
    """Whatever was answered."""
    found = shared(*given_answers)
    assert found is None or 0 <= found <= 1
