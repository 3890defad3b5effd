"""One municipality with all that is in it: its facts, its documents, and the truth about them."""

from collections.abc import Iterator
from dataclasses import dataclass

from .cases import case_facts
from .catalogue import VENDORS, other_supplier
from .contract_owners import owner_facts
from .contracts import contract_facts, supplier_facts
from .counts import count_facts
from .deals import Deal, deal_called, deals_of
from .desk import Desk, Numbering
from .exchanges import exchange_facts
from .facts import Fact
from .money import budget_facts
from .municipalities import Municipality
from .planting import plant
from .processing import processing_facts
from .projects import project_facts
from .story_plans import STORIES
from .units import Unit, unit_facts, units_of
from .usages import Employee, Usage, employees_of, role_facts, usage_facts, usages_of

_FIRST_WITHOUT = VENDORS + len(STORIES)
"""The first of the smaller suppliers that have neither a system of the catalogue nor a story."""


@dataclass(frozen=True, slots=True)
class World:
    """A municipality as a seed makes it. `desk` holds its documents and the truth, finished."""

    seed: int
    municipality: Municipality
    units: tuple[Unit, ...]
    usages: tuple[Usage, ...]
    employees: tuple[Employee, ...]
    deals: list[Deal]
    suppliers: list[str]
    desk: Desk


def world_of(seed: int, municipality: Municipality) -> World:
    """All of it, the discrepancies planted."""
    units = units_of(municipality)
    usages = usages_of(seed, municipality, units)
    employees = employees_of(seed, municipality)
    deals = deals_of(seed, municipality, units, usages)
    suppliers = _suppliers(municipality, usages, deals)
    persons = {unit.number: employees[i % len(employees)].code for i, unit in enumerate(units)}
    desk = Desk(seed, municipality, units, deals, suppliers, persons, Numbering(seed, municipality))
    desk.lay_out()
    plant(desk)
    return World(seed, municipality, units, usages, employees, deals, suppliers, desk)


def _suppliers(municipality: Municipality, usages: tuple[Usage, ...], deals: list[Deal]) -> list[str]:
    """Who makes its systems or has a contract, now or after a takeover; and others up to the number that it has."""
    keys = {usage.system.supplier for usage in usages}
    keys |= {deal.plan.supplier for deal in deals} | {deal.plan.takeover[0] for deal in deals if deal.plan.takeover}
    without = (other_supplier(number) for number in range(_FIRST_WITHOUT, 120))
    return [*sorted(keys), *(next(without) for _ in range(municipality.suppliers - len(keys)))]


def facts_of(world: World) -> Iterator[Fact]:
    """What its registers tell, in no order of days."""
    seed, municipality, deals = world.seed, world.municipality, world.deals
    yield from unit_facts(municipality, world.units)
    yield from role_facts(municipality, world.usages, world.units, world.employees)
    yield from supplier_facts(municipality, world.suppliers, deals)
    yield from contract_facts(municipality, deals, world.desk.maximums)
    yield from owner_facts(municipality, deals, world.employees)
    yield from count_facts(seed, municipality, deals)
    main = {deal.usage.local_id: deal.reference for deal in deals if deal.usage}
    yield from usage_facts(seed, municipality, world.usages, main)
    yield from exchange_facts(seed, municipality, world.usages, deal_called(deals, "base-data").reference)
    yield from processing_facts(municipality, world.usages, deals)
    yield from budget_facts(municipality, world.units)
    yield from case_facts(seed, municipality, world.units, world.employees)
    yield from project_facts(seed, municipality, world.units, world.usages, world.employees)
