"""The rules of the portfolio (docs/rules.md): what was told of a project and the model would have refused; pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from schemas.alerts import Finding, Message, Severity
from schemas.portfolio import Benefit, Closed, PhaseEntered
from schemas.values import Money, Reference

from .dossier import Dossier, Fact, missing_evidence, unmeasured
from .offices import Offices

FOUND_BY = "portfolio"
NOBODY = "-"
"""Stands where no person was named."""
DECIDED = ("recommended", "approved", "rejected", "closed")
"""The decisions whose maker must have the mandate (PF07)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A project's file with the authority's roles and models, and every benefit that was ever planned."""

    dossier: Dossier
    offices: Offices
    planned: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What a rule found about a project, or about one gate, phase, decision or benefit of it."""

    reason: str
    line: str | None = None
    expected: str | None = None
    found: str | None = None
    stake: Money | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    rests_on: tuple[Fact, ...] = ()


class Rule(NamedTuple):
    """One rule: its code as in docs/rules.md, in lower case."""

    code: str
    version: int
    severity: Severity
    find: Callable[[Case], Iterator[Hit]]


def gate_without_evidence(case: Case) -> Iterator[Hit]:
    """PF01: a gate was passed and what it asks for is not there."""
    for fact, passed in case.dossier.passed().values():
        model = case.offices.adopted(fact.day).model
        gate = model.gate(passed.gate)
        if gate and (missing := missing_evidence(gate, case.dossier, model, before=fact.number)):
            lacking, asked = ", ".join(missing), ", ".join(gate.evidence)
            values = {"gate": gate.name, "missing": lacking}
            yield Hit(reason="missing", line=gate.id, expected=asked, found=lacking, values=values, rests_on=(fact,))


def gate_without_role(case: Case) -> Iterator[Hit]:
    """PF02: a gate was passed by nobody, or by somebody who does not hold its role on that day."""
    for fact, passed in case.dossier.passed().values():
        gate = case.offices.adopted(fact.day).model.gate(passed.gate)
        if gate and not _holds(case, fact, gate.roles):
            yield _unauthorised(fact, gate.id, gate.roles, {"gate": gate.name})


def phase_skipped(case: Case) -> Iterator[Hit]:
    """PF03: the project has come to a phase though a gate on the way was never passed, or the model lacks the word."""
    dossier = case.dossier
    model = case.offices.adopted(max((fact.day for fact in dossier.facts), default=date.max)).model
    reached = [(phase, fact) for fact, phase in dossier.phases(model)]
    if reached:
        order = [phase.id for phase in model.phases]
        furthest, fact = max(reached, key=lambda one: (order.index(one[0]), -one[1].number))
        for gate in model.gates[: order.index(furthest)]:
            if gate.id not in dossier.passed():
                values = {"gate": gate.name, "phase": furthest}
                yield Hit(
                    reason="skipped", line=gate.id, expected=gate.enters, found=furthest, values=values,
                    rests_on=(fact,),
                )  # fmt: skip
    yield from _unknown_words(case)


def measured_unplanned(case: Case) -> Iterator[Hit]:
    """PF04: a benefit was measured that no plan has ever named."""
    for benefit, (fact, _) in case.dossier.measured().items():
        if benefit not in case.planned:
            yield Hit(reason="unplanned", line=benefit, found=benefit, rests_on=(fact,))


def closed_unmeasured(case: Case) -> Iterator[Hit]:
    """PF05: a project was closed as completed, and a planned benefit was never measured."""
    if fact := _completed(case.dossier):
        for benefit in unmeasured(case.dossier):
            yield _benefit_hit("unmeasured", benefit, fact)


def closed_without_owner(case: Case) -> Iterator[Hit]:
    """PF06: a project was closed as completed, and nobody owns it, or a benefit that is to last."""
    if fact := _completed(case.dossier):
        if not case.offices.holders("project-owner", case.dossier, fact.day):
            yield Hit(reason="no-owner", expected="project-owner", found=NOBODY, rests_on=(fact,))
        for benefit in case.dossier.benefits:
            if benefit.owner is None:
                yield _benefit_hit("no-benefit-owner", benefit, fact)


def decided_without_role(case: Case) -> Iterator[Hit]:
    """PF07: the project was recommended, approved, rejected or closed by somebody without the mandate."""
    for decision in DECIDED:
        fact = case.dossier.last(decision)
        roles = case.offices.adopted(fact.day).model.deciders(decision) if fact else ()
        if fact and roles and not _holds(case, fact, roles):
            yield _unauthorised(fact, decision, roles, {"decision": decision})


RULES: tuple[Rule, ...] = (
    Rule("pf01", 1, "hold", gate_without_evidence),
    Rule("pf02", 1, "hold", gate_without_role),
    Rule("pf03", 1, "warn", phase_skipped),
    Rule("pf04", 1, "warn", measured_unplanned),
    Rule("pf05", 1, "warn", closed_unmeasured),
    Rule("pf06", 1, "warn", closed_without_owner),
    Rule("pf07", 1, "hold", decided_without_role),
)


def findings(case: Case, rules: tuple[Rule, ...] = RULES) -> Iterator[Finding]:
    """What the rules find about a project."""
    for rule in rules:
        for hit in rule.find(case):
            yield Finding(
                consumer=FOUND_BY,
                rule=rule.code,
                rule_version=rule.version,
                severity=rule.severity,
                subject=Reference(id=UUID(case.dossier.id), name=case.dossier.title),
                subject_kind="project",
                line_id=hit.line,
                title=Message(key=f"{rule.code}.{hit.reason}", values=dict(hit.values)),
                expected=hit.expected,
                found=hit.found,
                amount_at_stake=hit.stake,
                causes=tuple(fact.key for fact in hit.rests_on),
            )


def _unknown_words(case: Case) -> Iterator[Hit]:
    """Gates and phases that the model of the day has no word for."""
    for fact, passed in case.dossier.passed().values():
        if case.offices.adopted(fact.day).model.gate(passed.gate) is None:
            yield Hit(reason="unknown-gate", line=passed.gate, found=passed.gate, rests_on=(fact,))
    for fact, entered in case.dossier.told(PhaseEntered):
        if entered.phase not in {phase.id for phase in case.offices.adopted(fact.day).model.phases}:
            yield Hit(reason="unknown-phase", line=entered.phase, found=entered.phase, rests_on=(fact,))


def _holds(case: Case, fact: Fact, roles: tuple[str, ...]) -> bool:
    return fact.by is not None and not case.offices.roles(fact.by.id, case.dossier, fact.day).isdisjoint(roles)


def _unauthorised(fact: Fact, line: str, roles: tuple[str, ...], values: Mapping[str, str]) -> Hit:
    person = fact.by.id if fact.by else NOBODY
    return Hit(
        reason="role" if fact.by else "nobody", line=line, expected=", ".join(roles), found=person,
        values={**values, "person": person}, rests_on=(fact,),
    )  # fmt: skip


def _completed(dossier: Dossier) -> Fact | None:
    fact = dossier.closed
    return fact if fact and isinstance(fact.value, Closed) and fact.value.outcome == "completed" else None


def _benefit_hit(reason: str, benefit: Benefit, fact: Fact) -> Hit:
    return Hit(
        reason=reason, line=benefit.id, expected=f"{benefit.target} {benefit.unit}", found=NOBODY,
        stake=benefit.yearly_gain, values={"benefit": benefit.title}, rests_on=(fact,),
    )  # fmt: skip
