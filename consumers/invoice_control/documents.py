"""An invoice or credit note as the rules see it: its net amount, what its lines cover, and whose it is."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple
from uuid import UUID

from schemas.billing import (
    Service,
    contract_refs,
    currency_of,
    net_of,
    order_refs,
    service_of,
    service_within,
    supplier_number,
)
from schemas.hub import EventKey
from schemas.invoice_parts import InvoiceLine
from schemas.invoices import Received, Refused, normal_number

ZERO = Decimal(0)


class Origin(NamedTuple):
    """The event that states something."""

    authority: str
    source: str
    id: str

    @property
    def key(self) -> EventKey:
        return EventKey(authority=self.authority, source=self.source, id=self.id)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
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
        return net_of(self.received)

    @property
    def currency(self) -> str | None:
        """The currency, when it is written as a currency is."""
        return currency_of(self.received)

    @cached_property
    def service(self) -> Service:
        """From the first day to the last that any line covers."""
        return service_of(self.received, self.issued)

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
                service=service_within(self.received, line.period, self.issued),
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


def _amount(line: InvoiceLine) -> Decimal | None:
    """What a line asks for, as stated, else as its quantity and price give it."""
    if line.amount is not None or line.quantity is None or line.price is None:
        return line.amount
    return line.quantity * line.price / (line.base_quantity or Decimal(1))
