"""How many there are: inhabitants, users, devices, messages. What is counted is what is billed."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from schemas.statistics import Count

from .deals import STOCKS, Deal, Priced
from .facts import Fact, register
from .municipalities import FIRST_DAY, Municipality
from .numbers import stream
from .units import SINCE, Unit


def quantity(seed: int, municipality: Municipality, priced: Priced, unit: Unit, first: date) -> Decimal:
    """How many of a part are billed to a unit for the service period that begins on `first`.

    A stock is that of 1 January the year before, a flow that of the period.
    """
    part = priced.part
    if part.base is None:
        return Decimal(1)
    if part.base == "inhabitant":
        return Decimal(municipality.inhabitants[first.year - 1])
    assert part.volume is not None
    when = first.year - 1 if part.base in STOCKS else first
    chance = stream(seed, municipality.code, "quantity", priced.local_id, unit.number, when)
    return Decimal(chance.randint(*part.volume))


def count_facts(seed: int, municipality: Municipality, deals: list[Deal]) -> Iterator[Fact]:
    """The statistics that quantities are billed by."""
    source = register(municipality, "statistics")
    for year, number in municipality.inhabitants.items():
        count = Count(
            statistic="FOLK1A",
            title="Indbyggere den første dag i kvartalet",
            base="inhabitant",
            value=Decimal(number),
            counted_on=date(year, 1, 1),
            published_on=date(year, 2, 11),
        )
        told = max(FIRST_DAY, date(year, 2, 11))
        yield source.states("statistics.count", f"FOLK1A:{year}", count, told=told, holds=date(year, 1, 1))
    for deal in deals:
        for priced in deal.items:
            item = priced.on(FIRST_DAY)
            if priced.part.base in STOCKS and item.counting:
                yield from _stock(seed, municipality, deal, priced)


def _stock(seed: int, municipality: Municipality, deal: Deal, priced: Priced) -> Iterator[Fact]:
    source = register(municipality, "statistics")
    statistic = f"count:{priced.local_id}"
    for year in municipality.inhabitants:
        counted = date(year, 1, 1)
        count = Count.model_validate(
            {
                "statistic": statistic,
                "title": priced.part.title,
                "base": priced.part.base,
                "value": quantity(seed, municipality, priced, deal.recipients[0], date(year + 1, 1, 1)),
                "counted_on": counted,
                "usage": deal.usage.reference if deal.usage else None,
            }
        )
        told, holds = max(FIRST_DAY, counted), max(SINCE, counted)
        yield source.states("statistics.count", f"{statistic}:{year}", count, told=told, holds=holds)
