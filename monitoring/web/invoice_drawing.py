"""An invoice as it is drawn: its parties, its lines with what is wrong on each, its totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.invoice_parts import InvoiceLine, InvoiceParty
from schemas.invoices import Received

from .findings import Told


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line, or a charge on the whole, with the alerts about it."""

    label: str
    name: str | None
    text: str | None
    number: str | None
    quantity: Decimal | None
    unit: str | None
    price: Decimal | None
    amount: Decimal | None
    period: tuple[object, object] | None
    alerts: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One document. `alerts` are those about no single line; `place` of `of` when a number was used again."""

    received: Received
    place: int
    of: int
    lines: tuple[DrawnLine, ...]
    alerts: tuple[Told, ...]


def draw(documents: Sequence[Received], alerts: Sequence[Told]) -> list[Drawing]:
    """The documents of one subject with its alerts; what is marked is marked on each of them."""
    return [_drawing(received, place, len(documents), alerts) for place, received in enumerate(documents, 1)]


def party_number(party: InvoiceParty) -> str:
    """The number a party is known by: CVR, else VAT, else GLN, else its first id."""
    if party.cvr:
        return f"CVR {party.cvr}"
    if party.vat_id:
        return party.vat_id
    return f"EAN {party.gln}" if party.gln else next((each.id for each in party.ids), "")


def _drawing(received: Received, place: int, of: int, alerts: Sequence[Told]) -> Drawing:
    about = dict[str, list[Told]]()
    for alert in alerts:
        about.setdefault(alert.alert.finding.get("line_id") or "", []).append(alert)
    lines = [*_lines(received, about), *_charges(received, about)]
    marked = {alert.alert.id for line in lines for alert in line.alerts}
    rest = tuple(alert for alert in alerts if alert.alert.id not in marked)
    return Drawing(received, place, of, tuple(lines), rest)


def _lines(received: Received, about: dict[str, list[Told]]) -> list[DrawnLine]:
    """The lines; a line whose id is missing or not its alone is known by its place (docs/rules.md, Line ids)."""
    ids = [line.id for line in received.lines]
    found = []
    for place, line in enumerate(received.lines, 1):
        known_by = line.id if line.id and ids.count(line.id) == 1 else f"#{place}"
        alerts = (*about.get(known_by, ()), *(about.get(line.id, ()) if line.id and line.id != known_by else ()))
        found.append(_line(line, line.id or str(place), alerts))
    return found


def _line(line: InvoiceLine, label: str, alerts: tuple[Told, ...]) -> DrawnLine:
    period = line.period
    return DrawnLine(
        label=label,
        name=line.name or line.text,
        text=line.text if line.name and line.text != line.name else None,
        number=line.seller_item or line.buyer_item or line.standard_item,
        quantity=line.quantity,
        unit=line.unit,
        price=line.price,
        amount=line.amount,
        period=(period.start, period.end) if period and (period.start or period.end) else None,
        alerts=alerts,
    )


def _charges(received: Received, about: dict[str, list[Told]]) -> list[DrawnLine]:
    charges = [each for each in received.allowances if each.charge]
    return [
        DrawnLine(
            label=f"+{place}", name=charge.reason, text=None, number=None, quantity=None, unit=None, price=None,
            amount=charge.amount, period=None, alerts=tuple(about.get(f"charge-{place}", ())),
        )
        for place, charge in enumerate(charges, 1)
    ]  # fmt: skip
