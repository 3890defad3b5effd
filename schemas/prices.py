"""Price items: one priced part of a contract, as it is agreed, counted and billed.

A price item is a subject of its own. Each new price is the same subject stated again with its own `effective`, so
that an invoice is judged by the price that held in its service period, not by today's. `schemas.pricing` computes.
"""

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from .statistics import CountedBase, Period
from .terms import Option
from .values import Currency, LocalId, Name, Number, Percent, Reference, Value

BillingPeriod = Literal["once", "month", "quarter", "half-year", "year"]
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$")]
"""A day of every year, month first: `01-01`. At most the 28th, so that every year has it."""
Month = Annotated[int, Field(ge=1, le=12)]
LinePattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""What an invoice line may say; `*` stands for any text and `?` for one character, and case does not matter."""


class FixedPrice(Value):
    """The same amount for each period, or once."""

    model: Literal["fixed"] = "fixed"
    amount: Number


class Tier(Value):
    """The price of each unit above `above`, up to where the next tier begins."""

    above: Annotated[Number, Field(ge=0)]
    price: Number


class UnitPrice(Value):
    """A price for each unit of a counted base; the first tier begins at 0, and a flat price is that tier alone."""

    model: Literal["per-unit"] = "per-unit"
    base: CountedBase
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]

    @field_validator("tiers")
    @classmethod
    def _rise_from_zero(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        steps = [tier.above for tier in tiers]
        if steps[0] != 0 or any(later <= earlier for earlier, later in pairwise(steps)):
            raise ValueError("tiers start above 0 and rise: give them in order, the first with above = 0")
        return tiers


class Counting(Value):
    """Where the quantity comes from.

    `statistic` is `Count.statistic`; without it the supplier's own count is billed. `day` is the count date in the year
    of service, or `years_before` that year; without it the count at the start of the service period holds.
    """

    statistic: LocalId | None = None
    day: MonthDay | None = None
    years_before: Annotated[int, Field(ge=0, le=10)] = 0


class IndexClause(Value):
    """How a price may follow an index.

    The price is regulated by the change of `series` from `base_period`, read in the same month of later years, and the
    new price holds from the first day of `effective_month`. `cap` and `floor` bound one regulation, in percent. With
    `negative_allowed` a falling index must lower the price. `notice_days`: how long before it must be announced.
    """

    series: LocalId
    base_period: Period
    effective_month: Month | None = None
    cap: Percent | None = None
    floor: Percent | None = None
    notice_days: Annotated[int, Field(ge=0, le=730)] | None = None
    once_a_year: bool = True
    negative_allowed: bool = True

    @model_validator(mode="after")
    def _floor_below_cap(self) -> Self:
        if self.cap is not None and self.floor is not None and self.floor > self.cap:
            raise ValueError("the floor of an index clause is not above its cap")
        return self


class PriceItem(Value):
    """One agreed price.

    - `item_numbers` and `line_patterns` are what it is called on invoices; `unit` is the unit of measure there (UN/ECE
      recommendation 20, such as `MON` or `HUR`).
    - `period` is the time the price is for; `once` also for what is priced by the piece: a message, a call, an hour.
      `billed_each` is how often it is billed, where that differs.
    - `minimum_fee` is the least that is billed each time. `on_account`: what is billed during the year is settled
      against the count in `settled_in`, a month.
    - `regulation`: `set` prices are decided anew each year and follow no index; `indexed` ones follow `index_clause`,
      or the contract's where the item has none.
    - `option`: the item is a module the authority may buy; it may be billed from when it was taken up.
    - `usage`: the system usage it is a cost of.
    """

    local_id: LocalId
    contract: Reference
    title: Name
    item_numbers: tuple[LocalId, ...] = ()
    line_patterns: tuple[LinePattern, ...] = ()
    unit: LocalId | None = None
    price: Annotated[FixedPrice | UnitPrice, Field(discriminator="model")]
    currency: Currency = "DKK"
    period: BillingPeriod
    billed_each: BillingPeriod | None = None
    billed_in: Literal["advance", "arrears"] | None = None
    counting: Counting | None = None
    minimum_fee: Annotated[Number, Field(ge=0)] | None = None
    on_account: bool = False
    settled_in: Month | None = None
    regulation: Literal["none", "set", "indexed"] = "none"
    index_clause: IndexClause | None = None
    option: Option | None = None
    usage: Reference | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.period != "once" and self.billed_each == "once":
            raise ValueError(f"a price per {self.period} cannot be billed once: leave out billed_each")
        if self.index_clause is not None and self.regulation != "indexed":
            raise ValueError("an index clause needs regulation = indexed")
        if self.settled_in is not None and not self.on_account:
            raise ValueError("settled_in is the month an on-account price is settled: set on_account")
        return self


def count_date(counting: Counting | None, service_start: date) -> date:
    """The day whose count a service period that begins on `service_start` is billed by."""
    if counting is None or counting.day is None:
        return service_start
    month, day = map(int, counting.day.split("-"))
    return date(service_start.year - counting.years_before, month, day)
