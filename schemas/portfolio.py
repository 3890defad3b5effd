"""The portfolio: projects from proposal to measured benefits, the project model they follow, and who has time for them.

Everything about one project has the project's UUID as its subject, so that it stays in order and a decision can be
bound to what was seen. What is stated holds until it is stated anew; decisions are facts of their day, told once.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from .hub import Actor
from .project_model import Token
from .values import FreeText, KleSubject, LocalId, Money, Name, Number, Reference, Value

Reason = Annotated[FreeText, StringConstraints(min_length=1)]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
"""A calendar month: `2026-03`."""
Light = Literal["green", "yellow", "red"]
"""How something goes: as planned; off plan but within reach of the project; out of the project's hands."""
Hours = Annotated[Number, Field(ge=0)]

SEEN = frozenset(
    {
        "scores", "business-case", "benefits", "benefit-owners", "resources", "recommendation", "approval",
        "status-report", "benefit-measurements",
    }
)  # fmt: skip
"""Evidence that is seen in what was told of the project; every other word of evidence is a document that is filed."""


class Origin(Value):
    """What opened the project: a workflow's instance, a contract, a law, or somebody's idea."""

    kind: Literal["workflow", "contract", "law", "joint-programme", "idea"]
    id: UUID | None = None
    name: Name | None = None


class Project(Value):
    """What a project is. `unit` is the centre that wants it; `usages` and `contracts` are those it concerns.

    `driver`: whether the authority chose it, or a law or a joint programme demands it. `depends_on` are projects that
    must come first. Who owns and leads it is told as roles (`organisation.role-stated` with kind `project`).
    """

    local_id: LocalId | None = None
    title: Name
    purpose: FreeText | None = None
    category: Name | None = None
    driver: Literal["own", "law", "joint-programme"] = "own"
    kle: KleSubject | None = None
    unit: Reference | None = None
    usages: tuple[Reference, ...] = ()
    contracts: tuple[Reference, ...] = ()
    depends_on: tuple[Reference, ...] = ()
    planned_start: date | None = None
    planned_end: date | None = None
    budget: Money | None = None
    origin: Origin | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.planned_start and self.planned_end and self.planned_end < self.planned_start:
            raise ValueError("planned_end is not before planned_start")
        return self


class Proposed(Value):
    """Somebody proposes a project; it is in the first phase of the model from then on."""

    project: Project
    by: Actor | None = None


class BusinessCase(Value):
    """Why it is worth its cost: what it costs once and each year, what it gives each year, net of VAT."""

    summary: FreeText
    investment: Money
    yearly_cost: Money | None = None
    yearly_gain: Money | None = None
    lifetime_years: Annotated[int, Field(ge=1, le=50)] | None = None
    alternatives: tuple[FreeText, ...] = ()
    risks: FreeText | None = None
    as_is: FreeText | None = None
    to_be: FreeText | None = None


class Benefit(Value):
    """A measurable effect (gevinst): `value` moves from `baseline` to `target` by the day it is due.

    `yearly_gain` is what it is worth in money when the target is reached; `owner` answers for it after the project.
    """

    id: LocalId
    title: Name
    kind: Literal["economy", "service", "quality", "time", "compliance"]
    unit: LocalId
    baseline: Number
    target: Number
    due_on: date
    yearly_gain: Money | None = None
    owner: Actor | None = None


class Benefits(Value):
    """The whole plan of benefits of a project."""

    benefits: tuple[Benefit, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        _require_apart("benefit", [benefit.id for benefit in self.benefits])
        return self


class Allocation(Value):
    """Hours a month that a project needs of a role in a unit, in every month from `first` to `last`, both included.

    `planned` is asked for, `allocated` is promised by the unit.
    """

    role: LocalId
    unit: Reference
    first: Month
    last: Month
    planned: Hours
    allocated: Hours = Decimal(0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("last is not before first")
        return self


class Resources(Value):
    """The whole plan of people's time for a project."""

    allocations: tuple[Allocation, ...]


class Capacity(Value):
    """Hours a month that a unit has of a role for projects, from the day it is effective."""

    role: LocalId
    unit: Reference
    hours: Hours


class Document(Value):
    """A document where it is kept, by the number it has there."""

    local_id: LocalId
    name: Name | None = None


class EvidenceFiled(Value):
    """A document that a gate asks for is there. `kind` is the word the project model has for it."""

    kind: Token
    document: Document
    by: Actor | None = None


class Score(Value):
    """What a project gets by one criterion of the model."""

    criterion: Token
    score: Annotated[Number, Field(ge=0, le=100)]
    reason: FreeText | None = None


class ScoresGiven(Value):
    """The project is scored. A criterion that is scored again has its new score; the others keep theirs."""

    scores: tuple[Score, ...] = Field(min_length=1)
    by: Actor | None = None

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        _require_apart("criterion", [score.criterion for score in self.scores])
        return self


class Recommended(Value):
    """A body advises the one that decides (indstilling)."""

    advice: Literal["approve", "reject", "postpone"]
    reason: Reason
    by: Actor | None = None


class Approved(Value):
    """The project may go on to be carried out, within `budget` and under `conditions`."""

    reason: FreeText | None = None
    budget: Money | None = None
    conditions: tuple[FreeText, ...] = ()
    by: Actor | None = None


class Rejected(Value):
    """The project is sent back; it may be changed and recommended again."""

    reason: Reason
    by: Actor | None = None


class PhaseEntered(Value):
    """A project is in this phase now, as a source keeps it; passing a gate says so by itself."""

    phase: Token
    by: Actor | None = None


class GatePassed(Value):
    """A gate of the model is passed: the project is in the phase behind it. `evidence` is filed with it."""

    gate: Token
    evidence: tuple[EvidenceFiled, ...] = ()
    remarks: FreeText | None = None
    by: Actor | None = None


class StatusReported(Value):
    """How the project goes, on the day it is told."""

    overall: Light
    time: Light | None = None
    economy: Light | None = None
    quality: Light | None = None
    resources: Light | None = None
    benefits: Light | None = None
    summary: FreeText
    spent: Money | None = None
    expected_cost: Money | None = None
    expected_end: date | None = None
    by: Actor | None = None


class BenefitMeasured(Value):
    """What a planned benefit has come to, in the unit of the plan."""

    benefit: LocalId
    value: Number
    yearly_gain: Money | None = None
    method: FreeText | None = None
    by: Actor | None = None


class Closed(Value):
    """The project is over: `completed` with its benefits followed, or `stopped` before that."""

    outcome: Literal["completed", "stopped"]
    reason: Reason
    lessons: FreeText | None = None
    by: Actor | None = None


def _require_apart(kind: str, ids: list[str]) -> None:
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise ValueError(f"the {kind} {', '.join(twice)} is there twice")
