"""The portfolio's rules, ranks and hours, as plain functions over a project's file."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from consumers.portfolio.capacity import months_from, resource_rows
from consumers.portfolio.dossier import FACTS, Dossier, Fact, missing_evidence
from consumers.portfolio.listing import benefit_rows, relation_rows
from consumers.portfolio.offices import Adopted, Offices
from consumers.portfolio.priorities import priority_rows, weighted_mean
from consumers.portfolio.rules import Case, findings
from consumers.portfolio.timeline import Statement, Timeline
from schemas import portfolio_samples as samples
from schemas.catalogue import Json
from schemas.hub import EventKey
from schemas.organisation import RoleHeld
from schemas.portfolio import Allocation, Benefits, BusinessCase, Capacity, Project
from schemas.project_model import ProjectModel, standard_model

PROJECT, OTHER = str(UUID(int=1)), str(UUID(int=2))
DAY = date(2026, 3, 2)
BOARD, COUNCIL, OWNER = "bo", "co", "ow"
MODEL = standard_model()


def file_of(*facts: tuple[str, Json], project: str = PROJECT, title: str = "Genudbud", **stated: Any) -> Dossier:
    """A project's file with these facts, all of the same day."""
    key = EventKey(authority="99000007", source="urn:test", id="1")
    told = tuple(
        Fact(number, name, DAY, key, FACTS[name].model_validate(data)) for number, (name, data) in enumerate(facts)
    )
    project_ = Project.model_validate(samples.PROJECT | {"title": title})
    return Dossier(id=project, project=project_, facts=told, **stated)


def by(person: str) -> Json:
    return {"by": {"id": person}}


def held(role: str, person: str, kind: str = "unit", target: str = OTHER, start: date = date(2026, 1, 1)) -> Any:
    value = RoleHeld.model_validate(
        {"role": role, "holder": {"name": person, "id": person}, "kind": kind, "responsible_for": {"id": target}}
    )
    return Timeline(f"{role}:{person}", (Statement(start, None, value),))


OFFICES = Offices(
    holdings=(
        held("portfolio-board", BOARD),
        held("digitalisation-council", COUNCIL),
        held("project-owner", OWNER, "project", PROJECT),
    )
)
READY: dict[str, Any] = {
    "business_case": BusinessCase.model_validate(samples.BUSINESS_CASE),
    "benefits": Benefits.model_validate(samples.BENEFITS).benefits,
    "allocations": (Allocation.model_validate(samples.RESOURCES["allocations"][0]),),
}
RIGHT: tuple[tuple[str, Json], ...] = (
    ("scores-given", samples.SCORES_GIVEN | by(COUNCIL)),
    ("gate-passed", {"gate": "start-analysis"} | by(COUNCIL)),
    ("evidence-filed", samples.EVIDENCE_FILED),
    ("recommended", samples.RECOMMENDED | by(COUNCIL)),
    ("approved", samples.APPROVED | by(BOARD)),
    ("gate-passed", {"gate": "start-implementation"} | by(BOARD)),
)


def found(dossier: Dossier, offices: Offices = OFFICES, planned: Sequence[str] = ("G1", "G2")) -> list[tuple[str, Any]]:
    """The rules and the lines they found something about."""
    return [(each.rule, each.line_id) for each in findings(Case(dossier, offices, frozenset(planned)))]


def test_a_project_run_by_the_model_has_no_findings() -> None:
    """Scores, recommendation, approval and evidence, each by the right person."""
    assert found(file_of(*RIGHT, **READY)) == []


@pytest.mark.parametrize("left_out", ["business_case", "benefits", "allocations"])
def test_a_gate_without_its_evidence_is_found(left_out: str) -> None:
    """PF01 names what is missing; it is gone when that is there."""
    assert found(file_of(*RIGHT, **{**READY, left_out: () if left_out != "business_case" else None})) == [
        ("pf01", "start-implementation")
    ]


def test_a_rejection_takes_away_what_was_said_before_it() -> None:
    """An approval that was taken back before the gate opens no gate; one after the gate takes nothing away."""
    rejected = ("rejected", samples.REJECTED | by(BOARD))
    assert found(file_of(*RIGHT[:5], rejected, RIGHT[5], **READY)) == [("pf01", "start-implementation")]
    assert found(file_of(*RIGHT, rejected, **READY)) == []


