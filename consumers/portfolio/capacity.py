"""People's time: what projects plan and are promised of each role in each unit, month by month; pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from kernel.alphabet import alphabetical
from schemas.months import add_months
from schemas.portfolio import Capacity
from schemas.values import Reference

from .dossier import Dossier, hours
from .priorities import OVER
from .rows import ResourceRow, ShareRow
from .timeline import Timeline

Place = tuple[UUID, str]
"""A unit and a role in it."""


def months_from(day: date, count: int) -> tuple[str, ...]:
    """So many calendar months, beginning with the one `day` is in."""
    return tuple(add_months(day.replace(day=1), number).strftime("%Y-%m") for number in range(count))


def resource_rows(
    dossiers: Collection[Dossier], capacities: Sequence[Timeline[Capacity]], *, on: date, months: Sequence[str]
) -> tuple[ResourceRow, ...]:
    """A row per month, unit and role where there is capacity or somebody asks for hours, in that order.

    Capacity is that of the first day of the month, or of `on` in the month that `on` is in. Projects that are over or
    rejected ask for nothing.
    """
    living = [dossier for dossier in dossiers if dossier.standing not in OVER]
    rows = [row for month in months for row in _month_rows(living, capacities, month, on)]
    return tuple(sorted(rows, key=lambda row: (row.month, alphabetical(row.unit), row.role)))


def _month_rows(
    dossiers: Sequence[Dossier], capacities: Sequence[Timeline[Capacity]], month: str, on: date
) -> Iterator[ResourceRow]:
    names = dict[UUID, str]()
    there, shares = defaultdict[Place, Decimal](Decimal), defaultdict[Place, list[ShareRow]](list)
    day = max(date.fromisoformat(f"{month}-01"), on)
    for capacity in (found.value for each in capacities if (found := each.at(day)) and found.value):
        there[_place(capacity.unit, capacity.role, names)] += capacity.hours
    for dossier in dossiers:
        for place, (planned, allocated) in _demand(dossier, month, names).items():
            shares[place].append(ShareRow(dossier.id, dossier.title, planned, allocated))
    for place in there.keys() | shares.keys():
        yield _row(month, names[place[0]], place[1], there.get(place), shares.get(place, []))


def _demand(dossier: Dossier, month: str, names: dict[UUID, str]) -> dict[Place, tuple[Decimal, Decimal]]:
    asked = dict[Place, tuple[Decimal, Decimal]]()
    for allocation in dossier.allocations:
        planned, allocated = hours(allocation, month)
        if planned or allocated:
            place = _place(allocation.unit, allocation.role, names)
            before = asked.get(place, (Decimal(0), Decimal(0)))
            asked[place] = before[0] + planned, before[1] + allocated
    return asked


def _place(unit: Reference, role: str, names: dict[UUID, str]) -> Place:
    """The place; of the names that are used for its unit the first in the alphabet is kept."""
    name = unit.name or str(unit.id)
    names[unit.id] = min(names.get(unit.id, name), name)
    return unit.id, role


def _row(month: str, unit: str, role: str, capacity: Decimal | None, shares: list[ShareRow]) -> ResourceRow:
    planned = sum((share.planned for share in shares), Decimal(0))
    allocated = sum((share.allocated for share in shares), Decimal(0))
    return ResourceRow(
        month=month,
        unit=unit,
        role=role,
        capacity=capacity,
        planned=planned,
        allocated=allocated,
        free=None if capacity is None else capacity - allocated,
        short=None if capacity is None else max(planned - capacity, Decimal(0)),
        projects=tuple(sorted(shares, key=lambda share: (alphabetical(share.name), share.id))),
    )
