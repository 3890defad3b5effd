"""What the contract does not let be billed: outside its term, too dear, too much, or not agreed (IC12-IC26)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from schemas.months import add_months

from .billing import Bill, bill_for, extra_line, line_for, service_periods
from .cost import rounded
from .deals import Deal
from .desk import Desk
from .papers import Paper

_EXTRAS = (
    ("Konsulentbistand uden for aftale", 1_450, 9_000),
    ("Kørsel", 90, 800),
    ("Faktureringsgebyr", 35, 95),
    ("Diverse", 200, 2_500),
    ("Miljøtillæg", 50, 400),
    ("Ekspresbehandling", 600, 4_000),
)
_ENDED = {
    "ended-before": (date(2024, 1, 1), 2),
    "ended-term": (date(2024, 7, 1), 2),
    "ended-notice": (date(2025, 10, 1), 1),
    "old-system": (date(2025, 7, 1), 2),
    "begins-late": (date(2025, 1, 1), 2),
}
"""Periods that are billed though the contract was over, or had not begun: the first, and how many."""


def plant_outside_term(desk: Desk) -> None:
    """IC12: billed after the end and before the beginning, and in advance for days that notice took away."""
    for key, (start, number) in _ENDED.items():
        for first, last in service_periods(desk.deal(key)):
            if start <= first < add_months(start, number * desk.deal(key).plan.months):
                paper = _billed(desk, key, first, last)
                desk.plant("IC12", paper, paper.line_sum)
    _late_bill(desk)
    for key in ("ended-midyear", "ended-repaid"):
        place = next(place for place in desk.of(key) if desk.bills[place].paper.lines[0].first == date(2025, 1, 1))
        paper = desk.bills[place].paper
        outside = (date(2025, 12, 31) - date(2025, 8, 31)).days
        amount = rounded(Fraction(paper.line_sum) * outside / 365)
        if key == "ended-midyear":
            desk.plant("IC12", paper, amount)
        else:
            noticed = desk.deal(key).plan.term.notice_on or paper.issued
            desk.credit(paper, amount, days=max(60, (noticed - paper.issued).days + 14))
            desk.pass_by("IC12", paper, "what was paid for days after the end was given back", amount)
    for key, why in (
        ("ended-before", "December, billed in January"),
        ("ended-notice", "billed in the notice period"),
        ("ended-late-bill", "no period, and issued within 30 days of the end"),
        ("extended", "the option was taken up"),
        ("renewed", "it renews itself"),
        ("call-off-alone", "a call-off outlives its framework"),
        ("old-system", "the last month of agreed parallel running"),
    ):
        desk.keep("IC12", key, why)


def _billed(desk: Desk, key: str, first: date, last: date) -> Paper:
    """A bill for a period that is none of the contract's. What has not begun is found by its number alone."""
    deal = desk.deal(key)
    unit = deal.recipients[0]
    bill = bill_for(desk.seed, desk.municipality, deal, unit, desk.persons[unit.number], first, last)
    early = first < deal.plan.term.starts
    paper = replace(bill.paper, contract_ref=deal.number) if early else _citing(bill.paper, deal)
    place = desk.add(replace(bill, paper=paper))
    desk.touched.add(place)
    return desk.bills[place].paper


def _citing(paper: Paper, deal: Deal) -> Paper:
    """What is billed after the end goes on naming the order."""
    return paper if paper.contract_ref or paper.order_ref else replace(paper, order_ref=deal.order)


def _late_bill(desk: Desk) -> None:
    """No period is stated, and the bill comes more than 30 days after the end."""
    last = desk.bills[desk.of("ended-late-bill")[-1]]
    issued = date(2025, 6, 10)
    paper = replace(last.paper, number="", issued=issued, due=issued + timedelta(days=30))
    paper = _citing(paper, desk.deal("ended-late-bill"))
    place = desk.add(replace(last, paper=paper, comes=issued))
    desk.touched.add(place)
    desk.plant("IC12", desk.bills[place].paper, desk.bills[place].paper.line_sum)


