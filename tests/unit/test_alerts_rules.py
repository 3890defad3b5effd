"""How an alert stands after what was found and what people did."""

import pytest

from consumers.alerts.rules import Standing, Told, standing
from schemas.alerts import Decided, Finding, values_hash
from schemas.registry import CATALOGUE

SAMPLE = CATALOGUE.latest("alert.opened").sample
FINDING = Finding.model_validate(SAMPLE)
DECIDED = Decided.model_validate(CATALOGUE.latest("alert.decided").sample)

OPENED, CHANGED, RESOLVED = Told("opened", "a"), Told("changed", "b"), Told("resolved", "a")
SEEN, ABOUT_A, ABOUT_B = Told("acknowledged"), Told("decided", "a"), Told("decided", "b")


def test_a_decision_holds_for_its_values() -> None:
    """The finding it was about does not open again."""
    assert DECIDED.values_hash == values_hash(FINDING)


@pytest.mark.parametrize(
    "change",
    [
        {"found": "1302.00"},
        {"expected": "1200.00"},
        {"tolerance": "0.02"},
        {"unit": "EUR"},
        {"amount_at_stake": {"amount": "2562.51"}},
    ],
)
def test_other_values_open_it_again(change: dict[str, object]) -> None:
    """Each of the values a person decides about counts."""
    assert values_hash(Finding.model_validate(SAMPLE | change)) != DECIDED.values_hash


def test_another_wording_does_not_open_it_again() -> None:
    """Severity, text and the rule's version may change without the matter changing."""
    reworded = SAMPLE | {"severity": "warn", "rule_version": 4, "title": {"key": "price.other"}, "causes": []}
    assert values_hash(Finding.model_validate(reworded)) == DECIDED.values_hash


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([], None, id="nothing told"),
        pytest.param([ABOUT_A], None, id="decided before it is found"),
        pytest.param([OPENED], Standing("open"), id="found"),
        pytest.param([OPENED, SEEN], Standing("acknowledged"), id="somebody has seen it"),
        pytest.param([OPENED, SEEN, CHANGED], Standing("acknowledged"), id="a change does not take that away"),
        pytest.param([OPENED, RESOLVED], Standing("resolved"), id="no longer found"),
        pytest.param([OPENED, SEEN, RESOLVED, OPENED], Standing("open"), id="found anew"),
        pytest.param([OPENED, ABOUT_A], Standing("resolved", 1), id="closed by a person"),
        pytest.param([OPENED, ABOUT_A, CHANGED], Standing("open", 1), id="other values cite the decision"),
        pytest.param([OPENED, SEEN, ABOUT_A, CHANGED], Standing("open", 2), id="who saw it saw other values"),
        pytest.param([OPENED, ABOUT_A, CHANGED, SEEN], Standing("acknowledged", 1), id="seen after it opened again"),
        pytest.param([OPENED, ABOUT_A, CHANGED, ABOUT_B], Standing("resolved", 3), id="decided anew"),
        pytest.param([OPENED, ABOUT_A, CHANGED, ABOUT_B, OPENED], Standing("resolved", 1), id="back to decided values"),
    ],
)
def test_standing(history: list[Told], expected: Standing | None) -> None:
    """By the last finding, and by the decision that is about its values."""
    assert standing(history) == expected
