"""An invoice or credit note as the rules see it: its net amount, what its lines cover, and whose it is."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple
from uuid import UUID

from schemas.hub import EventKey
from schemas.invoice_parts import InvoiceLine, InvoiceParty, Period
from schemas.invoices import Received, Refused, normal_number
from schemas.suppliers import Supplier

ZERO = Decimal(0)


class Origin(NamedTuple):
    """The event that states something."""

    authority: str
    source: str
    id: str

    @property
    def key(self) -> EventKey:
        return EventKey(authority=self.authority, source=self.source, id=self.id)


class Service(NamedTuple):
    """The days, both included, that something was delivered on; the issue date where no period is `stated`."""

    first: date
    last: date
    stated: bool

    @property
    def measured(self) -> bool:
        """Whether it says how long: one single day only places it in time."""
        return self.stated and self.last > self.first


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line that asks for money or takes some off, or a charge on the whole document; the amount is above 0."""

    id: str
    amount: Decimal
    quantity: Decimal
    unit: str | None
    service: Service
    numbers: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """A file that was no invoice."""

    subject: UUID
    origin: Origin
    refused: Refused


@dataclass(frozen=True, eq=False)
class Document:
    """A received document. Only one that `is_placed` has an `issued` day and a `number`, which most rules need."""

    subject: UUID
    origin: Origin
    received: Received

    @cached_property
    def supplier(self) -> str:
        """The number that the supplier is known by; documents are judged together by it."""
        return supplier_number(self.received.supplier)

    @cached_property
    def number(self) -> str:
        """The number as duplicates are looked for."""
        return self.received.normal_number or normal_number(self.received.number or "")

    @property
    def is_placed(self) -> bool:
        return bool(self.received.number) and self.received.issue_date is not None

    @property
    def issued(self) -> date:
        assert self.received.issue_date is not None
        return self.received.issue_date

    @property
    def order(self) -> tuple[date, str, str]:
        """The order in which documents follow one another, whenever they arrived."""
        return self.issued, self.number, self.received.sha256

    @cached_property
    def net(self) -> Decimal:
        """The amount without VAT, above 0 when payment is asked for and below when money is given back."""
        totals = self.received.totals
        stated = (totals.tax_exclusive, totals.line_extension)
        lines = sum((line.amount for line in self.received.lines if line.amount is not None), ZERO)
        net = next((amount for amount in stated if amount is not None), lines)
        return -net if self.received.doc_type == "credit-note" else net

    @property
    def currency(self) -> str | None:
        """The currency, when it is written as a currency is."""
        written = self.received.currency or ""
        return written if re.fullmatch("[A-Z]{3}", written) else None

    @cached_property
    def service(self) -> Service:
        """From the first day to the last that any line covers."""
        spans = [self._service(line.period) for line in self.received.lines] or [self._service(None)]
        return Service(
            min(span.first for span in spans), max(span.last for span in spans), any(span.stated for span in spans)
        )

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines with an amount above 0."""
        return self._lines(1)

    @cached_property
    def deductions(self) -> tuple[Line, ...]:
        """The lines with an amount below 0, without its sign."""
        return self._lines(-1)

    @property
    def allowance(self) -> Decimal:
        """What is taken off the document as a whole."""
        taken_off = (each.amount for each in self.received.allowances if not each.charge and each.amount > 0)
        return sum(taken_off, ZERO)

    def _lines(self, sign: Literal[1, -1]) -> tuple[Line, ...]:
        ids = [line.id for line in self.received.lines]
        return tuple(
            Line(
                id=line.id if line.id and ids.count(line.id) == 1 else f"#{place}",
                amount=abs(amount),
                quantity=abs(line.quantity or ZERO) or Decimal(1),
                unit=line.unit,
                service=self._service(line.period),
                numbers=tuple(filter(None, (line.seller_item, line.buyer_item, line.standard_item))),
                texts=tuple(filter(None, (line.name, line.text))),
            )
            for place, line in enumerate(self.received.lines, 1)
            if (amount := _amount(line)) is not None and amount * sign > 0
        )

    @cached_property
    def charges(self) -> tuple[Line, ...]:
        """The charges on the whole document, as lines."""
        added = [each for each in self.received.allowances if each.charge]
        return tuple(
            Line(
                id=f"charge-{place}",
                amount=charge.amount,
                quantity=Decimal(1),
                unit=None,
                service=self.service,
                numbers=(),
                texts=(charge.reason,) if charge.reason else (),
            )
            for place, charge in enumerate(added, 1)
            if charge.amount > 0
        )

    @property
    def contract_refs(self) -> tuple[str, ...]:
        return contract_refs(self.received)

    @property
    def order_refs(self) -> tuple[str, ...]:
        return order_refs(self.received)

    def _service(self, period: Period | None) -> Service:
        for each in (period, self.received.period):
            if each and (each.start or each.end):
                first, last = each.start or each.end, each.end or each.start
                if first and last and first <= last:
                    return Service(first, last, stated=True)
        return Service(self.issued, self.issued, stated=False)


def supplier_number(party: InvoiceParty) -> str:
    """What the supplier of a document is looked up by: CVR, else VAT number, else GLN, else what it calls itself."""
    if party.cvr:
        return f"cvr:{party.cvr}"
    if party.vat_id and not party.is_person:
        return _vat(party.vat_id)
    return f"gln:{party.gln}" if party.gln else party.key


def supplier_numbers(supplier: Supplier) -> frozenset[str]:
    """The numbers by which a document may name a supplier of the register."""
    numbers = {f"gln:{gln}" for gln in supplier.glns}
    if supplier.cvr:
        numbers.add(f"cvr:{supplier.cvr}")
    if supplier.vat_id:
        numbers.add(_vat(supplier.vat_id))
    return frozenset(numbers)


def contract_refs(received: Received) -> tuple[str, ...]:
    """The contracts a document names: on the whole, then on its lines."""
    return tuple(filter(None, (*received.contract_refs, *(line.contract_ref for line in received.lines))))


def order_refs(received: Received) -> tuple[str, ...]:
    """The orders a document names: on the whole, then on its lines."""
    return tuple(filter(None, (received.order_ref, *(line.order_ref for line in received.lines))))


def _vat(number: str) -> str:
    return f"vat:{re.sub(r'[^0-9A-Z]', '', number.upper())}"


def _amount(line: InvoiceLine) -> Decimal | None:
    """What a line asks for, as stated, else as its quantity and price give it."""
    if line.amount is not None or line.quantity is None or line.price is None:
        return line.amount
    return line.quantity * line.price / (line.base_quantity or Decimal(1))
