"""The wrong parties: suppliers unknown or bankrupt, others' contracts, closed addresses, no contract (IC07-IC10)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from .billing import Bill, bill_for, extra_line, seller_of, service_periods
from .catalogue import VENDORS, other_supplier
from .desk import Desk
from .municipalities import MUNICIPALITIES
from .numbers import cvr, gln
from .papers import Paper, PaperLine, Seller
from .plans import TAKEOVER
from .story_plans import STORIES
from .units import Unit

_BOUGHT = (
    "Skærme til mødelokale", "Apps til tablets", "Kursus i regneark", "Reparation af projektor", "Headset",
    "Årsabonnement, tegneprogram", "Opsætning af printer", "Licens til quizværktøj",
)  # fmt: skip
_UNKNOWN = 250
"""The serial of the first CVR number that is in nobody's register."""


def plant_unknown_suppliers(desk: Desk) -> None:
    """IC07: suppliers nobody knows, and one that has gone bankrupt and sends invoices all the same."""
    chance = desk.chance("unknown")
    for number in range(8):
        seller = Seller(cvr=cvr(_UNKNOWN + number), name=f"Ukendt Handel {number + 1} ApS")
        paper = desk.loose(chance, seller, [_purchase(chance)], _some_day(chance))
        desk.send(paper, after=1)
        desk.plant("IC07", paper, paper.line_sum)
    bankrupt_on = desk.deal("bankrupt").plan.bankrupt_on
    assert bankrupt_on is not None
    for place in desk.of("bankrupt"):
        paper = desk.bills[place].paper
        if paper.issued >= bankrupt_on:
            desk.plant("IC07", paper, paper.line_sum)
        else:
            desk.spare("IC07", paper, "issued before the bankruptcy")
    for place in desk.of("foreign"):
        desk.spare("IC07", desk.bills[place].paper, "a foreign supplier is known by its VAT number")


def plant_wrong_suppliers(desk: Desk) -> None:
    """IC08: the old holder bills after the takeover, others quote a contract that is not theirs, strangers are paid."""
    _old_holder(desk)
    chance = desk.chance("others' contracts")
    owners = [deal for deal in desk.deals if deal.plan.key not in {plan.key for plan in STORIES}]
    for _ in range(4):
        deal = chance.choice(owners)
        other = chance.choice([one for one in owners if one.plan.supplier != deal.plan.supplier])
        seller = seller_of(other.plan.supplier)
        paper = desk.loose(chance, seller, [_purchase(chance)], _some_day(chance), contract_ref=deal.number)
        desk.send(paper, after=1)
        desk.plant("IC08", paper, paper.line_sum)
    for number, place in enumerate(desk.pick("payees", 3)):
        stranger = Seller(cvr=cvr(_UNKNOWN + 20 + number), name=f"Inddrivelse {number + 1} A/S")
        paper = replace(desk.bills[place].paper, payee=stranger)
        desk.put(place, paper)
        desk.plant("IC08", paper, paper.line_sum)
    for place in desk.of("factored"):
        if desk.bills[place].paper.payee and place not in desk.touched:
            desk.spare("IC08", desk.bills[place].paper, "the factoring company is known")


def _old_holder(desk: Desk) -> None:
    """After the takeover the old company goes on billing: rightly for three months, then wrongly."""
    deal = desk.deal("job-hours")
    old, (_, on, until) = seller_of(deal.plan.supplier), TAKEOVER
    unit = deal.recipients[0]
    for first, last in service_periods(deal):
        if not on <= first <= date(2025, 11, 1):
            continue
        bill = bill_for(desk.seed, desk.municipality, deal, unit, desk.persons[unit.number], first, last)
        place = desk.add(replace(bill, paper=replace(bill.paper, seller=old)))
        desk.touched.add(place)
        paper = desk.bills[place].paper
        if first > until:
            desk.plant("IC08", paper, paper.line_sum)
        else:
            desk.spare("IC08", paper, "both may bill while they run in parallel")


def plant_wrong_addresses(desk: Desk) -> None:
    """IC09: GLNs of closed units, of the other municipality, and with a digit mistyped."""
    chance = desk.chance("addresses")
    closing = [unit for unit in desk.units if unit.closes_on]
    for unit in closing:
        for place in desk.pick(f"closed {unit.number}", 3, partial(_issued_when_closed, unit)):
            desk.plant("IC09", _readdressed(desk, place, unit.gln))
        if unit.merges_on:
            for place in desk.pick(f"kept {unit.number}", 2, partial(_issued_when_kept, unit)):
                desk.spare("IC09", _readdressed(desk, place, unit.gln), "the merged unit's GLN is kept three months")
    neighbour = next(one for one in MUNICIPALITIES if one is not desk.municipality)
    for place in desk.pick("neighbour", 4):
        desk.plant("IC09", _readdressed(desk, place, gln(neighbour.serials + chance.randrange(1, 90))))
    for place in desk.pick("mistyped", 4):
        right = desk.bills[place].paper.buyer.gln
        desk.plant("IC09", _readdressed(desk, place, f"{right[:-1]}{(int(right[-1]) + 1) % 10}"))


def _issued_when_closed(unit: Unit, bill: Bill) -> bool:
    return not unit.open_on(bill.paper.issued)


def _issued_when_kept(unit: Unit, bill: Bill) -> bool:
    return unit.merges_on is not None and unit.merges_on <= bill.paper.issued and unit.open_on(bill.paper.issued)


def _readdressed(desk: Desk, place: int, to: str) -> Paper:
    paper = desk.bills[place].paper
    desk.put(place, replace(paper, buyer=replace(paper.buyer, gln=to)))
    return desk.bills[place].paper


def plant_no_contract(desk: Desk) -> None:
    """IC10: bought by somebody with a payment form, from a supplier without a contract or beside its contracts."""
    chance = desk.chance("no contract")
    vendors = {other_supplier(number) for number in range(VENDORS)}
    billing = {deal.plan.supplier for deal in desk.deals}
    without = [key for key in desk.suppliers if key not in billing and key not in vendors and key.startswith("other")]
    several = ["baeltdata", "laerkefelt", "fjordbro", "kortvaerk", "vestersoe"]
    for number in range(70):
        key = chance.choice(several if number % 6 == 0 else without)
        lines = [_purchase(chance) for _ in range(chance.randrange(1, 4))]
        paper = desk.loose(chance, seller_of(key), lines, _some_day(chance))
        if number % 3 == 0:
            paper = replace(paper, order_ref=f"REKV-{chance.randrange(1000, 9999)}")
        desk.send(paper, after=chance.randrange(3))
        desk.plant("IC10", paper, paper.line_sum)
    for place in desk.pick("by text alone", 5, _cites_nothing):
        desk.spare("IC10", desk.bills[place].paper, "no reference, but its text is the contract's")


def _cites_nothing(bill: Bill) -> bool:
    paper = bill.paper
    return paper.contract_ref is None and paper.order_ref is None and all(line.item is None for line in paper.lines)


def _purchase(chance: Random) -> PaperLine:
    return extra_line(chance.choice(_BOUGHT), Decimal(chance.randrange(300, 24_000)))


def _some_day(chance: Random) -> date:
    return date(2024, 1, 5) + timedelta(days=chance.randrange(720))
