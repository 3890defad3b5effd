"""Documents and facts out of the tables, in a handful of queries whatever the size of the batch."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Connection, Select, Table, Text, cast, or_, select, true

from consumers.runtime.reading import read_once
from schemas.contracts import Contract
from schemas.invoices import Received, Refused, normal_number
from schemas.organisation import Unit
from schemas.prices import PriceItem
from schemas.suppliers import Supplier

from .documents import Document, Origin, Refusal
from .facts import Facts, Units
from .history import History, Statement
from .tables import CONTRACT, INVOICE, PRICE_ITEM, REFUSAL, SUPPLIER, UNIT
from .touched import AT_ONCE, Scope, mine, overlap

M = TypeVar("M", bound=BaseModel)


def load_documents(connection: Connection, authority: str, numbers: Collection[str]) -> list[Document]:
    """The documents of the suppliers known by `numbers`."""
    chosen = INVOICE.c.supplier.in_(numbers)
    return [_document(authority, *row) for row in _rows(connection, _documents(INVOICE, authority, chosen))]


@lru_cache(maxsize=16_384)
def _document(authority: str, subject: str, source: str, event_id: str, stated: str) -> Document:
    """A document is judged again with each that comes from its supplier; what was read of it last is kept."""
    return Document(UUID(subject), Origin(authority, source, event_id), Received.model_validate_json(stated))


def load_refusals(connection: Connection, authority: str, subjects: Collection[str] | None) -> list[Refusal]:
    """The refused files with these subjects; all for None."""
    chosen = true() if subjects is None else REFUSAL.c.subject.in_(subjects)
    return [
        Refusal(UUID(subject), Origin(authority, source, event_id), Refused.model_validate_json(document))
        for subject, source, event_id, document in _rows(connection, _documents(REFUSAL, authority, chosen))
    ]


def load_facts(connection: Connection, authority: str, scope: Scope, documents: Collection[Document]) -> Facts:
    """What `documents` are judged by: what is tied to the scope or named by them."""
    return Facts(
        authority=authority,
        suppliers=_histories(connection, SUPPLIER, Supplier, authority, SUPPLIER.c.subject.in_(scope.whole.suppliers)),
        contracts=_histories(connection, CONTRACT, Contract, authority, _contracts(scope, documents, authority)),
        items=_histories(connection, PRICE_ITEM, PriceItem, authority, _items(scope, authority)),
        units=_kept(Units(_histories(connection, UNIT, Unit, authority, true()))),
    )


@lru_cache(maxsize=128)
def _kept(units: Units) -> Units:
    """The units that are equal to these, as they were read first: all of an authority's facts share them."""
    return units


def _documents(table: Table, authority: str, chosen: ColumnElement[bool]) -> "Select[Any]":
    columns = (table.c.subject, table.c.source, table.c.event_id, cast(table.c.document, Text))
    return select(*columns).where(table.c.authority == authority, chosen)


def _rows(connection: Connection, query: "Select[Any]") -> Iterable[Any]:
    """The rows as they are asked for, some at a time, so that reading many is no silence for the database."""
    return connection.execute(query, execution_options={"yield_per": AT_ONCE})


def _contracts(scope: Scope, documents: Collection[Document], authority: str) -> ColumnElement[bool]:
    """Those of the scope and those that documents name, with what an addendum or a call-off among them belongs to."""
    refs = {normal_number(each) for document in documents for each in (*document.contract_refs, *document.order_refs)}
    named = (
        select(CONTRACT.c.subject, CONTRACT.c.parent)
        .where(
            mine(CONTRACT, authority),
            or_(CONTRACT.c.subject.in_(scope.whole.contracts), overlap(CONTRACT.c.refs, refs)),
        )
        .cte("named")
    )
    return or_(CONTRACT.c.subject.in_(select(named.c.subject)), CONTRACT.c.subject.in_(select(named.c.parent)))


def _items(scope: Scope, authority: str) -> ColumnElement[bool]:
    """Every statement of the items that any statement gives to a contract of the scope; a removal names none."""
    theirs = select(PRICE_ITEM.c.subject).where(
        mine(PRICE_ITEM, authority), PRICE_ITEM.c.contract.in_(scope.whole.contracts)
    )
    return PRICE_ITEM.c.subject.in_(theirs)


def _histories(
    connection: Connection, table: Table, model: type[M], authority: str, chosen: ColumnElement[bool]
) -> dict[UUID, History[M]]:
    """What is stated of each subject: by the authority itself, else by the first of those who state it for all."""
    columns = ("authority", "subject", "source", "event_id", "effective", "effective_to")
    query = (
        select(*(table.c[name] for name in columns), cast(table.c.document, Text).label("stated"))
        .where(mine(table, authority), chosen)
        .order_by(table.c.position)
    )
    stated = defaultdict[tuple[str, UUID], list[Statement[M | None]]](list)
    for row in _rows(connection, query):
        value = None if row.stated is None else read_once(model, row.stated)
        origin = Origin(row.authority, row.source, row.event_id)
        stated[row.authority, UUID(row.subject)].append(Statement(origin, row.effective, row.effective_to, value))
    found = dict[UUID, History[M]]()
    for owner, subject in sorted(stated, key=lambda key: (key[0] != authority, key)):
        found.setdefault(subject, History(subject, tuple(stated[owner, subject])))
    return found
