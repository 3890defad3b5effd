"""What the watch knows of an authority's contracts today, in a handful of queries however many they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, Text, case, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from consumers.runtime.reading import read_once
from consumers.runtime.states import AUTHORITY, SUBJECTS, VALID_AT, as_of
from schemas.billing import supplier_numbers
from schemas.contracts import Contract
from schemas.suppliers import Supplier
from schemas.terms import ends_on

from .tables import BILLED, BUYING, CONTRACT, DAY, OWNER, SUPPLIER
from .watched import Billed, Origin, Successor, Watched

_LATEST = date(9999, 12, 31)


def _contracts(*, tied: bool) -> "Select[Any]":
    held = as_of(CONTRACT, valid_at=VALID_AT).subquery().c
    return (
        select(held.subject, held.source, held.event_id, held.refs, cast(held.document, Text))
        .where(held.authority == AUTHORITY, func.cardinality(held.tied) > 0 if tied else true())
        .order_by(held.subject)
    )


def _owners() -> "Select[Any]":
    held = as_of(OWNER, valid_at=VALID_AT).subquery().c
    return select(held.contract).where(held.authority == AUTHORITY)


def _suppliers() -> "Select[Any]":
    held = as_of(SUPPLIER, valid_at=VALID_AT).subquery().c
    return select(held.subject, cast(held.document, Text)).where(
        (held.authority == AUTHORITY) | held.shared, held.subject.in_(SUBJECTS)
    )


def _buyings() -> "Select[Any]":
    """Each project as it was last stated, whatever day that is for, and each workflow."""
    last = (
        select(BUYING.c.subject, BUYING.c.contracts, BUYING.c.ends_on, BUYING.c.by_people)
        .where(BUYING.c.authority == AUTHORITY, ~BUYING.c.over)
        .ext(distinct_on(BUYING.c.subject))
        .order_by(BUYING.c.subject, BUYING.c.position.desc())
        .subquery()
    )
    over = last.c.subject.in_(select(BUYING.c.subject).where(BUYING.c.authority == AUTHORITY, BUYING.c.over))
    return select(last.c.contracts, case((~over, None), else_=last.c.ends_on), last.c.by_people | over).where(
        ~over | last.c.ends_on.is_not(None)
    )


_CONTRACTS, _CONTRACTS_TIED = _contracts(tied=False), _contracts(tied=True)
_OWNED, _SUPPLIERS, _BEGUN = _owners(), _suppliers(), _buyings()


class Stated(NamedTuple):
    """A contract as one statement has it."""

    id: str
    origin: Origin
    contract: Contract
    refs: frozenset[str]


@dataclass(frozen=True)
class Register:
    """An authority's contracts as they stand today, and those tied to others as they will stand by what is stated."""

    authority: str
    today: date
    contracts: Mapping[str, Stated]
    to_come: Mapping[str, Stated]

    def successors(self) -> dict[str, tuple[Successor, ...]]:
        """What comes after each contract, also where it is stated for days to come only."""
        found = defaultdict[str, dict[str, Successor]](dict)
        for stated in (*self.to_come.values(), *self.contracts.values()):
            if stated.contract.replaces:
                before = str(stated.contract.replaces.id)
                found[before][stated.id] = _successor(stated, before, self.contracts.get(before))
        return {before: tuple(coming[each] for each in sorted(coming)) for before, coming in found.items()}

    def refs_of(self) -> dict[str, frozenset[str]]:
        """The numbers each contract is billed under, those of its addenda among them; none that a running one has."""
        own = defaultdict[str, set[str]](set)
        for stated in self.contracts.values():
            own[_folded(stated)] |= stated.refs
        ended = {each for each, stated in self.contracts.items() if self._has_ended(stated)}
        running = {ref for each, refs in own.items() if each not in ended for ref in refs}
        return {each: frozenset(refs - running) for each, refs in own.items() if each in ended}

    def _has_ended(self, stated: Stated) -> bool:
        return (ends_on(stated.contract.terms, self.today) or _LATEST) < self.today


def today_of(connection: Connection, authority: str) -> date | None:
    """The authority's last day-started; None before the first."""
    return connection.execute(select(func.max(DAY.c.date)).where(DAY.c.authority == authority)).scalar()


def watched_contracts(
    connection: Connection, authority: str, today: date, chosen: Collection[str] | None
) -> Iterator[Watched]:
    """The contracts with these subjects, all for None, as they stand today with what is known beside them."""
    register = Register(
        authority,
        today,
        contracts=_stated(connection, authority, today),
        to_come=_stated(connection, authority, _LATEST, tied=True),
    )
    wanted = {each: held for each, held in register.contracts.items() if chosen is None or each in chosen}
    successors, refs = register.successors(), register.refs_of()
    owned, begun = _owned(connection, authority, today), begun_for(connection, authority)
    billed = _billed(connection, register, {each: refs[each] for each in wanted if refs.get(each)})
    for subject, stated in wanted.items():
        yield Watched(
            id=UUID(subject),
            origin=stated.origin,
            contract=stated.contract,
            today=today,
            owned=subject in owned,
            under_way=begun.under_way(subject),
            taken_up=begun.taken_up(subject),
            decided=begun.decided(subject, ends_on(stated.contract.terms, today)),
            successors=successors.get(subject, ()),
            billed=billed.get(subject, ()),
        )


