"""Workflows over HTTP: people see their tasks, take them on, do them, and follow a process on its drawing.

Each endpoint needs a person's key and an agreement with the authority about `workflow.*`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request, Response
from sqlalchemy import Connection

from access.bearer import principal_of
from access.principals import Principal
from consumers.runtime.projections import use_active
from kernel.clock import Clock
from kernel.errors import Forbidden, Invalid
from producers.accept import Acceptor
from schemas.catalogue import Json
from schemas.values import Cvr
from storage.database import Database

from .desk import Desk
from .forms import shown
from .library import Process
from .queries import STATUSES, history, instances, one_instance, one_task, people, tasks, tasks_for
from .rows import InstanceRow, TaskRow

Sent = Annotated[dict[str, Any], Body()]


def router(acceptor: Acceptor, database: Database, clock: Clock, desk: Desk | None = None) -> APIRouter:
    """The endpoints of people; `desk` is given where other processes are carried on than those of the hub."""
    at = desk or Desk(acceptor, database, clock)

    def caller(request: Request) -> Principal:
        return principal_of(database, request.headers.get("authorization"))

    def reader(authority: Cvr, person: Annotated[Principal, Depends(caller)]) -> Principal:
        if not any(grant.covers(grant.direction, authority, "workflow.task-opened") for grant in person.grants):
            raise Forbidden(f"{person.name} has no active agreement with {authority} about its workflows")
        return person

    made = APIRouter(prefix="/workflows/{authority}", tags=["workflows"], dependencies=[Depends(caller)])
    _add_tasks(made, at, reader)
    _add_instances(made, at, reader)
    return made


def _add_tasks(made: APIRouter, desk: Desk, reader: Any) -> None:
    @made.get("/tasks")
    def my_tasks(
        authority: Cvr,
        person: Annotated[Principal, Depends(reader)],
        mine: bool = True,
        status: str = "open",
    ) -> Json:
        """The open tasks that one may complete; `mine=false`: everybody's, by `status`."""
        if status not in STATUSES:
            raise Invalid(f"{status!r} is no status of a task", hint=f"one of {', '.join(STATUSES)}")
        with _reading(desk, authority) as connection:
            if mine:
                found = tasks_for(connection, authority, person.name, desk.today())
            else:
                found = tasks(connection, authority, (status,))
        return {"tasks": [task_json(task, desk) for task in found]}

    @made.get("/tasks/{task}")
    def task(authority: Cvr, task: UUID, person: Annotated[Principal, Depends(reader)]) -> Json:
        """One task with its form, the history of its instance, and whether one may complete it or recommend."""
        with _reading(desk, authority) as connection:
            found = one_task(connection, authority, str(task))
            facts = history(connection, authority, found.instance)
            held = people(connection, authority, desk.today())
        definition = desk.process_of(found).definition
        recommend = (*found.roles, *definition.tasks[found.step].recommend)
        return task_json(found, desk) | {
            "fields": shown(definition, found.form),
            "may_complete": held.may(person.name, found.roles, found.responsible),
            "may_recommend": held.may(person.name, recommend, found.responsible),
            "history": [asdict(fact) for fact in facts],
        }

    @made.post("/tasks/{task}/claim", status_code=201)
    def claim(authority: Cvr, task: UUID, person: Annotated[Principal, Depends(reader)]) -> Json:
        """Take the task on."""
        return desk.claim(person, authority, str(task))._asdict()

    @made.post("/tasks/{task}/complete", status_code=201)
    def complete(authority: Cvr, task: UUID, person: Annotated[Principal, Depends(reader)], body: Sent) -> Json:
        """Do the task: the body is the form, filled in."""
        return desk.complete(person, authority, str(task), body)._asdict()

    @made.post("/tasks/{task}/recommend", status_code=201)
    def recommend(authority: Cvr, task: UUID, person: Annotated[Principal, Depends(reader)], body: Sent) -> Json:
        """Say what one would decide: `values` of the form, and a `note`."""
        return desk.recommend(person, authority, str(task), _values(body), body.get("note"))._asdict()


