"""The questions to the portfolio, each as of any date and as far as the hub knew at any time.

The caller has chosen the projection and the reader: `runtime.projections.use_active` and the authority's setting.
"""

from datetime import date, datetime

from sqlalchemy import Connection

from schemas.portfolio import Capacity

from .capacity import months_from, resource_rows
from .dossier import Dossier
from .listing import benefit_rows, project_row, project_rows, relation_rows, status_rows
from .loading import View
from .offices import Adopted
from .priorities import priority_rows
from .rows import BenefitRow, PriorityRow, ProjectRow, ProjectTold, RelationRow, ResourceRow, StatusRow
from .tables import CAPACITY

MONTHS_AHEAD = 12
"""How many months of people's time are shown, the present one included."""


def overview(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[ProjectRow, ...]:
    """Every project as it stands on `valid_at`, by title."""
    view = View(connection, authority, valid_at, known_at)
    return project_rows(view.dossiers().values(), view.offices(), on=valid_at)


def priorities(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[PriorityRow, ...]:
    """The projects that are not over, by rank, with weights, scores and reasons."""
    view = View(connection, authority, valid_at, known_at)
    return priority_rows(view.dossiers().values(), view.offices().adopted(valid_at))


def status(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[StatusRow, ...]:
    """Every status report up to `valid_at`, by project and in order."""
    return status_rows(View(connection, authority, valid_at, known_at).dossiers().values())


def resources(
    connection: Connection,
    authority: str,
    valid_at: date,
    known_at: datetime | None = None,
    *,
    months: int = MONTHS_AHEAD,
) -> tuple[ResourceRow, ...]:
    """Planned and allocated hours against capacity, per month, unit and role, from the month of `valid_at` on."""
    view = View(connection, authority, valid_at, known_at)
    capacities = view.timelines(CAPACITY, Capacity)
    return resource_rows(view.dossiers().values(), capacities, on=valid_at, months=months_from(valid_at, months))


def benefits(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[BenefitRow, ...]:
    """Every benefit as planned and as measured by `valid_at`, by project."""
    return benefit_rows(View(connection, authority, valid_at, known_at).dossiers().values(), on=valid_at)


def relations(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[RelationRow, ...]:
    """What each project concerns and what opened it, and which other projects concern the same."""
    return relation_rows(View(connection, authority, valid_at, known_at).dossiers().values())


def model(connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None) -> Adopted:
    """The project model in force on `valid_at`."""
    return View(connection, authority, valid_at, known_at).offices().adopted(valid_at)


def one_project(
    connection: Connection, authority: str, project: str, valid_at: date, known_at: datetime | None = None
) -> Dossier | None:
    """The file of one project; None when there is none."""
    return View(connection, authority, valid_at, known_at).dossiers((project,)).get(project)


def told_of(
    connection: Connection, authority: str, project: str, valid_at: date, known_at: datetime | None = None
) -> ProjectTold | None:
    """What every list tells of one project, with its place among the others; None when there is none."""
    view = View(connection, authority, valid_at, known_at)
    dossiers = view.dossiers()
    if project not in dossiers:
        return None
    dossier, offices = dossiers[project], view.offices()
    ranked = priority_rows(dossiers.values(), offices.adopted(valid_at))
    place = next((row for row in ranked if row.id == project), None)
    return ProjectTold(
        project=project_row(dossier, offices, place, on=valid_at),
        priority=place,
        reports=status_rows((dossier,)),
        benefits=benefit_rows((dossier,), on=valid_at),
        relations=relation_rows(dossiers.values(), of=(dossier,)),
    )