def plant_high_prices(desk: Desk) -> None:
    """IC13: an index taken twice, the rate of a senior, next year's price in December."""
    for place in desk.pick("prices", 20, _has_plain_price):
        stake = _raise(desk, place, _dearer(desk, place))
        desk.plant("IC13", desk.bills[place].paper, stake, 1)
    for place in desk.pick("repaid-prices", 4, _can_be_repaid):
        stake = _raise(desk, place, _dearer(desk, place))
        desk.credit(desk.bills[place].paper, stake)
        desk.pass_by("IC13", desk.bills[place].paper, "a credit note gives the difference back", stake, 1)
    for place in desk.pick("december", 2, _is_december):
        bill = desk.bills[place]
        assert bill.deal is not None
        next_year = line_for(
            bill.deal, bill.parts[0], bill.paper.lines[0].quantity, date(2025, 1, 1), date(2025, 1, 31)
        )
        stake = _raise(desk, place, next_year.price)
        desk.plant("IC13", desk.bills[place].paper, stake, 1)


def plant_forgotten_tiers(desk: Desk) -> None:
    """IC13: all users at the price of the first five hundred. And what is dear, but agreed."""
    place = desk.of("esdh")[0]
    bill = desk.bills[place]
    priced, line = bill.parts[0], bill.paper.lines[0]
    assert line.first is not None
    price = priced.on(line.first).price
    assert price.model == "per-unit"
    stake = _raise(desk, place, price.tiers[0].price)
    desk.plant("IC13", desk.bills[place].paper, stake, 1)
    desk.keep("IC13", "infrastructure", "a set price that rose 44 % as it was decided", _in_2025)
    desk.keep("IC13", "split-years", "a year in advance that lies in two price years")
    desk.keep("IC13", "rounded-price", "the unit price is rounded to the øre, as its agreed decimals let it")
    desk.keep("IC13", "payroll", "December at December's price, issued in January", _of_december)


def _in_2025(bill: Bill) -> bool:
    first = bill.paper.lines[0].first
    return first is not None and first.year == 2025


def _of_december(bill: Bill) -> bool:
    return bill.paper.lines[0].last == date(2024, 12, 31)


def _dearer(desk: Desk, place: int) -> Decimal:
    """A price some percent above the agreed one; of hours, that of somebody more senior."""
    line = desk.bills[place].paper.lines[0]
    least, most = (20, 35) if line.unit == "HUR" else (2, 9)
    percent = 100 + desk.chance(f"price {place}").randrange(least, most)
    return (line.price * percent / 100).quantize(Decimal("0.01"), ROUND_CEILING)


def _can_be_repaid(bill: Bill) -> bool:
    return bill.paper.issued < date(2025, 12, 1) and _has_plain_price(bill)


def _raise(desk: Desk, place: int, price: Decimal) -> Decimal:
    """Bill the first line at that price; returns what is billed too much."""
    paper = desk.bills[place].paper
    line = paper.lines[0]
    amount = rounded(price * line.quantity)
    desk.put(place, paper.with_line(0, replace(line, price=price, amount=amount)))
    return amount - line.amount


def _has_plain_price(bill: Bill) -> bool:
    """The first line costs exactly its quantity times a price in whole øre, by no minimum and no tiers."""
    line, priced = bill.paper.lines[0], bill.parts[0]
    if priced.part.minimum or priced.part.tier or bill.paper.currency != "DKK":
        return False
    return line.amount > 0 and line.price * line.quantity == line.amount and line.price * 100 % 1 == 0


def _is_december(bill: Bill) -> bool:
    """A month in arrears, the last of 2024, whose price rises in January."""
    priced = bill.parts[0]
    if not _of_december(bill) or not _has_plain_price(bill):
        return False
    deal = bill.deal
    rises = priced.on(date(2024, 12, 1)).price != priced.on(date(2025, 1, 1)).price
    return rises and deal is not None and deal.plan.months == 1 and not deal.plan.rounds


