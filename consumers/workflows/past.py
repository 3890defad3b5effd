"""Tasks as they stood on a day, as far as the hub knew at a moment: the facts that it had, played again."""

from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Connection, select

from .instance import Fact, Instance, Task, begin
from .library import Library
from .queries import STATUSES, tasks
from .rows import TaskRow
from .tables import FACT, TODAY


def tasks_on(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None, *, library: Library
) -> tuple[TaskRow, ...]:
    """The tasks that were open on `valid_at`, those with the nearest deadline first."""
    if known_at is None:
        known = list(tasks(connection, authority, STATUSES))
    else:
        known = _known(connection, authority, known_at, library)
    found = [
        task for task in known if task.opened_on <= valid_at and (task.closed_on is None or task.closed_on > valid_at)
    ]
    return tuple(sorted(found, key=lambda task: (task.deadline or date.max, task.opened_on, task.id)))


def _known(connection: Connection, authority: str, known_at: datetime, library: Library) -> list[TaskRow]:
    rows = connection.execute(
        select(FACT)
        .where(FACT.c.authority == authority, FACT.c.recorded <= known_at)
        .order_by(FACT.c.subject, FACT.c.position)
    )
    today = connection.execute(select(TODAY.c.day).where(TODAY.c.authority == authority)).scalar() or date.min
    found = []
    for subject, facts in groupby(rows, key=lambda row: row.subject):
        first, *others = (Fact(row.position, row.fact, row.moment, row.event_id, row.data) for row in facts)
        if first.fact != "started":
            continue
        instance, _ = begin(library, authority, subject, first)
        for fact in others:
            instance.feed(fact)
        found += [_row(instance, task, today) for task in instance.tasks.values()]
    return found


def _row(instance: Instance, task: Task, today: date) -> TaskRow:
    return TaskRow(
        id=task.id,
        instance=instance.subject,
        process=instance.process.key,
        version=instance.process.version,
        step=task.step,
        ordinal=task.ordinal,
        status=task.status,
        roles=task.roles,
        about=tuple({"kind": kind, "id": value} for kind, value in task.about),
        form=task.form,
        opened_on=task.opened_on,
        deadline=task.deadline,
        overdue=task.status == "open" and task.deadline is not None and task.deadline < today,
        claimed_by=task.claimed_by,
        completed_by=task.completed_by,
        closed_on=task.closed_on,
        business_key=instance.business_key,
        values=instance.values,
    )
