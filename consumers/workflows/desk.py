"""What people do with tasks: events like all others, taken when they hold the role and nobody was first.

A person is a principal of kind `person`; its name is the id by which the organisation register knows who holds what.
An act is bound to the position at which the instance stood (`expect`), so of two people one is told who was first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from access.principals import HUB, Principal
from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import observe, wait_for
from consumers.runtime.projections import use_active
from kernel.clock import COPENHAGEN, Clock
from kernel.errors import Conflict, Forbidden, Invalid, Retryable
from kernel.ids import new_id
from producers.accept import Acceptor
from producers.store import stands_at
from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.hub import Actor
from storage.database import Database

from .consumer import LIBRARY, WORKFLOWS
from .forms import filled_in
from .library import Library, Process
from .people import People
from .queries import history, instances, one_task, people
from .rows import InstanceRow, TaskRow
from .telling import SOURCE
from .trying import require_possible

ATTEMPTS = 10


class Act(NamedTuple):
    """What was stored: the instance, the event, and its position."""

    instance: str
    event: str
    position: int


class Seen(NamedTuple):
    """A task, the authority's roles, and the position at which its instance stands."""

    task: TaskRow
    people: People
    position: int


@dataclass(frozen=True)
class Desk:
    """Where people's tasks are taken from and given back."""

    acceptor: Acceptor
    database: Database
    clock: Clock
    library: Library = LIBRARY
    consumer: Consumer = WORKFLOWS

    def claim(self, principal: Principal, authority: str, task: str, *, by: Actor | None = None) -> Act:
        """Take a task on. Raises Forbidden without the role, Conflict when it is done."""
        return self._act(principal, authority, task, "task-claimed", {}, by)

    def complete(
        self, principal: Principal, authority: str, task: str, values: Mapping[str, Any], *, by: Actor | None = None
    ) -> Act:
        """Do a task; the process goes on with the form's values. `by` is for the local command line, which says whom it
        writes for. Raises Forbidden without the role, Conflict when it is done, and says by whom, Invalid for a form
        that does not fit.
        """
        return self._act(principal, authority, task, "task-completed", values, by)

    def recommend(
        self,
        principal: Principal,
        authority: str,
        task: str,
        values: Mapping[str, Any],
        note: str | None = None,
        *,
        by: Actor | None = None,
    ) -> Act:
        """Say what one would decide; it moves nothing. Raises as `complete`, Forbidden for who may not recommend."""
        return self._act(principal, authority, task, "task-recommended", values, by, note)

    def start(
        self,
        principal: Principal,
        authority: str,
        process: str,
        business_key: str,
        values: Mapping[str, Any],
        *,
        by: Actor | None = None,
    ) -> InstanceRow:
        """Start a process by hand. Raises Forbidden without a role that may, Conflict when it runs for the key."""
        definition = self.library.latest(process).definition
        person = _person(principal, authority, "start-requested", by)
        held = self.people(authority)
        if not definition.by_hand:
            raise Forbidden(f"{process} is started by rules and events, not by hand")
        held.require(person.id, definition.by_hand, ())
        if definition.one_at_a_time and self.running(authority, process, business_key):
            raise Conflict(
                f"{process} runs already for {business_key}", hint="`samspil workflows` shows where it stands"
            )
        data = {"process": process, "business_key": business_key, "values": dict(values), "by": _shown(person)}
        self._accept(authority, business_key, "start-requested", data, {})
        if not (running := self.running(authority, process, business_key)):
            raise Invalid(
                f"{process} was asked for and does not run for {business_key}",
                hint="it ended at once, or could not begin: `samspil parked list` shows why",
            )
        return max(running, key=lambda instance: instance.ordinal)

    def running(self, authority: str, process: str, business_key: str) -> tuple[InstanceRow, ...]:
        """The instances of the process that run for the key, or were asked for."""
        with self.database.reading((authority,)) as connection:
            use_active(connection, self.consumer.name)
            asked = ("requested", "running")
            return instances(connection, authority, asked, process=process, business_key=business_key)

    def look(self, authority: str, task: str) -> Seen:
        """The task and the roles as they stand in the store. Raises Invalid for one that is none, Retryable when the
        tables are behind for long."""
        position = self._position(authority, task)
        self._wait(authority, max(position, self._roles_position(authority)))
        return Seen(*self._read(authority, task), position)

    def people(self, authority: str) -> People:
        """The roles of today as they stand in the store. Raises Retryable when the tables are behind for long."""
        self._wait(authority, self._roles_position(authority))
        with self.database.reading((authority,)) as connection:
            use_active(connection, self.consumer.name)
            return people(connection, authority, self.today())

    def today(self) -> date:
        """The civil day in Denmark."""
        return self.clock.now().astimezone(COPENHAGEN).date()

    def process_of(self, task: TaskRow) -> Process:
        """The version of the process that the task belongs to."""
        return self.library.version(task.process, task.version)

    def _act(
        self,
        principal: Principal,
        authority: str,
        task: str,
        fact: str,
        values: Mapping[str, Any],
        by: Actor | None,
        note: str | None = None,
    ) -> Act:
        """Accept the fact when it is allowed; look again when the instance has moved meanwhile for another reason."""
        person = _person(principal, authority, fact, by)
        for _ in range(ATTEMPTS):
            seen = self.look(authority, task)
            data = self._allowed(seen, fact, values, person, authority)
            data |= {"note": note} if note else {}
            if fact == "task-completed":
                self._require_possible(authority, seen.task.instance, data)
            try:
                return self._accept(authority, seen.task.instance, fact, data, {seen.task.instance: seen.position})
            except Conflict:
                continue
        raise Retryable("the workflow moves faster than it can be read", hint="send it again in a moment")

    def _allowed(self, seen: Seen, fact: str, values: Mapping[str, Any], person: Actor, authority: str) -> Json:
        """The fact's data. Raises Conflict, Forbidden, Invalid."""
        task, definition = seen.task, self.process_of(seen.task).definition
        roles = task.roles
        if fact == "task-recommended":
            roles += definition.tasks[task.step].recommend
        seen.people.require(person.id, roles, task.responsible)
        self._require_open(task, authority)
        data: Json = {"task": task.id, "process": task.process, "step": task.step, "ordinal": task.ordinal}
        if fact != "task-claimed":
            fields = definition.forms[task.form]
            if fact == "task-recommended":
                fields = tuple(field.model_copy(update={"required": False}) for field in fields)
            data["values"] = filled_in(fields, values)
        return data | {"by": _shown(person)}

    def _require_possible(self, authority: str, instance: str, data: Json) -> None:
        with self.database.reading((authority,)) as connection:
            use_active(connection, self.consumer.name)
            require_possible(connection, authority, instance, data, self.clock.now(), library=self.library)

    def _require_open(self, task: TaskRow, authority: str) -> None:
        if task.status == "withdrawn":
            raise Conflict("the workflow has taken another way and no longer asks for this", hint="read it again")
        if task.status == "completed":
            with self.database.reading((authority,)) as connection:
                use_active(connection, self.consumer.name)
                facts = history(connection, authority, task.instance)
            done = [fact for fact in facts if fact.fact == "task-completed" and fact.data["task"] == task.id]
            at = f" at {done[0].at.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}" if done else ""
            raise Conflict(f"it is already completed by {task.completed_by}{at}", hint="read the workflow again")

    def _accept(self, authority: str, subject: str, fact: str, data: Json, expect: Mapping[str, int]) -> Act:
        """Store the fact and wait until the tables have it: who did it sees it."""
        event = CloudEvent(
            id=new_id(),
            source=SOURCE,
            type=f"dk.samspil.workflow.{fact}.v1",
            subject=subject,
            authority=authority,
            time=self.clock.now(),
            data=data,
        )
        (stored,) = self.acceptor.accept([event], HUB, expect=expect)
        position = stored.position or 0
        self._wait(authority, position)
        return Act(subject, event.id, position)

    def _read(self, authority: str, task: str) -> tuple[TaskRow, People]:
        with self.database.reading((authority,)) as connection:
            use_active(connection, self.consumer.name)
            return one_task(connection, authority, task), people(connection, authority, self.today())

    def _position(self, authority: str, task: str) -> int:
        """Where the task's instance stands in the store."""
        with self.database.reading((authority,)) as connection:
            use_active(connection, self.consumer.name)
            return stands_at(connection, authority, one_task(connection, authority, task).instance)

    def _roles_position(self, authority: str) -> int:
        """The position of the last event that may have given or taken a role: who has lost it decides no longer."""
        with self.database.glance() as connection:
            heads = observe(connection).heads
        roles = (head.position for head in heads if (head.authority, head.domain) == (authority, "organisation"))
        return max(roles, default=0)

    def _wait(self, authority: str, position: int) -> None:
        """Until the tables have what the store holds of the authority up to `position`."""
        if not wait_for(self.database, self.consumer, authority, position):
            raise Retryable("the workflows are behind the store", hint="`samspil status` shows what they wait for")


def _person(principal: Principal, authority: str, fact: str, by: Actor | None) -> Actor:
    """Who acts. Raises Forbidden for a principal that is no person, or has no agreement to act for the authority."""
    family = f"workflow.{fact}"
    if principal.kind != "person" and not principal.local:
        raise Forbidden(
            f"{principal.name} is no person; people do tasks",
            hint="`samspil access key add NAME --person` makes a key; source systems send events",
        )
    if not any(grant.covers("send", authority, family) for grant in principal.grants):
        raise Forbidden(
            f"{principal.name} has no active agreement with {authority} to send {family}",
            hint="the authority approves agreements: `samspil access agreement`",
        )
    return by if by and principal.local else Actor(id=principal.name, name=principal.name)


def _shown(person: Actor) -> Json:
    return person.model_dump(mode="json", exclude_none=True)