def _stated(connection: Connection, authority: str, day: date, *, tied: bool = False) -> dict[str, Stated]:
    """The contracts as they stand on that day; only those `tied` to another when that is all that is asked for."""
    rows = connection.execute(_CONTRACTS_TIED if tied else _CONTRACTS, {"authority": authority, "valid_at": day})
    return {
        subject: Stated(subject, Origin(source, event), read_once(Contract, document), frozenset(refs))
        for subject, source, event, refs, document in rows
    }


def _successor(stated: Stated, before: str, held: Stated | None) -> Successor:
    contract = stated.contract
    agreed = [each.last_day for each in contract.parallel_running if str(each.contract.id) == before]
    if held:
        agreed += [each.last_day for each in held.contract.parallel_running if str(each.contract.id) == stated.id]
    return Successor(UUID(stated.id), contract.local_id, contract.terms.starts_on, max(agreed, default=None))


def _folded(stated: Stated) -> str:
    """The contract itself; for an addendum the contract it adds to."""
    contract = stated.contract
    return str(contract.parent.id) if contract.kind == "addendum" and contract.parent else stated.id


def _owned(connection: Connection, authority: str, today: date) -> frozenset[str]:
    """The contracts that somebody holds the role of contract owner for."""
    return frozenset(connection.execute(_OWNED, {"authority": authority, "valid_at": today}).scalars())


@dataclass(frozen=True)
class Begun:
    """What was begun to buy anew: the contract, no date while it is not over and afterwards the end that a workflow was
    started for, and whether people have begun it or ended it."""

    known: frozenset[tuple[str, date | None, bool]]

    def under_way(self, contract: str) -> bool:
        return self.taken_up(contract) or (contract, None, False) in self.known

    def taken_up(self, contract: str) -> bool:
        """Whether it is under way, and people have begun it."""
        return (contract, None, True) in self.known

    def decided(self, contract: str, ends_on: date | None) -> bool:
        """Whether this end of the contract has been dealt with, whatever it came to."""
        return ends_on is not None and (contract, ends_on, True) in self.known


def begun_for(connection: Connection, authority: str) -> Begun:
    """The projects and workflows that were begun to buy something anew."""
    rows = connection.execute(_BEGUN, {"authority": authority})
    return Begun(frozenset((contract, ends_on, who) for contracts, ends_on, who in rows for contract in contracts))


def _billed(
    connection: Connection, register: Register, refs: Mapping[str, frozenset[str]]
) -> dict[str, tuple[Billed, ...]]:
    """For contracts that have ended, the documents of their suppliers that name them by one of `refs`."""
    if not refs:
        return {}
    wanted = literal(sorted({ref for each in refs.values() for ref in each}), ARRAY(Text))
    query = (
        select(BILLED)
        .where(BILLED.c.authority == register.authority, BILLED.c.refs.op("&&", is_comparison=True)(wanted))
        .order_by(BILLED.c.source, BILLED.c.event_id)
    )
    rows = connection.execute(query).all()
    numbers = _supplier_numbers(connection, register, refs) if rows else {}
    found = defaultdict[str, dict[tuple[str, str], Billed]](dict)
    for row in rows:
        for contract, names in refs.items():
            theirs = numbers.get(contract)
            if not names.isdisjoint(row.refs) and (not theirs or row.supplier in theirs):
                origin = Origin(row.source, row.event_id)
                document = Billed(
                    origin, row.number, row.issued, row.covers_to, row.covers_stated, row.net, row.currency
                )
                found[contract].setdefault((row.subject, row.sha256), document)
    return {contract: tuple(documents.values()) for contract, documents in found.items()}


def _supplier_numbers(
    connection: Connection, register: Register, contracts: Iterable[str]
) -> dict[str, frozenset[str]]:
    """The numbers of every supplier that each contract names; none where nobody has stated any of them."""
    named = {each: frozenset(_parties(register.contracts[each].contract)) for each in contracts}
    asked = {
        "authority": register.authority,
        "valid_at": register.today,
        "subjects": sorted(frozenset().union(*named.values())),
    }
    numbers = defaultdict[str, frozenset[str]](frozenset)
    for subject, document in connection.execute(_SUPPLIERS, asked):
        numbers[subject] |= supplier_numbers(read_once(Supplier, document))
    return {each: frozenset().union(*(numbers[supplier] for supplier in theirs)) for each, theirs in named.items()}


def _parties(contract: Contract) -> Iterator[str]:
    yield str(contract.supplier.id)
    yield from (str(step.supplier.id) for step in contract.successions)
    if contract.reseller:
        yield str(contract.reseller.id)
