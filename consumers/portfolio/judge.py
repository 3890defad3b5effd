"""The judgement of a batch: each project it touched is judged anew, in the batch's own transaction."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select, union

from consumers.runtime.findings import Found, lock_authorities, replace_findings
from schemas.envelope import Event

from .loading import View
from .rules import Case, findings
from .tables import FACT, FINDING, PROJECT

NAME = "portfolio"
"""The consumer's name: of its schema, its locks and what it has yet to tell."""
_OF_NO_PROJECT = (".portfolio.capacity-",)
_OF_ALL_PROJECTS = (".organisation.", ".portfolio.model-", ".hub.")


def judge(connection: Connection, events: Sequence[Event]) -> None:
    """Judge what `events`, whose rows are written, may have changed; a role or a model concerns every project."""
    authorities = {event.authority for event in events}
    lock_authorities(connection, NAME, authorities, shared_facts=False)
    for authority in sorted(authorities):
        mine = [event for event in events if event.authority == authority]
        if any(part in event.type for event in mine for part in _OF_ALL_PROJECTS):
            _judge(connection, authority, None)
        else:
            touched = {event.subject for event in mine if not any(part in event.type for part in _OF_NO_PROJECT)}
            _judge(connection, authority, touched)


def judge_all(connection: Connection) -> None:
    """Judge every project of every authority, in a version that nobody else works on yet."""
    known = union(*(select(table.c.authority) for table in (FACT, PROJECT, FINDING)))
    for authority in sorted(connection.execute(known).scalars()):
        _judge(connection, authority, None)


def _judge(connection: Connection, authority: str, projects: Collection[str] | None) -> None:
    view = View(connection, authority)
    offices, planned = view.offices(), view.ever_planned(projects)
    found = [
        Found(authority, subject, finding)
        for subject, dossier in view.dossiers(projects).items()
        for finding in findings(Case(dossier, offices, planned.get(subject, frozenset())))
    ]
    replace_findings(connection, NAME, FINDING, authority, found, groups=projects)
