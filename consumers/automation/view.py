"""What rules see of an event, and what stands at a path in it; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from schemas.catalogue import Catalogue, EventType, Json
from schemas.envelope import Event


@dataclass(frozen=True)
class View:
    """An event as rules read it; its data are those of the newest version of its type."""

    event: Event
    kind: EventType
    data: Json

    @classmethod
    def of(cls, event: Event, catalogue: Catalogue) -> "View":
        kind, data = catalogue.upcast(event.type, event.payload)
        return cls(event, kind, data)

    @property
    def day(self) -> date:
        """The civil day of the event's time in Denmark."""
        return self.event.time.astimezone(COPENHAGEN).date()

    def at(self, path: str, rule: str = "") -> tuple[Any, ...]:
        """What stands at `path`: none, one, or one for each entry of a list on the way; a list at its end is one value.

        `rule` is whose labels `derived.<label>` belong to.
        """
        first, *steps = path.split(".")
        match first:
            case "data":
                return tuple(_reached(self.data, steps))
            case "reference":
                return tuple(_evidence(self.data, ".".join(steps)))
            case "derived":
                event = self.event
                return (derived_id("rule-made", event.authority, rule, event.subject, ".".join(steps)),)
            case "type":
                return (self.kind.family,)
            case "day":
                return (self.day.isoformat(),)
            case _:
                return (getattr(self.event, first),)


def entries(found: tuple[Any, ...]) -> tuple[Any, ...]:
    """What was found, with the entries of lists in their place."""
    return tuple(entry for value in found for entry in (value if isinstance(value, list) else (value,)))


def _reached(value: Any, steps: list[str]) -> Iterator[Any]:
    if not steps:
        yield from () if value is None else (value,)
    elif isinstance(value, list) and steps[0].isdecimal():
        yield from _reached(value[int(steps[0])], steps[1:]) if int(steps[0]) < len(value) else ()
    elif isinstance(value, list):
        for each in value:
            yield from _reached(each, steps)
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _reached(value[steps[0]], steps[1:])


def _evidence(data: Json, kind: str) -> Iterator[Any]:
    for each in data.get("references") or ():
        if isinstance(each, Mapping) and each.get("kind") == kind:
            yield each.get("id") or each.get("local_id")
