"""A process walked in memory: events start it, forms are filled in, days pass, messages come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from consumers.workflows.definition import FormField
from consumers.workflows.forms import filled_in
from consumers.workflows.happenings import Happenings
from consumers.workflows.instance import Fact, Follows, Instance, begin
from consumers.workflows.library import Library
from consumers.workflows.telling import event_of
from kernel.clock import COPENHAGEN
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from schemas.workflows import instance_id
from tests.support.events import AUTHORITY, event

MOST_STEPS = 600
BY: Json = {"id": "kali", "name": "Karen Lindholt"}


@dataclass
class Walk:
    """One instance on its way; everything that follows is made an event, so that what does not fit its type is seen."""

    instance: Instance
    started: Event
    told: list[Event] = field(default_factory=list)

    @classmethod
    def by(cls, library: Library, cause: Event) -> "Walk":
        """The instance that `cause` starts, as the consumer would."""
        (request,) = Happenings(library).starts(cause)
        asked = CATALOGUE.upcast(request.type, request.payload)[1]
        process = library.latest(asked["process"])
        subject = instance_id(AUTHORITY, process.key, asked["business_key"], 1)
        data = {
            "process": process.key,
            "version": process.version,
            "fingerprint": process.fingerprint,
            "business_key": asked["business_key"],
            "values": asked["values"],
        }
        started = event("workflow.started", subject, position=1, data=data)
        instance, follows = begin(library, AUTHORITY, subject, Fact(1, "started", started.time, started.id, data))
        walk = cls(instance, started)
        walk._tell(follows)
        return walk

    @property
    def today(self) -> date:
        return self._days[-1]

    def __post_init__(self) -> None:
        self._days = [self.instance.started_on]

    def open_steps(self) -> list[str]:
        """The tasks that wait for people, in their order."""
        return [task.step for task in self.instance.tasks.values() if task.status == "open"]

    def do(self, step: str, values: Mapping[str, Any], by: Json = BY) -> None:
        """Complete the first open task at a step with a form that is filled in so."""
        task = next(each for each in self.instance.tasks.values() if (each.step, each.status) == (step, "open"))
        fields = self.instance.process.definition.forms[task.form]
        self._feed("task-completed", {"task": task.id, "by": by, "values": filled_in(fields, values)})

    def fire(self, step: str) -> None:
        """Let the days go by until the timer at a step has come."""
        timer = next(each for each in self.instance.timers.values() if each.waiting and each.step == step)
        self._days.append(max(timer.due, self.today))
        self._feed("timer-fired", {"step": step, "ordinal": timer.ordinal, "due": timer.due.isoformat()})

    def timers(self) -> list[str]:
        return [timer.step for timer in self.instance.timers.values() if timer.waiting]

    def receive(self, message: str, values: Json | None = None) -> None:
        self._feed("message-received", {"message": message, "values": values or {}})

    def events(self, family: str) -> list[Json]:
        """The data of what was told of a family."""
        name = CATALOGUE.latest(family).name
        return [CATALOGUE.upcast(each.type, each.payload)[1] for each in self.told if each.type == name]

    def _feed(self, fact: str, data: Json) -> None:
        moment = datetime.combine(self.today, time(10), COPENHAGEN)
        number = len(self.instance.fed) + 1
        self._tell(self.instance.feed(Fact(number, fact, moment, f"fact-{number}", data)))

    def _tell(self, follows: list[Follows]) -> None:
        for each in follows:
            told = event_of(self.started, each.family, each.subject, each.data, event_id=f"told-{len(self.told)}")
            self.told.append(told)


def wander(walk: Walk, random: Random) -> None:
    """Take any way at all, forms filled in anyhow, until the end is reached."""
    for _ in range(MOST_STEPS):
        if walk.instance.outcome and walk.instance.ended_on:
            return
        ways = [*(("do", step) for step in walk.open_steps()), *(("fire", step) for step in walk.timers())]
        if random.random() < 0.1:
            ways += [("receive", message) for message in walk.instance.messages]
        how, what = random.choice(ways or [("receive", message) for message in walk.instance.messages])
        if how == "do":
            definition = walk.instance.process.definition
            walk.do(what, dict(_anyhow(definition.forms[definition.tasks[what].form], random, walk.today)))
        else:
            getattr(walk, how)(what)


def _anyhow(fields: tuple[FormField, ...], random: Random, today: date) -> Iterator[tuple[str, Any]]:
    """Any values that a form takes; what need not be filled in is left out half of the time."""
    for one in fields:
        if one.required or random.random() < 0.5:
            match one.type:
                case "text":
                    yield one.name, random.choice(["Ja", "æøå {x} <b>", "x" * (one.at_most or 5_000)])
                case "choice":
                    yield one.name, random.choice(one.choices).value
                case "boolean":
                    yield one.name, random.random() < 0.8
                case "date":
                    yield one.name, (today + timedelta(days=random.randint(-400, 2_000))).isoformat()
                case "number" | "amount":
                    yield one.name, random.choice(["0", "-3.5", "99.95", "125000000.001"])