def test_a_gate_passed_by_nobody_or_by_somebody_without_the_role_is_found() -> None:
    """PF02; the role counts on the day of the gate only."""
    nobody = file_of(*RIGHT[:1], ("gate-passed", {"gate": "start-analysis"}))
    stranger = file_of(*RIGHT[:1], ("gate-passed", {"gate": "start-analysis"} | by(BOARD)))
    late = Offices(holdings=(held("digitalisation-council", COUNCIL, start=date(2026, 3, 3)),))
    assert found(nobody) == found(stranger) == [("pf02", "start-analysis")]
    assert found(file_of(*RIGHT[:2]), late) == [("pf02", "start-analysis")]


def test_a_role_for_another_project_does_not_count() -> None:
    """A project's owner passes its gates and nobody else's."""
    facts = (("status-reported", samples.STATUS_REPORTED), ("gate-passed", {"gate": "start-closing"} | by(OWNER)))
    mine = [one for one in found(file_of(*facts)) if one[0] == "pf02"]
    others = [one for one in found(file_of(*facts, project=OTHER)) if one[0] == "pf02"]
    assert (mine, others) == ([], [("pf02", "start-closing")])


def test_a_skipped_phase_is_found() -> None:
    """PF03 names each gate that was not passed on the way, and words that the model does not have."""
    skipped = file_of(("phase-entered", {"phase": "implementation"}))
    unknown = file_of(("phase-entered", {"phase": "go-live"}), ("gate-passed", {"gate": "bp2"} | by(BOARD)))
    assert found(skipped) == [("pf03", "start-analysis"), ("pf03", "start-implementation")]
    assert found(unknown) == [("pf03", "bp2"), ("pf03", "go-live")]


def test_measuring_what_was_never_planned_is_found() -> None:
    """PF04; a plan of any time is a plan."""
    measured = file_of(("benefit-measured", {"benefit": "G9", "value": "1"}))
    assert found(measured) == [("pf04", "G9")]
    assert found(measured, planned=["G9"]) == []


def test_closing_without_measurements_and_owners_is_found() -> None:
    """PF05 and PF06 with what the benefit is worth; a project that is stopped owes nothing."""
    facts = (("benefit-measured", samples.BENEFIT_MEASURED), ("closed", samples.CLOSED | by(OWNER)))
    closed = file_of(*facts, benefits=READY["benefits"])
    assert found(closed) == [("pf05", "G2"), ("pf06", "G2")]
    (worth, _) = findings(Case(closed, OFFICES, frozenset({"G1", "G2"})))
    assert worth.amount_at_stake is not None
    assert worth.amount_at_stake.amount == 200_000
    assert ("pf06", None) in found(file_of(*facts, benefits=READY["benefits"]), Offices())
    stopped = file_of(("closed", samples.CLOSED | {"outcome": "stopped"} | by(OWNER)), benefits=READY["benefits"])
    assert found(stopped) == []


def test_a_decision_without_mandate_is_found() -> None:
    """PF07: the board decides, the council advises."""
    assert found(file_of(("approved", samples.APPROVED | by(COUNCIL)))) == [("pf07", "approved")]
    assert found(file_of(("approved", samples.APPROVED | by(COUNCIL)), RIGHT[4])) == []


def scored(project: str, title: str, *scores: int | None) -> Dossier:
    given = [
        {"criterion": criterion.id, "score": str(score)}
        for criterion, score in zip(MODEL.criteria, scores, strict=True)
        if score is not None
    ]
    return file_of(*([("scores-given", {"scores": given})] if given else []), project=project, title=title)


def test_the_rank_follows_from_scores_and_weights() -> None:
    """Equal means share a rank, the next follows after them, and what lacks a score has none."""
    projects = [
        scored("a", "Anden", 5, 1, 1, 1, 1),
        scored("b", "Bedst", 5, 5, 5, 5, 5),
        scored("c", "Også anden", 1, 1, 5, 1, 1),
        scored("d", "Dårligst", 1, 1, 1, 1, 1),
        scored("e", "Ej færdig", 5, 5, None, 5, 5),
    ]
    rows = priority_rows(projects, Adopted(MODEL))
    assert [(row.rank, row.title, row.weighted) for row in rows] == [
        (1, "Bedst", Decimal(5)), (2, "Anden", Decimal("1.80")), (2, "Også anden", Decimal("1.80")),
        (4, "Dårligst", Decimal(1)), (None, "Ej færdig", None),
    ]  # fmt: skip
    assert rows[4].missing == ("service",)
    assert all(score.why for row in rows for score in row.scores)