def plant_over_maximum(desk: Desk) -> None:
    """IC22: two contracts go over their maximum; one reaches it exactly, one is saved by a credit note."""
    for key, over in (("capped-consultants", 3), ("capped-advice", 2), ("capped-credited", 1)):
        places = desk.of(key)
        within, above = places[:-over], places[-over:]
        billed = _sum(desk, within)
        ceiling = (billed / 1000).to_integral_value(ROUND_CEILING) * 1000
        maximum = min(ceiling, billed + _sum(desk, above[:1]) - 1)
        desk.maximums[desk.deal(key).number] = maximum
        if key == "capped-credited":
            paper = desk.bills[above[0]].paper
            desk.credit(paper, paper.line_sum, days=4)
            desk.pass_by("IC22", paper, "credited in full", paper.line_sum)
            continue
        for place in above:
            paper = desk.bills[place].paper
            billed += paper.line_sum
            desk.plant("IC22", paper, min(billed - maximum, paper.line_sum))
    places = desk.of("capped-exactly")
    desk.maximums[desk.deal("capped-exactly").number] = _sum(desk, places)
    desk.keep("IC22", "capped-exactly", "the maximum exactly")


def _sum(desk: Desk, places: list[int]) -> Decimal:
    return sum((desk.bills[place].paper.line_sum for place in places), Decimal(0))


def plant_unagreed_lines(desk: Desk) -> None:
    """IC26: fees, travel, help and whatever else nobody agreed on."""
    chance = desk.chance("extras")
    for turn, place in enumerate(desk.pick("extras", 28)):
        text, least, most = _EXTRAS[turn % len(_EXTRAS)]
        paper = desk.bills[place].paper
        amount = Decimal(chance.randrange(least, most))
        longer = replace(paper, lines=(*paper.lines, extra_line(text, amount)))
        desk.put(place, longer)
        desk.plant("IC26", longer, amount, len(longer.lines))


def plant_fees(desk: Desk) -> None:
    """IC26: a fee above the agreed one."""
    places = desk.of("with-fee")
    for place in places[3:6]:
        paper = desk.bills[place].paper
        dearer = paper.with_line(1, extra_line("Faktureringsgebyr", Decimal(65)))
        desk.put(place, dearer)
        desk.plant("IC26", dearer, Decimal(65) - paper.lines[1].amount, 2)
    desk.keep("IC26", "with-fee", "the contract names the fee")
    desk.keep("IC26", "call-off-alone", "a line of nothing")


def plant_module(desk: Desk) -> None:
    """IC26: a module is billed twice before it was bought, and rightly from then on."""
    deal = desk.deal("erp")
    module = deal.items[-1]
    bought = module.part.option_on
    assert bought is not None
    early = [
        place
        for place in desk.of("erp")
        if desk.bills[place].paper.issued < bought and _service_start(desk.bills[place]) < bought
    ]
    for place in early[:2]:
        paper = desk.bills[place].paper
        first, last = paper.lines[0].first, paper.lines[0].last
        assert first is not None
        assert last is not None
        line = line_for(deal, module, Decimal(1), first, last)
        longer = replace(paper, lines=(*paper.lines, line))
        desk.put(place, longer)
        desk.plant("IC26", longer, line.amount, len(longer.lines))
    desk.keep("IC26", "erp", "the option was taken up in time")
    for place in desk.of("erp"):
        bill = desk.bills[place]
        if bill.comes < bought <= _service_start(bill):
            at = bill.parts.index(module)
            amount = bill.paper.lines[at].amount
            desk.pass_by("IC26", bill.paper, "billed some days before it was bought", amount, at + 1)


def _service_start(bill: Bill) -> date:
    return bill.paper.lines[0].first or bill.paper.issued
