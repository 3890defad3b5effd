"""Workflows on the command line: what people are asked for, and how far each process has come."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import typer

from hub.output import as_mapping, print_json, print_rows
from hub.settings import Settings

from .look import AUTHORITY, JSON, KNOWN_AT, VALID_AT, times

TASKS = ("authority", "id", "task", "process", "roles", "deadline", "overdue", "claimed_by", "business_key")
WORKFLOWS = (
    "authority",
    "id",
    "process",
    "version",
    "business_key",
    "status",
    "stands",
    "started_on",
    "due",
    "outcome",
)

Status = Literal["requested", "running", "ended"]


def register(app: typer.Typer) -> None:
    for command in (tasks, workflows):
        app.command()(command)


def tasks(
    person: Annotated[str | None, typer.Option(help="only those this person's roles allow")] = None,
    authority: AUTHORITY = None,
    valid_at: VALID_AT = None,
    known_at: KNOWN_AT = None,
    as_json: JSON = False,
) -> None:
    """What people are asked for: open tasks with role and deadline, the nearest first.

    Example: samspil tasks --authority 99000007 --person kali
    """
    rows = list(_tasks(person, authority, valid_at, known_at))
    print_rows(rows, as_json=as_json, columns=TASKS, title="Tasks")


def workflows(
    instance: Annotated[str | None, typer.Argument(metavar="[ID]", help="one workflow's id: all about it")] = None,
    status: Annotated[Status, typer.Option(help="how they stand")] = "running",
    authority: AUTHORITY = None,
    as_json: JSON = False,
) -> None:
    """Processes on their way: for what they run, and where each stands.

    Example: samspil workflows --authority 99000007
    """
    if instance is not None:
        _one(instance, authority, as_json)
        return
    rows = list(_workflows(status, authority))
    print_rows(rows, as_json=as_json, columns=WORKFLOWS, title="Workflows")


def _tasks(
    person: str | None, authority: str | None, valid_at: str | None, known_at: str | None
) -> Iterator[dict[str, Any]]:
    from consumers.runtime.projections import use_active
    from consumers.workflows.consumer import LIBRARY
    from consumers.workflows.past import tasks_on
    from consumers.workflows.queries import people
    from hub.noticing import tell_lack
    from hub.opening import open_hub
    from hub.questions import authorities
    from kernel.clock import COPENHAGEN

    day, moment = times(valid_at, known_at)
    with open_hub(Settings.from_environment()) as hub:
        asked = day or hub.clock.now().astimezone(COPENHAGEN).date()
        for each in authorities(hub, authority):
            with hub.database.reading((each,)) as connection:
                if use_active(connection, "workflows") is None:
                    continue
                held = people(connection, each, asked)
                for task in tasks_on(connection, each, asked, moment, library=LIBRARY):
                    if person is None or held.may(person, task.roles, task.responsible):
                        name = LIBRARY.version(task.process, task.version).name_of(task.step)
                        yield {"authority": each, "task": name, **as_mapping(task)}
        tell_lack(hub, "workflows")


def _workflows(status: str, authority: str | None) -> Iterator[dict[str, Any]]:
    from consumers.runtime.projections import use_active
    from consumers.workflows.consumer import LIBRARY
    from consumers.workflows.queries import instances
    from hub.noticing import tell_lack
    from hub.opening import open_hub
    from hub.questions import authorities

    with open_hub(Settings.from_environment()) as hub:
        for each in authorities(hub, authority):
            with hub.database.reading((each,)) as connection:
                if use_active(connection, "workflows") is None:
                    continue
                for found in instances(connection, each, (status,)):
                    process = LIBRARY.processes.get((found.process, found.version or 0))
                    names = [process.name_of(step) for step in found.current] if process else []
                    yield {"authority": each, "stands": names, **as_mapping(found)}
        tell_lack(hub, "workflows")


def _one(instance: str, authority: str | None, as_json: bool) -> None:
    from consumers.workflows.queries import STATUSES, history, one_instance
    from consumers.workflows.queries import tasks as tasks_of
    from hub.opening import open_hub
    from hub.questions import of_one

    if authority is None:
        raise typer.BadParameter("whose workflow is it? say so with --authority CVR", param_hint="ID")
    with open_hub(Settings.from_environment()) as hub, hub.database.reading((authority,)) as connection:
        of_one(hub, connection, "workflows", authority)
        found = one_instance(connection, authority, instance)
        asked = tasks_of(connection, authority, STATUSES, instance=instance)
        facts = history(connection, authority, instance)
    if as_json:
        print_json(
            as_mapping(found) | {"tasks": [as_mapping(task) for task in asked], "history": list(map(as_mapping, facts))}
        )
        return
    print_rows(
        [as_mapping(found)], as_json=False, columns=("process", "business_key", "status", "current"), title="Workflow"
    )
    steps = ("step", "ordinal", "status", "deadline", "completed_by", "closed_on")
    print_rows(map(as_mapping, asked), as_json=False, columns=steps, title="Tasks")
    print_rows(map(as_mapping, facts), as_json=False, columns=("at", "fact", "by"), title="History")
