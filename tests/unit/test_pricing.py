"""What a price item costs."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from schemas.prices import BillingPeriod, PriceItem, Tier
from schemas.pricing import MONTHS_IN, amount_due, for_months, graduated, period_price, rounded, unit_price
from schemas.values import minor_unit

INFRASTRUCTURE = (Tier(above=Decimal(0), price=Decimal(25)), Tier(above=Decimal(150_000), price=Decimal("12.50")))
QUANTITIES = st.decimals(0, 1_000_000, places=2)
AMOUNTS = st.decimals(-(10**9), 10**9, places=4)
PERIODS: st.SearchStrategy[BillingPeriod] = st.sampled_from(list(MONTHS_IN))


def item(price: dict[str, Any] | str, period: str = "year", **fields: Any) -> PriceItem:
    """A price item with fixed price `price` (an amount) or the price per unit it describes."""
    stated = {"model": "fixed", "amount": price} if isinstance(price, str) else {"model": "per-unit"} | price
    contract = {"id": "7b1d3c0e-58a4-4f0e-8b57-1f6a2d9c3001"}
    return PriceItem.model_validate(
        {"local_id": "1", "contract": contract, "title": "x", "price": stated, "period": period} | fields
    )


def per(base: str, price: str) -> dict[str, Any]:
    return {"base": base, "tiers": [{"above": "0", "price": price}]}


@pytest.mark.parametrize(
    ("inhabitants", "expected"),
    [(0, 0), (35_900, 897_500), (150_000, 3_750_000), (150_001, Decimal("3750012.5")), (200_000, 4_375_000)],
)
def test_half_price_above_150_000_inhabitants(inhabitants: int, expected: Decimal) -> None:
    """25 kr for each inhabitant and half of that for each above 150,000: only those above are cheaper."""
    assert graduated(INFRASTRUCTURE, Decimal(inhabitants)) == expected


def test_three_tiers() -> None:
    """Each tier prices the units within it."""
    tiers = [Tier(above=Decimal(above), price=Decimal(price)) for above, price in ((0, 10), (100, 8), (500, 5))]
    assert graduated(tiers, Decimal(600)) == 100 * 10 + 400 * 8 + 100 * 5


@given(one=QUANTITIES, other=QUANTITIES)
def test_more_never_costs_less(one: Decimal, other: Decimal) -> None:
    """With graduated tiers no threshold makes a larger quantity cheaper."""
    fewer, more = sorted((one, other))
    assert graduated(INFRASTRUCTURE, fewer) <= graduated(INFRASTRUCTURE, more)


@given(quantity=QUANTITIES)
def test_credit_mirrors_charge(quantity: Decimal) -> None:
    """Crediting a quantity gives back what it cost."""
    assert graduated(INFRASTRUCTURE, -quantity) == -graduated(INFRASTRUCTURE, quantity)


@given(quantity=QUANTITIES, price=st.decimals(0, 10_000, places=4))
def test_one_tier_is_price_times_quantity(quantity: Decimal, price: Decimal) -> None:
    """A flat price is its single tier, exactly."""
    assert graduated([Tier(above=Decimal(0), price=price)], quantity) == Fraction(price) * Fraction(quantity)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.125", "DKK", "0.13"),
        ("-0.125", "DKK", "-0.13"),
        ("0.124999", "EUR", "0.12"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
        ("0", "DKK", "0.00"),
    ],
)
def test_half_a_minor_unit_goes_away_from_zero(amount: str, currency: str, expected: str) -> None:
    """Rounding is half-up on the amount without its sign, in the currency's own decimals."""
    assert str(rounded(Decimal(amount), currency)) == expected


@given(amount=AMOUNTS)
def test_rounding_moves_at_most_half_a_unit(amount: Decimal) -> None:
    """The rounded amount is the nearest there is, and rounding it again changes nothing."""
    near = rounded(amount, "DKK")
    assert abs(near - amount) * 2 <= minor_unit("DKK")
    assert rounded(near, "DKK") == near


def test_months_of_a_yearly_price() -> None:
    """A month's price is an exact twelfth of the year's, also where that has no finite decimal."""
    assert for_months(Decimal(100), "year", 1) * 12 == 100
    assert for_months(Decimal(1200), "year", 9) == 900


def test_once_has_no_share_per_month() -> None:
    """What is paid once cannot be split over months."""
    with pytest.raises(Invalid):
        for_months(Decimal(100), "once", 1)


def test_yearly_price_per_inhabitant_billed_half_yearly() -> None:
    """The tiers apply to the whole count and the year's price is halved, rounded once."""
    infrastructure = {"base": "inhabitant", "tiers": [tier.model_dump() for tier in INFRASTRUCTURE]}
    assert amount_due(item(infrastructure, billed_each="half-year"), Decimal(35_901)) == Decimal("448762.50")


def test_rounding_comes_last() -> None:
    """Half a krone a year per inhabitant is not rounded to øre per month before it is multiplied."""
    assert amount_due(item(per("inhabitant", "0.50"), billed_each="month"), Decimal(35_900)) == Decimal("1495.83")


@pytest.mark.parametrize(("messages", "expected"), [(100, "500.00"), (5_000, "1250.00")])
def test_minimum_fee_of_each_bill(messages: int, expected: str) -> None:
    """Few messages cost the minimum fee, many their price."""
    sms = item(per("message", "0.25"), "once", billed_each="month", minimum_fee="500")
    assert str(amount_due(sms, Decimal(messages))) == expected


def test_minimum_fee_grows_with_the_months() -> None:
    """Three months on one bill carry three months' minimum fee."""
    sms = item(per("message", "0.25"), "once", billed_each="month", minimum_fee="500")
    assert amount_due(sms, Decimal(100), months=3) == 1500


def test_minimum_fee_of_what_is_paid_once() -> None:
    """A one-off purchase has its minimum fee once."""
    assert amount_due(item(per("hour", "950"), "once", minimum_fee="2000"), Decimal(1)) == 2000


@pytest.mark.parametrize(("months", "expected"), [(None, "300.00"), (1, "100.00"), (12, "1200.00")])
def test_fixed_price_follows_time_not_quantity(months: int | None, expected: str) -> None:
    """A fixed price is for its period, whatever is counted."""
    assert str(amount_due(item("1200", billed_each="quarter"), Decimal(7), months)) == expected


def test_payslips_cost_the_same_however_long_it_took() -> None:
    """What is priced by the piece is not divided by time."""
    payslips = item(per("payslip", "23.50"), "once", billed_each="month")
    assert amount_due(payslips, Decimal(3_412)) == amount_due(payslips, Decimal(3_412), 2) == Decimal(80182)


@pytest.mark.parametrize(
    ("quantity", "expected"), [(0, Fraction(25)), (100_000, Fraction(25)), (200_000, Fraction("21.875"))]
)
def test_unit_price_is_the_mean_over_tiers(quantity: int, expected: Fraction) -> None:
    """An invoice that states one unit price across tiers states their mean."""
    infrastructure = item({"base": "inhabitant", "tiers": [tier.model_dump() for tier in INFRASTRUCTURE]})
    assert unit_price(infrastructure, Decimal(quantity)) == expected


def test_fixed_price_is_its_own_unit_price() -> None:
    """One unit of a fixed price is the price of its period."""
    fixed = item("1200")
    assert unit_price(fixed, Decimal(3)) == period_price(fixed, Decimal(3)) == 1200
