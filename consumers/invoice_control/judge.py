"""The judgement of a batch: what it touched is judged anew as a whole, in the batch's own transaction."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select, union

from consumers.runtime.findings import Found, lock_authorities, replace_findings
from schemas.envelope import Event

from .loading import load_documents, load_facts, load_refusals
from .rules.case import Rule
from .rules.judgement import judge_documents, judge_refusal, refusal_group
from .rules.registry import RULES
from .tables import FINDING, INVOICE, REFUSAL
from .touched import Scope, Subjects, scope_of, subjects_of

NAME = "invoice_control"
"""The consumer's name: of its schema, its locks and what it has yet to tell."""


def judge(connection: Connection, events: Sequence[Event], *, rules: Sequence[Rule] = RULES) -> None:
    """Judge what `events`, whose rows are written, may have changed. A fact for everybody concerns every authority."""
    shared = any(event.shared for event in events)
    authorities = {event.authority for event in events}
    lock_authorities(connection, NAME, authorities, shared_facts=shared)
    for authority in sorted(authorities | (_all_authorities(connection) if shared else set())):
        _judge_touched(connection, authority, subjects_of(events, authority), rules)


def judge_all(connection: Connection, *, rules: Sequence[Rule] = RULES) -> None:
    """Judge every document of every authority, in a version that nobody else works on yet."""
    for authority in sorted(_all_authorities(connection)):
        _judge_everything(connection, authority, rules)


def _judge_touched(connection: Connection, authority: str, subjects: Subjects, rules: Sequence[Rule]) -> None:
    if "hub.redacted" in subjects:
        _judge_everything(connection, authority, rules)
        return
    refused = subjects.get("invoice.refused", frozenset())
    scope = scope_of(connection, authority, subjects)
    found = _refused(connection, authority, refused, rules) + _found(connection, authority, scope, rules)
    groups = scope.numbers | {refusal_group(subject) for subject in refused}
    replace_findings(connection, NAME, FINDING, authority, found, groups=groups)


def _judge_everything(connection: Connection, authority: str, rules: Sequence[Rule]) -> None:
    found = _refused(connection, authority, None, rules) + _found(connection, authority, None, rules)
    replace_findings(connection, NAME, FINDING, authority, found, groups=None)


def _found(connection: Connection, authority: str, scope: Scope | None, rules: Sequence[Rule]) -> list[Found]:
    documents = load_documents(connection, authority, scope.numbers if scope else None)
    if not documents:
        return []
    return judge_documents(load_facts(connection, authority, scope, documents), documents, rules)


def _refused(
    connection: Connection, authority: str, subjects: frozenset[str] | None, rules: Sequence[Rule]
) -> list[Found]:
    if subjects is not None and not subjects:
        return []
    once = dict[UUID, list[Found]]()
    for refusal in sorted(load_refusals(connection, authority, subjects), key=lambda each: each.origin):
        once.setdefault(refusal.subject, judge_refusal(authority, refusal, rules))
    return [found for each in once.values() for found in each]


def _all_authorities(connection: Connection) -> set[str]:
    """Those that have anything to be judged."""
    return set(connection.execute(union(select(INVOICE.c.authority), select(REFUSAL.c.authority))).scalars())
