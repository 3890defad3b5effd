"""The judgement of a batch: each project it touched is judged anew, in the batch's own transaction."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Text, func, literal, literal_column, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from consumers.runtime.findings import Found, lock_authorities, replace_findings
from schemas.envelope import Event
from schemas.organisation import RoleHeld

from .loading import View
from .rules import Case, findings
from .tables import FACT, FINDING, PROJECT, ROLE

NAME = "portfolio"
"""The consumer's name: of its schema, its locks and what it has yet to tell."""
_OF_NO_PROJECT = (".portfolio.capacity-",)
_OF_ALL_PROJECTS = (".portfolio.model-", ".hub.")


def judge(connection: Connection, events: Sequence[Event]) -> None:
    """Judge what `events`, whose rows are written, may have changed; a model concerns every project."""
    authorities = {event.authority for event in events}
    lock_authorities(connection, NAME, authorities, shared_facts=False)
    for authority in sorted(authorities):
        mine = [event for event in events if event.authority == authority]
        if any(part in event.type for event in mine for part in _OF_ALL_PROJECTS):
            _judge(connection, authority, None)
        else:
            holdings = {event.subject for event in mine if event.domain == "organisation"}
            touched = {event.subject for event in mine if not any(part in event.type for part in _OF_NO_PROJECT)}
            _judge(connection, authority, (touched - holdings) | _concerned(connection, authority, holdings))


def judge_all(connection: Connection) -> None:
    """Judge every project of every authority, in a version that nobody else works on yet."""
    known = union(*(select(table.c.authority) for table in (FACT, PROJECT, FINDING)))
    for authority in sorted(connection.execute(known).scalars()):
        _judge(connection, authority, None)


def _concerned(connection: Connection, authority: str, holdings: Collection[str]) -> set[str]:
    """The projects that these roles were ever held for, those about a usage or a contract they were held for, and those
    in which one of their holders has ever spoken."""
    if not holdings:
        return set()
    held = select(ROLE.c.document).where(
        ROLE.c.authority == authority, ROLE.c.subject.in_(sorted(holdings)), ROLE.c.document.is_not(None)
    )
    roles = [RoleHeld.model_validate(document) for document in connection.execute(held).scalars()]
    people = sorted({role.holder.id for role in roles if role.holder.id})
    projects = {str(role.responsible_for.id) for role in roles if role.kind == "project"}
    about = {str(role.responsible_for.id) for role in roles if role.kind in ("system-usage", "contract")}
    named = func.jsonb_path_query_array(PROJECT.c.document, literal_column("'$.*[*].id'"))
    concerned = union(
        select(FACT.c.subject).where(FACT.c.authority == authority, FACT.c.document["by"]["id"].astext.in_(people)),
        select(PROJECT.c.subject).where(
            PROJECT.c.authority == authority, named.op("?|")(literal(sorted(about), ARRAY(Text)))
        ),
    )
    return projects.union(connection.execute(concerned).scalars())


def _judge(connection: Connection, authority: str, projects: Collection[str] | None) -> None:
    if projects is not None and not projects:
        return
    view = View(connection, authority)
    offices, planned = view.offices(), view.ever_planned(projects)
    found = [
        Found(authority, subject, finding)
        for subject, dossier in view.dossiers(projects).items()
        for finding in findings(Case(dossier, offices, planned.get(subject, frozenset())))
    ]
    replace_findings(connection, NAME, FINDING, authority, found, groups=projects)
