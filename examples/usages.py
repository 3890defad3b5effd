"""What a municipality uses of the catalogue: usages with their units, life cycles and people, and how that changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.organisation import Person, Role, RoleHeld
from schemas.systems import LifeCycle, SystemUsage, UserCount, UserRange
from schemas.values import Reference

from .catalogue import NAMED_SYSTEMS, System, systems
from .facts import Fact, register
from .municipalities import FIRST_DAY, Municipality
from .names import initials, person
from .national import system_reference
from .numbers import stream
from .units import SINCE, Unit

REPLACED_ON = date(2025, 7, 1)
"""The first day of the system that takes over from the one the municipality replaces."""
OWNER_LEFT_ON = date(2025, 4, 1)
"""The first day without a system owner, for the usages of the one who left."""
OPERATIONAL: LifeCycle = "operational"
NOT_IN_USE: LifeCycle = "not-in-use"
_RECOUNTED = (date(2024, 7, 1), date(2025, 1, 1), date(2025, 7, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One usage. `users` is how many people use it at first."""

    local_id: str
    system: System
    unit: Unit
    users: int
    reference: Reference
    life_cycle: LifeCycle = "operational"


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who answers for something; `code` is the person reference on invoices."""

    code: str
    name: str

    def as_person(self, municipality: Municipality) -> Person:
        return Person(
            name=self.name,
            id=self.code.lower(),
            person_reference=self.code,
            email=f"{self.code.lower()}@{municipality.code}.example",
        )


def employees_of(seed: int, municipality: Municipality, number: int = 150) -> tuple[Employee, ...]:
    """The people who hold roles, in a fixed order."""
    chance = stream(seed, municipality.code, "employees")
    named = [person(chance) for _ in range(number)]
    return tuple(
        Employee(initials(given, family, serial), f"{given} {family}") for serial, (given, family) in enumerate(named)
    )


def usages_of(seed: int, municipality: Municipality, units: tuple[Unit, ...]) -> tuple[Usage, ...]:
    """The usages in a fixed order: those with a part of their own, then a choice of the others."""
    chance = stream(seed, municipality.code, "usages")
    others = [system for system in systems() if system not in NAMED_SYSTEMS]
    chosen = sorted(chance.sample(range(len(others)), municipality.usages - len(NAMED_SYSTEMS)))
    source = register(municipality, "systems")
    centres = [unit for unit in units if unit.kind == "centre"]
    found = []
    for number, system in enumerate([*NAMED_SYSTEMS, *(others[i] for i in chosen)], 1):
        local_id = f"{municipality.code[:1].upper()}-{number:03}"
        found.append(
            Usage(
                local_id=local_id,
                system=system,
                unit=centres[system.centre],
                users=chance.randrange(8, 400),
                reference=source.reference(local_id, system.name),
                life_cycle=_life_cycle(number, municipality),
            )
        )
    return tuple(found)


def _life_cycle(number: int, municipality: Municipality) -> LifeCycle:
    """The last usages are of all kinds; the one before them is the newcomer of `REPLACED_ON`."""
    from_end = municipality.usages - number
    late: dict[int, LifeCycle] = {0: "phasing-in", 1: "pilot", 2: "not-in-use", 3: "undecided", 4: "phasing-out"}
    return late.get(from_end, "operational")


def replaced(usages: tuple[Usage, ...]) -> tuple[Usage, Usage]:
    """The usage that ends on `REPLACED_ON`, and the one that takes over."""
    return usages[-20], usages[-1]


def usage_facts(
    seed: int,
    municipality: Municipality,
    usages: tuple[Usage, ...],
    main_contracts: dict[str, Reference],
) -> Iterator[Fact]:
    """Every usage, the counts of its users, and the system that is replaced. Contracts are by usage's local id."""
    source = register(municipality, "systems")
    for usage in usages:
        state = _state(usage, main_contracts.get(usage.local_id))
        yield source.states("system.usage", usage.local_id, state, told=FIRST_DAY, holds=SINCE)
    old, new = replaced(usages)
    for usage, cycle in ((old, NOT_IN_USE), (new, OPERATIONAL)):
        state = _state(usage, main_contracts.get(usage.local_id), cycle=cycle)
        yield source.states("system.usage", usage.local_id, state, told=REPLACED_ON, holds=REPLACED_ON)
    yield from _user_counts(seed, municipality, usages)


def _state(usage: Usage, main_contract: Reference | None, *, cycle: LifeCycle | None = None) -> SystemUsage:
    personal = usage.system.personal
    return SystemUsage(
        system=system_reference(usage.system.key, usage.system.name),
        name=usage.system.name,
        local_id=usage.local_id,
        life_cycle=cycle or usage.life_cycle,
        responsible_unit=usage.unit.reference,
        using_units=(usage.unit.reference,),
        main_contract=main_contract,
        expected_users=UserRange(lower=usage.users // 50 * 50),
        hosting="external" if usage.users % 4 else "on-premise",
        business_critical="yes" if usage.users > 300 else "no",
        confidentiality=("personal",) if personal else ("none",),
        risk="high" if usage.users > 350 else "medium" if personal else "low",
        archive_duty="B" if personal else "K",
    )


def _user_counts(seed: int, municipality: Municipality, usages: tuple[Usage, ...]) -> Iterator[Fact]:
    """Every third usage has its users counted at first and again later; the number moves a little each time."""
    source = register(municipality, "systems")
    chance = stream(seed, municipality.code, "user-counts")
    for usage in usages[::3]:
        users = usage.users
        for on in (FIRST_DAY, *_RECOUNTED):
            count = UserCount(usage=usage.reference, kind="named-users", count=users, counted_by="It-drift")
            yield source.states("system.user-count", f"{usage.local_id}/users", count, told=on, holds=on)
            users = max(1, users + chance.randrange(-6, 9))


def role_facts(
    municipality: Municipality, usages: tuple[Usage, ...], units: tuple[Unit, ...], employees: tuple[Employee, ...]
) -> Iterator[Fact]:
    """Who answers for units and usages; one system owner leaves and nobody takes over."""
    source = register(municipality, "organisation")
    for_units: tuple[Role, Role, Role] = ("budget-holder", "attestant", "payment-authoriser")
    for i, unit in enumerate(units):
        for n, role in enumerate(for_units):
            holder = employees[(i + 17 * n) % len(employees)]
            held = _held(municipality, role, "unit", unit.reference, holder, unit)
            yield source.states("organisation.role", f"{role}/{unit.number}", held, told=FIRST_DAY, holds=SINCE)
    leaver = employees[7]
    roles: tuple[Role, Role] = ("system-owner", "system-manager")
    for i, usage in enumerate(usages):
        owner, manager = employees[i % 40], employees[40 + i % 60]
        for role, holder in zip(roles, (owner, manager), strict=True):
            held = _held(municipality, role, "system-usage", usage.reference, holder, usage.unit)
            local_id = f"{role}/{usage.local_id}"
            yield source.states("organisation.role", local_id, held, told=FIRST_DAY, holds=SINCE)
            if role == "system-owner" and holder == leaver:
                yield source.removes("organisation.role", local_id, "fratrådt", told=OWNER_LEFT_ON, holds=OWNER_LEFT_ON)


def _held(
    municipality: Municipality, role: Role, kind: str, thing: Reference, holder: Employee, unit: Unit
) -> RoleHeld:
    return RoleHeld.model_validate(
        {
            "role": role,
            "holder": holder.as_person(municipality),
            "kind": kind,
            "responsible_for": thing,
            "unit": unit.reference,
        }
    )
