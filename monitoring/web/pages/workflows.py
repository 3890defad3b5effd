"""Workflows: the tasks that wait for people, what runs, one process on its drawing, and one task with its form."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from access.principals import Principal
from consumers.workflows import queries
from consumers.workflows.desk import Desk
from consumers.workflows.people import People
from consumers.workflows.rows import FactRow, InstanceRow, TaskRow
from kernel.alphabet import alphabetical
from kernel.errors import Forbidden, Invalid
from monitoring.web.frame import Here, Visit
from monitoring.web.paging import SIZE, Page, offset
from monitoring.web.session import principal_for
from schemas.hub import Actor

from .filling import answered, asked, read_form
from .processes import Names
from .subjects import Subjects

router = APIRouter()

Shown = Literal["mine", "open", "running", "ended"]
SHOWN: tuple[Shown, ...] = ("mine", "open", "running", "ended")
Act = Literal["claim", "complete", "recommend"]
DONE = ("claim", "complete", "recommend")


@router.get("/workflows")
def workflows(visit: Here, show: Shown = "mine", page: Page = 1) -> Response:
    """The tasks or the instances that are asked for."""
    desk, person = _desk(visit), _principal(visit)

    def question(connection: Connection) -> dict[Shown, Sequence[TaskRow | InstanceRow]]:
        held = queries.people(connection, visit.cvr, visit.today)
        waiting = queries.tasks(connection, visit.cvr)
        return {
            "mine": [task for task in waiting if _may(held, person, task)],
            "open": waiting,
            "running": queries.instances(connection, visit.cvr, ("requested", "running")),
            "ended": queries.instances(connection, visit.cvr, ("ended",)),
        }

    nothing: dict[Shown, Sequence[TaskRow | InstanceRow]] = dict.fromkeys(SHOWN, ())
    groups = visit.ask("workflows", question, nothing)
    rows = groups[show]
    return visit.page(
        "workflows.html",
        show=show,
        counts={name: len(group) for name, group in groups.items()},
        rows=rows[offset(page) : offset(page) + SIZE],
        names=Names(visit, desk),
        subjects=Subjects(visit),
        local=person.local,
        page=page,
        size=SIZE,
        total=len(rows),
    )


@router.get("/workflows/{instance}")
def one(visit: Here, instance: UUID, done: str = "") -> Response:
    """One instance: where it stands, its tasks, and what has moved it. 404 for one that is none."""
    desk = _desk(visit)

    def question(connection: Connection) -> tuple[InstanceRow, Sequence[TaskRow], Sequence[FactRow]]:
        found = queries.one_instance(connection, visit.cvr, str(instance))
        tasks = queries.tasks(connection, visit.cvr, queries.STATUSES, instance=found.id)
        return found, tasks, queries.history(connection, visit.cvr, found.id)

    found = _found(visit, question)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    row, tasks, history = found
    names = Names(visit, desk)
    process = names.process(row.process, row.version)
    drawn = {"bpmn": names.drawing(process), "done": row.done, "current": row.current} if process else None
    return visit.page(
        "workflow.html",
        row=row,
        tasks=tasks,
        history=history,
        names=names,
        steps=names.steps(row),
        drawn=drawn,
        subjects=Subjects(visit),
        done=done if done in DONE else "",
        section="workflows",
    )


@router.get("/workflows/task/{task}")
def task(visit: Here, task: UUID) -> Response:
    """One task with its form, for those who may fill it in. 404 for one that is none."""
    return _task_page(visit, str(task), {}, ())


async def _sent(request: Request) -> dict[str, str]:
    """What the form was filled with, by field."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


