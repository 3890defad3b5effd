"""The demo's own reckoning: worked out by hand, and the same as the hub's, which goes another way."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.cost import price_of_one, rounded
from schemas import pricing
from schemas.prices import PriceItem

amounts = st.decimals(-10_000_000, 10_000_000, places=4)


def item(period: str, **price: Any) -> PriceItem:
    contract = {"id": UUID("7b1d3c0e-58a4-4f0e-8b57-1f6a2d9c3001")}
    stated = {"local_id": "1", "contract": contract, "title": "x", "price": price, "period": period}
    return PriceItem.model_validate(stated)


def per_user(period: str, *tiers: tuple[Decimal | int, Decimal | int]) -> PriceItem:
    stated = [{"above": above, "price": price} for above, price in tiers]
    return item(period, model="per-unit", base="user", tiers=stated)


def one(price: PriceItem, count: int, first: str, last: str) -> Decimal:
    """What one of so many costs, to the øre."""
    exact = price_of_one(lambda _: price, Decimal(count), date.fromisoformat(first), date.fromisoformat(last))
    return rounded(exact)


def test_each_tier_has_its_own_price() -> None:
    """100 at 1,250, 400 at 1,100 and 112 at 950 are 671,400: 1,097.06 for each of 612."""
    price = per_user("year", (0, 1250), (100, 1100), (500, 950))
    assert one(price, 612, "2025-01-01", "2025-12-31") == Decimal("1097.06")


@pytest.mark.parametrize(
    ("period", "due"), [("month", "700"), ("quarter", "233.33"), ("half-year", "116.67"), ("year", "58.33")]
)
def test_a_price_is_for_its_period(period: str, due: str) -> None:
    """Seven months of 100 each month, quarter, half year or year."""
    assert one(item(period, model="fixed", amount=100), 1, "2025-09-01", "2026-03-31") == Decimal(due)


def test_what_is_priced_once_is_not_shared_out() -> None:
    """0.25 a message, however many months they were sent in."""
    assert one(per_user("once", (0, Decimal("0.25"))), 400, "2025-01-01", "2025-03-31") == Decimal("0.25")


def test_each_month_has_the_price_that_holds_in_it() -> None:
    """Half of 600 in one year and half of 630 in the next."""
    prices = {2025: item("year", model="fixed", amount=600), 2026: item("year", model="fixed", amount=630)}
    first, last = date(2025, 7, 1), date(2026, 6, 30)
    assert price_of_one(lambda day: prices[day.year], Decimal(1), first, last) == 615


@pytest.mark.parametrize(("amount", "due"), [("0.125", "0.13"), ("0.1249", "0.12"), ("-0.125", "-0.13"), ("7", "7")])
def test_half_an_oere_goes_up(amount: str, due: str) -> None:
    """Away from zero, as on invoices."""
    assert rounded(Decimal(amount)) == Decimal(due)


@given(amounts)
def test_the_hub_rounds_alike(amount: Decimal) -> None:
    """The same øre by another way."""
    assert rounded(amount) == pricing.rounded(amount, "DKK")


@given(st.lists(st.tuples(st.integers(1, 900), amounts), max_size=3, unique_by=lambda tier: tier[0]), amounts)
def test_the_hub_counts_tiers_alike(above: list[tuple[int, Decimal]], first: Decimal) -> None:
    """The same price of one by another way, below, at and above every threshold."""
    price = per_user("month", (0, first), *sorted(above))
    january = date(2025, 1, 1), date(2025, 1, 31)
    for count in (1, *(at + more for at, _ in above for more in (0, 1))):
        assert price_of_one(lambda _: price, Decimal(count), *january) == pricing.unit_price(price, Decimal(count))
