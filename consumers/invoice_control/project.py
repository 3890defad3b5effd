"""Events to rows: documents and statements as they are stated, with the columns by which they are found."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError
from sqlalchemy import Table

from consumers.runtime.consumer import Rows
from consumers.runtime.states import state_row
from kernel.errors import Invalid
from schemas.billing import contract_refs, order_refs, supplier_number, supplier_numbers
from schemas.catalogue import Catalogue, problems_of
from schemas.contracts import Contract
from schemas.envelope import Event
from schemas.invoices import Received, normal_number
from schemas.organisation import Unit
from schemas.prices import PriceItem
from schemas.suppliers import Supplier

from .facts import parties
from .tables import CONTRACT, INVOICE, PRICE_ITEM, REFUSAL, SUPPLIER, UNIT

Columns = tuple[Any, ...]
"""What is taken out of a document for look-ups, in the order of its table."""


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    """The rows of a batch. Raises Invalid for an event that is not of its type or whose subject is no UUID."""
    rows = defaultdict[Table, list[Columns]](list)
    for event in events:
        _require_uuid(event)
        kind, data = catalogue.upcast(event.type, event.payload)
        family, fact = kind.family.rpartition("-")[::2]
        if kind.family == "invoice.received":
            rows[INVOICE].append(_invoice_row(event, _read(kind.model, data, event)))
        elif kind.family == "invoice.refused":
            rows[REFUSAL].append((*_origin(event), event.recorded, event.payload.decode()))
        else:
            table, columns, nothing = _STATES[family]
            value = None if fact == "removed" else _read(kind.model, data, event)
            document = None if value is None else orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
            taken = nothing if value is None else columns(value)
            rows[table].append(state_row(event, document, event.source, event.id, *taken))
    return rows


def _require_uuid(event: Event) -> None:
    try:
        UUID(event.subject)
    except ValueError:
        raise Invalid(
            f"the subject {event.subject} of {event.type} is no UUID",
            hint="make it of what the source calls it: UUIDv5 of authority, source and local id",
        ) from None


def _read(model: type[BaseModel], data: Mapping[str, Any], event: Event) -> Any:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(f"the stored data is not a {event.type}", problems=problems_of(error)) from None


def _origin(event: Event) -> tuple[str, str, int, str, str]:
    return event.authority, event.subject, event.position, event.source, event.id


def _invoice_row(event: Event, received: Received) -> tuple[Any, ...]:
    number: str | None = received.normal_number or (normal_number(received.number) if received.number else None)
    issued: date | None = received.issue_date
    refs = sorted({normal_number(reference) for reference in (*contract_refs(received), *order_refs(received))})
    return (
        *_origin(event),
        event.recorded,
        supplier_number(received.supplier),
        received.doc_type,
        number,
        issued,
        refs,
        received.buyer.gln,
        event.payload.decode(),
    )


def _supplier_columns(supplier: Supplier) -> Columns:
    return sorted(supplier_numbers(supplier)), str(supplier.successor.supplier.id) if supplier.successor else None


def _contract_columns(contract: Contract) -> Columns:
    parent = contract.parent if contract.kind in ("addendum", "call-off") else None
    refs = {normal_number(number) for number in (contract.local_id, *contract.order_numbers)}
    return str(parent.id) if parent else None, sorted(map(str, parties(contract))), sorted(refs)


def _price_item_columns(item: PriceItem) -> Columns:
    return (str(item.contract.id),)


def _unit_columns(unit: Unit) -> Columns:
    return (sorted({dated.gln for dated in unit.glns}),)


_STATES: Mapping[str, tuple[Table, Callable[[Any], Columns], Columns]] = {
    "supplier.supplier": (SUPPLIER, _supplier_columns, ([], None)),
    "contract.contract": (CONTRACT, _contract_columns, (None, [], [])),
    "contract.price-item": (PRICE_ITEM, _price_item_columns, (None,)),
    "organisation.unit": (UNIT, _unit_columns, ([],)),
}
"""For each kind of subject its table, its columns, and what they hold when the subject is removed."""

FAMILIES = frozenset(
    {"invoice.received", "invoice.refused", *(f"{name}-{fact}" for name in _STATES for fact in ("stated", "removed"))}
)
