"""The project model as data: phases, the gates between them, the criteria of prioritisation, and who decides what.

It follows the shape of the Danish state's model for IT projects (Statens it-projektmodel), as municipalities use it: an
idea is analysed, the solution is acquired and put to use, the project is closed, and its benefits are followed.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from .organisation import Role
from .values import FreeText, LocalId, Name, Number, Value

Token = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
"""What a model calls one of its parts: words in lower case, joined by hyphens."""
Decision = Literal[
    "scores-given", "recommended", "approved", "rejected", "status-reported", "benefit-measured", "closed"
]
"""What people decide or say about a project beside passing its gates; the fact of the event that tells it."""


class Phase(Value):
    """A part of a project's life; a project is in one phase at a time."""

    id: Token
    name: Name


class Gate(Value):
    """The check (faseovergang) on leaving one phase for the next.

    `evidence` must be there, `roles` names who may pass it: one of them is enough. Some evidence is seen in what has
    been told of the project (`schemas.portfolio.SEEN`), the rest is a document that is filed under that word.
    """

    id: Token
    name: Name
    leaves: Token
    enters: Token
    evidence: tuple[Token, ...] = ()
    roles: tuple[Role, ...] = Field(min_length=1)


class Criterion(Value):
    """What projects are compared by, how much it weighs beside the others, and why it weighs so much."""

    id: Token
    name: Name
    weight: Annotated[Number, Field(gt=0)]
    reason: Annotated[FreeText, StringConstraints(min_length=1)]


class Mandate(Value):
    """Who may take one kind of decision; one of the roles is enough."""

    decision: Decision
    roles: tuple[Role, ...] = Field(min_length=1)


class ProjectModel(Value):
    """How an authority runs its projects. The first phase is the one a proposed project is in.

    Scores go from 0 to `best_score`, and more is always better: risk is scored as lack of risk. A decision without a
    mandate is open to everybody who may write for the authority.
    """

    name: Name
    edition: LocalId
    phases: tuple[Phase, ...] = Field(min_length=1)
    gates: tuple[Gate, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    best_score: Annotated[int, Field(ge=1, le=100)] = 5
    weights_reason: FreeText | None = None
    decisions: tuple[Mandate, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if problems := list(_problems(self)):
            raise ValueError("; ".join(problems))
        return self

    def gate(self, gate: str) -> Gate | None:
        """The gate with this id."""
        return next((each for each in self.gates if each.id == gate), None)

    def gate_into(self, phase: str) -> Gate | None:
        """The gate by which a phase is entered; none for the first."""
        return next((each for each in self.gates if each.enters == phase), None)

    def gate_out_of(self, phase: str) -> Gate | None:
        """The gate by which a phase is left; none for the last."""
        return next((each for each in self.gates if each.leaves == phase), None)

    def deciders(self, decision: str) -> tuple[Role, ...]:
        """The roles that may decide so; none when everybody may."""
        return next((each.roles for each in self.decisions if each.decision == decision), ())


@cache
def standard_model() -> ProjectModel:
    """The model that ships with the hub, for authorities that have not adopted one of their own."""
    return ProjectModel.model_validate_json(files("schemas").joinpath("project_model.json").read_bytes())


def _problems(model: ProjectModel) -> Iterator[str]:
    named: tuple[tuple[str, list[str]], ...] = (
        ("phase", [phase.id for phase in model.phases]),
        ("gate", [gate.id for gate in model.gates]),
        ("criterion", [criterion.id for criterion in model.criteria]),
        ("decision", [mandate.decision for mandate in model.decisions]),
    )
    for kind, ids in named:
        for one in sorted({each for each in ids if ids.count(each) > 1}):
            yield f"the {kind} {one} is there twice"
    ways = [(gate.leaves, gate.enters) for gate in model.gates]
    if ways != list(pairwise(phase.id for phase in model.phases)):
        yield "there is one gate from each phase to the next, in their order"
