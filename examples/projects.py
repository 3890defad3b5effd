"""What the portfolio is told of the municipalities' projects, and the truth about what is wrong with them."""

from collections.abc import Iterator
from decimal import Decimal

from schemas.organisation import RoleHeld
from schemas.portfolio import Capacity

from .facts import Fact, register
from .municipalities import FIRST_DAY, LAST_DAY, Municipality
from .project_lives import Life
from .project_plans import OFFICES, Plan, plans_of
from .truth import Planted
from .units import SINCE, Unit
from .usages import Employee, Usage


def project_facts(
    seed: int,
    municipality: Municipality,
    units: tuple[Unit, ...],
    usages: tuple[Usage, ...],
    employees: tuple[Employee, ...],
) -> Iterator[Fact]:
    """What the portfolio is told, as far as it comes before the demo ends."""
    plans = plans_of(seed, municipality, units, usages, employees)
    yield from _office_facts(municipality, units, employees)
    for unit in units:
        if unit.kind == "centre":
            capacity = Capacity(role="projektleder", unit=unit.reference, hours=Decimal(160))
            local_id = f"projektleder/{unit.number}"
            source = register(municipality, "projects")
            yield source.states("portfolio.capacity", local_id, capacity, told=FIRST_DAY, holds=FIRST_DAY)
    for plan in plans:
        yield from (fact for fact in Life(plan).told() if fact.day <= LAST_DAY)


def project_truth(
    seed: int,
    municipality: Municipality,
    units: tuple[Unit, ...],
    usages: tuple[Usage, ...],
    employees: tuple[Employee, ...],
) -> Iterator[Planted]:
    """What is wrong with the portfolio when the demo ends."""
    for plan in plans_of(seed, municipality, units, usages, employees):
        if plan.fault:
            line, amount = _broken(plan)
            subject = str(plan.source.subject(plan.local_id))
            yield Planted(municipality.cvr, plan.fault, subject, line, amount, plan.local_id)


def _broken(plan: Plan) -> tuple[str | None, Decimal | None]:
    """The part of the project that its fault is about, and what is at stake in a year."""
    match plan.fault:
        case "PF01" | "PF02" | "PF03":
            return "start-implementation", None
        case "PF04":
            return "G9", None
        case "PF05":
            return "G2", plan.gain.amount
        case "PF07":
            return "approved", None
    return None, None


def _office_facts(
    municipality: Municipality, units: tuple[Unit, ...], employees: tuple[Employee, ...]
) -> Iterator[Fact]:
    source = register(municipality, "organisation")
    staff = units[0]
    for role, place in OFFICES:
        held = RoleHeld(
            role=role, holder=employees[place].as_person(municipality), kind="unit",
            responsible_for=staff.reference, unit=staff.reference,
        )  # fmt: skip
        yield source.states("organisation.role", f"{role}/{staff.number}", held, told=FIRST_DAY, holds=SINCE)
