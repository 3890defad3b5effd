"""Whether a person may say something of a project now: role, gate and evidence, before anything is written; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from kernel.errors import Conflict, Forbidden, Invalid, Problem
from schemas import portfolio as said
from schemas.hub import Actor, EventKey
from schemas.project_model import Gate, ProjectModel
from schemas.values import Value

from .dossier import Dossier, Fact, missing_evidence, unmeasured
from .offices import Offices

ROLES_HINT = "who holds a role is told by the organisation register; the project model says which role decides"


@dataclass(frozen=True, slots=True)
class Ask:
    """A person wants to say `value` (the fact `name`) of a project on `day`."""

    dossier: Dossier
    offices: Offices
    person: Actor
    day: date
    name: str
    value: Any

    @property
    def model(self) -> ProjectModel:
        """The model in force that day."""
        return self.offices.adopted(self.day).model


def require_allowed(ask: Ask) -> None:
    """Raises Forbidden without the role, Invalid for what the project or its model does not allow, Conflict for a
    decision that was taken already."""
    dossier = ask.dossier
    if dossier.project is None:
        raise Invalid(f"there is no project {dossier.id}", hint="propose it first")
    if over := dossier.closed:
        raise Conflict(f"{dossier.title} was closed on {over.day}{_said_by(over)}", hint="propose a new project")
    _require_role(ask)
    if check := _CHECKS.get(ask.name):
        check(ask)


def _require_role(ask: Ask) -> None:
    roles: Sequence[str] = ask.model.deciders(ask.name)
    if ask.name == "gate-passed":
        roles = _gate(ask).roles
    if ask.name == "benefit-measured" and _owns_benefit(ask):
        return
    held = ask.offices.roles(ask.person.id, ask.dossier, ask.day)
    if roles and held.isdisjoint(roles):
        what = f"the gate {ask.value.gate}" if ask.name == "gate-passed" else f"{ask.name!r}"
        raise Forbidden(
            f"{what} is for {' or '.join(roles)}; {ask.person.id} holds {', '.join(sorted(held)) or 'no role'} here",
            hint=ROLES_HINT,
        )


def _owns_benefit(ask: Ask) -> bool:
    owners = {benefit.id: benefit.owner for benefit in ask.dossier.benefits}
    owner = owners.get(ask.value.benefit)
    return owner is not None and owner.id == ask.person.id


def _gate(ask: Ask) -> Gate:
    gate = ask.model.gate(ask.value.gate)
    if gate is None:
        known = ", ".join(each.id for each in ask.model.gates)
        raise Invalid(f"the project model has no gate {ask.value.gate!r}", hint=f"its gates are {known}")
    return gate


def _check_gate(ask: Ask) -> None:
    gate, phase = _gate(ask), ask.dossier.phase(ask.model)
    if gate.leaves != phase:
        out = ask.model.gate_out_of(phase)
        raise Invalid(
            f"{gate.id} leads out of {gate.leaves}; the project is in {phase}",
            hint=f"the gate out of {phase} is {out.id}" if out else f"no gate leads out of {phase}",
        )
    if missing := missing_evidence(gate, _after(ask), ask.model, before=len(ask.dossier.facts)):
        raise Invalid(
            f"{gate.id} is not passed: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            hint="tell what is missing, or file it with the gate",
            problems=tuple(Problem("evidence", _how_to_give(word), word) for word in missing),
        )


def _how_to_give(word: str) -> str:
    return "is told of the project itself" if word in said.SEEN else "is a document to be filed"


def _check_scores(ask: Ask) -> None:
    known = {criterion.id for criterion in ask.model.criteria}
    best = ask.model.best_score
    problems = [
        Problem("scores.criterion", f"is one of {', '.join(sorted(known))}", score.criterion)
        for score in ask.value.scores
        if score.criterion not in known
    ]
    problems += [
        Problem("scores.score", f"is at most {best}", str(score.score))
        for score in ask.value.scores
        if score.score > best
    ]
    if problems:
        raise Invalid("the scores do not fit the project model", problems=tuple(problems))


def _check_verdict(ask: Ask) -> None:
    if ask.dossier.standing == ask.name:
        fact = ask.dossier.last(ask.name)
        assert fact is not None
        raise Conflict(f"{ask.dossier.title} was {ask.name} on {fact.day}{_said_by(fact)}")


def _check_measured(ask: Ask) -> None:
    planned = [benefit.id for benefit in ask.dossier.benefits]
    if ask.value.benefit not in planned:
        there = ", ".join(planned) or "none"
        raise Invalid(f"no benefit {ask.value.benefit!r} is planned", hint=f"planned are: {there}")


def _check_closed(ask: Ask) -> None:
    if ask.value.outcome == "stopped":
        return
    dossier, model = ask.dossier, ask.model
    problems = [Problem("benefits", "is planned and not measured", benefit.id) for benefit in unmeasured(dossier)] + [
        Problem("benefits", "has no owner", benefit.id) for benefit in dossier.benefits if benefit.owner is None
    ]
    if not ask.offices.holders("project-owner", dossier, ask.day):
        problems.append(Problem("roles", "nobody holds project-owner"))
    if dossier.phase(model) != model.phases[-1].id:
        problems.append(Problem("phase", f"is {model.phases[-1].id} when a project is completed", dossier.phase(model)))
    if problems:
        raise Invalid("the project is not completed", hint="or close it as stopped", problems=tuple(problems))


def _after(ask: Ask) -> Dossier:
    """The file as it would be."""
    value: Value = ask.value
    asked = EventKey.model_construct(authority="", source="", id="")
    fact = Fact(len(ask.dossier.facts), ask.name, ask.day, asked, value)
    return replace(ask.dossier, facts=(*ask.dossier.facts, fact))


def _said_by(fact: Fact) -> str:
    return f" by {fact.by.name or fact.by.id}" if fact.by else ""


_CHECKS: Mapping[str, Callable[[Ask], None]] = {
    "gate-passed": _check_gate,
    "scores-given": _check_scores,
    "approved": _check_verdict,
    "rejected": _check_verdict,
    "benefit-measured": _check_measured,
    "closed": _check_closed,
}
