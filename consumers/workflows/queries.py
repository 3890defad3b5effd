"""The questions to workflows. The caller has chosen the projection and the reader, as for every consumer."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from consumers.runtime.reading import AsOf
from kernel.errors import Invalid
from schemas.organisation import RoleHeld

from .people import People
from .rows import FactRow, InstanceRow, TaskRow
from .tables import FACT, HOLDING, INSTANCE, TASK, TODAY

STATUSES = ("open", "completed", "withdrawn")


def tasks(
    connection: Connection,
    authority: str,
    statuses: Collection[str] = ("open",),
    *,
    instance: str | None = None,
    business_key: str | None = None,
) -> tuple[TaskRow, ...]:
    """The authority's tasks, those with the nearest deadline first."""
    query = _tasks(authority).where(TASK.c.status.in_(statuses))
    if instance is not None:
        query = query.where(TASK.c.subject == instance)
    if business_key is not None:
        query = query.where(INSTANCE.c.business_key == business_key)
    order = (TASK.c.deadline.asc().nulls_last(), TASK.c.opened_on, TASK.c.task)
    return tuple(map(_task, connection.execute(query.order_by(*order))))


def one_task(connection: Connection, authority: str, task: str) -> TaskRow:
    """One task as it stands. Raises Invalid when the authority has none with this id."""
    row = connection.execute(_tasks(authority).where(TASK.c.task == task)).first()
    if row is None:
        raise Invalid(f"there is no task {task}", hint="`samspil tasks` lists the open ones with their ids")
    return _task(row)


def instances(
    connection: Connection,
    authority: str,
    statuses: Collection[str] = ("running",),
    *,
    process: str | None = None,
    business_key: str | None = None,
) -> tuple[InstanceRow, ...]:
    """The authority's instances, by process and start."""
    table = INSTANCE.c
    query = select(INSTANCE).where(table.authority == authority, table.status.in_(statuses))
    if process is not None:
        query = query.where(table.process == process)
    if business_key is not None:
        query = query.where(table.business_key == business_key)
    rows = connection.execute(query.order_by(table.process, table.started_on.nulls_last(), table.subject))
    return tuple(map(_instance, rows))


def one_instance(connection: Connection, authority: str, instance: str) -> InstanceRow:
    """One instance as it stands. Raises Invalid when the authority has none with this id."""
    query = select(INSTANCE).where(INSTANCE.c.authority == authority, INSTANCE.c.subject == instance)
    row = connection.execute(query).first()
    if row is None:
        raise Invalid(f"there is no workflow {instance}", hint="`samspil workflows` lists them with their ids")
    return _instance(row)


def history(connection: Connection, authority: str, instance: str) -> tuple[FactRow, ...]:
    """What moved the instance, in its order; who did it, where a person did."""
    table = FACT.c
    rows = connection.execute(
        select(table.fact, table.moment, table.data, table.event_id)
        .where(table.authority == authority, table.subject == instance)
        .order_by(table.position)
    )
    return tuple(FactRow(row.fact, row.moment, _by(row.data), row.data, row.event_id) for row in rows)


def counts(connection: Connection, authority: str) -> dict[str, int]:
    """How many instances run, and how many tasks are open and overdue."""
    running = select(func.count()).where(INSTANCE.c.authority == authority, INSTANCE.c.status == "running")
    waiting = tasks(connection, authority)
    return {
        "running": connection.execute(running).scalar_one(),
        "open": len(waiting),
        "overdue": sum(task.overdue for task in waiting),
    }


def people(connection: Connection, authority: str, valid_at: date) -> People:
    """Who holds which role on a day."""
    return People(tuple(AsOf(connection, authority, valid_at).own(HOLDING, RoleHeld).values()))


def tasks_for(connection: Connection, authority: str, person: str, valid_at: date) -> tuple[TaskRow, ...]:
    """The open tasks that a person may complete, by the roles it holds on a day."""
    held = people(connection, authority, valid_at).only(person)
    return tuple(task for task in tasks(connection, authority) if held.may(person, task.roles, task.responsible))


def _tasks(authority: str) -> "Select[Any]":
    instance = (INSTANCE.c.version, INSTANCE.c.business_key, INSTANCE.c.vals)
    return (
        select(TASK, *instance, (TASK.c.deadline < TODAY.c.day).label("late"))
        .join(INSTANCE, and_(INSTANCE.c.authority == TASK.c.authority, INSTANCE.c.subject == TASK.c.subject))
        .outerjoin(TODAY, TODAY.c.authority == TASK.c.authority)
        .where(TASK.c.authority == authority)
    )


def _task(row: "Row[Any]") -> TaskRow:
    return TaskRow(
        id=row.task,
        instance=row.subject,
        process=row.process,
        version=row.version,
        step=row.step,
        ordinal=row.ordinal,
        status=row.status,
        roles=tuple(row.roles),
        about=tuple(row.about),
        form=row.form,
        opened_on=row.opened_on,
        deadline=row.deadline,
        overdue=row.status == "open" and bool(row.late),
        claimed_by=row.claimed_by,
        completed_by=row.completed_by,
        closed_on=row.closed_on,
        business_key=row.business_key,
        values=row.vals,
    )


def _instance(row: "Row[Any]") -> InstanceRow:
    return InstanceRow(
        id=row.subject,
        process=row.process,
        version=row.version,
        business_key=row.business_key,
        ordinal=row.ordinal,
        status=row.status,
        current=tuple(row.current or ()),
        done=tuple(row.done or ()),
        started_on=row.started_on,
        due=row.due,
        ended_on=row.ended_on,
        outcome=row.outcome,
        values=row.vals or {},
    )


def _by(data: dict[str, Any]) -> str | None:
    by = data.get("by") or {}
    return by.get("name") or by.get("id")
