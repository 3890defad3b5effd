"""Invoices: what a supplier asks to be paid, as its e-invoice states it, and what was then done with it.

The subject of every fact here is one invoice or credit note: `invoice_subject` derives it from the authority, the
supplier and the number, so that the accounting system's later facts meet the document without a register of ids.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from kernel.ids import derived_id

from .catalogue import EventType
from .invoice_parts import (
    AllowanceCharge,
    BillingReference,
    Finding,
    InvoiceLine,
    InvoiceParty,
    PaymentMeans,
    Period,
    TaxSubtotal,
    Totals,
)
from .values import FreeText, LocalId, Name, Number, PersonId, Value

Kind = Literal["oioubl", "ubl", "cii"]
"""Family of formats: OIOUBL 2.x; EN 16931 in UBL (Peppol BIS Billing 3, OIOUBL 3 and others); EN 16931 in CII."""
DocType = Literal["invoice", "credit-note"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def normal_number(number: str) -> str:
    """An invoice number as duplicates are looked for: no case, spaces, hyphens or leading zeros."""
    bare = re.sub(r"[\s\-\u2010-\u2015]", "", number).upper()
    return bare.lstrip("0") or bare[:1] or number


def invoice_subject(authority: str, supplier: str, number: str, doc_type: DocType = "invoice") -> str:
    """The subject of the document that `supplier` numbered `number`.

    `supplier` is `Received.supplier.key`. Invoices and credit notes are numbered in series of their own.
    """
    return derived_id(doc_type, authority, supplier, normal_number(number))


class Received(Value):
    """An invoice or credit note came: everything a control rule may ask of it.

    A document that lacks something is still received, with the lack among its findings.
    """

    kind: Kind
    doc_type: DocType
    customization: FreeText | None = None
    profile: FreeText | None = None
    type_code: LocalId | None = Field(default=None, description="UNCL 1001: 380, 381, 386 ...")
    number: LocalId | None = Field(default=None, description="as the supplier wrote it")
    normal_number: LocalId | None = None
    issue_date: date | None = None
    due_date: date | None = None
    currency: LocalId | None = Field(default=None, description="as written; ISO 4217 if the document is right")
    tax_currency: LocalId | None = None
    totals: Totals
    tax_subtotals: tuple[TaxSubtotal, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    supplier: InvoiceParty
    payee: InvoiceParty | None = None
    buyer: InvoiceParty
    buyer_reference: PersonId | None = None
    contract_refs: tuple[LocalId, ...] = ()
    order_ref: LocalId | None = None
    sales_order_ref: LocalId | None = None
    project_ref: LocalId | None = None
    accounting_cost: LocalId | None = None
    billing_refs: tuple[BillingReference, ...] = ()
    period: Period | None = None
    payment: tuple[PaymentMeans, ...] = ()
    payment_terms: FreeText | None = None
    notes: tuple[FreeText, ...] = ()
    lines: tuple[InvoiceLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    sha256: Sha256 = Field(description="of the document's canonical bytes: the same for every way to write it")


def lacking(received: Received) -> tuple[str, ...]:
    """What every invoice has and this one does not (momsbekendtgørelsen § 58; EN 16931 BR-02 to BR-16)."""
    needed = {
        "number": received.number,
        "issue date": received.issue_date,
        "currency": received.currency,
        "amount to pay": received.totals.payable,
        "supplier": received.supplier.ids or received.supplier.name,
        "buyer": received.buyer.ids or received.buyer.name,
        "lines": received.lines,
    }
    return tuple(what for what, found in needed.items() if found in (None, ()))


class RefusalProblem(Value):
    """One reason why a file is not an invoice that can be read."""

    where: FreeText
    message: FreeText
    value: FreeText = ""


class Refused(Value):
    """A file came that is no readable invoice; nothing of it is kept but its hash and what is wrong with it.

    All of it follows from the file's bytes, so that the same file under another name is the same event; the name it
    came under is the event's correlation id.
    """

    sha256: Sha256 = Field(description="of the file's bytes")
    reason: FreeText
    problems: tuple[RefusalProblem, ...] = ()


class Actor(Value):
    """Who did something: a person by the user id of the system that says so, and the role acted in."""

    id: PersonId | None = None
    name: Name | None = None
    role: LocalId | None = None


class Step(Value):
    """Something done with an invoice in the accounting system: by whom, when and why."""

    by: Actor
    at: AwareDatetime
    reason: FreeText | None = None
    account: LocalId | None = Field(default=None, description="account in the chart of accounts")
    amount: Number | None = None


class Attested(Step):
    """Goods, price and quantity were confirmed (attestation)."""


class Released(Step):
    """The budget holder released the payment (anvisning)."""

    pay_on: date | None = None


class Posted(Step):
    """The invoice was entered in the accounts."""

    posted_on: date
    voucher: LocalId | None = None


class Paid(Step):
    """The supplier was paid; `to_account` is where the money went."""

    paid_on: date
    to_account: LocalId | None = None


class _Stopped(Step):
    reason: FreeText = Field(min_length=1)


class Rejected(_Stopped):
    """The invoice will not be paid; the supplier is told why."""


class Returned(_Stopped):
    """The invoice went back a step, to someone in the authority or to the supplier for correction."""

    to: Actor | None = None


class Held(_Stopped):
    """The invoice waits, for an answer or until a day."""

    until: date | None = None


_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_RECEIVED = {
    "kind": "oioubl",
    "doc_type": "invoice",
    "customization": "OIOUBL-2.1",
    "type_code": "380",
    "number": "FA-000123",
    "normal_number": "FA000123",
    "issue_date": "2026-03-02",
    "due_date": "2026-04-01",
    "currency": "DKK",
    "totals": {
        "line_extension": "1000",
        "tax": "250",
        "tax_exclusive": "1000",
        "tax_inclusive": "1250",
        "payable": "1250",
    },
    "tax_subtotals": [{"taxable": "1000", "tax": "250", "category": "StandardRated", "percent": "25"}],
    "supplier": {
        "ids": [{"role": "address", "scheme": "DK:CVR", "id": "DK10150817"}],
        "cvr": "10150817",
        "name": "Leverandøren A/S",
    },
    "buyer": {
        "ids": [{"role": "address", "scheme": "GLN", "id": "5798009811578"}],
        "gln": "5798009811578",
        "name": "Kommunen",
        "contact_id": "7778",
    },
    "contract_refs": ["K-2024-17"],
    "order_ref": "5002701234",
    "period": {"start": "2026-02-01", "end": "2026-02-28"},
    "payment": [{"code": "42", "channel": "DK:BANK", "account": "0012345678", "branch": "1234"}],
    "lines": [
        {
            "id": "1",
            "name": "Brugerlicens",
            "quantity": "10",
            "unit": "EA",
            "price": "100",
            "amount": "1000",
            "tax_category": "StandardRated",
            "tax_percent": "25",
        }
    ],
    "sha256": _HASH,
}
_STEP = {"by": {"id": "b004", "role": "budget holder"}, "at": "2026-03-05T09:30:00+01:00"}


def _type(fact: str, model: type[Value], sample: Mapping[str, Any]) -> EventType:
    return EventType(
        domain="invoice",
        fact=fact,
        model=model,
        owner="invoices",
        key="invoice",
        uuid_subject=True,
        sample=dict(sample),
    )


EVENTS: tuple[EventType, ...] = (
    _type("received", Received, _RECEIVED),
    _type("refused", Refused, {"sha256": _HASH, "reason": "the file is cut off"}),
    _type("attested", Attested, {**_STEP, "account": "5250124502"}),
    _type("released", Released, {**_STEP, "amount": "1250", "pay_on": "2026-04-01"}),
    _type("posted", Posted, {**_STEP, "posted_on": "2026-03-06", "account": "5250124502", "voucher": "20260001234"}),
    _type("paid", Paid, {**_STEP, "paid_on": "2026-04-01", "amount": "1250", "to_account": "12340012345678"}),
    _type("rejected", Rejected, {**_STEP, "reason": "not ordered by us"}),
    _type("returned", Returned, {**_STEP, "reason": "the order number is missing"}),
    _type("held", Held, {**_STEP, "reason": "waits for the credit note", "until": "2026-03-20"}),
)
