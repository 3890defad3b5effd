"""The life of a project: proposed, scored, recommended, decided, carried out, reported on, and followed.

Most are told as the project model wants it. A few break a rule, and nothing else than that rule.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import get_args

from schemas.organisation import Role, RoleHeld
from schemas.portfolio import (
    Allocation,
    Approved,
    Benefit,
    BenefitMeasured,
    Benefits,
    BusinessCase,
    Closed,
    Document,
    EvidenceFiled,
    GatePassed,
    Light,
    PhaseEntered,
    Project,
    Proposed,
    Recommended,
    Rejected,
    Resources,
    Score,
    ScoresGiven,
    StatusReported,
)
from schemas.project_model import standard_model
from schemas.values import Money, Value

from .facts import Fact, next_working_day, register
from .project_plans import Plan

_LIGHTS: tuple[Light, ...] = get_args(Light)
_REPORT_EVERY_DAYS = 45


class Life:
    """The facts of one project in order. `day` moves on with what is told."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.day, self._serial = plan, plan.begins, 0

    def told(self) -> Iterator[Fact]:
        yield from self._idea()
        yield from self._analysis()
        if self.plan.rejected:
            return
        yield from self._implementation()
        yield from self._closing()

    def _idea(self) -> Iterator[Fact]:
        plan = self.plan
        for role, holder in (("project-owner", plan.owner), ("project-manager", plan.manager)):
            held = RoleHeld.model_validate(
                {
                    "role": role,
                    "holder": holder.as_person(plan.municipality),
                    "kind": "project",
                    "responsible_for": plan.source.reference(plan.local_id, plan.title),
                    "unit": plan.unit.reference,
                }
            )
            organisation = register(plan.municipality, "organisation")
            yield organisation.states(
                "organisation.role", f"{role}/{plan.local_id}", held, told=self.day, holds=self.day
            )
        yield self._fact("proposed", Proposed(project=self._project(), by=plan.by("project-owner")))
        self._later(14)
        scores = tuple(
            Score(criterion=criterion.id, score=Decimal(plan.chance.randrange(2, 11)) / 2)
            for criterion in standard_model().criteria
        )
        yield self._fact("scores-given", ScoresGiven(scores=scores, by=plan.by("central-unit")))
        self._later(10)
        yield self._fact("gate-passed", GatePassed(gate="start-analysis", by=plan.by("digitalisation-council")))

    def _analysis(self) -> Iterator[Fact]:
        plan = self.plan
        self._later(30)
        yield self._states("business-case", self._business_case())
        yield self._states("benefits", self._benefits())
        yield self._states("resources", self._resources())
        if plan.fault == "PF03":
            self._later(20)
            yield self._fact("phase-entered", PhaseEntered(phase="implementation"))
            return
        if plan.fault != "PF01":
            yield self._fact("evidence-filed", self._document("risk-assessment"))
        self._later(15)
        advice = Recommended(advice="approve", reason="Gevinsten er sandsynlig", by=plan.by("digitalisation-council"))
        yield self._fact("recommended", advice)
        self._later(14)
        if plan.number % 9 in (0, 4) and plan.fault is None:
            yield self._fact("rejected", Rejected(reason="Gevinsterne er for små", by=plan.by("portfolio-board")))
            if plan.rejected:
                return
            self._later(30)
            yield self._fact("recommended", advice)
            self._later(14)
        decider: Role = "project-manager" if plan.fault == "PF07" else "portfolio-board"
        yield self._fact("approved", Approved(reason="Som indstillet", by=plan.by(decider)))
        passer: Role = "project-manager" if plan.fault == "PF02" else "portfolio-board"
        yield self._fact("gate-passed", GatePassed(gate="start-implementation", by=plan.by(passer)))

    def _implementation(self) -> Iterator[Fact]:
        plan = self.plan
        for _ in range(3 if plan.fault else plan.chance.randrange(3, 9)):
            self._later(_REPORT_EVERY_DAYS)
            light = plan.chance.choices(_LIGHTS, (6, 3, 1))[0]
            report = StatusReported(
                overall=light, time=light, economy="green",
                summary="Følger planen" if light == "green" else "Forsinket",
                spent=Money(amount=Decimal(plan.chance.randrange(50_000, 400_000))), by=plan.by("project-manager"),
            )  # fmt: skip
            yield self._fact("status-reported", report)
        if plan.fault == "PF03":
            return
        self._later(10)
        test = (self._document("acceptance-test"),)
        yield self._fact("gate-passed", GatePassed(gate="start-closing", evidence=test, by=plan.by("project-owner")))

    def _closing(self) -> Iterator[Fact]:
        plan = self.plan
        if plan.fault == "PF03":
            return
        self._later(30)
        report = (self._document("closing-report"),)
        over = GatePassed(gate="start-benefit-realisation", evidence=report, by=plan.by("project-owner"))
        yield self._fact("gate-passed", over)
        self._later(60)
        measured = [f"G{n}" for n in (1, 2)][: 1 if plan.fault == "PF05" else 2]
        measured += ["G9"] if plan.fault == "PF04" else []
        for benefit in measured:
            value = Decimal(plan.chance.randrange(5, 9))
            yield self._fact(
                "benefit-measured", BenefitMeasured(benefit=benefit, value=value, by=plan.by("project-owner"))
            )
        self._later(10)
        if plan.fault == "PF06":
            organisation = register(plan.municipality, "organisation")
            local_id = f"project-owner/{plan.local_id}"
            yield organisation.removes("organisation.role", local_id, "fratrådt", told=self.day, holds=self.day)
        closed = Closed(outcome="completed", reason="I drift", by=plan.by("portfolio-board"))
        yield self._fact("closed", closed)

    def _project(self) -> Project:
        plan = self.plan
        return Project(
            local_id=plan.local_id,
            title=plan.title,
            category="Digitalisering",
            unit=plan.unit.reference,
            usages=(plan.usage.reference,),
            planned_start=plan.begins,
            planned_end=plan.begins + timedelta(days=540),
            budget=Money(amount=Decimal(200_000 + 25_000 * plan.number)),
        )

    def _business_case(self) -> BusinessCase:
        return BusinessCase(
            summary=f"{self.plan.title}: mindre arbejde pr. sag",
            investment=Money(amount=Decimal(200_000 + 25_000 * self.plan.number)),
            yearly_cost=Money(amount=Decimal(30_000)),
            yearly_gain=Money(amount=2 * self.plan.gain.amount),
            lifetime_years=6,
        )

    def _benefits(self) -> Benefits:
        due = self.plan.begins + timedelta(days=720)
        kinds = (("G1", "Kortere sagstid", "time"), ("G2", "Lavere udgift", "economy"))
        return Benefits.model_validate(
            {
                "benefits": [
                    Benefit.model_validate(
                        {
                            "id": id_, "title": title, "kind": kind, "unit": "dage", "baseline": 12, "target": 6,
                            "due_on": due, "yearly_gain": self.plan.gain, "owner": self.plan.by("project-owner"),
                        }
                    )
                    for id_, title, kind in kinds
                ]
            }
        )  # fmt: skip

    def _resources(self) -> Resources:
        first, last = self.plan.begins, self.plan.begins + timedelta(days=540)
        return Resources(
            allocations=(
                Allocation(
                    role="projektleder", unit=self.plan.unit.reference, first=f"{first:%Y-%m}", last=f"{last:%Y-%m}",
                    planned=Decimal(40), allocated=Decimal(30 + 10 * (self.plan.number % 2)),
                ),
            )
        )  # fmt: skip

    def _document(self, kind: str) -> EvidenceFiled:
        local_id = f"{self.plan.local_id}-{kind}"
        return EvidenceFiled(kind=kind, document=Document(local_id=local_id), by=self.plan.by("project-manager"))

    def _later(self, days: int) -> None:
        self.day = next_working_day(self.day + timedelta(days=days))

    def _fact(self, name: str, data: Value) -> Fact:
        self._serial += 1
        return self.plan.source.tells(f"portfolio.{name}", self.plan.local_id, data, serial=self._serial, told=self.day)

    def _states(self, name: str, data: Value) -> Fact:
        return self.plan.source.states(f"portfolio.{name}", self.plan.local_id, data, told=self.day, holds=self.day)
