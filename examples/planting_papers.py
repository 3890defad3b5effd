"""Documents that are wrong in themselves: unreadable, miscounted, or sent again (IC01, IC03, IC04, IC17)."""

import hashlib
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from kernel.ids import derived_id

from .billing import Bill, extra_line, seller_of
from .cost import rounded
from .desk import Desk
from .municipalities import LAST_DAY
from .papers import Misstated, Paper
from .truth import Planted
from .ubl_writer import written


def plant_unreadable(desk: Desk) -> None:
    """IC01: files with a DTD, cut off, with a comma in an amount, of another kind; and invoices without a total."""
    chance = desk.chance("unreadable")
    for spoil in (_with_dtd, _cut_off, _with_comma, _renamed, _cut_off):
        supplier = seller_of(chance.choice(desk.suppliers))
        day = date(2024, 1, 10) + timedelta(days=chance.randrange(700))
        paper = desk.loose(chance, supplier, [extra_line("Serviceaftale", Decimal(chance.randrange(400, 9000)))], day)
        content = spoil(written(paper))
        subject = derived_id("invoice-refused", desk.municipality.cvr, hashlib.sha256(content).hexdigest())
        desk.files.append((day, paper.file_name, content))
        desk.truth.append(Planted(desk.municipality.cvr, "IC01", subject, None, None, paper.number))
    for place in desk.pick("without-total", 3):
        paper = replace(desk.bills[place].paper, leaves_out_payable=True)
        desk.put(place, paper)
        desk.plant("IC01", paper)
    for place in desk.pick("without-due-date", 3):
        paper = replace(desk.bills[place].paper, due=None)
        desk.put(place, paper)
        desk.spare("IC01", paper, "a due date is missing, which not every invoice has")


def _with_dtd(content: bytes) -> bytes:
    dtd = b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n'
    return content.replace(b"?>\n", b"?>\n" + dtd, 1)


def _cut_off(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def _with_comma(content: bytes) -> bytes:
    return re.sub(rb"(<cbc:PayableAmount[^>]*>\d+)\.", rb"\1,", content)


def _renamed(content: bytes) -> bytes:
    return content.replace(b"<Invoice ", b"<Reminder ").replace(b"</Invoice>", b"</Reminder>")


def plant_wrong_totals(desk: Desk) -> None:
    """IC03: an amount to pay, a tax or a sum of lines that is not what stands below it."""
    chance = desk.chance("totals")
    for turn, place in enumerate(desk.pick("totals", 7, _has_even_tax)):
        wrong = Decimal(chance.randrange(100, 900))
        kinds = (Misstated(payable=wrong), Misstated(tax=wrong), Misstated(line_sum=wrong))
        paper = replace(desk.bills[place].paper, misstated=kinds[turn % 3])
        desk.put(place, paper)
        desk.plant("IC03", paper, wrong)
    for place in desk.pick("roundings", 3):
        paper = replace(desk.bills[place].paper, misstated=Misstated(payable=Decimal("0.02")))
        desk.put(place, paper)
        desk.spare("IC03", paper, "two roundings to the øre")
    for place in desk.pick("repaid-totals", 2, _can_be_repaid):
        wrong = Decimal(chance.randrange(100, 300))
        paper = replace(desk.bills[place].paper, misstated=Misstated(payable=wrong))
        desk.put(place, paper)
        desk.credit(paper, wrong)
        desk.pass_by("IC03", paper, "a credit note gives the difference back", wrong)


def _can_be_repaid(bill: Bill) -> bool:
    return bill.paper.issued < date(2025, 12, 1) and bill.paper.line_sum > 1000


def _has_even_tax(bill: Bill) -> bool:
    """The tax is whole øre before any rounding, so that what is added to it is what is wrong."""
    return bill.paper.line_sum * 100 % 4 == 0


def plant_wrong_lines(desk: Desk) -> None:
    """IC04: a line whose amount is not its quantity times its price."""
    for place in desk.pick("lines", 7, lambda bill: _countable(bill) > Decimal(5)):
        paper = desk.bills[place].paper
        line = paper.lines[0]
        less = Decimal("0.01") if line.quantity > 1000 else Decimal(1)
        wrong = paper.with_line(0, replace(line, price=line.price - less))
        desk.put(place, wrong)
        desk.plant("IC04", wrong, rounded(line.quantity * less), 1)
    for place in desk.pick("line-roundings", 3, lambda bill: 1 < _countable(bill) <= 5):
        paper = desk.bills[place].paper
        line = paper.lines[0]
        near = paper.with_line(0, replace(line, price=line.price - Decimal("0.01")))
        desk.put(place, near)
        desk.spare("IC04", near, "a price rounded to the øre before it was multiplied")


def _countable(bill: Bill) -> Decimal:
    """How many the first line is for, when its amount is exactly that many times a price of more than 2 kroner."""
    line = bill.paper.lines[0]
    exact = line.price * line.quantity == line.amount and line.price > 2 and line.quantity < 10_000
    return line.quantity if exact else Decimal(0)


def plant_repetitions(desk: Desk) -> None:
    """IC17: the same invoice to two GLNs, or as a copy of the paper one; three of them are paid back."""
    chance = desk.chance("repetitions")
    for turn, place in enumerate(desk.pick("repetitions", 13, _can_be_repeated)):
        paper = desk.bills[place].paper
        again = _to_another_unit(desk, paper) if turn % 2 else _as_a_copy(paper, chance.randrange(3, 20))
        desk.send(again, after=chance.randrange(3))
        if turn < 10:
            desk.plant("IC17", again, again.line_sum)
        else:
            desk.credit(again, again.line_sum)
            desk.pass_by("IC17", again, "a credit note pays the repetition back", again.line_sum)
    for place in desk.pick("same-file", 4, _can_be_repeated):
        bill = desk.bills[place]
        desk.bills.append(replace(bill, comes=min(bill.comes + timedelta(days=2), LAST_DAY)))
        desk.touched.add(len(desk.bills) - 1)
        desk.spare("IC17", bill.paper, "the same file came twice")
    desk.keep("IC17", "telephony", "many numbers on one day for as many units")


def _can_be_repeated(bill: Bill) -> bool:
    return bill.paper.issued < date(2025, 11, 20) and bill.paper.line_sum > 0


def _to_another_unit(desk: Desk, paper: Paper) -> Paper:
    chance = desk.chance(f"another unit for {paper.number}")
    unit = desk.open_unit(chance, paper.issued)
    while unit.gln == paper.buyer.gln:
        unit = desk.open_unit(chance, paper.issued)
    return replace(paper, buyer=replace(paper.buyer, gln=unit.gln, person=desk.persons[unit.number]))


def _as_a_copy(paper: Paper, days: int) -> Paper:
    """Typed in again from paper: the number without its form, and a later date."""
    number = paper.number.replace("-", " ").replace("INV ", "inv").lstrip("0")
    return replace(paper, number=number, issued=paper.issued + timedelta(days=days), note="Kopi")
