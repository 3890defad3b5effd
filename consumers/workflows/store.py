"""The tables of workflows, read and written within a batch."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, Text, and_, any_, case, delete, exists, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert

from consumers.runtime.redaction import REDACTED
from kernel.ids import derived_id
from producers.tables import EVENT
from schemas.envelope import Event
from schemas.workflows import instance_id
from storage.copying import copy_rows

from .instance import Fact, Instance, Task
from .tables import FACT, INSTANCE, MESSAGE, TASK, TIMER, TODAY

NAME = "workflows"
"""The consumer's name: of its schema, its locks and the ids it makes."""
Key = tuple[str, str]
"""An instance by authority and UUID."""
_Sent = tuple[str, int, str, str]
"""A process, its version, a message of its drawing, and the key it came for."""


class DueTimer(NamedTuple):
    """A timer whose day has come."""

    subject: str
    step: str
    ordinal: int
    due: date


class Waiting(NamedTuple):
    """An instance that waits for messages, and where its request stands in the store."""

    subject: str
    process: str
    version: int
    messages: list[str]
    asked: int
    values: dict[str, Any]


class Delivery(NamedTuple):
    """A message to an instance; `event` stands for what it was, as the cause of what is told."""

    subject: str
    message: str
    values: dict[str, Any]
    event_id: str
    event: Event


def facts_of(connection: Connection, first: Mapping[Key, int]) -> dict[Key, list[Fact]]:
    """The facts of each instance that stand before the position given for it, in their order."""
    found: dict[Key, list[Fact]] = {}
    if not first:
        return found
    rows = connection.execute(
        select(FACT).where(tuple_(FACT.c.authority, FACT.c.subject).in_(sorted(first))).order_by(FACT.c.position)
    )
    for row in rows:
        key = (row.authority, row.subject)
        if row.position < first[key]:
            found.setdefault(key, []).append(Fact(row.position, row.fact, row.moment, row.event_id, row.data))
    return found


def is_running(connection: Connection, authority: str, process: str, business_key: str, before: int) -> bool:
    """Whether an instance of the process runs for the key, or was asked for and has not begun yet.

    One that was erased before this position of the store does not run.
    """
    of_key = _of_key(authority, process, business_key)
    running = connection.execute(select(INSTANCE.c.subject).where(*of_key, INSTANCE.c.status != "ended")).scalars()
    return any(not _is_erased(connection, authority, subject, before) for subject in running.all())


def next_ordinal(connection: Connection, authority: str, process: str, business_key: str, before: int) -> int:
    """Which time it is that the process is started for the key.

    Those that were erased before this position of the store count too, though nothing else is known of them: what
    another instance tells under their ids would be taken for theirs.
    """
    highest = select(func.max(INSTANCE.c.ordinal)).where(*_of_key(authority, process, business_key))
    ordinal = 1 + (connection.execute(highest).scalar() or 0)
    while _is_erased(connection, authority, instance_id(authority, process, business_key, ordinal), before):
        ordinal += 1
    return ordinal


def _is_erased(connection: Connection, authority: str, subject: str, before: int) -> bool:
    """As the store has it: on Kafka, the erasure may be read later than what comes after it."""
    table = EVENT.c
    of_subject = (table.authority == authority, table.subject == subject, table.position < before)
    return connection.execute(select(table.position).where(*of_subject, table.type == REDACTED)).first() is not None


