"""Which documents a batch may have changed the judgement of: those of every supplier tied to what it touched.

Ties are what two suppliers' documents could be judged together by: a contract that both may bill, a takeover, a number
in common. A document that names somebody else's contract hangs on that contract alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, Text, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from schemas.envelope import Event

from .facts import Net
from .tables import CONTRACT, INVOICE, PRICE_ITEM, SUPPLIER, UNIT

Subjects = Mapping[str, frozenset[str]]
"""The subjects that a batch is about, by domain and kind: `contract.price-item`, `invoice.received`."""
Node = tuple[str, str]
"""A number, a supplier or a contract, in the net of ties."""
AT_ONCE = 1_000
"""Documents that are read at once, and judged between two statements to the database: half a second."""


class Scope(NamedTuple):
    """Nets that are read at once and judged anew, each by itself; `whole` is what they have together."""

    nets: tuple[Net, ...]
    whole: Net


def mine(table: Table, authority: str) -> ColumnElement[bool]:
    """The rows that hold for the authority: its own, and those for everybody."""
    return or_(table.c.authority == authority, table.c.shared)


def subjects_of(events: Iterable[Event], authority: str) -> Subjects:
    """What the events tell `authority` about."""
    found = defaultdict[str, set[str]](set)
    for event in events:
        if event.authority == authority or event.shared:
            found[event.family.removesuffix("-stated").removesuffix("-removed")].add(event.subject)
    return {kind: frozenset(subjects) for kind, subjects in found.items()}


def touched_scopes(connection: Connection, authority: str, subjects: Subjects) -> list[Scope]:
    """Everything tied to `subjects`, in parts."""
    contracts = subjects.get("contract.contract", frozenset()) | _contracts_of_items(
        connection, authority, subjects.get("contract.price-item", frozenset())
    )
    numbers = _numbers_of_invoices(connection, authority, subjects.get("invoice.received", frozenset()))
    numbers |= _numbers_naming(connection, authority, contracts)
    numbers |= _numbers_writing_to(connection, authority, subjects.get("organisation.unit", frozenset()))
    start = {("number", each) for each in numbers}
    start |= {("supplier", each) for each in subjects.get("supplier.supplier", ())}
    start |= {("contract", each) for each in contracts}
    return _scopes(connection, authority, start)


def all_scopes(connection: Connection, authority: str) -> list[Scope]:
    """Everything that the authority has documents of, in parts."""
    numbers = select(INVOICE.c.supplier).where(INVOICE.c.authority == authority).distinct()
    return _scopes(connection, authority, {("number", each) for each in connection.execute(numbers).scalars()})


def _scopes(connection: Connection, authority: str, start: Collection[Node]) -> list[Scope]:
    nets = _nets(start, _ties(connection, authority))
    numbers = [name for net in nets for kind, name in net if kind == "number"]
    count = (
        select(INVOICE.c.supplier, func.count().label("documents"))
        .where(INVOICE.c.authority == authority, INVOICE.c.supplier == any_(literal(numbers, ARRAY(Text))))
        .group_by(INVOICE.c.supplier)
    )
    documents = {row.supplier: row.documents for row in connection.execute(count)}
    return [Scope(tuple(map(_net, part)), _net(chain.from_iterable(part))) for part in in_parts(nets, documents)]


def in_parts(nets: Iterable[Collection[Node]], documents: Mapping[str, int]) -> Iterator[list[Collection[Node]]]:
    """Nets of ties that have at most `AT_ONCE` documents together; a net of more is a part by itself.

    `documents` is how many there are by number.
    """
    part, held = list[Collection[Node]](), 0
    for net in nets:
        more = sum(documents.get(name, 0) for kind, name in net if kind == "number")
        if part and held + more > AT_ONCE:
            yield part
            part, held = [], 0
        part.append(net)
        held += more
    if part:
        yield part


def _net(nodes: Iterable[Node]) -> Net:
    names = {kind: set[str]() for kind in ("number", "supplier", "contract")}
    for kind, name in nodes:
        names[kind].add(name)
    return Net(*map(frozenset, names.values()))


def _contracts_of_items(connection: Connection, authority: str, items: Collection[str]) -> frozenset[str]:
    if not items:
        return frozenset()
    table = PRICE_ITEM
    query = select(table.c.contract).where(mine(table, authority), table.c.subject.in_(items)).distinct()
    return frozenset(contract for contract in connection.execute(query).scalars() if contract)


def _numbers_of_invoices(connection: Connection, authority: str, invoices: Collection[str]) -> frozenset[str]:
    if not invoices:
        return frozenset()
    query = select(INVOICE.c.supplier).where(INVOICE.c.authority == authority, INVOICE.c.subject.in_(invoices))
    return frozenset(connection.execute(query.distinct()).scalars())


def _numbers_naming(connection: Connection, authority: str, contracts: Collection[str]) -> frozenset[str]:
    """The suppliers whose documents name one of the contracts, or an addendum of one."""
    if not contracts:
        return frozenset()
    named = select(CONTRACT.c.refs).where(
        mine(CONTRACT, authority), or_(CONTRACT.c.subject.in_(contracts), CONTRACT.c.parent.in_(contracts))
    )
    refs = sorted({reference for found in connection.execute(named).scalars() for reference in found})
    query = select(INVOICE.c.supplier).where(INVOICE.c.authority == authority, overlap(INVOICE.c.refs, refs))
    return frozenset(connection.execute(query.distinct()).scalars())


def _numbers_writing_to(connection: Connection, authority: str, units: Collection[str]) -> frozenset[str]:
    """The suppliers whose documents came to an address of the units; all when no other unit has an address yet."""
    if not units:
        return frozenset()
    has_address = (mine(UNIT, authority), func.cardinality(UNIT.c.glns) > 0)
    theirs = select(UNIT.c.glns).where(*has_address, UNIT.c.subject.in_(units))
    glns = {gln for found in connection.execute(theirs).scalars() for gln in found}
    others = select(UNIT.c.subject).where(*has_address, UNIT.c.subject.not_in(units)).limit(1)
    chosen = INVOICE.c.gln.in_(glns) if connection.execute(others).first() else INVOICE.c.gln.is_not(None)
    query = select(INVOICE.c.supplier).where(INVOICE.c.authority == authority, chosen)
    return frozenset(connection.execute(query.distinct()).scalars())


def overlap(column: ColumnElement[Collection[str]], values: Collection[str]) -> ColumnElement[bool]:
    """Whether an array column has any of `values`."""
    return column.op("&&", is_comparison=True)(literal(sorted(values), ARRAY(Text)))


def _ties(connection: Connection, authority: str) -> dict[Node, set[Node]]:
    ties = defaultdict[Node, set[Node]](set)

    def tie(one: Node, other: Node) -> None:
        ties[one].add(other)
        ties[other].add(one)

    suppliers = select(SUPPLIER.c.subject, SUPPLIER.c.numbers, SUPPLIER.c.successor).where(mine(SUPPLIER, authority))
    for subject, numbers, successor in connection.execute(suppliers.distinct()):
        for number in numbers:
            tie(("supplier", subject), ("number", number))
        if successor:
            tie(("supplier", subject), ("supplier", successor))
    contracts = select(CONTRACT.c.subject, CONTRACT.c.suppliers, CONTRACT.c.parent).where(mine(CONTRACT, authority))
    for subject, parties, parent in connection.execute(contracts.distinct()):
        for supplier in parties:
            tie(("contract", subject), ("supplier", supplier))
        if parent:
            tie(("contract", subject), ("contract", parent))
    return ties


def _nets(start: Collection[Node], ties: Mapping[Node, set[Node]]) -> list[set[Node]]:
    """What hangs together with each of `start`."""
    nets, seen = list[set[Node]](), set[Node]()
    for node in sorted(start):
        if node not in seen:
            nets.append(_reached((node,), ties))
            seen |= nets[-1]
    return nets


def _reached(start: Collection[Node], ties: Mapping[Node, set[Node]]) -> set[Node]:
    reached, waiting = set(start), list(start)
    while waiting:
        fresh = ties.get(waiting.pop(), set()) - reached
        reached |= fresh
        waiting += fresh
    return reached
