"""What events from outside mean to processes: which they start, and as which messages they may move one. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from schemas.alerts import Judged, values_hash
from schemas.envelope import Event
from schemas.hub import EventKey
from schemas.workflows import StartRequested

from .definition import Message, Start
from .expressions import evaluate
from .library import Library, Process
from .telling import event_of
from .templates import fill_text, path, scalars


class MessageCame(NamedTuple):
    """An event as the message that it is to instances of a process whose value `equals` is `key`."""

    process: Process
    message: str
    equals: str
    key: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Happenings:
    """What the processes of a library listen to."""

    library: Library

    @cached_property
    def families(self) -> frozenset[str]:
        """The events that start or move a process."""
        return frozenset(self._starts) | self.message_families

    @property
    def message_families(self) -> frozenset[str]:
        """The events that instances may wait for."""
        return frozenset(self._messages)

    @cached_property
    def _starts(self) -> dict[str, list[tuple[Process, Start]]]:
        """Only the newest version of a process is started."""
        found: dict[str, list[tuple[Process, Start]]] = {}
        for key in sorted({process.key for process in self.library}):
            process = self.library.latest(key)
            for start in process.definition.starts:
                found.setdefault(start.event, []).append((process, start))
        return found

    @cached_property
    def _messages(self) -> dict[str, list[tuple[Process, str, Message]]]:
        found: dict[str, list[tuple[Process, str, Message]]] = {}
        for process in self.library:
            for name, ways in process.definition.messages.items():
                for way in ways:
                    found.setdefault(way.event, []).append((process, name, way))
        return found

    def starts(self, event: Event) -> Iterator[Event]:
        """A request for each process that the event starts."""
        listening = self._starts.get(event.family, ())
        see = _seen(event) if listening else None
        asked = set[str]()
        for process, start in listening:
            assert see is not None
            key = fill_text(start.key, see)
            if process.key in asked or not key or not _holds(start.when, see):
                continue
            asked.add(process.key)
            request = StartRequested(
                process=process.key,
                business_key=key,
                values=scalars(start.values, see),
                cause=EventKey(authority=event.authority, source=event.source, id=event.id),
            )
            yield event_of(
                event,
                "workflow.start-requested",
                key,
                request.model_dump(mode="json"),
                event_id=derived_id("workflows", event.source, event.id, "workflow.start-requested", process.key),
                time=event.recorded or event.time,
            )

    def messages(self, event: Event) -> Iterator[MessageCame]:
        """The messages that the event is; one to each process and version, whatever ways lead to it."""
        listening = self._messages.get(event.family, ())
        see = _seen(event) if listening else None
        came = set[tuple[str, int, str]]()
        for process, name, way in listening:
            assert see is not None
            key, place = fill_text(way.key, see), (process.key, process.version, name)
            if key and place not in came and _holds(way.when, see):
                came.add(place)
                yield MessageCame(process, name, way.equals, key, scalars(way.values, see))


def _holds(when: str | None, see: Callable[[str], Any]) -> bool:
    return when is None or bool(evaluate(when, see))


def _seen(event: Event) -> Callable[[str], Any]:
    """What conditions and templates see of an event."""
    data = orjson.loads(event.payload)
    references = data.get("references") or ()
    seen = {
        "subject": event.subject,
        "day": event.time.astimezone(COPENHAGEN).date().isoformat(),
        "data": data,
        "values_hash": _judged_hash(data) if event.family in {"alert.opened", "alert.changed"} else None,
        "reference": {each["kind"]: each.get("id") or each.get("local_id") for each in references if "kind" in each},
    }
    return lambda name: path(seen, name)


def _judged_hash(finding: Mapping[str, Any]) -> str:
    """The hash that a person's decision about the finding is bound to."""
    judged = {name: finding[name] for name in Judged.model_fields if name in finding}
    return values_hash(Judged.model_validate(judged))
