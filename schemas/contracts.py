"""Contracts: who may bill what to whom, for how long, up to how much, and how they were procured and end.

The subject is one contract; its prices are subjects of their own (`schemas.prices`), its dates follow from
`schemas.terms`. Amounts are net of VAT, because municipalities have purchase VAT refunded and thresholds are net.
"""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from . import contract_samples
from .catalogue import EventType, Json, removal_of
from .prices import BillingPeriod, IndexClause, PriceItem
from .statistics import Period
from .terms import Months, Terms, TermsBase
from .values import FreeText, Gln, LocalId, Money, Name, Number, Percent, Reference, Value

ContractKind = Literal["contract", "framework", "call-off", "accession", "addendum"]
"""`call-off`: under a framework agreement; `accession`: to a joint solution; `addendum`: changes its `parent`."""
Procedure = Literal[
    "open", "restricted", "negotiated", "dialogue", "mini-tender", "direct-award", "quotes", "accession", "none"
]
"""How it was procured; `quotes` is below the threshold, `none` that nobody competed."""
CpvCode = Annotated[str, StringConstraints(pattern=r"^\d{8}(-\d)?$")]
"""Common Procurement Vocabulary: eight digits and, mostly, the check digit."""


class Procurement(Value):
    """How the contract came about. `framework` names a framework agreement that has no contract of its own here.

    `total_value` is the value at award with all options, what changes are measured against (udbudsloven § 180).
    `notice_published_on` decides which threshold applied.
    """

    procedure: Procedure | None = None
    legal_basis: Name | None = None
    notice_number: LocalId | None = None
    notice_published_on: date | None = None
    framework: Name | None = None
    cpv: tuple[CpvCode, ...] = ()
    total_value: Money | None = None


class Succession(Value):
    """Another supplier takes over this contract; until `parallel_until` (included) the one before may bill as well."""

    supplier: Reference
    takes_over_on: date
    parallel_until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.parallel_until is not None and self.parallel_until < self.takes_over_on:
            raise ValueError("parallel_until is not before takes_over_on")
        return self


class ParallelRunning(Value):
    """Days (both included) on which this and another contract for the same task may both be billed, as agreed."""

    contract: Reference
    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("last_day is not before first_day")
        return self


class Maximum(Value):
    """The most that may be bought, net of VAT; `indexed` when it follows the index clause of the contract."""

    net: Money
    indexed: bool = False


class ServiceLevel(Value):
    """A promise that is measured, and what missing it gives back, in percent of the period's fee.

    `window` says when it counts, and which outages are announced and agreed.
    """

    local_id: LocalId
    title: Name
    measure: Literal["uptime", "response", "resolution", "deadline"]
    target: Number
    unit: Literal["percent", "minutes", "hours", "working-days"]
    measured_over: BillingPeriod
    window: FreeText | None = None
    credit_percent: Percent | None = None
    credit_cap_percent: Percent | None = None


class ExitTerms(Value):
    """What happens to the data when the contract ends, and what the supplier may charge for it.

    A price of 0 is agreed to be free; no price means that nothing was agreed.
    """

    data_owner: Literal["authority", "supplier", "unsettled"]
    return_format: Name | None = None
    return_days: Annotated[int, Field(ge=0, le=730)] | None = None
    exit_price: Money | None = None
    archival_version_price: Money | None = None
    assistance: FreeText | None = None


class PaymentTerms(Value):
    """Days of credit, and the invoice fee where one was expressly agreed; without it no fee may be billed."""

    credit_days: Annotated[int, Field(ge=0, le=365)] | None = None
    invoice_fee: Money | None = None


class ContractBase(Value):
    """What every version of a contract states.

    - `supplier` delivers; `reseller` bills in its stead; `successions` are takeovers of this contract alone.
    - `parent` is the framework agreement or the contract this one belongs to. A call-off outlives its framework.
    - `units` and `glns` are those it serves, `order_numbers` those it is billed under; none means any.
    - `replaces` is the contract before it for the same task; `retender_in` the period planned for the next competition,
      `retender_lead_months` how long before the end it must begin where the usual time does not fit
      (`schemas.retendering`).
    """

    local_id: LocalId
    title: Name
    kind: ContractKind = "contract"
    parent: Reference | None = None
    replaces: Reference | None = None
    supplier: Reference
    reseller: Reference | None = None
    successions: tuple[Succession, ...] = ()
    parallel_running: tuple[ParallelRunning, ...] = ()
    responsible_unit: Reference | None = None
    usages: tuple[Reference, ...] = ()
    units: tuple[Reference, ...] = ()
    glns: tuple[Gln, ...] = ()
    order_numbers: tuple[LocalId, ...] = ()
    procurement: Procurement | None = None
    retender_in: Period | None = None
    retender_lead_months: Annotated[int, Field(ge=1, le=120)] | None = None
    signed_on: date | None = None
    maximum: Maximum | None = None
    index_clause: IndexClause | None = None
    service_levels: tuple[ServiceLevel, ...] = ()
    exit: ExitTerms | None = None
    payment: PaymentTerms = PaymentTerms()
    remarks: FreeText | None = None


class ContractV1(ContractBase):
    """Version 1: months of notice to any day."""

    terms: TermsBase
    notice_months: Months | None = None


class Contract(ContractBase):
    """Version 2: notice to any day or to the end of a month, quarter or year."""

    terms: Terms


def with_structured_notice(data: Json) -> Json:
    """Version 1 as version 2: flat months of notice become notice to any day, which is what they meant."""
    months = data.get("notice_months")
    terms = data["terms"] if months is None else data["terms"] | {"notice": {"months": months}}
    return {name: value for name, value in data.items() if name != "notice_months"} | {"terms": terms}


def holder_on(contract: Contract, on: date) -> Reference:
    """The supplier that holds the contract on that day: the first one, or the last that had taken it over by then."""
    takeovers = [step for step in contract.successions if step.takes_over_on <= on]
    return max(takeovers, key=lambda step: step.takes_over_on).supplier if takeovers else contract.supplier


def billing_suppliers(contract: Contract, on: date) -> frozenset[UUID]:
    """The suppliers that may bill what is delivered on that day: the holder of the contract, its reseller, and both
    the old and the new holder while they run in parallel."""
    holders = {contract.supplier.id}
    for succession in sorted(contract.successions, key=lambda step: step.takes_over_on):
        if succession.takes_over_on > on:
            break
        if succession.parallel_until is None or on > succession.parallel_until:
            holders.clear()
        holders.add(succession.supplier.id)
    return frozenset(holders | ({contract.reseller.id} if contract.reseller else set()))


CONTRACT_V1_STATED = EventType(
    domain="contract",
    fact="contract-stated",
    model=ContractV1,
    owner="contract register",
    key="contract",
    state=True,
    uuid_subject=True,
    sample=contract_samples.CONTRACT_V1,
)
CONTRACT_STATED = EventType(
    domain="contract",
    fact="contract-stated",
    version=2,
    model=Contract,
    owner="contract register",
    key="contract",
    state=True,
    uuid_subject=True,
    sample=contract_samples.CONTRACT,
    upcast=with_structured_notice,
)
PRICE_ITEM_STATED = EventType(
    domain="contract",
    fact="price-item-stated",
    model=PriceItem,
    owner="contract register",
    key="price item",
    state=True,
    uuid_subject=True,
    sample=contract_samples.PRICE_ITEM,
)

EVENTS = (
    CONTRACT_V1_STATED,
    CONTRACT_STATED,
    removal_of(CONTRACT_STATED),
    PRICE_ITEM_STATED,
    removal_of(PRICE_ITEM_STATED),
)
