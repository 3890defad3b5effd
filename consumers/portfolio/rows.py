"""The answers to the questions about the portfolio."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consumers.runtime.links import Named
from schemas.values import Money


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project as it stands. `next_gate` is the one that leads out of its phase, `missing` what that still asks for.

    `weighted` and `rank` are those of the prioritisation. `light` is the last status that was reported.
    """

    id: str
    local_id: str | None
    title: str | None
    category: str | None
    driver: str
    unit: str | None
    standing: str
    phase: str
    light: str | None
    reported_on: date | None
    owners: tuple[str, ...]
    managers: tuple[str, ...]
    rank: int | None
    weighted: Decimal | None
    planned_start: date | None
    planned_end: date | None
    expected_end: date | None
    budget: Money | None
    spent: Money | None
    next_gate: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """What one criterion gives: `points` are weight x score. `why` is the reason for the weight."""

    criterion: str
    name: str
    weight: Decimal
    why: str
    score: Decimal | None
    points: Decimal | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """A project's place among those that are not over: `weighted` is the mean of its scores by the adopted weights.

    Equal means share a rank. A project that lacks a score (`missing`) has no rank. `adopted_on` is None for the model
    that ships with the hub.
    """

    rank: int | None
    id: str
    title: str | None
    standing: str
    driver: str
    weighted: Decimal | None
    missing: tuple[str, ...]
    model: str
    edition: str
    adopted_on: date | None
    weights_reason: str | None
    scores: tuple[ScoreRow, ...]


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One report of one project."""

    id: str
    title: str | None
    day: date
    overall: str
    time: str | None
    economy: str | None
    quality: str | None
    resources: str | None
    benefits: str | None
    spent: Money | None
    expected_cost: Money | None
    expected_end: date | None
    by: str | None
    summary: str


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What one project takes of a month's hours."""

    id: str
    name: str | None
    planned: Decimal
    allocated: Decimal


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """Hours of one role in one unit in one month. `capacity` is None when nobody has said what there is.

    `free` is the capacity less what is allocated; `short` what is planned beyond the capacity, 0 when it is enough.
    """

    month: str
    unit: str
    role: str
    capacity: Decimal | None
    planned: Decimal
    allocated: Decimal
    free: Decimal | None
    short: Decimal | None
    projects: tuple[ShareRow, ...]


@dataclass(frozen=True, slots=True)
class BenefitRow:
    """A benefit as planned and as measured last. `reached` is the way from baseline to target, in percent.

    A benefit that was measured and is in no plan is not `planned`. `overdue`: due before the day asked for, and not
    measured.
    """

    id: str
    project: str | None
    benefit: str
    title: str | None
    planned: bool
    kind: str | None
    unit: str | None
    baseline: Decimal | None
    target: Decimal | None
    due_on: date | None
    owner: str | None
    yearly_gain: Money | None
    measured: Decimal | None
    measured_on: date | None
    measured_gain: Money | None
    reached: Decimal | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class RelationRow:
    """What a project concerns: a usage, a contract, another project it waits for, or what opened it.

    `also` are the other projects, not over, that concern the same.
    """

    id: str
    project: str | None
    kind: str
    target: str | None
    name: str | None
    also: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class ProjectTold:
    """What every list of the portfolio tells of one project; `priority` is None for one that is over."""

    project: ProjectRow
    priority: PriorityRow | None
    reports: tuple[StatusRow, ...]
    benefits: tuple[BenefitRow, ...]
    relations: tuple[RelationRow, ...]