@router.post("/workflows/task/{task}")
def act(visit: Here, task: UUID, sent: Annotated[dict[str, str], Depends(_sent)]) -> Response:
    """Claim, complete or recommend. Raises Forbidden without the role, Conflict when somebody was first."""
    desk, person = _desk(visit), _principal(visit)
    found = visit.ask("workflows", lambda connection: queries.one_task(connection, visit.cvr, str(task)), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    by = _actor(visit, person, sent.get("person", ""))
    fields = desk.process_of(found).definition.forms[found.form]
    action = sent.get("action", "")
    try:
        if action == "claim":
            desk.claim(person, visit.cvr, found.id, by=by)
        elif action == "recommend":
            values, note = read_form(fields, sent, visit.language.code), sent.get("note", "").strip()
            desk.recommend(person, visit.cvr, found.id, values, note or None, by=by)
        elif action == "complete":
            desk.complete(person, visit.cvr, found.id, read_form(fields, sent, visit.language.code), by=by)
        else:
            raise Invalid(f"{action!r} is nothing one can do with a task")
    except Invalid as error:
        if not error.problems:
            raise
        faulty = tuple(problem.where.removeprefix("values.") for problem in error.problems)
        return _task_page(visit, found.id, sent, faulty, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(visit.url("workflows", found.instance, done=action), HTTPStatus.SEE_OTHER)


def _task_page(
    visit: Visit, task: str, sent: Mapping[str, str], faulty: Sequence[str], *, status: int = HTTPStatus.OK
) -> Response:
    desk, person = _desk(visit), _principal(visit)

    def question(connection: Connection) -> tuple[TaskRow, InstanceRow, People, Sequence[FactRow]]:
        found = queries.one_task(connection, visit.cvr, task)
        instance = queries.one_instance(connection, visit.cvr, found.instance)
        held = queries.people(connection, visit.cvr, visit.today)
        return found, instance, held, queries.history(connection, visit.cvr, found.instance)

    found = _found(visit, question)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    row, instance, held, history = found
    definition = desk.process_of(row).definition
    fields, spoken = definition.forms[row.form], visit.language
    advice = [fact for fact in history if fact.fact == "task-recommended" and fact.data["task"] == row.id]
    advisers = (*row.roles, *definition.tasks[row.step].recommend)
    return visit.page(
        "task.html",
        status=status,
        row=row,
        names=Names(visit, desk),
        subjects=Subjects(visit),
        fields=asked(fields, sent, faulty, spoken),
        sent=sent,
        advice=[(fact, answered(fields, fact.data["values"], spoken)) for fact in advice],
        answers=answered(fields, instance.values, spoken),
        may_complete=person.local or held.may(person.name, row.roles, row.responsible),
        may_recommend=not person.local and held.may(person.name, advisers, row.responsible),
        deciders=_holders(held, row.roles, row),
        local=person.local,
        section="workflows",
    )


def _desk(visit: Visit) -> Desk:
    return Desk(visit.web.acceptor, visit.web.database, visit.web.clock)


def _principal(visit: Visit) -> Principal:
    assert visit.session is not None
    return principal_for(visit.web.database, visit.session, visit.cvr)


def _may(held: People, person: Principal, task: TaskRow) -> bool:
    """The one who started the hub on this machine writes for whoever may, so every task is theirs."""
    return person.local or held.may(person.name, task.roles, task.responsible)


def _holders(held: People, roles: Sequence[str], task: TaskRow) -> list[Actor]:
    """The people who may do the task, by name."""
    found = {
        each.holder.id: Actor(id=each.holder.id, name=each.holder.name)
        for each in held.held
        if each.holder.id and held.may(each.holder.id, roles, task.responsible)
    }
    return sorted(found.values(), key=lambda actor: alphabetical(actor.name))


def _actor(visit: Visit, person: Principal, stated: str) -> Actor | None:
    """Whom the local person writes for; None for everybody else, who writes for themselves. Raises Forbidden."""
    if not person.local:
        return None
    held = visit.ask("workflows", lambda connection: queries.people(connection, visit.cvr, visit.today), People(()))
    names = {each.holder.id: each.holder.name for each in held.held if each.holder.id}
    if stated not in names:
        raise Forbidden("say for whom you write", hint="choose one of the people who hold the role")
    return Actor(id=stated, name=names[stated])


def _found(visit: Visit, question: Any) -> Any:
    """What a question answers; None for what is not there."""
    try:
        return visit.ask("workflows", question, None)
    except Invalid:
        return None
