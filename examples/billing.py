"""Which invoice comes when, and what is right on it: the ordinary bills of a deal, exact to the øre."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from schemas.months import add_months

from .catalogue import FOREIGN, supplier_cvr, supplier_name
from .cost import price_of_one, rounded
from .counts import quantity
from .deals import Deal, Priced
from .facts import next_working_day
from .municipalities import FIRST_DAY, LAST_DAY, Municipality
from .numbers import stream
from .papers import Buyer, Paper, PaperLine, Seller
from .units import Unit

CITING_CONTRACT, CITING_ORDER = 0.10, 0.55
"""The share of invoices that refer to their contract, and to an order; the others do with supplier and text."""
_AT_MOST = Decimal("0.000001")
"""Unit prices are written with at most six decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A document, the deal it bills if any, the parts behind its first lines, and the day it comes."""

    paper: Paper
    comes: date
    deal: Deal | None = None
    parts: tuple[Priced, ...] = ()


def bills_of(seed: int, municipality: Municipality, deal: Deal, persons: dict[str, str]) -> Iterator[Bill]:
    """Every ordinary bill of the deal that is issued in the two years, still without a number.

    `persons` is the person reference of each unit, by the unit's number.
    """
    for first, last in service_periods(deal):
        issued = issue_date(deal, first, last)
        if not FIRST_DAY <= issued <= LAST_DAY or not _billed(deal, first, last):
            continue
        for unit in deal.recipients:
            if unit.open_on(issued):
                yield bill_for(seed, municipality, deal, unit, persons[unit.number], first, last)


def service_periods(deal: Deal) -> Iterator[tuple[date, date]]:
    """The first and last days of the periods the deal is billed by, from well before the two years to well after."""
    start = date(FIRST_DAY.year - 2, deal.plan.starts_in, 1)
    while start.year <= LAST_DAY.year + 1:
        following = add_months(start, deal.plan.months)
        yield start, following - timedelta(days=1)
        start = following


def _billed(deal: Deal, first: date, last: date) -> bool:
    """Whether the contract runs for the whole period: an end that was extended or is renewed is none in these years."""
    term = deal.plan.term
    goes_on = term.renews or (term.option and term.option[1] <= LAST_DAY)
    until = deal.plan.billed_until or (None if goes_on else term.ends)
    return term.starts <= first and (until is None or last <= until)


def issue_date(deal: Deal, first: date, last: date) -> date:
    """The working day on which the bill for a period is issued."""
    day = first - timedelta(days=deal.lead) if deal.plan.advance else last + timedelta(days=deal.lead)
    return next_working_day(day)


def bill_for(
    seed: int, municipality: Municipality, deal: Deal, unit: Unit, person: str, first: date, last: date
) -> Bill:
    """The bill for one service period, as the contract lets it be billed."""
    issued = issue_date(deal, first, last)
    billed = [item for item in deal.items if item.part.option_on is None or item.part.option_on <= first]
    lines = [
        line_for(deal, priced, quantity(seed, municipality, priced, unit, first), first, last) for priced in billed
    ]
    if deal.plan.fee:
        lines.append(extra_line("Faktureringsgebyr", Decimal(deal.plan.fee)))
    if deal.plan.free_line:
        lines.append(extra_line("Support, inkluderet", Decimal(0)))
    seller = seller_of(deal.supplier_on(first))
    chance = stream(seed, municipality.code, "form", deal.number, unit.number, first)
    cited = chance.random()
    paper = Paper(
        dialect="oioubl" if chance.random() < 1 / 3 and seller.vat_id is None else "peppol",
        number="",
        issued=issued,
        due=issued + timedelta(days=30),
        seller=seller,
        buyer=Buyer(cvr=municipality.cvr, name=municipality.name, gln=unit.gln, person=person),
        lines=tuple(lines),
        contract_ref=deal.number if cited < CITING_CONTRACT else None,
        order_ref=deal.order if CITING_CONTRACT <= cited < CITING_CONTRACT + CITING_ORDER else None,
        currency=deal.plan.currency,
        payee=seller_of("nordskel") if deal.plan.payee_from and issued >= deal.plan.payee_from else None,
    )
    comes = min(issued + timedelta(days=deal.lead % 3), LAST_DAY)
    return Bill(paper=paper, comes=comes, deal=deal, parts=tuple(billed))


def line_for(deal: Deal, priced: Priced, count: Decimal, first: date, last: date) -> PaperLine:
    """The line for `count` of a part, at the price of each year that the period lies in."""
    item = priced.on(first)
    price = price_of_one(priced.on, count, first, last)
    if deal.plan.rounds:
        price = Fraction(rounded(price))
    amount = rounded(price * Fraction(count))
    if item.minimum_fee is not None and amount < item.minimum_fee:
        count, price, amount = Decimal(1), Fraction(item.minimum_fee), item.minimum_fee
    stated = deal.plan.states_period
    return PaperLine(
        text=f"{priced.part.title}, {first:%d.%m.%Y}-{last:%d.%m.%Y}",
        item=priced.number if deal.numbered else None,
        quantity=count,
        unit=priced.part.unit,
        price=_written(price),
        amount=amount,
        first=first if stated else None,
        last=last if stated else None,
    )


def _written(price: Fraction) -> Decimal:
    exact = Decimal(price.numerator) / Decimal(price.denominator)
    return exact.quantize(_AT_MOST).normalize()


def extra_line(text: str, amount: Decimal) -> PaperLine:
    """A line of one piece that is in no price item."""
    return PaperLine(text=text, price=amount, amount=amount)


def seller_of(supplier: str) -> Seller:
    """The supplier as it presents itself on a document."""
    vat_id = FOREIGN.get(supplier)
    return Seller(cvr="" if vat_id else supplier_cvr(supplier), vat_id=vat_id, name=supplier_name(supplier))
