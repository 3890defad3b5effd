"""What a contract lets be billed on one line (rule IC13): the price that held in the service period, exactly."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from schemas.billing import Service
from schemas.months import end_of, whole_months
from schemas.prices import FixedPrice, PriceItem
from schemas.pricing import MONTHS_IN, period_price, rounded, unit_price
from schemas.values import minor_unit

from .documents import Line
from .history import History

TIME_UNITS = {"MON": 1, "QAN": 3, "SAN": 6, "ANN": 12}
"""Months in the units of time that a line may be counted in (UN/ECE recommendation 20)."""

Part = tuple[PriceItem, Fraction]
"""A price and for how many months it is billed."""


def agreed_amount(line: Line, history: History[PriceItem]) -> Decimal:
    """The most that may be billed for `line`, net, in the currency of the price item that it bills."""
    parts = _parts(line, history)
    item = parts[0][0]
    if not isinstance(item.price, FixedPrice):
        amount = _per_unit(parts, line.quantity)
    elif item.period == "once":
        amount = rounded(item.price.amount * line.quantity, item.currency)
    else:
        amount = rounded(
            sum((_share(period_price(i, line.quantity), i, m) for i, m in parts), Fraction(0)), item.currency
        )
    return max(amount, _minimum(item, line))


def months_between(first: date, last: date) -> Fraction:
    """The months from `first` to `last`, both included: whole ones, else the share of each calendar month touched."""
    whole = whole_months(first, last)
    if whole is not None:
        return Fraction(whole)
    months, day = Fraction(0), first
    while day <= last:
        end = min(end_of(day, "month"), last)
        months += Fraction((end - day).days + 1, monthrange(day.year, day.month)[1])
        day = end + timedelta(days=1)
    return months


def _parts(line: Line, history: History[PriceItem]) -> list[Part]:
    """The line's months, cut where the price changes; a price that does not hold is that of the first day."""
    first = _price_on(history, line.service.first)
    assert first is not None
    if not line.service.measured:
        return [(first, _unmeasured_months(first, line))]
    starts = [line.service.first]
    prices = [first]
    for day in _changes(history, line.service):
        price = _price_on(history, day) or first
        if (price.price, price.period) != (prices[-1].price, prices[-1].period):
            starts.append(day)
            prices.append(price)
    ends = [*(after - timedelta(days=1) for _, after in pairwise(starts)), line.service.last]
    return [(p, months_between(start, end)) for p, start, end in zip(prices, starts, ends, strict=True)]


def _price_on(history: History[PriceItem], day: date) -> PriceItem | None:
    held = history.at(day)
    return held.value if held else None


def _changes(history: History[PriceItem], service: Service) -> list[date]:
    days = {day for each in history.statements for day in (each.effective, each.effective_to) if day}
    return sorted(day for day in days if service.first < day <= service.last)


def _unmeasured_months(item: PriceItem, line: Line) -> Fraction:
    if isinstance(item.price, FixedPrice) and line.unit in TIME_UNITS:
        return Fraction(line.quantity) * TIME_UNITS[line.unit]
    return Fraction(MONTHS_IN.get(item.billed_each or item.period, 1))


def _share(price: Decimal | Fraction, item: PriceItem, months: Fraction) -> Fraction:
    """The part of a price for the item's period that falls on so many months; what is paid once has no parts."""
    return Fraction(price) * (1 if item.period == "once" else months / MONTHS_IN[item.period])


def _per_unit(parts: Sequence[Part], quantity: Decimal) -> Decimal:
    """Quantity times the unit price, exact or as it is written on invoices, whichever is more."""
    first = parts[0][0]
    parts = parts[:1] if first.period == "once" else parts
    price = sum((_share(unit_price(item, quantity), item, months) for item, months in parts), Fraction(0))
    decimals = max(_decimals(item) for item, _ in parts)
    written = rounded_to(price, decimals)
    return max(rounded(price * Fraction(quantity), first.currency), rounded(written * quantity, first.currency))


def rounded_to(price: Fraction, decimals: int) -> Decimal:
    """`price` with so many decimals, half a unit of the last away from zero."""
    scaled = int(abs(price) * 10**decimals + Fraction(1, 2))
    return Decimal(scaled if price >= 0 else -scaled).scaleb(-decimals)


def _decimals(item: PriceItem) -> int:
    """How many decimals a unit price is written with: those of the agreed prices, at least those of the currency."""
    assert not isinstance(item.price, FixedPrice)
    exponents = [tier.price.as_tuple().exponent for tier in item.price.tiers]
    agreed = max(-exponent for exponent in exponents if isinstance(exponent, int))
    return max(agreed, -minor_unit(item.currency).adjusted())


def _minimum(item: PriceItem, line: Line) -> Decimal:
    if item.minimum_fee is None:
        return Decimal(0)
    billed = item.billed_each or item.period
    if billed == "once":
        return rounded(item.minimum_fee, item.currency)
    measured = line.service.measured
    months = months_between(line.service.first, line.service.last) if measured else _unmeasured_months(item, line)
    return rounded(Fraction(item.minimum_fee) * months / MONTHS_IN[billed], item.currency)
