"""Where a municipality's bills lie while discrepancies are planted in them, and where the truth is written down."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from .billing import Bill, bills_of
from .deals import Deal, deal_called
from .municipalities import LAST_DAY, Municipality
from .numbers import stream
from .papers import Buyer, Misstated, Paper, PaperLine, Seller
from .story_plans import STORIES
from .truth import NearMiss, Planted
from .units import Unit

_STORY_KEYS = frozenset(plan.key for plan in STORIES)


@dataclass
class Numbering:
    """Each supplier numbers its invoices in a form and a series of its own; it has other customers in between."""

    seed: int
    municipality: Municipality
    _last: dict[str, int] = field(default_factory=dict)

    def next(self, seller: Seller) -> str:
        """The next number of that supplier."""
        chance = stream(self.seed, self.municipality.code, "number", seller.key, self._last.get(seller.key))
        last = self._last.get(seller.key) or chance.randrange(1_000, 90_000)
        self._last[seller.key] = last + chance.randrange(1, 9)
        form = sum(map(ord, seller.key)) % 4
        return ("FA-{:06}", "{:07}", "F{:06}", "INV {:06}")[form].format(self._last[seller.key])


@dataclass
class Desk:
    """The bills of one municipality. `touched` are those that have a part in something; nothing else may use them.

    `truth` is what is wrong in the end, `passing` what was wrong for a while.
    """

    seed: int
    municipality: Municipality
    units: tuple[Unit, ...]
    deals: list[Deal]
    suppliers: list[str]
    persons: dict[str, str]
    numbering: Numbering
    bills: list[Bill] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    truth: list[Planted] = field(default_factory=list)
    passing: list[Planted] = field(default_factory=list)
    near_misses: list[NearMiss] = field(default_factory=list)
    maximums: dict[str, Decimal] = field(default_factory=dict)
    files: list[tuple[date, str, bytes]] = field(default_factory=list)

    def lay_out(self) -> None:
        """Every ordinary bill, numbered in the order of issue."""
        bills = [bill for deal in self.deals for bill in bills_of(self.seed, self.municipality, deal, self.persons)]
        bills.sort(key=lambda bill: (bill.paper.issued, bill.deal.number if bill.deal else "", bill.paper.buyer.gln))
        for bill in bills:
            self.add(bill)

    def add(self, bill: Bill) -> int:
        """Put a bill on the desk, numbered if it is not; returns its place."""
        if not bill.paper.number:
            number = self.numbering.next(bill.paper.seller)
            bill = replace(bill, paper=replace(bill.paper, number=number))
        self.bills.append(bill)
        return len(self.bills) - 1

    def put(self, place: int, paper: Paper) -> None:
        """The same bill with another paper."""
        self.bills[place] = replace(self.bills[place], paper=paper)
        self.touched.add(place)

    def chance(self, topic: str) -> Random:
        """The chances of one planter."""
        return stream(self.seed, self.municipality.code, "planting", topic)

    def deal(self, key: str) -> Deal:
        return deal_called(self.deals, key)

    def of(self, key: str) -> list[int]:
        """The places of the bills of the deal with that key, in the order of issue."""
        number = self.deal(key).number
        places = [place for place, bill in enumerate(self.bills) if bill.deal and bill.deal.number == number]
        return sorted(places, key=lambda place: self.bills[place].paper.issued)

    def pick(self, topic: str, number: int, fits: Callable[[Bill], bool] = lambda _: True) -> list[int]:
        """So many untouched ordinary bills that fit, by chance; they count as touched from now on."""
        free = [
            place
            for place, bill in enumerate(self.bills)
            if place not in self.touched and _is_ordinary(bill) and fits(bill)
        ]
        chosen = sorted(self.chance(topic).sample(free, number))
        self.touched.update(chosen)
        return chosen

    def plant(self, rule: str, paper: Paper, amount: Decimal | None = None, line: int | None = None) -> None:
        """Write down that `rule` is broken by this paper; `line` is counted from 1."""
        self.truth.append(
            Planted(
                self.municipality.cvr, rule, paper.subject, None if line is None else str(line), amount, paper.number
            )
        )

    def pass_by(
        self, rule: str, paper: Paper, why: str, amount: Decimal | None = None, line: int | None = None
    ) -> None:
        """Write down that `rule` is broken by this paper, but only for some days; in the end it is not."""
        self.plant(rule, paper, amount, line)
        self.passing.append(self.truth.pop())
        self.spare(rule, paper, why)

    def spare(self, rule: str, paper: Paper, why: str) -> None:
        """Write down that this paper only looks as if it broke `rule`."""
        self.near_misses.append(NearMiss(self.municipality.cvr, rule, paper.subject, why, paper.number))

    def keep(self, rule: str, key: str, why: str, fits: Callable[[Bill], bool] = lambda _: True) -> None:
        """Keep the last untouched bill of that deal that fits as it is: it only looks as if it broke `rule`."""
        place = [place for place in self.of(key) if place not in self.touched and fits(self.bills[place])][-1]
        self.touched.add(place)
        self.spare(rule, self.bills[place].paper, why)

    def open_unit(self, chance: Random, day: date) -> Unit:
        """A unit that invoices may be sent to on that day."""
        return chance.choice([unit for unit in self.units if unit.open_on(day) and unit.merges_on is None])

    def loose(
        self,
        chance: Random,
        supplier: Seller,
        lines: Iterable[PaperLine],
        issued: date,
        *,
        contract_ref: str | None = None,
    ) -> Paper:
        """A paper that no deal foresees, to a unit of chance."""
        unit = self.open_unit(chance, issued)
        return Paper(
            dialect="oioubl" if chance.random() < 1 / 3 else "peppol",
            number=self.numbering.next(supplier),
            issued=issued,
            due=issued + timedelta(days=30),
            seller=supplier,
            buyer=Buyer(
                cvr=self.municipality.cvr, name=self.municipality.name, gln=unit.gln, person=self.persons[unit.number]
            ),
            lines=tuple(lines),
            contract_ref=contract_ref,
        )

    def send(self, paper: Paper, *, after: int = 0) -> None:
        """Let a paper come some days after it was issued."""
        comes = min(paper.issued + timedelta(days=after), LAST_DAY)
        self.touched.add(self.add(Bill(paper=paper, comes=comes)))

    def credit(self, paper: Paper, amount: Decimal, *, days: int = 9) -> Paper:
        """A credit note of `amount` on an invoice, sent some days after it."""
        issued = min(paper.issued + timedelta(days=days), LAST_DAY)
        line = PaperLine(text="Kreditering", price=amount, amount=amount)
        note = replace(
            paper,
            number=self.numbering.next(paper.seller),
            issued=issued,
            due=None,
            lines=(line,),
            credit=True,
            credits=(paper.number, paper.issued),
            misstated=Misstated(),
        )
        self.send(note)
        return note


def _is_ordinary(bill: Bill) -> bool:
    return bill.deal is not None and bill.deal.plan.key not in _STORY_KEYS and bill.deal.plan.takeover is None
