"""How many there are of what a price is counted on, and what that comes to in a year; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from schemas.months import whole_months
from schemas.prices import PriceItem, UnitPrice, count_date
from schemas.pricing import amount_due
from schemas.statistics import Count
from schemas.systems import UserCount

USER_KINDS = {"user": "named-users", "device": "devices"}
"""Which of the authority's own counts answers to a counted base."""


@dataclass(frozen=True)
class Counts:
    """What was counted: by statistics, and by the authority itself among the users of its systems."""

    statistics: Sequence[Count]
    users: Sequence[UserCount]


def yearly_amount(item: PriceItem, counts: Counts, year: int) -> Decimal | None:
    """What the item comes to in a year at today's price, without VAT; None when nothing says how many there are."""
    if not isinstance(item.price, UnitPrice):
        return amount_due(item, Decimal(1), _months(item))
    quantity = _quantity(item, item.price, counts, year)
    return None if quantity is None else amount_due(item, quantity, _months(item))


def _months(item: PriceItem) -> int | None:
    return None if item.period == "once" else 12


def _quantity(item: PriceItem, price: UnitPrice, counts: Counts, year: int) -> Decimal | None:
    if item.counting is None or item.counting.statistic is None:
        return None if item.period == "once" else _users(item, price, counts.users)
    day = count_date(item.counting, date(year, 1, 1))
    fitting = [
        count
        for count in counts.statistics
        if count.statistic == item.counting.statistic
        and count.base == price.base
        and count.counted_on <= day
        and _counts_for(count, item)
        and (item.period != "once" or _covers_a_year(count))
    ]
    return max(fitting, key=lambda count: (count.counted_on, count.usage is not None)).value if fitting else None


def _counts_for(count: Count, item: PriceItem) -> bool:
    """Whether it counts the whole authority, or the users of the very usage the item is a cost of."""
    if count.usage is None:
        return count.unit is None
    return item.usage is not None and count.usage.id == item.usage.id


def _covers_a_year(count: Count) -> bool:
    return count.counted_since is not None and whole_months(count.counted_since, count.counted_on) == 12


def _users(item: PriceItem, price: UnitPrice, counts: Sequence[UserCount]) -> Decimal | None:
    """The authority's own count of the usage: the one that is a total, else the sum of its licences and units."""
    kind = USER_KINDS.get(price.base)
    if item.usage is None:
        return None
    found = [count for count in counts if count.usage.id == item.usage.id and count.kind == kind]
    totals = [count for count in found if count.licence is None and count.unit is None]
    return Decimal(sum(count.count for count in totals or found)) if found else None
