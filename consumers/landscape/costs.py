"""What systems cost in a year: as agreed, as read from data sources, and as invoiced; pure.

A price item is a cost of the usage it names, else of the one usage its contract is for; when a contract is for several
and does not say, the cost stays the contract's. An addendum is part of its parent: that one's term and usage hold.
An invoice that names no known contract stays the supplier's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from consumers.runtime.links import Named, by_name, named
from schemas.contracts import Contract
from schemas.invoices import normal_number
from schemas.prices import PriceItem
from schemas.pricing import rounded
from schemas.sources import DataSourceUse
from schemas.suppliers import Supplier
from schemas.systems import SystemUsage
from schemas.terms import runs

from .counting import Counts, yearly_amount
from .rows import Bearer, CostRow


class Invoiced(NamedTuple):
    """The sum of a supplier's invoices with one reference."""

    supplier: str
    reference: str
    currency: str
    invoices: int
    net: Decimal


class _Cost(NamedTuple):
    """A part of a row; what it does not say is nothing."""

    of: Bearer
    currency: str
    agreed: Decimal = Decimal(0)
    data_sources: Decimal = Decimal(0)
    invoiced: Decimal = Decimal(0)
    invoices: int = 0
    uncounted: str | None = None


@dataclass(frozen=True)
class Bearers:
    """Who bears which cost."""

    usages: Mapping[str, SystemUsage]
    contracts: Mapping[str, Contract]
    suppliers: Mapping[str, Supplier]

    def of_item(self, item: PriceItem) -> Bearer:
        if item.usage is not None:
            return Bearer("usage", named(item.usage, self._usage_names))
        contract = self.folded(str(item.contract.id))
        if contract in self.contracts:
            return self.of_contract(contract)
        return Bearer("contract", named(item.contract, {}))

    def folded(self, contract: str) -> str:
        """The contract itself; for an addendum of a known contract that one."""
        stated = self.contracts.get(contract)
        parent = str(stated.parent.id) if stated and stated.kind == "addendum" and stated.parent else contract
        return parent if parent in self.contracts else contract

    def of_contract(self, contract: str) -> Bearer:
        """The one usage that a known contract is for, else the contract."""
        served = {named(usage, self._usage_names) for usage in self.contracts[contract].usages}
        served |= {Named(subject, usage.name) for subject, usage in self.usages.items() if self._pays(usage, contract)}
        if len(served) == 1:
            return Bearer("usage", served.pop())
        return Bearer("contract", Named(contract, self.contracts[contract].title))

    def of_source_use(self, use: DataSourceUse) -> Bearer:
        return Bearer("usage", named(use.usage, self._usage_names))

    def of_invoices(self, invoiced: Invoiced) -> Bearer:
        """By the one contract that has the reference as its number, or that is billed under it as an order number."""
        contracts = self._by_reference.get(normal_number(invoiced.reference), ())
        if len(contracts) == 1:
            return self.of_contract(*contracts)
        name = self._by_number.get(invoiced.supplier)
        return Bearer("supplier", Named(invoiced.supplier, name, known=name is not None))

    def _pays(self, usage: SystemUsage, contract: str) -> bool:
        return usage.main_contract is not None and self.folded(str(usage.main_contract.id)) == contract

    @cached_property
    def _usage_names(self) -> Mapping[str, str]:
        return {subject: usage.name for subject, usage in self.usages.items()}

    @cached_property
    def _by_reference(self) -> Mapping[str, set[str]]:
        """The contracts that an invoice's reference may mean, by the reference without case, hyphens and the like."""
        found = defaultdict[str, set[str]](set)
        for subject, contract in self.contracts.items():
            for reference in (contract.local_id, *contract.order_numbers):
                found[normal_number(reference)].add(self.folded(subject))
        return found

    @cached_property
    def _by_number(self) -> Mapping[str, str]:
        """Suppliers' names by the key that invoices know them by."""
        numbers = {f"vat:{each.vat_id}": each.name for each in self.suppliers.values() if each.vat_id}
        return numbers | {f"cvr:{each.cvr}": each.name for each in self.suppliers.values() if each.cvr}


def cost_rows(
    bearers: Bearers,
    items: Mapping[str, PriceItem],
    source_uses: Mapping[str, DataSourceUse],
    invoiced: Iterable[Invoiced],
    *,
    counts: Counts,
    on: date,
) -> tuple[CostRow, ...]:
    """A row per bearer and currency: usages by name, then contracts, then suppliers."""
    parts = defaultdict[tuple[Bearer, str], list[_Cost]](list)
    for costs in (
        _agreed(bearers, items, counts, on),
        _read(bearers, source_uses),
        _billed(bearers, invoiced),
    ):
        for cost in costs:
            parts[cost.of, cost.currency].append(cost)
    rows = [
        CostRow(
            of=of,
            year=on.year,
            currency=currency,
            agreed=sum((cost.agreed for cost in costs), Decimal(0)),
            data_sources=sum((cost.data_sources for cost in costs), Decimal(0)),
            invoiced=sum((cost.invoiced for cost in costs), Decimal(0)),
            invoices=sum(cost.invoices for cost in costs),
            uncounted=tuple(sorted(cost.uncounted for cost in costs if cost.uncounted is not None)),
        )
        for (of, currency), costs in parts.items()
    ]
    return tuple(sorted(rows, key=_order))


def _agreed(bearers: Bearers, items: Mapping[str, PriceItem], counts: Counts, on: date) -> Iterator[_Cost]:
    """What recurs each year; a price paid once is no yearly cost, an option costs nothing until it is taken up."""
    for item in items.values():
        contract = bearers.contracts.get(bearers.folded(str(item.contract.id)))
        if contract is not None and not runs(contract.terms, on):
            continue
        if item.option is not None and (item.option.taken_up_on is None or item.option.taken_up_on > on):
            continue
        if item.period == "once" and item.price.model == "fixed":
            continue
        amount = yearly_amount(item, counts, on.year)
        if amount is None:
            yield _Cost(bearers.of_item(item), item.currency, uncounted=item.title)
        else:
            yield _Cost(bearers.of_item(item), item.currency, agreed=amount)


def _read(bearers: Bearers, source_uses: Mapping[str, DataSourceUse]) -> Iterator[_Cost]:
    for use in source_uses.values():
        if use.price is not None:
            price = use.price.unit_price
            yearly = rounded(price.amount * use.price.units_per_year, price.currency)
            yield _Cost(bearers.of_source_use(use), price.currency, data_sources=yearly)


def _billed(bearers: Bearers, invoiced: Iterable[Invoiced]) -> Iterator[_Cost]:
    for each in invoiced:
        yield _Cost(bearers.of_invoices(each), each.currency, invoiced=each.net, invoices=each.invoices)


def _order(row: CostRow) -> tuple[object, ...]:
    return ("usage", "contract", "supplier").index(row.of.kind), by_name(row.of.named), row.currency
