"""What else is wrong in a document that can be read: things missing, currencies mixed, dates reversed."""

from collections.abc import Iterator

from schemas.currencies import CURRENCIES
from schemas.invoice_parts import Finding, Period
from schemas.invoices import Received, lacking

from .reading import Reading

_KNOWN = (
    "OIOUBL-2",
    "urn:cen.eu:en16931:2017",
    "urn:fdc:oioubl.dk:",
    "urn:peppol:pint:",
    "urn:factur-x.eu:",
    "urn:ferd:",
)
"""How the CustomizationID of a known specification begins: OIOUBL 2.x, EN 16931 with Peppol BIS Billing 3 and the
national ones built on it, OIOUBL 3, Peppol PINT, Factur-X and ZUGFeRD."""


def document_findings(reading: Reading) -> Iterator[Finding]:
    """Everything but the arithmetic, in the order a person would check it."""
    received = reading.received
    yield from _unknown_format(received)
    yield from _missing(received)
    yield from _currencies(reading)
    yield from _dates(received)


def _unknown_format(received: Received) -> Iterator[Finding]:
    stated = received.customization
    if stated is None:
        yield Finding(code="CUSTOMIZATION", message="no CustomizationID says which specification the document follows")
    elif not stated.startswith(_KNOWN):
        yield Finding(code="CUSTOMIZATION", message=f"the CustomizationID {stated} is of no known specification")


def _missing(received: Received) -> Iterator[Finding]:
    for what in lacking(received):
        yield Finding(code="MISSING", message=f"the document has no {what}")


def _currencies(reading: Reading) -> Iterator[Finding]:
    received, currency = reading.received, reading.received.currency
    if currency is None:
        return
    if currency not in CURRENCIES:
        yield Finding(code="CURRENCY", message=f"the currency {currency} is no code of ISO 4217")
    if reading.payable_currency not in (None, currency):
        stated = f"the amount to pay is in {reading.payable_currency}, the document in {currency}"
        yield Finding(code="CURRENCY", message=stated)
    for line, side in zip(received.lines, reading.sides, strict=True):
        if side.currency not in (None, currency):
            stated = f"the line's amount is in {side.currency}, the document in {currency}"
            yield Finding(code="CURRENCY", message=stated, line=line.id)


def _dates(received: Received) -> Iterator[Finding]:
    issued, due = received.issue_date, received.due_date
    if issued and due and due < issued:
        yield Finding(code="DATES", message=f"due on {due}, before it was issued on {issued}")
    if reversed_period := _reversed(received.period):
        yield Finding(code="DATES", message=reversed_period)
    for line in received.lines:
        if reversed_period := _reversed(line.period):
            yield Finding(code="DATES", message=reversed_period, line=line.id)


def _reversed(period: Period | None) -> str | None:
    if period and period.start and period.end and period.end < period.start:
        return f"the period ends on {period.end}, before it begins on {period.start}"
    return None