@given(st.permutations(range(6)), st.lists(st.lists(st.integers(0, 5), min_size=5, max_size=5), min_size=6, max_size=6))
def test_the_rank_is_reproducible(order: list[int], scores: list[list[int]]) -> None:
    """Whatever the order the projects come in, and a higher mean is never below a lower one."""
    projects = [scored(str(number), f"Projekt {number}", *each) for number, each in enumerate(scores)]
    rows = priority_rows([projects[number] for number in order], Adopted(MODEL))
    assert rows == priority_rows(projects, Adopted(MODEL))
    means = {each.id: weighted_mean(each, MODEL) for each in projects}
    ordered = [means[row.id] or Fraction(0) for row in rows]
    assert ordered == sorted(ordered, reverse=True)


def test_hours_against_capacity() -> None:
    """Per month, unit and role; what is over or rejected asks for nothing; a capacity holds from its day on."""
    unit = {"id": str(UUID(int=7)), "name": "IT"}

    def asks(title: str, planned: int, *facts: tuple[str, Json]) -> Dossier:
        wanted = {"role": "projektleder", "unit": unit, "first": "2026-03", "last": "2026-04", "allocated": "10"}
        allocation = Allocation.model_validate(wanted | {"planned": str(planned)})
        return file_of(*facts, project=title, title=title, allocations=(allocation,))

    def there(hours: int) -> Capacity:
        return Capacity.model_validate({"role": "projektleder", "unit": unit, "hours": str(hours)})

    capacities = [
        Timeline("c", (Statement(date(2026, 1, 1), None, there(100)), Statement(date(2026, 4, 1), None, there(40))))
    ]
    projects = [asks("A", 30), asks("B", 50), asks("C", 500, ("rejected", samples.REJECTED))]
    rows = resource_rows(projects, capacities, on=DAY, months=months_from(DAY, 3))
    seen: list[Any] = [(row.month, row.capacity, row.planned, row.allocated, row.free, row.short) for row in rows]
    assert seen == [
        ("2026-03", 100, 80, 20, 80, 0), ("2026-04", 40, 80, 20, 20, 40), ("2026-05", 40, 0, 0, 40, 0),
    ]  # fmt: skip
    assert [share.name for share in rows[0].projects] == ["A", "B"]


def test_benefits_planned_against_measured() -> None:
    """The way from baseline to target in percent, what is overdue, and what was never planned."""
    measured = [("benefit-measured", {"benefit": name, "value": "6.25"}) for name in ("G1", "G9")]
    rows = benefit_rows([file_of(*measured, benefits=READY["benefits"])], on=date(2029, 1, 1))
    assert [(row.benefit, row.planned, row.measured, row.reached, row.overdue) for row in rows] == [
        ("G1", True, Decimal("6.25"), Decimal(50), False), ("G2", True, None, None, True),
        ("G9", False, Decimal("6.25"), None, False),
    ]  # fmt: skip


def test_projects_that_concern_the_same_are_named() -> None:
    """So that two projects about one system are seen; those that are over are left out."""
    closed = ("closed", samples.CLOSED)
    rows = relation_rows([file_of(), file_of(project=OTHER, title="Ny app"), file_of(closed, project="3", title="Gl.")])
    mine = [row for row in rows if row.id == PROJECT]
    assert [(row.kind, [other.name for other in row.also]) for row in mine] == [
        ("usage", ["Ny app"]), ("contract", ["Ny app"]), ("origin-contract", []),
    ]  # fmt: skip


def test_evidence_that_is_seen_cannot_be_filed() -> None:
    """A document that calls itself an approval is none."""
    gate = MODEL.gate("start-implementation")
    assert gate is not None
    filed = file_of(("evidence-filed", samples.EVIDENCE_FILED | {"kind": "approval"}), **READY)
    assert "approval" in missing_evidence(gate, filed, MODEL)


@pytest.mark.parametrize(
    "broken",
    [
        {"gates": MODEL.model_dump(mode="json")["gates"][1:]},
        {"phases": MODEL.model_dump(mode="json")["phases"] * 2},
        {"criteria": [MODEL.model_dump(mode="json")["criteria"][0] | {"weight": "0"}]},
    ],
    ids=["a gate is missing", "a phase twice", "a weight of nothing"],
)
def test_a_model_that_does_not_hang_together_is_refused(broken: Json) -> None:
    """Phases follow one another by gates, and every weight counts."""
    with pytest.raises(ValidationError):
        ProjectModel.model_validate(MODEL.model_dump(mode="json") | broken)
