"""One instance: its facts, fed in their order, and what follows from each. Pure: no clock, no database.

Days are civil days in Denmark of the facts' own times, and never go back. Ids of what follows are made of the instance
and the place in the drawing, so the same facts come to the same instance, wherever and how often they are fed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from kernel.clock import COPENHAGEN
from kernel.errors import Invalid
from kernel.ids import derived_id
from schemas.workflows import task_id

from .definition import Told
from .engine import Run, Wait
from .expressions import evaluate
from .library import Library, Process
from .templates import fill, fill_text, path
from .workdays import after_span, deadline


class Fact(NamedTuple):
    """A fact of an instance as it stands in the log; `fact` is the last part of its family."""

    position: int
    fact: str
    moment: datetime
    event_id: str
    data: dict[str, Any]

    @property
    def day(self) -> date:
        """The civil day of the fact in Denmark."""
        return self.moment.astimezone(COPENHAGEN).date()


class Follows(NamedTuple):
    """An event that follows; `label` tells it apart among those of its family that this instance makes."""

    family: str
    subject: str
    data: dict[str, Any]
    label: str


@dataclass
class Task:
    """What people are asked for. `closed_on` is the day it was completed or withdrawn."""

    id: str
    step: str
    ordinal: int
    roles: tuple[str, ...]
    about: tuple[tuple[str, str], ...]
    form: str
    opened_on: date
    deadline: date | None
    status: Literal["open", "completed", "withdrawn"] = "open"
    claimed_by: str | None = None
    completed_by: str | None = None
    closed_on: date | None = None


@dataclass
class Timer:
    """A day that is waited for."""

    step: str
    ordinal: int
    due: date
    waiting: bool = True


@dataclass
class Instance:
    """A process on its way, made by `begin` and moved by `feed`."""

    authority: str
    subject: str
    process: Process
    business_key: str
    ordinal: int
    values: dict[str, Any]
    due: date | None
    started_on: date
    tasks: dict[str, Task] = field(default_factory=dict)
    timers: dict[tuple[str, int], Timer] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    fed: set[str] = field(default_factory=set)
    outcome: str | None = None
    ended_on: date | None = None

    def __post_init__(self) -> None:
        self._day = self.started_on
        self._by: Mapping[str, Any] = {}
        self._follows: list[Follows] = []
        self._visits = Counter[str]()
        self._waits: dict[tuple[str, UUID], tuple[Wait, int]] = {}
        self._run = Run(self.process.spec, self.value, self._pass)

    @property
    def current(self) -> list[str]:
        """The steps where it stands, in the order in which it came to them."""
        return list(dict.fromkeys(wait.step for wait, _ in self._waits.values()))

    @property
    def messages(self) -> list[str]:
        """The messages it waits for."""
        return sorted({wait.message for wait, _ in self._waits.values() if wait.kind == "message"})

    def value(self, name: str) -> Any:
        """What a name stands for in conditions and templates; None when nothing."""
        head, _, rest = name.partition(".")
        if head == "derived" and rest:
            return derived_id("workflow", self.subject, rest)
        if head == "by" and rest:
            return path(self._by, rest)
        if rest == "month":
            return str(self.value(head) or "")[:7] or None
        own = {
            "instance": self.subject,
            "business_key": self.business_key,
            "process": self.process.key,
            "authority": self.authority,
            "today": self._day.isoformat(),
        }
        return own.get(name, self.values.get(name))

    def start(self) -> list[Follows]:
        """Take the first steps."""
        self._run.go()
        return self._looked()

    def feed(self, fact: Fact) -> list[Follows]:
        """What follows from the fact: nothing when the instance does not wait for it (any more). Raises Invalid."""
        self.fed.add(fact.event_id)
        self._day, data = max(self._day, fact.day), fact.data
        match fact.fact:
            case "task-claimed" if task := self.tasks.get(data["task"]):
                task.claimed_by = _name(data["by"])
            case "task-completed":
                self._complete(data)
            case "timer-fired" if (timer := self.timers.get((data["step"], data["ordinal"]))) and timer.waiting:
                self._run.fire(timer.step)
            case "message-received" if data["message"] in self.messages:
                self.values.update(data.get("values", {}))
                self._run.receive(data["message"])
        return self._looked()

    def _complete(self, data: Mapping[str, Any]) -> None:
        task = self.tasks.get(data["task"])
        if task is None or task.status != "open":
            return
        task.status, task.completed_by, task.closed_on = "completed", _name(data["by"]), self._day
        self._by = data["by"]
        self.values.update(data.get("values", {}))
        (token,) = (token for (step, token), (_, ordinal) in self._waits.items() if (step, ordinal) == _place(task))
        self._run.complete(token)

    def _pass(self, step: str) -> None:
        """A step is passed: a service does its work, an end is the outcome."""
        self.done.append(step)
        kind = self.process.drawing.kinds[step]
        if kind == "serviceTask":
            self._serve(step)
        if kind == "endEvent":
            self.outcome = step

    def _serve(self, step: str) -> None:
        self._visits[step] += 1
        service = self.process.definition.services[step]
        for name, template in service.set.items():
            if (value := fill(template, self.value)) is not None:
                self.values[name] = value
        for number, told in enumerate(service.tell, 1):
            self._follows.append(self._told(told, f"{step}:{self._visits[step]}:{number}"))

    def _told(self, told: Told, label: str) -> Follows:
        subject = fill_text(told.subject, self.value)
        if not subject:
            raise Invalid(f"{self.process.key} cannot tell {told.type}: {told.subject} has no value")
        return Follows(told.type, subject, fill(told.data, self.value) or {}, label)

    def _looked(self) -> list[Follows]:
        """Note where it stands now, and hand out what follows."""
        now = {(wait.step, wait.token): wait for wait in self._run.waits()}
        for place, (wait, ordinal) in list(self._waits.items()):
            if place not in now:
                del self._waits[place]
                self._leave(wait, ordinal)
        for place, wait in now.items():
            if place not in self._waits:
                self._visits[wait.step] += 1
                self._waits[place] = (wait, self._visits[wait.step])
                self._come_to(wait, self._visits[wait.step])
        if self._run.ended and self.ended_on is None:
            self.ended_on = self._day
            self._follows.append(self._own("ended", {"outcome": self.outcome, **self._of_process()}, "ended"))
        follows, self._follows = self._follows, []
        return follows

    def _leave(self, wait: Wait, ordinal: int) -> None:
        if wait.kind == "timer":
            self.timers[wait.step, ordinal].waiting = False
        if wait.kind == "task":
            task = self.tasks[task_id(self.subject, wait.step, ordinal)]
            if task.status == "open":
                task.status, task.closed_on = "withdrawn", self._day
                self._follows.append(self._own("task-withdrawn", self._of_task(task), task.id))

    def _come_to(self, wait: Wait, ordinal: int) -> None:
        if wait.kind == "timer":
            due = self._due(wait)
            self.timers[wait.step, ordinal] = Timer(wait.step, ordinal, due)
        if wait.kind == "task":
            self._open(wait.step, ordinal)

    def _open(self, step: str, ordinal: int) -> None:
        rule = self.process.definition.tasks[step]
        held_for = ((kind, self.values.get(name)) for kind, name in rule.held_for.items())
        task = Task(
            id=task_id(self.subject, step, ordinal),
            step=step,
            ordinal=ordinal,
            roles=rule.roles,
            about=tuple((kind, str(value)) for kind, value in held_for if value is not None),
            form=rule.form,
            opened_on=self._day,
            deadline=deadline(self._day, rule.working_days) if rule.working_days else None,
        )
        self.tasks[task.id] = task
        data = {
            **self._of_task(task),
            "roles": list(task.roles),
            "about": [{"kind": kind, "id": value} for kind, value in task.about],
            "form": task.form,
            "deadline": task.deadline.isoformat() if task.deadline else None,
        }
        self._follows.append(self._own("task-opened", data, task.id))

    def _due(self, wait: Wait) -> date:
        """The day a timer waits for: a date, or so long after today. Raises Invalid."""
        stated = str(evaluate(wait.expression, self.value) or "")
        try:
            return after_span(self._day, stated) if stated.startswith("P") else date.fromisoformat(stated)
        except ValueError:
            raise Invalid(f"{wait.expression} at {wait.step} of {self.process.key} is no date: {stated!r}") from None

    def _own(self, fact: str, data: dict[str, Any], label: str) -> Follows:
        return Follows(f"workflow.{fact}", self.subject, data, label)

    def _of_process(self) -> dict[str, Any]:
        return {
            "process": self.process.key,
            "version": self.process.version,
            "business_key": self.business_key,
        }

    def _of_task(self, task: Task) -> dict[str, Any]:
        return {"task": task.id, "process": self.process.key, "step": task.step, "ordinal": task.ordinal}


def begin(library: Library, authority: str, subject: str, fact: Fact) -> tuple[Instance, list[Follows]]:
    """The instance that `fact` (`started`) starts. Raises Invalid when its version is not what it was then."""
    data = fact.data
    due = data.get("due")
    instance = Instance(
        authority=authority,
        subject=subject,
        process=library.started_by(data["process"], data["version"], data["fingerprint"]),
        business_key=data["business_key"],
        ordinal=data.get("ordinal", 1),
        values=dict(data.get("values", {})),
        due=date.fromisoformat(due) if due else None,
        started_on=fact.day,
    )
    instance.fed.add(fact.event_id)
    return instance, instance.start()


def _place(task: Task) -> tuple[str, int]:
    return task.step, task.ordinal


def _name(by: Mapping[str, Any]) -> str:
    return str(by.get("name") or by["id"])
