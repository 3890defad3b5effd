"""Which projects a municipality has, who has to do with each, and what is wrong with a few of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from schemas.hub import Actor
from schemas.organisation import Role
from schemas.values import Money

from .facts import Register, next_working_day, register
from .municipalities import FIRST_DAY, Municipality
from .numbers import stream
from .units import Unit
from .usages import Employee, Usage

_THEMES = (
    "Selvbetjening", "Ny journal", "Fælles integrationer", "Mobil adgang", "Robot til sagsgange", "Datavarehus",
    "Digital post", "Bedre overblik", "Udfasning", "Sikker login", "Sensorer", "Ny planlægning",
)  # fmt: skip
OFFICES: tuple[tuple[Role, int], ...] = (
    ("central-unit", 10),
    ("digitalisation-council", 11),
    ("portfolio-board", 12),
    ("procurement", 13),
)
"""The roles of bodies and offices, each with the place of its holder among the employees."""
FAULTS = ("PF01", "PF02", "PF03", "PF04", "PF05", "PF06", "PF07")
"""The rules that a project breaks, the first projects one each; their lives go on to the end for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One project: who has to do with it, when it begins, and which rule it breaks, if any."""

    municipality: Municipality
    number: int
    title: str
    unit: Unit
    usage: Usage
    owner: Employee
    manager: Employee
    offices: dict[Role, Employee]
    begins: date
    fault: str | None
    chance: Random

    @property
    def local_id(self) -> str:
        return f"P-{self.begins.year}-{self.number:02}"

    @property
    def source(self) -> Register:
        return register(self.municipality, "projects")

    @property
    def gain(self) -> Money:
        return Money(amount=Decimal(40_000 + 5_000 * self.number))

    @property
    def rejected(self) -> bool:
        """Whether the board sends it back for good."""
        return self.fault is None and self.number % 9 == 0

    def by(self, role: Role) -> Actor:
        holder = {"project-owner": self.owner, "project-manager": self.manager, **self.offices}[role]
        return Actor(id=holder.code.lower(), name=holder.name)


def plans_of(
    seed: int,
    municipality: Municipality,
    units: tuple[Unit, ...],
    usages: tuple[Usage, ...],
    employees: tuple[Employee, ...],
) -> list[Plan]:
    centres = {str(unit.reference.id): unit for unit in units if unit.kind == "centre"}
    offices = {role: employees[place] for role, place in OFFICES}
    plans = []
    for number in range(1, municipality.projects + 1):
        chance = stream(seed, municipality.code, "project", number)
        fault = FAULTS[number - 1] if number <= len(FAULTS) else None
        usage = usages[chance.randrange(len(usages))]
        day = chance.randrange(60) if fault else chance.randrange(600)
        plans.append(
            Plan(
                municipality=municipality,
                number=number,
                title=f"{_THEMES[number % len(_THEMES)]}: {usage.system.name}",
                unit=centres[str(usage.unit.reference.id)],
                usage=usage,
                owner=employees[20 + number],
                manager=employees[70 + number],
                offices=offices,
                begins=next_working_day(FIRST_DAY + timedelta(days=14 + day)),
                fault=fault,
                chance=chance,
            )
        )
    return plans
