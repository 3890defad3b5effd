"""Projects, their status, benefits and relations as rows; pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from consumers.runtime.links import Named, by_name
from kernel.alphabet import alphabetical
from schemas.organisation import Person
from schemas.portfolio import Benefit, BenefitMeasured, StatusReported

from .dossier import Dossier, Fact, missing_evidence
from .offices import Offices
from .priorities import OVER, priority_rows, rounded
from .rows import BenefitRow, PriorityRow, ProjectRow, RelationRow, StatusRow


def project_rows(dossiers: Collection[Dossier], offices: Offices, *, on: date) -> tuple[ProjectRow, ...]:
    """A row per project, by title."""
    places = {row.id: row for row in priority_rows(dossiers, offices.adopted(on))}
    rows = [project_row(dossier, offices, places.get(dossier.id), on=on) for dossier in dossiers]
    return tuple(sorted(rows, key=lambda row: (alphabetical(row.title), row.id)))


def status_rows(dossiers: Collection[Dossier]) -> tuple[StatusRow, ...]:
    """A row per report, by project and in the order they were told."""
    ordered = sorted(dossiers, key=_by_title)
    return tuple(_status(each, fact, report) for each in ordered for fact, report in each.told(StatusReported))


def benefit_rows(dossiers: Collection[Dossier], *, on: date) -> tuple[BenefitRow, ...]:
    """A row per benefit that is planned or was measured, by project and benefit."""
    return tuple(row for dossier in sorted(dossiers, key=_by_title) for row in _benefits(dossier, on))


def relation_rows(dossiers: Collection[Dossier], *, of: Collection[Dossier] | None = None) -> tuple[RelationRow, ...]:
    """A row per thing that a project concerns, by project; for the projects `of`, all of `dossiers` for None."""
    concerned = defaultdict[tuple[str, str], list[Dossier]](list)
    for dossier in dossiers:
        for kind, target, _ in _targets(dossier):
            if target and kind in {"usage", "contract"} and dossier.standing not in OVER:
                concerned[kind, target].append(dossier)
    asked = sorted(dossiers if of is None else of, key=_by_title)
    return tuple(row for dossier in asked for row in _relations(dossier, concerned))


def _by_title(dossier: Dossier) -> tuple[str, str]:
    return alphabetical(dossier.title), dossier.id


def project_row(dossier: Dossier, offices: Offices, place: PriorityRow | None, *, on: date) -> ProjectRow:
    """One project as it stands; `place` is where it comes among the others, None for one that is over."""
    project, model = dossier.project, offices.adopted(on).model
    phase = dossier.phase(model)
    gate = None if dossier.closed else model.gate_out_of(phase)
    reported = max(dossier.told(StatusReported), key=lambda one: one[0].number, default=None)
    report = reported[1] if reported else None
    return ProjectRow(
        id=dossier.id,
        local_id=project.local_id if project else None,
        title=dossier.title,
        category=project.category if project else None,
        driver=project.driver if project else "own",
        unit=(project.unit.name or str(project.unit.id)) if project and project.unit else None,
        standing=dossier.standing,
        phase=phase,
        light=report.overall if report else None,
        reported_on=reported[0].day if reported else None,
        owners=_names(offices.holders("project-owner", dossier, on)),
        managers=_names(offices.holders("project-manager", dossier, on)),
        rank=place.rank if place else None,
        weighted=place.weighted if place else None,
        planned_start=project.planned_start if project else None,
        planned_end=project.planned_end if project else None,
        expected_end=report.expected_end if report else None,
        budget=project.budget if project else None,
        spent=report.spent if report else None,
        next_gate=gate.id if gate else None,
        missing=missing_evidence(gate, dossier, model) if gate else (),
    )


def _names(people: Collection[Person]) -> tuple[str, ...]:
    return tuple(person.name for person in people)


def _status(dossier: Dossier, fact: Fact, report: StatusReported) -> StatusRow:
    return StatusRow(
        id=dossier.id,
        title=dossier.title,
        day=fact.day,
        overall=report.overall,
        time=report.time,
        economy=report.economy,
        quality=report.quality,
        resources=report.resources,
        benefits=report.benefits,
        spent=report.spent,
        expected_cost=report.expected_cost,
        expected_end=report.expected_end,
        by=(report.by.name or report.by.id) if report.by else None,
        summary=report.summary,
    )


def _benefits(dossier: Dossier, on: date) -> Iterator[BenefitRow]:
    measured, planned = dossier.measured(), {benefit.id: benefit for benefit in dossier.benefits}
    for benefit in sorted(measured.keys() | planned.keys()):
        yield _benefit(dossier, benefit, planned.get(benefit), measured.get(benefit), on)


def _benefit(
    dossier: Dossier, benefit: str, plan: Benefit | None, last: tuple[Fact, BenefitMeasured] | None, on: date
) -> BenefitRow:
    return BenefitRow(
        id=dossier.id,
        project=dossier.title,
        benefit=benefit,
        title=plan.title if plan else None,
        planned=plan is not None,
        kind=plan.kind if plan else None,
        unit=plan.unit if plan else None,
        baseline=plan.baseline if plan else None,
        target=plan.target if plan else None,
        due_on=plan.due_on if plan else None,
        owner=(plan.owner.name or plan.owner.id) if plan and plan.owner else None,
        yearly_gain=plan.yearly_gain if plan else None,
        measured=last[1].value if last else None,
        measured_on=last[0].day if last else None,
        measured_gain=last[1].yearly_gain if last else None,
        reached=_reached(plan, last[1].value) if plan and last else None,
        overdue=plan is not None and last is None and plan.due_on < on,
    )


def _reached(plan: Benefit, value: Decimal) -> Decimal | None:
    """How much of the way from baseline to target, in percent; None when there is no way to go."""
    way = Fraction(plan.target) - Fraction(plan.baseline)
    return rounded((Fraction(value) - Fraction(plan.baseline)) / way * 100) if way else None


def _targets(dossier: Dossier) -> Iterator[tuple[str, str | None, str | None]]:
    """What the project concerns: what kind, its id and its name."""
    project = dossier.project
    if project is None:
        return
    for kind, links in (("usage", project.usages), ("contract", project.contracts), ("project", project.depends_on)):
        for link in links:
            yield kind, str(link.id), link.name
    if origin := project.origin:
        yield f"origin-{origin.kind}", str(origin.id) if origin.id else None, origin.name


def _relations(dossier: Dossier, concerned: Mapping[tuple[str, str], list[Dossier]]) -> Iterator[RelationRow]:
    for kind, target, name in _targets(dossier):
        others = [other for other in concerned.get((kind, target or ""), ()) if other.id != dossier.id]
        also = tuple(sorted((Named(other.id, other.title) for other in others), key=by_name))
        yield RelationRow(dossier.id, dossier.title, kind, target, name, also)
