"""The facts that invoices are judged by: statements over time about suppliers, contracts, prices and units."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from schemas.billing import supplier_numbers
from schemas.contracts import Contract, billing_suppliers
from schemas.invoices import normal_number
from schemas.organisation import Unit
from schemas.prices import PriceItem
from schemas.suppliers import Supplier

from .documents import Document, Line
from .history import History, Statement, stated

T = TypeVar("T")


class Billed(NamedTuple):
    """A price item that may be billed, as it stands on a day."""

    item: UUID
    statement: Statement[PriceItem]


class Entry(NamedTuple):
    """A supplier as the register has it on a day."""

    id: UUID
    statement: Statement[Supplier]


@dataclass(frozen=True)
class Net:
    """What is judged together: all documents of the suppliers known by `numbers`, with what they hang on."""

    numbers: frozenset[str]
    suppliers: frozenset[str]
    contracts: frozenset[str]


@dataclass(frozen=True, eq=False)
class Units:
    """An authority's units. Equal are those of the same statements."""

    histories: Mapping[UUID, History[Unit]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Units) and self.statements == other.statements

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def addresses(self) -> Mapping[str, tuple[History[Unit], ...]]:
        """The units that have or had each GLN, by subject."""
        found = defaultdict[str, list[History[Unit]]](list)
        for unit in sorted(self.histories.values(), key=lambda each: each.subject):
            for gln in sorted({dated.gln for value in unit.ever() for dated in value.glns}):
                found[gln].append(unit)
        return {gln: tuple(units) for gln, units in found.items()}

    @cached_property
    def statements(self) -> tuple[Any, ...]:
        return stated(self.histories)

    @cached_property
    def _hash(self) -> int:
        return hash(self.statements)


