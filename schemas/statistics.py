"""Counts and indexes: the numbers outside a contract that its prices depend on.

A subject is one observation: a statistic and what it counts at one date, or an index series in one period. It holds
(`effective` on the envelope) from its publication; a revised figure is the same subject stated again, holding from the
day the revision came out, so that a contract which names a publication finds the figure that stood then.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .catalogue import EventType, removal_of
from .values import LocalId, Name, Number, Reference, Value

CountedBase = Literal["user", "inhabitant", "pupil", "child", "citizen", "payslip", "device", "message", "call", "hour"]
"""What a price can be counted on. `citizen` is one who receives the service; all who live here are `inhabitant`."""
Period = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?$")]
"""A year, a month or a quarter: `2026`, `2025-10`, `2025-Q4`."""


class Count(Value):
    """How many there were, by one statistic.

    `counted_on` is the day of a stock (inhabitants on 1 January), or the last day of a flow (payslips, messages, calls,
    hours), whose first day is `counted_since`. `usage` is the system whose own register was counted, `unit` the part of
    the organisation; neither means the whole authority.
    """

    statistic: LocalId
    title: Name
    base: CountedBase
    value: Annotated[Number, Field(ge=0)]
    counted_on: date
    counted_since: date | None = None
    published_on: date | None = None
    usage: Reference | None = None
    unit: Reference | None = None


class Index(Value):
    """One figure of an index series.

    A `level` is relative to 100 in `base_year`; a series with another base year is another series. A `change` is the
    percentage from the period before, as KL publishes its price and wage estimates.
    """

    series: LocalId
    title: Name
    period: Period
    measure: Literal["level", "change"]
    value: Number
    base_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    published_on: date


COUNT_STATED = EventType(
    domain="statistics",
    fact="count-stated",
    model=Count,
    owner="statistics register",
    key="one statistic at one count date",
    state=True,
    sensitivity="public",
    sample={
        "statistic": "FOLK1A",
        "title": "Inhabitants on the first day of the quarter",
        "base": "inhabitant",
        "value": "35900",
        "counted_on": "2026-01-01",
        "published_on": "2026-02-11",
    },
)
INDEX_STATED = EventType(
    domain="statistics",
    fact="index-stated",
    model=Index,
    owner="statistics register",
    key="one index series in one period",
    state=True,
    sensitivity="public",
    sample={
        "series": "net-price-index-2015",
        "title": "Net price index, 2015=100",
        "period": "2023-10",
        "measure": "level",
        "value": "118.3",
        "base_year": 2015,
        "published_on": "2023-11-10",
    },
)

EVENTS = (COUNT_STATED, removal_of(COUNT_STATED), INDEX_STATED, removal_of(INDEX_STATED))
