"""Events of the landscape to rows: statements as they were stated, invoices as their amounts."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Table

from consumers.runtime.consumer import Rows
from consumers.runtime.documents import Kept, families_of, kept_in, loaded, required_fields, state_rows
from consumers.runtime.states import starts_on
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.invoice_parts import InvoiceParty
from schemas.invoices import normal_number

from .tables import INVOICED, STATES

RECEIVED = "invoice.received"
FAMILIES = families_of(STATES) | {RECEIVED}
NO_CURRENCY = "XXX"
"""ISO 4217's code where no currency is involved, for an invoice that names none."""


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    """The rows of a batch. Raises Invalid for a payload that is not of its type."""
    kept = _kept(catalogue)
    invoices = [event for event in events if event.type not in kept]
    statements = [event for event in events if event.type in kept] if invoices else events
    rows: dict[Table, list[tuple[Any, ...]]] = state_rows(statements, kept)
    if invoices:
        rows[INVOICED] = invoiced(invoices, catalogue)
    return rows


def invoiced(events: Iterable[Event], catalogue: Catalogue) -> list[tuple[Any, ...]]:
    """A row of `INVOICED` per received document; a credit note counts against what was invoiced."""
    required = required_fields(catalogue.latest(RECEIVED))
    return [_invoiced_row(event, loaded(event, required)) for event in events]


def _invoiced_row(event: Event, data: Mapping[str, Any]) -> tuple[Any, ...]:
    amount = net_amount(data)
    return (
        event.authority,
        event.subject,
        event.position,
        event.recorded,
        data["sha256"],
        _supplier_key(data["supplier"]),
        _reference(data),
        _year(event, data),
        str(data.get("currency", NO_CURRENCY)),
        -amount if data["doc_type"] == "credit-note" else amount,
    )


def net_amount(data: Mapping[str, Any]) -> Decimal:
    """The amount without VAT: as the document states it, else its lines with allowances and charges; 0 without any."""
    totals = data["totals"]
    if "tax_exclusive" in totals:
        return Decimal(totals["tax_exclusive"])
    lines = totals.get("line_extension") or sum(Decimal(line.get("amount", "0")) for line in data.get("lines", ()))
    return Decimal(lines) - Decimal(totals.get("allowances", "0")) + Decimal(totals.get("charges", "0"))


@cache
def _kept(catalogue: Catalogue) -> dict[str, Kept]:
    return kept_in(STATES, catalogue)


def _supplier_key(supplier: Mapping[str, Any]) -> str:
    cvr = supplier.get("cvr")
    return f"cvr:{cvr}" if cvr else InvoiceParty.model_validate(supplier).key


def _reference(data: Mapping[str, Any]) -> str:
    contracts = data.get("contract_refs", ())
    if not contracts:
        return str(data.get("order_ref", ""))
    is_one = len(contracts) == 1 or len(set(map(normal_number, contracts))) == 1
    return str(contracts[0]) if is_one else ""


def _year(event: Event, data: Mapping[str, Any]) -> int:
    issued = data.get("issue_date")
    return int(issued[:4]) if issued else starts_on(event).year
