"""Workflows: a process that was started for something, the tasks it asks of people, and what moved it on.

Every fact but `start-requested` is about one instance, and its subject is the instance's UUID: how an instance stands
is what its own facts, played in their order through the drawing it was started with, come to. `start-requested` is
about what the process is for, its business key: a contract, an invoice.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from kernel.ids import derived_id

from .catalogue import EventType, Json
from .envelope import Key
from .hub import Actor, EventKey, Hash
from .values import FreeText, LocalId, Sensitivity, Value

ProcessKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A process by its name in code, such as `retender`."""
StepId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.-]*$", max_length=200)]
"""The id of an element in the drawing (BPMN 2.0 `id`)."""
Ordinal = Annotated[int, Field(ge=1)]
"""Which time it is: 1 for the first."""
FieldValue = bool | int | FreeText
"""What a form or an event puts into an instance: text, a whole number, or yes or no. Amounts, other numbers and dates
are text in their one written form (`1250.5`, `2026-03-02`)."""
Values = dict[LocalId, FieldValue]
"""What an instance knows, by name; conditions and events are made of it."""
Kind = Literal["system-usage", "contract", "unit", "project"]


class StartRequested(Value):
    """A process shall be started for `business_key`: a rule or an alert says so (`cause`), or a person (`by`).

    It is not started when the process runs for that key already and allows one at a time.
    """

    process: ProcessKey
    business_key: Key
    values: Values = Field(default_factory=dict)
    by: Actor | None = None
    cause: EventKey | None = None


class Started(Value):
    """An instance runs from now on by this `version` of the process, whose files hash to `fingerprint`.

    It is the `ordinal`-th of the process for its business key. `due` is the day the whole process should be over.
    """

    process: ProcessKey
    version: Ordinal
    fingerprint: Hash
    business_key: Key
    ordinal: Ordinal = 1
    values: Values = Field(default_factory=dict)
    due: date | None = None


class Responsibility(Value):
    """What one must hold the role for: a unit, a contract."""

    kind: Kind
    id: Key


class OfTask(Value):
    """A task of the instance. `task` is its UUID (`task_id`); `ordinal` counts the times the step is come to."""

    task: UUID
    process: ProcessKey
    step: StepId
    ordinal: Ordinal


class TaskOpened(OfTask):
    """People are asked for something: whoever holds one of `roles` for one of `about`, for anything when it is empty.

    `deadline` is the last day on which it is in time.
    """

    roles: tuple[LocalId, ...]
    about: tuple[Responsibility, ...] = ()
    form: LocalId
    deadline: date | None = None


class TaskClaimed(OfTask):
    """A person takes the task on; others see so, and may still complete it."""

    by: Actor


class TaskRecommended(OfTask):
    """A person who may not decide says what they would; it moves nothing."""

    by: Actor
    values: Values = Field(default_factory=dict)
    note: FreeText | None = None


class TaskCompleted(OfTask):
    """A person has done the task; `values` is what the form was filled with, and the process goes on with it."""

    by: Actor
    values: Values = Field(default_factory=dict)


class TaskWithdrawn(OfTask):
    """The process no longer asks for it: a timer or a message took another way."""


class TimerFired(Value):
    """The day of a timer has come. Days are the authority's own (`time.day-started`), so a replay fires as before."""

    step: StepId
    ordinal: Ordinal
    due: date


class MessageReceived(Value):
    """An event that the instance waits for has come, known in the drawing as `message`; it is the cause of this one."""

    message: LocalId
    values: Values = Field(default_factory=dict)


class Ended(Value):
    """The instance has come to its end; `outcome` is the id of the end event it reached."""

    process: ProcessKey
    version: Ordinal
    business_key: Key
    outcome: StepId


def instance_id(authority: str, process: str, business_key: str, ordinal: int) -> str:
    """The UUID of the process's instance for this key: the first, the second."""
    return derived_id("workflow", authority, process, business_key, ordinal)


def task_id(instance: str, step: str, ordinal: int) -> str:
    """The UUID of the task that the instance asks for when it comes to `step` for the `ordinal`-th time."""
    return derived_id("task", instance, step, ordinal)


_CONTRACT = "7c3b0000-0000-4000-8000-000000000001"
_INSTANCE = instance_id("99000007", "retender", _CONTRACT, 1)
_BY: Json = {"id": "a1c40000-0000-4000-8000-0000000000aa", "name": "kali"}
_CAUSE: Json = {
    "authority": "99000007",
    "source": "urn:samspil:contracts",
    "id": "6d0e7b6e-0001-5000-8000-000000000001",
}
_TASK: Json = {
    "task": task_id(_INSTANCE, "AskCentralUnit", 1),
    "process": "retender",
    "step": "AskCentralUnit",
    "ordinal": 1,
}
_VALUES: Json = {"contract": _CONTRACT, "ends_on": "2027-12-31"}


def _fact(
    fact: str, model: type[Value], sample: Json, sensitivity: Sensitivity = "internal", *, about_instance: bool = True
) -> EventType:
    return EventType(
        domain="workflow",
        fact=fact,
        model=model,
        owner="workflows",
        key="instance" if about_instance else "what the process is for",
        sensitivity=sensitivity,
        uuid_subject=about_instance,
        sample=sample,
    )


EVENTS: tuple[EventType, ...] = (
    _fact(
        "start-requested",
        StartRequested,
        {"process": "retender", "business_key": _CONTRACT, "values": _VALUES, "cause": _CAUSE},
        about_instance=False,
    ),
    _fact(
        "started",
        Started,
        {
            "process": "retender",
            "version": 1,
            "fingerprint": "5f0c7b127a5d4c1e8a9b3d2e6f708192",
            "business_key": _CONTRACT,
            "ordinal": 1,
            "values": _VALUES,
            "due": "2027-12-31",
        },
    ),
    _fact(
        "task-opened",
        TaskOpened,
        {
            **_TASK,
            "roles": ["contract-owner"],
            "about": [{"kind": "contract", "id": _CONTRACT}],
            "form": "ask",
            "deadline": "2026-03-16",
        },
    ),
    _fact("task-claimed", TaskClaimed, {**_TASK, "by": _BY}, "personal"),
    _fact("task-recommended", TaskRecommended, {**_TASK, "by": _BY, "note": "Spørg også indkøb"}, "personal"),
    _fact("task-completed", TaskCompleted, {**_TASK, "by": _BY, "values": {"wish": "Genudbud"}}, "personal"),
    _fact("task-withdrawn", TaskWithdrawn, _TASK),
    _fact("timer-fired", TimerFired, {"step": "OneYearLeft", "ordinal": 1, "due": "2026-12-31"}),
    _fact("message-received", MessageReceived, {"message": "contract-signed", "values": {"signed_on": "2027-11-01"}}),
    _fact(
        "ended", Ended, {"process": "retender", "version": 1, "business_key": _CONTRACT, "outcome": "NextContractRuns"}
    ),
)
