"""What a person is shown of a file: one flat object with what was read, what is wrong, or why it is refused."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from kernel.errors import Invalid
from schemas.invoice_parts import Finding, InvoiceParty, Period
from schemas.invoices import Received

from .ids import masked_file_name
from .parse import MAX_BYTES
from .read import Document, read_document

Json = dict[str, Any]

_READ = (
    "kind",
    "doc_type",
    "invoice_id",
    "issue_date",
    "due_date",
    "currency",
    "payable_amount",
    "tax_total",
    "line_extension",
    "line_count",
    "supplier_id",
    "supplier_scheme",
    "buyer_id",
    "contract_ref",
    "order_ref",
    "accounting_cost",
    "billing_ref",
    "period",
    "bank_account",
)


def inspect_file(path: Path) -> Json:
    """What the adapter reads out of the file at `path`; touches nothing else.

    Amounts are strings with their decimals, dates ISO, what is not stated None. `refused` is None, or the reason a
    document cannot be read; then everything else but `file` is None and `findings` empty. Never raises for what is in a
    file, nor for a file that cannot be opened: that is a refusal too.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return _refused(path.name, f"the file cannot be opened: {error.strerror or type(error).__name__}")
    return inspect_bytes(content, file_name=path.name)


def as_line(inspected: Json) -> str:
    """One object as one line of JSON. A command that prints them exits with 1 when any is refused, else with 0."""
    return orjson.dumps(inspected).decode()


def inspect_bytes(content: bytes, *, file_name: str) -> Json:
    """What the adapter reads out of `content`, as `inspect_file` tells it."""
    try:
        document = read_document(content)
    except Invalid as refusal:
        return _refused(file_name, " | ".join([refusal.message, *map(str, refusal.problems)]))
    return _read(document, masked_file_name(file_name))


def _refused(file_name: str, reason: str) -> Json:
    return {"file": masked_file_name(file_name), **dict.fromkeys(_READ), "findings": [], "refused": reason}


def _read(document: Document, file_name: str) -> Json:
    received = document.received
    totals, supplier, buyer = received.totals, _identified(received.supplier), _identified(received.buyer)
    return {
        "file": file_name,
        "kind": received.kind,
        "doc_type": document.root,
        "invoice_id": received.number,
        "issue_date": _text(received.issue_date),
        "due_date": _text(received.due_date),
        "currency": received.currency,
        "payable_amount": _amount(totals.payable),
        "tax_total": _amount(totals.tax),
        "line_extension": _amount(totals.line_extension),
        "line_count": len(received.lines),
        "supplier_id": supplier[0],
        "supplier_scheme": supplier[1],
        "buyer_id": buyer[0],
        **_references(received),
        "findings": [_finding(each) for each in received.findings],
        "refused": None,
    }


def _references(received: Received) -> Json:
    accounts = (each.account for each in received.payment if each.account)
    return {
        "contract_ref": next(iter(received.contract_refs), None),
        "order_ref": received.order_ref,
        "accounting_cost": received.accounting_cost,
        "billing_ref": received.billing_refs[0].number if received.billing_refs else None,
        "period": _period(received.period),
        "bank_account": next(accounts, None),
    }


def _identified(party: InvoiceParty) -> tuple[str | None, str | None]:
    """The identifier a party goes by and its scheme: electronic address, legal registration, VAT id, party id, name."""
    if not party.ids:
        return party.name, None
    first = party.ids[0]
    return first.id, None if first.role == "vat" else first.scheme


def _finding(finding: Finding) -> str:
    line = f" (line {finding.line})" if finding.line else ""
    numbers = "" if finding.stated is None else f": {_amount(finding.stated)}, not {_amount(finding.expected)}"
    return f"{finding.code}: {finding.message}{numbers}{line}"


def _period(period: Period | None) -> str | None:
    return f"{period.start or ''}/{period.end or ''}" if period else None


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
