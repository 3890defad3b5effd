"""The questions to automation: which rules there are, and what they told people or could not do.

The caller has chosen the projection and the reader: `runtime.projections.use_active` and the authority's setting.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, or_, select, true

from consumers.runtime.states import as_of
from schemas.automation import ActionFailed, Notice, Rule
from schemas.registry import CATALOGUE

from .checking import rule_problems
from .tables import OUTCOME, RULE

NEWEST = 100
"""So many notices, or failures, are listed unless fewer are asked for."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule that is in force. One with `problems` does nothing: this hub cannot follow it.

    `told` and `failed` count its notices and the actions that failed.
    """

    code: str
    version: int
    title: str
    event: str
    conditions: int
    actions: tuple[str, ...]
    since: date
    by: str
    told: int
    failed: int
    problems: tuple[str, ...]
    id: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What a rule told a person, or whoever holds a role, about a subject."""

    title: str
    text: str
    role: str | None
    person: str | None
    rule: str | None
    subject: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class FailureRow:
    """What a rule should have done, and why it could not."""

    rule: str | None
    version: int
    action: int
    reason: str
    subject: str
    cause: str
    recorded: datetime


def rules(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[RuleRow, ...]:
    """The rules in force on `valid_at`, by code."""
    states = as_of(RULE, valid_at=valid_at, known_at=known_at)
    rows = connection.execute(states.where(states.selected_columns.authority == authority))
    counted = _outcomes(connection, authority)
    found = [_rule_row(row.subject, Rule.model_validate(row.document), row.effective, counted) for row in rows]
    return tuple(sorted(found, key=lambda row: row.code))


def notices(
    connection: Connection,
    authority: str,
    *,
    roles: Collection[str] = (),
    person: str | None = None,
    limit: int = NEWEST,
) -> tuple[NoticeRow, ...]:
    """The newest notices; only those to one of the roles or to the person when any is named."""
    to_them = or_(OUTCOME.c.role.in_(sorted(roles)), OUTCOME.c.person == person)
    query = (
        select(OUTCOME.c.subject, OUTCOME.c.document, OUTCOME.c.recorded)
        .where(OUTCOME.c.authority == authority, OUTCOME.c.fact == "notice")
        .where(to_them if roles or person else true())
        .order_by(OUTCOME.c.position.desc())
        .limit(limit)
    )
    return tuple(_notice_row(*row) for row in connection.execute(query))


def failures(connection: Connection, authority: str, *, limit: int = NEWEST) -> tuple[FailureRow, ...]:
    """The newest actions that failed."""
    query = (
        select(OUTCOME.c.subject, OUTCOME.c.document, OUTCOME.c.recorded)
        .where(OUTCOME.c.authority == authority, OUTCOME.c.fact == "action-failed")
        .order_by(OUTCOME.c.position.desc())
        .limit(limit)
    )
    return tuple(_failure_row(*row) for row in connection.execute(query))


def _outcomes(connection: Connection, authority: str) -> Counter[tuple[str, str]]:
    query = select(OUTCOME.c.rule, OUTCOME.c.fact, func.count()).where(OUTCOME.c.authority == authority)
    grouped = connection.execute(query.group_by(OUTCOME.c.rule, OUTCOME.c.fact))
    return Counter({(rule, fact): number for rule, fact, number in grouped})


def _rule_row(subject: str, rule: Rule, since: date, counted: Counter[tuple[str, str]]) -> RuleRow:
    return RuleRow(
        code=rule.code,
        version=rule.version,
        title=rule.title,
        event=rule.when.event,
        conditions=len(rule.when.conditions),
        actions=tuple(action.action for action in rule.then),
        since=since,
        by=rule.by.name or rule.by.id,
        told=counted[subject, "notice"],
        failed=counted[subject, "action-failed"],
        problems=tuple(map(str, rule_problems(rule, CATALOGUE))),
        id=subject,
    )


def _notice_row(subject: str, document: object, recorded: datetime) -> NoticeRow:
    notice = Notice.model_validate(document)
    return NoticeRow(notice.title, notice.text, notice.role, notice.person, notice.rule.name, subject, recorded)


def _failure_row(subject: str, document: object, recorded: datetime) -> FailureRow:
    failed = ActionFailed.model_validate(document)
    return FailureRow(
        failed.rule.name, failed.version, failed.action, failed.reason, subject, failed.cause.id, recorded
    )
