"""The answers of the contract register, as rows for people, files and the API."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from consumers.runtime.links import Named


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract as its terms stand on the day that was asked for.

    `ends_on` counts options taken up and notice given, `ends_with_options` those that can still be taken up as well.
    `latest_notice` is the last day to give notice so that it ends then, `ends_if_notice_now` the day it ends on when
    notice is given on the day that was asked for; both are empty once notice was given. A contract that is not
    open-ended and has no `ends_on` has an end that nobody wrote down.
    """

    id: str
    local_id: str
    title: str
    kind: str
    status: Literal["not-begun", "running", "ended"]
    supplier: Named
    parent: Named | None
    starts_on: date | None
    ends_on: date | None
    ends_with_options: date | None
    open_ended: bool
    renews_months: int | None
    notice_months: int | None
    notice_to_end_of: str | None
    latest_notice: date | None
    ends_if_notice_now: date | None
    option_use_by: date | None
    option_months: int | None
    unresolved: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class TierRow:
    """The price of each unit above `above`; a fixed price is one tier above 0."""

    above: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class PriceRow:
    """An agreed price, without VAT. `base` is what is counted, None for a fixed price.

    `series` is the index that the price follows, by its own clause or its contract's.
    """

    id: str
    local_id: str
    title: str
    contract: Named
    contract_runs: bool
    base: str | None
    tiers: tuple[TierRow, ...]
    currency: str
    period: str
    billed_each: str
    billed_in: str | None
    unit: str | None
    statistic: str | None
    minimum_fee: Decimal | None
    regulation: str
    series: str | None
    item_numbers: tuple[str, ...]
    is_option: bool
    taken_up_on: date | None


@dataclass(frozen=True, slots=True)
class ProcessingRow:
    """Whether a data-processing agreement is there. `id` is the agreement's, `contract` what it goes with.

    `unstated` is a running contract for systems that no statement speaks of: nobody has said if one is needed.
    `supervision_due` is the next one planned, else the last one, or the signing, and the months agreed between them.
    """

    id: str | None
    title: str
    state: Literal["missing", "unstated", "concluded", "not-needed"]
    contract: Named | None
    usages: tuple[str, ...]
    not_needed_because: str | None = None
    processor: Named | None = None
    signed_on: date | None = None
    template: str | None = None
    supervised_on: date | None = None
    supervision_result: str | None = None
    supervision_due: date | None = None
    supervision_overdue: bool = False
    supervision_not_needed_because: str | None = None


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many there were, by one statistic; `usage` or `unit` is the part that was counted."""

    statistic: str
    title: str
    base: str
    value: Decimal
    counted_on: date
    counted_since: date | None
    published_on: date | None
    usage: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of an index series."""

    series: str
    period: str
    measure: Literal["level", "change"]
    value: Decimal
    base_year: int | None
    published_on: date
