"""The demo, its documents through the adapter: what the rules find is the truth that was planted, one by one."""

import pytest

from consumers.invoice_control.rules.registry import RULES, rules_without
from examples.municipalities import EGESOE
from examples.planting import RULES as PLANTED_RULES
from examples.play import Demo
from examples.truth import compare
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
