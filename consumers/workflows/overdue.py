"""WF01: a task that is open after its deadline. The finding goes by itself when the task is done or withdrawn."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from consumers.runtime.findings import Found, replace_findings
from schemas.alerts import Evidence, Finding, Message
from schemas.values import Reference

from .library import Library
from .store import NAME
from .tables import FINDING, INSTANCE, TASK, TODAY

RULE = "wf01"


def judge_overdue(
    connection: Connection, authority: str, library: Library, instances: Collection[str] | None = None
) -> None:
    """Let the findings be the authority's tasks that are open after their deadline; of some instances, or of all."""
    query = (
        select(TASK, INSTANCE.c.business_key, INSTANCE.c.version)
        .join(INSTANCE, (INSTANCE.c.authority == TASK.c.authority) & (INSTANCE.c.subject == TASK.c.subject))
        .join(TODAY, (TODAY.c.authority == TASK.c.authority) & (TODAY.c.day > TASK.c.deadline))
        .where(TASK.c.authority == authority, TASK.c.status == "open")
    )
    if instances is not None:
        query = query.where(TASK.c.subject.in_(instances))
    found = [Found(authority, row.subject, _finding(row, library)) for row in connection.execute(query)]
    replace_findings(connection, NAME, FINDING, authority, found, groups=instances)


def newly_overdue(connection: Connection, authority: str) -> set[str]:
    """The instances with another number of open tasks after their deadline than was found, as when a day has begun."""
    today = select(TODAY.c.day).where(TODAY.c.authority == authority).scalar_subquery()
    late = (TASK.c.authority == authority, TASK.c.status == "open", TASK.c.deadline < today)
    tasks = select(TASK.c.subject.label("instance"), func.count().label("n")).where(*late).group_by(TASK.c.subject)
    known = select(FINDING.c.grp, func.count()).where(FINDING.c.authority == authority).group_by(FINDING.c.grp)
    return set(connection.execute(select(tasks.except_(known).subquery().c.instance)).scalars())


def judge_all(connection: Connection, *, library: Library) -> None:
    """Judge every authority that has a task, or of which anything was found."""
    tasks = select(TASK.c.authority).union(select(FINDING.c.authority))
    for authority in sorted(connection.execute(tasks).scalars()):
        judge_overdue(connection, authority, library)


def _finding(row: "Row[Any]", library: Library) -> Finding:
    """The finding in Danish, as the drawing names it; of a version that is gone, by the step's id."""
    process = library.processes.get((row.process, row.version))
    task = process.name_of(row.step) if process else row.step
    title = process.definition.title.da if process else row.process
    return Finding(
        consumer=NAME,
        rule=RULE,
        rule_version=1,
        severity="warn",
        subject=Reference(id=UUID(row.task), name=task),
        subject_kind="task",
        title=Message(
            key="wf01.overdue", values={"task": task, "process": title, "deadline": row.deadline.isoformat()}
        ),
        expected=row.deadline.isoformat(),
        found="open",
        unit="date",
        references=(
            Evidence(kind="workflow", id=UUID(row.subject), name=title),
            Evidence(kind="business-key", local_id=row.business_key[:200]),
            *(Evidence(kind=each["kind"], local_id=each["id"][:200]) for each in row.about),
        ),
    )
