"""A project's file: what is stated of it and every fact about it in order, and what follows from them; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, TypeVar

from schemas import portfolio as said
from schemas.hub import Actor, EventKey
from schemas.project_model import Gate, ProjectModel
from schemas.values import Value

FACTS: Mapping[str, type[Value]] = {
    "proposed": said.Proposed,
    "evidence-filed": said.EvidenceFiled,
    "scores-given": said.ScoresGiven,
    "recommended": said.Recommended,
    "approved": said.Approved,
    "rejected": said.Rejected,
    "phase-entered": said.PhaseEntered,
    "gate-passed": said.GatePassed,
    "status-reported": said.StatusReported,
    "benefit-measured": said.BenefitMeasured,
    "closed": said.Closed,
}
"""What can be told of a project, by the name of the fact."""
Standing = Literal["proposed", "recommended", "approved", "rejected", "completed", "stopped"]
V = TypeVar("V", bound=Value)


class Fact(NamedTuple):
    """One fact about the project; `number` is its place in the file."""

    number: int
    name: str
    day: date
    key: EventKey
    value: Value

    @property
    def by(self) -> Actor | None:
        """Who said it."""
        by: Actor | None = getattr(self.value, "by", None)
        return by


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything about one project as of a day; `project` is None while nobody has said what it is."""

    id: str
    project: said.Project | None = None
    business_case: said.BusinessCase | None = None
    benefits: tuple[said.Benefit, ...] = ()
    allocations: tuple[said.Allocation, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def title(self) -> str | None:
        return self.project.title if self.project else None

    @property
    def closed(self) -> Fact | None:
        """The fact that it is over."""
        return self.last("closed")

    @property
    def standing(self) -> Standing:
        """What was decided about it last; a project that is over stays so."""
        if self.closed and isinstance(self.closed.value, said.Closed):
            return self.closed.value.outcome
        names = [fact.name for fact in self.facts]
        for name in reversed(names):
            if name in {"recommended", "approved", "rejected"}:
                return _STANDING[name]
        return "proposed"

    def told(self, kind: type[V]) -> Iterator[tuple[Fact, V]]:
        """The facts of one kind, each with what it says, in order."""
        return ((fact, fact.value) for fact in self.facts if isinstance(fact.value, kind))

    def last(self, name: str) -> Fact | None:
        """The last fact called so."""
        return next((fact for fact in reversed(self.facts) if fact.name == name), None)

    def scores(self) -> dict[str, said.Score]:
        """The score that stands by each criterion."""
        return {score.criterion: score for _, given in self.told(said.ScoresGiven) for score in given.scores}

    def measured(self) -> dict[str, tuple[Fact, said.BenefitMeasured]]:
        """The last measurement of each benefit."""
        return {measured.benefit: (fact, measured) for fact, measured in self.told(said.BenefitMeasured)}

    def passed(self) -> dict[str, tuple[Fact, said.GatePassed]]:
        """The last passing of each gate."""
        return {passed.gate: (fact, passed) for fact, passed in self.told(said.GatePassed)}

    def phases(self, model: ProjectModel) -> Iterator[tuple[Fact, str]]:
        """Each phase the project has come to and the model has a word for, with the fact that says so."""
        known = {phase.id for phase in model.phases}
        for fact in self.facts:
            entered = _entered(fact.value, model)
            if entered in known:
                yield fact, str(entered)

    def phase(self, model: ProjectModel) -> str:
        """The phase the project is in: the first one until something says otherwise."""
        return [model.phases[0].id, *(phase for _, phase in self.phases(model))][-1]

    def filed(self) -> frozenset[str]:
        """The words of the documents that are filed, by themselves or with a gate."""
        alone = {filed.kind for _, filed in self.told(said.EvidenceFiled)}
        with_gate = {filed.kind for _, passed in self.told(said.GatePassed) for filed in passed.evidence}
        return frozenset(alone | with_gate) - said.SEEN


def missing_evidence(
    gate: Gate, dossier: Dossier, model: ProjectModel, *, before: int | None = None
) -> tuple[str, ...]:
    """What the gate asks for and is not there, in the model's order.

    Evidence may come late, but a rejection takes away the advice and the approval before it. `before` is the number of
    the fact that passed the gate; a rejection after that takes nothing away.
    """
    there = dossier.filed() | _seen(dossier, model, len(dossier.facts) if before is None else before)
    return tuple(each for each in gate.evidence if each not in there)


def unmeasured(dossier: Dossier) -> tuple[said.Benefit, ...]:
    """The planned benefits that nobody has measured."""
    measured = dossier.measured()
    return tuple(benefit for benefit in dossier.benefits if benefit.id not in measured)


def hours(allocation: said.Allocation, month: str) -> tuple[Decimal, Decimal]:
    """Planned and allocated hours in a month."""
    if allocation.first <= month <= allocation.last:
        return allocation.planned, allocation.allocated
    return Decimal(0), Decimal(0)


_STANDING: Mapping[str, Standing] = {"recommended": "recommended", "approved": "approved", "rejected": "rejected"}


def _entered(value: Value, model: ProjectModel) -> str | None:
    match value:
        case said.PhaseEntered():
            return value.phase
        case said.GatePassed():
            gate = model.gate(value.gate)
            return gate.enters if gate else None
    return None


def _seen(dossier: Dossier, model: ProjectModel, before: int) -> set[str]:
    """The words of evidence that what was told of the project bears out."""
    rejected = max((fact.number for fact, _ in dossier.told(said.Rejected) if fact.number < before), default=-1)
    later = {fact.name for fact in dossier.facts if fact.number > rejected}
    scored = {criterion.id for criterion in model.criteria} <= dossier.scores().keys()
    borne_out = {
        "scores": scored,
        "business-case": dossier.business_case is not None,
        "benefits": bool(dossier.benefits),
        "benefit-owners": bool(dossier.benefits) and all(benefit.owner for benefit in dossier.benefits),
        "resources": bool(dossier.allocations),
        "recommendation": "recommended" in later,
        "approval": "approved" in later,
        "status-report": dossier.last("status-reported") is not None,
        "benefit-measurements": bool(dossier.benefits) and not unmeasured(dossier),
    }
    return {word for word, there in borne_out.items() if there}
