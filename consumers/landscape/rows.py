"""The answers to the questions about a landscape, as rows for people, files and the API."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from consumers.runtime.links import Named
from schemas.systems import CatalogueSystem, SystemUsage, UserCount


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A usage. `supplier` holds its main contract; `rights_holder` answers for the catalogue's system."""

    id: str
    name: str
    local_id: str | None
    system: Named
    life_cycle: str
    supplier: Named | None
    rights_holder: str | None
    owners: tuple[str, ...]
    responsible_unit: Named | None
    using_units: tuple[Named, ...]
    main_contract: Named | None
    unresolved: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class UsageStated:
    """A usage as it is stated; no `system` when the catalogue's is not known. `counts` are of its users."""

    usage: SystemUsage
    system: CatalogueSystem | None
    counts: tuple[UserCount, ...]


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A usage uses another, or reads a data source; `via` is the source it is read through."""

    kind: Literal["system", "data-source"]
    id: str
    local_id: str | None
    user: Named
    provider: Named
    via: Named | None
    interface: Named | None
    frequency: str | None
    data_flow: Literal["read", "write", "both"]
    data: tuple[str, ...]
    contract: Named | None
    unresolved: tuple[Named, ...]


@dataclass(frozen=True, slots=True, order=True)
class Bearer:
    """What a cost is a cost of: a usage; else the contract, or the supplier, that it cannot be told apart within."""

    kind: Literal["usage", "contract", "supplier"]
    named: Named


@dataclass(frozen=True, slots=True)
class CostRow:
    """Costs of a calendar year in one currency, without VAT.

    `agreed` is a year at the prices and counts of the day that was asked for; `data_sources` a year's reading of data
    sources at their prices; `invoiced` what invoices dated that year came to. `uncounted` are price items that could
    not be priced because nothing the hub holds says how many there are: then `agreed` is too low.
    """

    of: Bearer
    year: int
    currency: str
    agreed: Decimal
    data_sources: Decimal
    invoiced: Decimal
    invoices: int
    uncounted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RetenderRow:
    """A contract and the dates its replacement hangs on, as things stand on the day that was asked for.

    `ends_on` counts options taken up and notice given; `ends_with_options` those that can still be taken up as well.
    Where no end is known, `ends_if_notice_now` is the day it ends on when notice is given on the day that was asked
    for. `start_*_by` is the latest day to begin, before the last of these ends; `start_by` is that for the procedure it
    was bought by.
    """

    id: str
    local_id: str
    title: str
    supplier: Named
    procedure: str | None
    ends_on: date | None
    ends_with_options: date | None
    ends_if_notice_now: date | None
    latest_notice: date | None
    option_use_by: date | None
    start_by: date | None
    start_tender_by: date | None
    start_mini_tender_by: date | None
    start_direct_by: date | None
    planned: str | None
    replaced_by: Named | None


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """Who answers for a usage; no `owner` when nobody does. `unit` is the owner's, else the responsible one."""

    usage: Named
    owner: str | None
    title: str | None
    unit: Named | None


@dataclass(frozen=True, slots=True)
class Answered:
    """How a usage stands to one requirement; `met_by` is when it is promised to be met."""

    number: str
    text: str
    area: str | None
    mandatory: bool
    weight: Decimal
    status: Literal["met", "partly-met", "not-met", "not-relevant", "unknown"]
    met_by: date | None


@dataclass(frozen=True, slots=True)
class ConformityRow:
    """A usage judged by one version of a list; no `requirement_list` for a usage that was never judged.

    `share` is between 0 and 1: the weight of what is met, and half the weight of what is partly met, of the weight of
    all that is relevant. None when nothing relevant weighs anything, or the list is not known.
    """

    usage: Named
    id: str | None = None
    requirement_list: Named | None = None
    list_version: str | None = None
    answers: tuple[Answered, ...] = ()
    share: Decimal | None = None
    assessed_on: date | None = None
    not_in_list: tuple[str, ...] = ()