def _add_instances(made: APIRouter, desk: Desk, reader: Any) -> None:
    @made.get("/processes")
    def processes(authority: Cvr, person: Annotated[Principal, Depends(reader)]) -> Json:  # noqa: ARG001
        """The processes there are, by their newest version."""
        latest = [desk.library.latest(key) for key in sorted({process.key for process in desk.library})]
        return {"processes": [_process_json(process) for process in latest]}

    @made.get("/processes/{process}/{version}/drawing")
    def drawing(authority: Cvr, process: str, version: int, person: Annotated[Principal, Depends(reader)]) -> Response:  # noqa: ARG001
        """A version's drawing, as BPMN."""
        return Response(desk.library.version(process, version).xml, media_type="application/xml")

    @made.get("/instances")
    def list_instances(
        authority: Cvr,
        person: Annotated[Principal, Depends(reader)],  # noqa: ARG001
        status: str = "running",
    ) -> Json:
        """The authority's instances that stand so: `requested`, `running` or `ended`."""
        with _reading(desk, authority) as connection:
            found = instances(connection, authority, (status,))
        return {"instances": [instance_json(each, desk) for each in found]}

    @made.get("/instances/{instance}")
    def instance(authority: Cvr, instance: UUID, person: Annotated[Principal, Depends(reader)]) -> Json:  # noqa: ARG001
        """One instance: where it stands in its drawing, its tasks and its history."""
        with _reading(desk, authority) as connection:
            found = one_instance(connection, authority, str(instance))
            of_instance = tasks(connection, authority, STATUSES, instance=found.id)
            facts = history(connection, authority, found.id)
        return instance_json(found, desk) | {
            "tasks": [task_json(task, desk) for task in of_instance],
            "history": [asdict(fact) for fact in facts],
        }

    @made.post("/instances", status_code=201)
    def start(authority: Cvr, person: Annotated[Principal, Depends(reader)], body: Sent) -> Json:
        """Start a process by hand: `process`, `business_key` and `values`."""
        process, business_key = body.get("process"), body.get("business_key")
        if not isinstance(process, str) or not isinstance(business_key, str):
            raise Invalid("name the `process` and the `business_key` it is for")
        return instance_json(desk.start(person, authority, process, business_key, _values(body)), desk)


def _values(body: Json) -> Json:
    """The values that were sent, none when there are none. Raises Invalid for what is no object."""
    values = body.get("values", {})
    if not isinstance(values, dict):
        raise Invalid("`values` is an object: what the form is filled with, by the names of its fields")
    return values


def task_json(task: TaskRow, desk: Desk) -> Json:
    """A task with the name of its step in both languages."""
    process = desk.process_of(task)
    return asdict(task) | {"name": _name(process, task.step), "title": process.definition.title.model_dump()}


def instance_json(instance: InstanceRow, desk: Desk) -> Json:
    """An instance with the names of the steps it has passed and stands at."""
    process = desk.library.processes.get((instance.process, instance.version or 0))
    if process is None:
        return asdict(instance)
    steps = {step: _name(process, step) for step in (*instance.done, *instance.current)}
    return asdict(instance) | {"names": steps, "title": process.definition.title.model_dump()}


def _name(process: Process, step: str) -> Json:
    return {"da": process.name_of(step), "en": process.definition.english.get(step, process.name_of(step))}


def _process_json(process: Process) -> Json:
    definition = process.definition
    return {
        "key": process.key,
        "version": process.version,
        "title": definition.title.model_dump(),
        "by_hand": definition.by_hand,
        "steps": {step: _name(process, step) | {"kind": kind} for step, kind in process.drawing.kinds.items()},
    }


@contextmanager
def _reading(desk: Desk, authority: str) -> Iterator[Connection]:
    with desk.database.reading((authority,)) as connection:
        use_active(connection, desk.consumer.name)
        yield connection
