"""A plan as it was agreed: with numbers, people, and the price of each year. The contracts of a municipality."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from itertools import chain
from random import Random

from schemas.prices import BillingPeriod, Counting, FixedPrice, PriceItem, Tier, UnitPrice
from schemas.terms import Option
from schemas.values import Reference

from .facts import register
from .municipalities import Municipality
from .numbers import stream
from .ordinary_plans import ordinary_plans
from .plans import NAMED_PLANS, Part, Plan
from .story_plans import FRAMEWORKS, STORIES
from .units import Unit
from .usages import Usage, replaced
from .watched_plans import with_ending

YEARS = (2022, 2023, 2024, 2025, 2026)
"""The years whose prices are stated: those of the demo, and those its first and last invoices are about."""
_INDEXED = {2023: Decimal("1.04"), 2024: Decimal("1.005"), 2025: Decimal("1.015"), 2026: Decimal("1.014")}
"""What the net price index, October to October, lets a price rise; in 2023 the cap of 4 % held."""
_DECIDED = {2025: Decimal("1.44")}
"""What one joint price was decided to rise: set prices follow no index."""
_BILLED_EACH: dict[int, BillingPeriod] = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}
"""The period that so many months between bills are."""
STOCKS = frozenset({"user", "device", "child", "citizen"})
"""What is counted on a day; the rest is counted over a period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A part of a deal, with its price item as it holds in each year. `number` is the item number on invoices."""

    part: Part
    local_id: str
    number: str
    years: dict[int, PriceItem]

    def on(self, day: date) -> PriceItem:
        """The price item that holds on that day, but for the day on which an option is taken up."""
        return self.years[min(max(day.year, YEARS[0]), YEARS[-1])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A contract of the demo and how it is billed.

    `lead` is how many days before (in arrears: after) the period its invoices are issued, `numbered` whether their
    lines carry item numbers.
    """

    number: str
    plan: Plan
    title: str
    reference: Reference
    usage: Usage | None
    recipients: tuple[Unit, ...]
    order: str
    lead: int
    numbered: bool
    items: tuple[Priced, ...]

    def supplier_on(self, day: date) -> str:
        """Who holds the contract on that day."""
        takeover = self.plan.takeover
        return takeover[0] if takeover and day >= takeover[1] else self.plan.supplier


def deals_of(seed: int, municipality: Municipality, units: tuple[Unit, ...], usages: tuple[Usage, ...]) -> list[Deal]:
    """Every contract but the framework agreements: the named ones, those with a story, and the many small ones."""
    chance = stream(seed, municipality.code, "deals")
    old, new = replaced(usages)
    by_key = {usage.system.key: usage for usage in usages} | {"old-system": old, "new-system": new}
    count = municipality.contracts - len(NAMED_PLANS) - len(STORIES) - len(FRAMEWORKS)
    named = {plan.key for plan in NAMED_PLANS}
    others = [usage for usage in usages if usage.system.key not in named and usage not in (old, new)][:count]
    plans = chain(map(with_ending, NAMED_PLANS), STORIES, ordinary_plans(others, chance))
    return [
        _agreed(municipality, plan, index, by_key.get(plan.key), units, stream(seed, municipality.code, plan.key))
        for index, plan in enumerate(plans, 1)
    ]


def _agreed(
    municipality: Municipality, plan: Plan, index: int, usage: Usage | None, units: tuple[Unit, ...], chance: Random
) -> Deal:
    number = f"K-{plan.term.starts.year}-{index:03}"
    title = plan.parts[0].title.partition(",")[0]
    reference = register(municipality, "contracts").reference(number, title)
    return Deal(
        number=number,
        plan=plan,
        title=title,
        reference=reference,
        usage=usage,
        recipients=_recipients(plan, usage, units, chance),
        order=f"45000{index:03}{chance.randrange(10, 100)}",
        lead=_lead(plan, chance),
        numbered=chance.random() < 0.6,
        items=tuple(
            _priced(plan, part, reference, f"{number}/{n}", f"{_code(plan.key)}{index:03}-{n}", chance)
            for n, part in enumerate(plan.parts, 1)
        ),
    )


