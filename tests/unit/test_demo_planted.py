"""The truth: enough of it for every rule, apart from the near misses, and compared one by one."""

import ast
from collections import Counter
from decimal import Decimal
from functools import cache

import pytest

from examples.municipalities import MUNICIPALITIES
from examples.planting import RULES
from examples.play import Demo
from examples.truth import Key, Planted, alert_key, compare
from examples.world import world_of
from schemas.alerts import Finding
from schemas.prices import UnitPrice
from schemas.registry import CATALOGUE
from tests.support.kafka.settings import repository

SEEDS = [1, 2, 3, 77]


@cache
def demo(seed: int) -> Demo:
    return Demo(seed)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_broken_in_both_municipalities(seed: int, rule: str) -> None:
    """At least twice in each, whatever the seed."""
    planted = Counter(one.authority for one in demo(seed).invoice_truth if one.rule == rule)
    assert all(planted[municipality.cvr] >= 2 for municipality in MUNICIPALITIES)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_near_misses(seed: int, rule: str) -> None:
    """Something in each municipality that looks as if it broke the rule."""
    near = Counter(one.authority for one in demo(seed).near_misses if one.rule == rule)
    assert all(near[municipality.cvr] >= 2 for municipality in MUNICIPALITIES)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_near_miss_is_no_discrepancy(seed: int) -> None:
    """Nothing is planted on an invoice that must stay silent, nor the same thing twice."""
    truth = demo(seed).invoice_truth
    assert {one.invoice for one in demo(seed).near_misses}.isdisjoint({one.invoice for one in truth})
    assert max(Counter(one.key for one in truth).values()) == 1


@pytest.mark.parametrize("seed", [*SEEDS, 3_670_854_497])
def test_what_is_given_back_was_wrong_before(seed: int) -> None:
    """A bill is outside a contract's term from the notice on: its credit note comes after both, however early it is."""
    for municipality in MUNICIPALITIES:
        desk = world_of(seed, municipality).desk
        (wrong,) = (one for one in desk.passing if one.rule == "IC12")
        noticed = desk.deal("ended-repaid").plan.term.notice_on
        assert noticed
        (bill,) = (each for each in desk.bills if each.paper.subject == wrong.invoice)
        (back,) = (
            each
            for each in desk.bills
            if each.paper.credits
            and each.paper.credits[0] == bill.paper.number
            and each.paper.seller == bill.paper.seller
        )
        assert back.comes > max(noticed, bill.comes)


@pytest.mark.parametrize("seed", SEEDS)
def test_tiers_are_billed_wrongly_and_rightly(seed: int) -> None:
    """In each municipality more units than the first tier holds: once all at its price, and at both prices after it."""
    for world in demo(seed).worlds:
        wrong, right, *_ = (world.desk.bills[place] for place in world.desk.of("esdh"))
        for bill in (wrong, right):
            line, price = bill.paper.lines[0], bill.parts[0].on(bill.paper.lines[0].first or bill.paper.issued).price
            assert isinstance(price, UnitPrice)
            dear, cheap = price.tiers
            above = line.quantity - cheap.above
            assert above > 0
            stake = above * (dear.price - cheap.price)
            found = [one.amount for one in world.desk.truth if one.invoice == bill.paper.subject and one.rule == "IC13"]
            assert found == ([stake] if bill == wrong else [])
            assert line.amount == line.quantity * dear.price - (0 if bill == wrong else stake)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_at_stake_is_above_nothing(seed: int) -> None:
    """Every amount is positive and in whole øre; addresses and unreadable files have none."""
    for one in demo(seed).invoice_truth:
        if one.rule in {"IC01", "IC09"}:
            assert one.amount is None
        else:
            assert one.amount is not None
            assert one.amount > 0
            assert one.amount == one.amount.quantize(Decimal("0.01"))


def test_the_generator_knows_no_rule() -> None:
    """Nothing in `examples` imports consumers, adapters or producers: it knows what is wrong because it did it."""
    allowed = {"examples", "kernel", "schemas"}
    ours = {"access", "adapters", "consumers", "hub", "monitoring", "producers", "storage", *allowed}
    for path in (repository() / "examples").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert {name.partition(".")[0] for name in names} & ours <= allowed, path.name


def planted(rule: str = "IC13", amount: str = "10.5", line: str | None = "1") -> Planted:
    return Planted("99000007", rule, "invoice", line, Decimal(amount))


def test_a_truth_that_is_met_is_met_wholly() -> None:
    """Precision and recall are 1, and nothing is left over."""
    truth = [planted(), planted("IC26")]
    assert compare(truth, [one.key for one in reversed(truth)]) == (1, 1, (), ())


@pytest.mark.parametrize("other", [planted("IC26"), planted(amount="10.51"), planted(line="2"), planted(line=None)])
def test_everything_must_agree(other: Planted) -> None:
    """Another rule, amount or line is another discrepancy: one is missing, one unexpected."""
    comparison = compare([planted()], [other.key])
    assert comparison == (0, 0, (planted().key,), (other.key,))


def test_the_same_alert_twice_is_unexpected_once() -> None:
    """Alerts are counted."""
    comparison = compare([planted()], [planted().key] * 2)
    assert (comparison.precision, comparison.recall, comparison.unexpected) == (0.5, 1, (planted().key,))


def test_nothing_found_and_nothing_planted() -> None:
    """Without alerts nothing is wrong with their precision; without truth nothing can be missed."""
    assert compare([planted()], []) == (1, 0, (planted().key,), ())
    assert compare([], [planted().key]).recall == 1


def test_an_alert_is_compared_by_what_it_states() -> None:
    """The rule, the subject, the line and the amount of an alert make its key."""
    sample = Finding.model_validate(CATALOGUE.latest("alert.opened").sample)
    expected = Key("99000007", sample.rule, str(sample.subject.id), "2", "2562.50")
    assert alert_key("99000007", sample) == expected
