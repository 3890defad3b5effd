"""The demo, its documents through the adapter: what the rules find is the truth that was planted, one by one."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from consumers.invoice_control.rules.registry import RULES, rules_without
from examples.municipalities import EGESOE, MUNICIPALITIES
from examples.planting import RULES as PLANTED_RULES
from examples.play import Demo
from examples.truth import compare
from schemas.prices import Tier
from schemas.pricing import graduated, rounded
from tests.support.demo import Told, told

SEED = 1


@pytest.fixture(scope="module")
def demo() -> Demo:
    return Demo(SEED)


@pytest.fixture(scope="module")
def egesoe(demo: Demo) -> Told:
    return told(demo)[EGESOE.cvr]


@pytest.mark.parametrize("seed", [SEED, 20_251_231])
def test_every_alert_is_planted_and_every_plant_is_found(seed: int) -> None:
    """Precision and recall are 1, whatever the seed."""
    demo = Demo(seed)
    found = [key for one in told(demo).values() for key in one.found(RULES)]
    comparison = compare(demo.invoice_truth, found)
    assert (comparison.missing, comparison.unexpected) == ((), ())
    assert (comparison.precision, comparison.recall) == (1, 1)


@pytest.mark.parametrize("code", PLANTED_RULES)
def test_a_rule_that_is_switched_off_is_missed(code: str, demo: Demo, egesoe: Told) -> None:
    """Without a rule exactly what was planted for it is missing."""
    truth = [planted for planted in demo.invoice_truth if planted.authority == EGESOE.cvr]
    comparison = compare(truth, egesoe.found(rules_without([code])))
    assert {key[1] for key in comparison.missing} == {code.lower()}
    assert len(comparison.missing) == sum(planted.rule == code for planted in truth)
    assert comparison.unexpected == ()


def all_at_the_tier_reached(tiers: Sequence[Tier], quantity: Decimal) -> Fraction:
    return Fraction([tier.price for tier in tiers if quantity > tier.above][-1]) * Fraction(quantity)


def cut_off(amount: Decimal | Fraction, currency: str) -> Decimal:
    return Decimal(int(Fraction(amount) * 100)) / 100


@pytest.mark.parametrize(
    ("function", "broken", "rule"),
    [
        pytest.param(graduated, all_at_the_tier_reached, "ic13", id="every unit at the price of the tier reached"),
        pytest.param(rounded, cut_off, "ic12", id="cut off where half goes up"),
    ],
)
def test_what_the_rules_reckon_wrongly_the_truth_does_not(
    function: Callable[..., Any], broken: Callable[..., Any], rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A price function that is broken for whoever imports it, the demo's making included, makes the comparison fail."""
    monkeypatch.setattr(function, "__code__", broken.__code__)
    demo = Demo(SEED)
    comparison = compare(demo.invoice_truth, [key for one in told(demo).values() for key in one.found(RULES)])
    assert {key[:2] for key in comparison.missing} == {(one.cvr, rule) for one in MUNICIPALITIES}
    assert comparison.precision < 1
