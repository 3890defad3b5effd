"""What a received invoice bills, whom it is from and what it names: read the same way by whoever asks; pure."""

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .invoice_parts import InvoiceParty, Period
from .invoices import Received
from .suppliers import Supplier


class Service(NamedTuple):
    """The days, both included, that something was delivered on; the issue date where no period is `stated`."""

    first: date
    last: date
    stated: bool

    @property
    def measured(self) -> bool:
        """Whether it says how long: one single day only places it in time."""
        return self.stated and self.last > self.first


def service_of(received: Received, issued: date) -> Service:
    """From the first day to the last that any line covers; the days of the document where it has no lines."""
    spans = [service_within(received, line.period, issued) for line in received.lines]
    spans = spans or [service_within(received, None, issued)]
    return Service(
        min(span.first for span in spans), max(span.last for span in spans), any(span.stated for span in spans)
    )


def service_within(received: Received, period: Period | None, issued: date) -> Service:
    """The days of a line: its own period, else the document's, else the issue date; a reversed one is none."""
    for each in (period, received.period):
        if each and (each.start or each.end):
            first, last = each.start or each.end, each.end or each.start
            if first and last and first <= last:
                return Service(first, last, stated=True)
    return Service(issued, issued, stated=False)


def net_of(received: Received) -> Decimal:
    """The amount without VAT, above 0 when payment is asked for and below when money is given back."""
    totals = received.totals
    stated = (totals.tax_exclusive, totals.line_extension)
    lines = sum((line.amount for line in received.lines if line.amount is not None), Decimal(0))
    net = next((amount for amount in stated if amount is not None), lines)
    return -net if received.doc_type == "credit-note" else net


def currency_of(received: Received) -> str | None:
    """The currency, when it is written as a currency is."""
    written = received.currency or ""
    return written if re.fullmatch("[A-Z]{3}", written) else None


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