@dataclass(frozen=True, eq=False)
class Facts:
    """All that the rules may ask about one authority, by subject. Nothing here says when it arrived.

    What has been worked out of them is kept beside them.
    """

    authority: str
    suppliers: Mapping[UUID, History[Supplier]]
    contracts: Mapping[UUID, History[Contract]]
    items: Mapping[UUID, History[PriceItem]]
    units: Units
    billed: WeakKeyDictionary[Line, dict[UUID, Billed | None]] = field(default_factory=WeakKeyDictionary, repr=False)
    """Which price item of a contract a line bills, as far as it has been worked out (`ladder.billed_item`)."""
    _agreed: dict[tuple[UUID, date], tuple[Billed, ...]] = field(default_factory=dict, repr=False)

    def say_the_same(self, other: "Facts") -> bool:
        """Whether both consist of the same statements."""
        return self is other or self.statements == other.statements

    @cached_property
    def statements(self) -> tuple[Any, ...]:
        return (self.authority, self.units, *(stated(each) for each in (self.suppliers, self.contracts, self.items)))

    def only(self, net: Net, documents: Collection[Document]) -> "Facts":
        """What the documents of one net are judged by: what is tied in the net, and the contracts that they name."""
        named = {
            contract
            for document in documents
            for reference in (*document.contract_refs, *document.order_refs)
            for contract in self.referred(reference)
        }
        tied = frozenset(map(UUID, net.contracts))
        named |= tied & self.contracts.keys()
        named |= {each.parent.id for id_ in named for each in self.contracts[id_].ever() if each.parent}
        return Facts(
            authority=self.authority,
            suppliers=_chosen(self.suppliers, map(UUID, net.suppliers)),
            contracts=_chosen(self.contracts, named),
            items=_chosen(self.items, (item for each in tied for item in self._stated_for.get(each, ()))),
            units=self.units,
        )

    def entries(self, number: str, day: date) -> tuple[Entry, ...]:
        """The suppliers that hold this number on that day."""
        known = ((id_, self.suppliers[id_].known_at(day)) for id_ in self._by_number.get(number, ()))
        return tuple(Entry(id_, found) for id_, found in known if found and number in supplier_numbers(found.value))

    def identity(self, number: str) -> str:
        """The same for every number of one supplier: its register entry, else the number itself."""
        return self._identities.get(number, number)

    def items_of(self, contract: UUID) -> tuple[History[PriceItem], ...]:
        """The price items ever stated for a contract and its addenda."""
        return self._by_contract.get(contract, ())

    def agreed_on(self, contract: UUID, day: date) -> tuple[Billed, ...]:
        """The price items of a contract and its addenda that hold on that day."""
        if (contract, day) not in self._agreed:
            self._agreed[contract, day] = tuple(
                Billed(history.subject, held)
                for history in self.items_of(contract)
                if (held := history.at(day)) and self.folded(held.value.contract.id) == contract
            )
        return self._agreed[contract, day]

    def folded(self, contract: UUID) -> UUID:
        """The contract itself; for an addendum (as last stated) the contract it is part of."""
        return self._parents.get(contract, contract)

    def referred(self, reference: str) -> tuple[UUID, ...]:
        """The contracts and addenda that ever had this number or order number."""
        return self._by_reference.get(normal_number(reference), ())

    def naming(self, supplier: UUID) -> frozenset[UUID]:
        """The contracts, no addenda, that ever named this supplier or one that it has taken over."""
        names = self._named.get(supplier, frozenset())
        return names.union(*(self._named.get(each, frozenset()) for each in self._predecessors(supplier)))

    def may_bill(self, contract: UUID, suppliers: frozenset[UUID], day: date) -> bool:
        """Whether one of `suppliers` may bill what the contract delivers on that day."""
        held = self.contracts[contract].known_at(day)
        if held is None:
            return False
        allowed = set(billing_suppliers(held.value, day))
        for each in tuple(allowed):
            allowed |= self._successors(each, day)
        return not allowed.isdisjoint(suppliers)

    def _successors(self, supplier: UUID, day: date) -> set[UUID]:
        """Who has taken over the supplier by `day`, and who has taken over those."""
        found = set[UUID]()
        while supplier in self.suppliers:
            stated = self.suppliers[supplier].known_at(day)
            successor = stated.value.successor if stated else None
            if successor is None or successor.takes_over_on > day or successor.supplier.id in found:
                break
            supplier = successor.supplier.id
            found.add(supplier)
        return found

    def _predecessors(self, supplier: UUID) -> set[UUID]:
        found, waiting = set[UUID](), [supplier]
        while waiting:
            fresh = self._taken_over.get(waiting.pop(), frozenset()) - found
            found |= fresh
            waiting += fresh
        return found

    @cached_property
    def _by_number(self) -> dict[str, list[UUID]]:
        found = defaultdict[str, list[UUID]](list)
        for id_ in sorted(self.suppliers):
            for number in {number for value in self.suppliers[id_].ever() for number in supplier_numbers(value)}:
                found[number].append(id_)
        return found

    @cached_property
    def _identities(self) -> dict[str, str]:
        """Numbers that are tied by a register entry, directly or over others, have the lowest number in common."""
        names = dict[str, str]()
        for history in self.suppliers.values():
            numbers = {number for value in history.ever() for number in supplier_numbers(value)}
            tied = {names.get(number, number) for number in numbers} | numbers
            name = min(tied, default="")
            names = {number: name if first in tied else first for number, first in names.items()}
            names |= dict.fromkeys(numbers, name)
        return names

    @cached_property
    def _parents(self) -> dict[UUID, UUID]:
        found = {}
        for id_, history in self.contracts.items():
            last = [*history.ever()][-1:]
            if last and last[0].kind == "addendum" and last[0].parent:
                found[id_] = last[0].parent.id
        return found

    @cached_property
    def _by_reference(self) -> dict[str, tuple[UUID, ...]]:
        found = defaultdict[str, set[UUID]](set)
        for id_, history in self.contracts.items():
            for value in history.ever():
                for reference in (value.local_id, *value.order_numbers):
                    found[normal_number(reference)].add(id_)
        return {reference: tuple(sorted(ids)) for reference, ids in found.items()}

    @cached_property
    def _by_contract(self) -> dict[UUID, tuple[History[PriceItem], ...]]:
        found = defaultdict[UUID, list[History[PriceItem]]](list)
        for history in self.items.values():
            for contract in {self.folded(value.contract.id) for value in history.ever()}:
                found[contract].append(history)
        return {contract: tuple(histories) for contract, histories in found.items()}

    @cached_property
    def _stated_for(self) -> dict[UUID, set[UUID]]:
        """The price items that any statement gives to a contract."""
        found = defaultdict[UUID, set[UUID]](set)
        for id_, history in self.items.items():
            for value in history.ever():
                found[value.contract.id].add(id_)
        return found

    @cached_property
    def _named(self) -> dict[UUID, frozenset[UUID]]:
        found = defaultdict[UUID, set[UUID]](set)
        for id_, history in self.contracts.items():
            if id_ not in self._parents:
                for value in history.ever():
                    for supplier in parties(value):
                        found[supplier].add(id_)
        return {supplier: frozenset(ids) for supplier, ids in found.items()}

    @cached_property
    def _taken_over(self) -> dict[UUID, frozenset[UUID]]:
        found = defaultdict[UUID, set[UUID]](set)
        for id_, history in self.suppliers.items():
            for value in history.ever():
                if value.successor:
                    found[value.successor.supplier.id].add(id_)
        return {successor: frozenset(ids) for successor, ids in found.items()}


def _chosen(histories: Mapping[UUID, History[T]], subjects: Iterable[UUID]) -> dict[UUID, History[T]]:
    return {each: histories[each] for each in sorted(set(subjects)) if each in histories}


def parties(contract: Contract) -> frozenset[UUID]:
    """The suppliers a contract names: its holder, its reseller, and those who take it over."""
    named = {contract.supplier.id, *(step.supplier.id for step in contract.successions)}
    return frozenset(named | ({contract.reseller.id} if contract.reseller else set()))