def write_request(
    connection: Connection, event: Event, subject: str, process: str, business_key: str, ordinal: int
) -> None:
    """Note that the instance was asked for."""
    connection.execute(
        insert(INSTANCE)
        .values(
            authority=event.authority, subject=subject, process=process, business_key=business_key,
            ordinal=ordinal, asked=event.position, status="requested",
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def erase_request(connection: Connection, authority: str, subject: str) -> None:
    """Forget that the instance was asked for, when that was noted in the batch that erases it."""
    connection.execute(delete(INSTANCE).where(INSTANCE.c.authority == authority, INSTANCE.c.subject == subject))


def write_instances(connection: Connection, instances: Sequence[Instance]) -> None:
    """Write how the instances stand, with their tasks and timers."""
    asked = _asked(connection, [(each.authority, each.subject) for each in instances])
    copy_rows(connection, INSTANCE, [_instance_row(each, asked[each.subject]) for each in instances], "replace")
    tasks = [_task_row(each, task) for each in instances for task in each.tasks.values()]
    copy_rows(connection, TASK, tasks, "replace")
    timers = [
        (each.authority, each.subject, timer.step, timer.ordinal, timer.due if timer.waiting else None)
        for each in instances
        for timer in each.timers.values()
    ]
    copy_rows(connection, TIMER, timers, "replace")


def due_timers(connection: Connection, authority: str) -> list[DueTimer]:
    """The timers whose day is today or was before, the oldest first."""
    query = (
        select(TIMER.c.subject, TIMER.c.step, TIMER.c.ordinal, TIMER.c.due)
        .join(TODAY, and_(TODAY.c.authority == TIMER.c.authority, TODAY.c.day >= TIMER.c.due))
        .where(TIMER.c.authority == authority)
        .order_by(TIMER.c.due, TIMER.c.subject, TIMER.c.step, TIMER.c.ordinal)
    )
    return [DueTimer(*row) for row in connection.execute(query)]


def waiting_for(
    connection: Connection, authority: str, between: tuple[int, int], changed: Collection[str]
) -> list[Waiting]:
    """The running instances that wait for a message: those that `changed`, and those that something came for in this
    part of the store."""
    table, came = INSTANCE.c, MESSAGE.c
    value = case((came.equals == "business_key", table.business_key), else_=table.vals.op("->>")(came.equals))
    something_came = exists().where(
        came.authority == table.authority,
        came.process == table.process,
        came.version == table.version,
        came.position.between(*between),
        table.messages.has_key(came.message),
        came.key == value,
    )
    rows = connection.execute(
        select(INSTANCE)
        .where(
            table.authority == authority,
            table.status == "running",
            func.jsonb_array_length(table.messages) > 0,
            or_(table.subject.in_(sorted(changed)), something_came),
        )
        .order_by(table.subject)
    )
    return [_waiting(row) for row in rows]


def undelivered(connection: Connection, authority: str, waiting: Sequence[Waiting]) -> list[Delivery]:
    """For each that waits and each of its messages, the first that came since it was asked for and it never had."""
    if not waiting:
        return []
    received = select(FACT.c.event_id).where(
        FACT.c.authority == authority,
        FACT.c.subject == any_(literal([each.subject for each in waiting], ARRAY(Text))),
        FACT.c.fact == "message-received",
    )
    had = frozenset(connection.execute(received).scalars())
    came = _came(connection, authority, waiting)
    found = (_first(authority, each, name, came, had) for each in waiting for name in each.messages)
    return [delivery for delivery in found if delivery]


def _came(connection: Connection, authority: str, waiting: Sequence[Waiting]) -> "dict[_Sent, list[Row[Any]]]":
    """What came since the first of them was asked for, by process, version, message and key, in the store's order."""
    keys = sorted({str(value) for each in waiting for value in each.values.values()})
    rows = connection.execute(
        select(MESSAGE)
        .where(
            MESSAGE.c.authority == authority,
            MESSAGE.c.position > min(each.asked for each in waiting),
            MESSAGE.c.key == any_(literal(keys, ARRAY(Text))),
        )
        .order_by(MESSAGE.c.position)
    )
    came: dict[_Sent, list[Row[Any]]] = {}
    for row in rows:
        came.setdefault((row.process, row.version, row.message, row.key), []).append(row)
    return came


def _first(
    authority: str, instance: Waiting, name: str, came: "Mapping[_Sent, list[Row[Any]]]", had: Collection[str]
) -> Delivery | None:
    keys = {str(value) for value in instance.values.values()}
    rows = [row for key in keys for row in came.get((instance.process, instance.version, name, key), ())]
    for row in sorted(rows, key=lambda row: int(row.position)):
        event_id = derived_id(NAME, instance.subject, "message-received", name, row.source, row.event_id)
        concerned = row.position > instance.asked and str(instance.values.get(row.equals)) == row.key
        if concerned and event_id not in had:
            event = Event(
                authority=authority, source=row.source, id=row.event_id, type="", subject=row.subject,
                time=row.moment, payload=b"", depth=row.depth, position=row.position,
            )  # fmt: skip
            return Delivery(instance.subject, name, row.vals, event_id, event)
    return None


def _waiting(row: "Row[Any]") -> Waiting:
    values = {**row.vals, "business_key": row.business_key}
    return Waiting(row.subject, row.process, row.version, row.messages, row.asked, values)


def _of_key(authority: str, process: str, business_key: str) -> tuple[Any, ...]:
    table = INSTANCE.c
    return (table.authority == authority, table.process == process, table.business_key == business_key)


def _asked(connection: Connection, keys: Sequence[Key]) -> dict[str, int]:
    """Where the request of each instance stands; where it was erased, where the instance's first fact does."""
    if not keys:
        return {}
    query = select(INSTANCE.c.subject, INSTANCE.c.asked)
    known = connection.execute(query.where(tuple_(INSTANCE.c.authority, INSTANCE.c.subject).in_(keys)))
    asked = {row.subject: row.asked for row in known}
    if unknown := [key for key in keys if key[1] not in asked]:
        first = select(FACT.c.subject, func.min(FACT.c.position).label("at")).group_by(FACT.c.subject)
        begun = connection.execute(first.where(tuple_(FACT.c.authority, FACT.c.subject).in_(unknown)))
        asked |= {row.subject: row.at for row in begun}
    return asked


def _instance_row(each: Instance, asked: int) -> tuple[Any, ...]:
    return (
        each.authority, each.subject, each.process.key, each.business_key, each.ordinal, asked,
        "ended" if each.ended_on else "running", each.process.version, _json(each.values), _json(each.current),
        _json(each.done), _json(each.messages), each.started_on, each.due, each.ended_on, each.outcome,
    )  # fmt: skip


def _task_row(each: Instance, task: Task) -> tuple[Any, ...]:
    return (
        each.authority, task.id, each.subject, each.process.key, task.step, task.ordinal, task.status,
        _json(task.roles), _json([{"kind": kind, "id": value} for kind, value in task.about]), task.form,
        task.opened_on, task.deadline, task.claimed_by, task.completed_by, task.closed_on,
    )  # fmt: skip


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
