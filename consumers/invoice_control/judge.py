"""The judgement of a batch: what it touched is judged anew as a whole, in the batch's own transaction.

What is tied together is judged together, and the database is spoken to after every so many documents.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import Connection, select, union

from consumers.runtime.findings import Found, lock_authorities, replace_findings
from schemas.envelope import Event

from .documents import Document
from .facts import Net
from .loading import load_documents, load_facts, load_refusals
from .rules.case import Rule
from .rules.judgement import as_before, judge_by_case, judge_refusal, refusal_group
from .rules.registry import RULES
from .tables import FINDING, INVOICE, REFUSAL
from .touched import AT_ONCE, Scope, Subjects, all_scopes, subjects_of, touched_scopes

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
    if refused := subjects.get("invoice.refused"):
        _judge_refused(connection, authority, refused, rules)
    for scope in touched_scopes(connection, authority, subjects):
        _judge_scope(connection, authority, scope, rules)


def _judge_everything(connection: Connection, authority: str, rules: Sequence[Rule]) -> None:
    judged = _judge_refused(connection, authority, None, rules)
    for scope in all_scopes(connection, authority):
        _judge_scope(connection, authority, scope, rules)
        judged |= scope.whole.numbers
    known = select(FINDING.c.grp).where(FINDING.c.authority == authority).distinct()
    of_nothing = set(connection.execute(known).scalars()) - judged
    replace_findings(connection, NAME, FINDING, authority, [], groups=of_nothing)


def _judge_scope(connection: Connection, authority: str, scope: Scope, rules: Sequence[Rule]) -> None:
    """Judge the documents of a scope, net by net; the database hears from it at least every `AT_ONCE` documents.

    It ends transactions that are silent for long (`storage.migrate`), and one scope may hold a whole authority.
    """
    documents = load_documents(connection, authority, scope.whole.numbers)
    found: list[Found] = []
    if documents:
        facts = load_facts(connection, authority, scope, documents)
        judged = (
            each
            for net, theirs in _by_net(scope, documents)
            for each in judge_by_case(as_before(facts.only(net, theirs), theirs), theirs, rules)
        )
        for place, each in enumerate(judged, 1):
            found += each
            if place % AT_ONCE == 0:
                connection.execute(select(1))
    replace_findings(connection, NAME, FINDING, authority, found, groups=scope.whole.numbers)


def _by_net(scope: Scope, documents: Iterable[Document]) -> Iterator[tuple[Net, list[Document]]]:
    of_net = {number: net for net in scope.nets for number in net.numbers}
    theirs = defaultdict[Net, list[Document]](list)
    for document in documents:
        theirs[of_net[document.supplier]].append(document)
    return iter(theirs.items())


def _judge_refused(
    connection: Connection, authority: str, subjects: frozenset[str] | None, rules: Sequence[Rule]
) -> set[str]:
    """Judge the refused files with these subjects, all for None; returns the groups that were judged."""
    once = dict[UUID, list[Found]]()
    for refusal in sorted(load_refusals(connection, authority, subjects), key=lambda each: each.origin):
        once.setdefault(refusal.subject, judge_refusal(authority, refusal, rules))
    groups = {refusal_group(subject) for subject in (*once, *(subjects or ()))}
    found = [found for each in once.values() for found in each]
    replace_findings(connection, NAME, FINDING, authority, found, groups=groups)
    return groups


def _all_authorities(connection: Connection) -> set[str]:
    """Those that have anything to be judged, or of which anything was found."""
    return set(
        connection.execute(union(*(select(table.c.authority) for table in (INVOICE, REFUSAL, FINDING)))).scalars()
    )
