"""What a batch moves: instances take their next steps, and what follows is told.

Events from outside (an alert, a day, a credit note) only lead to facts of instances; an instance moves when such a fact
comes back through the log. So how it stands depends on its own facts alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import orjson
from sqlalchemy import Connection, select

from consumers.runtime.findings import lock_authorities
from consumers.runtime.redaction import REDACTED
from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.workflows import instance_id

from .happenings import Happenings
from .instance import Fact, Follows, Instance, begin
from .overdue import judge_overdue, newly_overdue
from .project import DAY_STARTED, OWN
from .store import (
    NAME,
    Key,
    due_timers,
    erase_request,
    facts_of,
    is_running,
    next_ordinal,
    undelivered,
    waiting_for,
    write_instances,
    write_request,
)
from .telling import event_of
from .templates import fill

ERASED = "hub.redacted"
AT_ONCE = 200
"""Facts that are fed between two statements to the database: half a second, a second where instances are long."""


def react(connection: Connection, events: Sequence[Event], *, happenings: Happenings) -> list[Event]:
    """Carry on what the events move; returns what is to be told.

    Instances need no lock: whoever applies an instance's facts holds their subject. Findings are an authority's.
    """
    authorities = sorted({event.authority for event in events})
    batch = _Batch(connection, happenings, events)
    told = [following for event in events for following in batch.own(event)]
    batch.write()
    told += [request for event in events for request in happenings.starts(event)]
    lock_authorities(connection, NAME, authorities, shared_facts=False)
    for authority in authorities:
        mine = [event for event in events if event.authority == authority]
        families = {event.family for event in mine}
        changed = sorted(subject for one, subject in batch.changed if one == authority)
        if changed or not families.isdisjoint({DAY_STARTED, ERASED}):
            told += _timers(connection, authority, mine[-1])
            concerned = newly_overdue(connection, authority).union(changed) if DAY_STARTED in families else changed
            judge_overdue(connection, authority, happenings.library, None if ERASED in families else concerned)
        told += _messages(connection, authority, mine, changed, happenings)
    return told


@dataclass
class _Batch:
    """The instances that a batch moves, each read once with what came before."""

    connection: Connection
    happenings: Happenings
    events: Sequence[Event]
    instances: dict[Key, Instance | None] = field(default_factory=dict)
    changed: set[Key] = field(default_factory=set)
    _unwritten: set[Key] = field(default_factory=set)
    _fed_since: int = 0

    def __post_init__(self) -> None:
        first: dict[Key, int] = {}
        for event in self.events:
            if _is_of_instance(event):
                first.setdefault((event.authority, event.subject), event.position)
        before = facts_of(self.connection, first)
        self.instances = {key: self._played(key, before.get(key, ())) for key in first}

    def own(self, event: Event) -> Iterator[Event]:
        """What follows from a fact of workflows."""
        if event.family == "workflow.start-requested":
            self.write()
            yield from self._requested(event)
        elif _is_of_instance(event):
            yield from self._moved(event)
        elif event.type == REDACTED:
            erase_request(self.connection, event.authority, event.subject)

    def write(self) -> None:
        """Write down how the instances stand that moved since the last time."""
        moved = [instance for key in sorted(self._unwritten) if (instance := self.instances[key])]
        write_instances(self.connection, moved)
        self._unwritten.clear()

    def _played(self, key: Key, facts: Iterable[Fact]) -> Instance | None:
        instance: Instance | None = None
        for fact in facts:
            instance, _ = self._fed(key, instance, fact)
        return instance

    def _speak(self) -> None:
        """Let the database hear of the batch: it ends transactions that are silent for long (`storage.migrate`)."""
        self._fed_since += 1
        if self._fed_since >= AT_ONCE:
            self.connection.execute(select(1))
            self._fed_since = 0

    def _fed(self, key: Key, instance: Instance | None, fact: Fact) -> tuple[Instance | None, list[Follows]]:
        """The instance after the fact; of one whose start was erased nothing is known."""
        self._speak()
        if instance is not None:
            return instance, instance.feed(fact)
        return begin(self.happenings.library, *key, fact) if fact.fact == "started" else (None, [])

    def _moved(self, event: Event) -> Iterator[Event]:
        key = (event.authority, event.subject)
        fact = Fact(event.position, event.family.partition(".")[2], event.time, event.id, orjson.loads(event.payload))
        self.instances[key], follows = self._fed(key, self.instances[key], fact)
        if self.instances[key] is not None:
            self.changed.add(key)
            self._unwritten.add(key)
        for each in follows:
            event_id = derived_id(NAME, event.subject, each.family, each.label)
            yield event_of(event, each.family, each.subject, each.data, event_id=event_id)

    def _requested(self, event: Event) -> Iterator[Event]:
        """Start the process, unless it runs for that key already and allows one at a time. Raises Invalid."""
        data: Json = orjson.loads(event.payload)
        process, key = self.happenings.library.latest(data["process"]), data["business_key"]
        of_key = (self.connection, event.authority, process.key, key)
        if process.definition.one_at_a_time and is_running(*of_key, before=event.position):
            return
        ordinal = next_ordinal(*of_key, before=event.position)
        subject = instance_id(event.authority, process.key, key, ordinal)
        write_request(self.connection, event, subject, process.key, key, ordinal)
        values = data.get("values", {})
        due = process.definition.due and fill(process.definition.due, {"business_key": key, **values}.get)
        started = {
            "process": process.key,
            "version": process.version,
            "fingerprint": process.fingerprint,
            "business_key": key,
            "ordinal": ordinal,
            "values": values,
            "due": due,
        }
        yield event_of(event, "workflow.started", subject, started, event_id=derived_id(NAME, subject, "started"))


def _is_of_instance(event: Event) -> bool:
    family = event.family
    return family in OWN and family != "workflow.start-requested"


def _timers(connection: Connection, authority: str, cause: Event) -> Iterator[Event]:
    """Every timer whose day has come. It fires as of its day, whenever that is noticed."""
    for timer in due_timers(connection, authority):
        data: dict[str, Any] = {"step": timer.step, "ordinal": timer.ordinal, "due": timer.due.isoformat()}
        event_id = derived_id(NAME, timer.subject, "timer-fired", timer.step, timer.ordinal)
        due = datetime.combine(timer.due, time(), COPENHAGEN)
        yield event_of(cause, "workflow.timer-fired", timer.subject, data, event_id=event_id, time=due)


def _messages(
    connection: Connection, authority: str, events: Sequence[Event], changed: Sequence[str], happenings: Happenings
) -> Iterator[Event]:
    """For each instance that waits, the oldest message that it has not had: one that came now, or one before."""
    if not changed and happenings.message_families.isdisjoint(event.family for event in events):
        return
    between = (events[0].position, events[-1].position)
    for message in undelivered(connection, authority, waiting_for(connection, authority, between, changed)):
        data = {"message": message.message, "values": message.values}
        yield event_of(message.event, "workflow.message-received", message.subject, data, event_id=message.event_id)
