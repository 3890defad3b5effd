"""What is right to bill, reckoned by the demo itself: the truth shares no arithmetic with the rules that it judges.

Everything is exact until it is rounded. Whoever changes how prices are read changes it here and in `schemas.pricing`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

from schemas.prices import BillingPeriod, FixedPrice, PriceItem, UnitPrice

_A_YEAR: dict[BillingPeriod, int] = {"month": 12, "quarter": 4, "half-year": 2, "year": 1}
"""How many of each period are in a year."""
_HUNDREDTH = Decimal("0.01")
"""The øre and the cent; the demo has no other currencies than kroner and euros."""


def rounded(amount: Decimal | Fraction) -> Decimal:
    """The amount in whole øre or cents, half of one away from zero."""
    exact = Fraction(amount)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_HUNDREDTH, ROUND_HALF_UP)


def price_of_one(held: Callable[[date], PriceItem], count: Decimal, first: date, last: date) -> Fraction:
    """The price of one of `count` for the whole months from `first` to `last`, each at the price `held` in it.

    What is priced once costs what it does on the first day, however long it took.
    """
    if held(first).period == "once":
        return _each(held(first).price, count)
    return sum((_a_month(held(day), count) for day in _months(first, last)), Fraction(0))


def _months(first: date, last: date) -> Iterator[date]:
    """The first day of each calendar month from that of `first` to that of `last`."""
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(month // 12, month % 12 + 1, 1)


def _a_month(item: PriceItem, count: Decimal) -> Fraction:
    return _each(item.price, count) * _A_YEAR[item.period] / 12


def _each(price: FixedPrice | UnitPrice, count: Decimal) -> Fraction:
    """Everything at the price of the first tier, and what lies above a threshold at so much more or less from there."""
    if isinstance(price, FixedPrice):
        return Fraction(price.amount)
    total = price.tiers[0].price * count
    for lower, upper in pairwise(price.tiers):
        total += (upper.price - lower.price) * max(count - upper.above, Decimal(0))
    return Fraction(total) / Fraction(count)