def _recipients(plan: Plan, usage: Usage | None, units: tuple[Unit, ...], chance: Random) -> tuple[Unit, ...]:
    match plan.recipients:
        case "schools":
            return tuple(unit for unit in units if unit.kind == "school")
        case "many":
            chosen = sorted(chance.sample(range(len(units)), len(units) * 13 // 20))
            return tuple(units[i] for i in chosen)
        case _:
            return (usage.unit,) if usage else (next(unit for unit in units if unit.name == "Digitalisering"),)


def _lead(plan: Plan, chance: Random) -> int:
    if not plan.advance:
        return chance.randrange(2, 13)
    return chance.randrange(-50, 26) if plan.months == 12 else chance.randrange(5, 31)


def _code(key: str) -> str:
    letters = "".join(letter for letter in key.upper() if letter.isascii() and letter.isalpha())
    return (letters + "XXX")[:3]


def _priced(plan: Plan, part: Part, contract: Reference, local_id: str, number: str, chance: Random) -> Priced:
    years: dict[int, PriceItem] = {}
    step = _step(part)
    price = _stepped(Decimal(part.price), step, Decimal(1))
    tier = Decimal(part.tier[1]) if part.tier else None
    decided = {year: Decimal(chance.randrange(980, 1060)) / 1000 for year in YEARS}
    for year in YEARS:
        rise = _rise(plan, year, decided)
        price = _stepped(price, step, rise)
        tier = _stepped(tier, step, rise) if tier else None
        years[year] = _item(plan, part, price, tier, contract, local_id, number)
    return Priced(part=part, local_id=local_id, number=number, years=years)


def _rise(plan: Plan, year: int, decided: dict[int, Decimal]) -> Decimal:
    if plan.rises == "none" or year == YEARS[0]:
        return Decimal(1)
    if plan.rises == "indexed":
        return _INDEXED[year]
    return _DECIDED.get(year, decided[year]) if plan.key == "infrastructure" else decided[year]


def _step(part: Part) -> Decimal:
    """Prices move in steps that can be divided into months without a remainder."""
    if part.period != "year":
        return Decimal("0.01")
    if part.tier:
        return Decimal("0.60")
    if part.base:
        return Decimal("0.12")
    return Decimal(120) if Decimal(part.price) >= 20_000 else Decimal(12)


def _stepped(price: Decimal, step: Decimal, rise: Decimal) -> Decimal:
    """The price after a rise, down to the step below."""
    return (price * rise / step).quantize(Decimal(1), ROUND_DOWN) * step


def _item(
    plan: Plan, part: Part, price: Decimal, tier: Decimal | None, contract: Reference, local_id: str, number: str
) -> PriceItem:
    tiers = [Tier(above=Decimal(0), price=price)]
    if part.tier and tier is not None:
        tiers.append(Tier(above=Decimal(part.tier[0]), price=tier))
    return PriceItem(
        local_id=local_id,
        contract=contract,
        title=part.title,
        item_numbers=(number,),
        line_patterns=(f"{part.title}*",),
        unit=part.unit,
        price=UnitPrice(base=part.base, tiers=tuple(tiers)) if part.base else FixedPrice(amount=price),
        currency=plan.currency,
        period=part.period,
        billed_each=None if part.period == "once" else _BILLED_EACH[plan.months],
        billed_in="advance" if plan.advance else "arrears",
        counting=_counting(part, local_id) if plan.recipients in {"owner", "office"} else None,
        minimum_fee=Decimal(part.minimum) if part.minimum else None,
        regulation=plan.rises,
        option=Option(use_by=date(2025, 12, 31)) if part.option_on else None,
    )


def _counting(part: Part, local_id: str) -> Counting | None:
    """Stocks are billed by the count of 1 January of the year before: the last that was known when it was billed."""
    if part.base == "inhabitant":
        return Counting(statistic="FOLK1A", day="01-01", years_before=1)
    if part.base in STOCKS:
        return Counting(statistic=f"count:{local_id}", day="01-01", years_before=1)
    return None


def deal_called(deals: list[Deal], key: str) -> Deal:
    """The deal made from the plan with that key."""
    return next(deal for deal in deals if deal.plan.key == key)
