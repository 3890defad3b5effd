"""Events to rows: the facts of instances, what came that they may wait for, and who holds which role."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson

from consumers.runtime.consumer import Rows
from consumers.runtime.documents import Kept, families_of, kept_in, loaded, state_rows
from schemas.catalogue import Catalogue
from schemas.envelope import Event

from .happenings import Happenings
from .tables import DAY, FACT, MESSAGE, STATES

MOVING = ("started", "task-claimed", "task-recommended", "task-completed", "timer-fired", "message-received")
"""Facts that an instance is made of. The others say what followed."""
OWN = frozenset(f"workflow.{fact}" for fact in ("start-requested", *MOVING))
DAY_STARTED = "time.day-started"
FAMILIES = OWN | families_of(STATES) | {DAY_STARTED}
"""What is read whatever the processes are."""


def project(events: Sequence[Event], catalogue: Catalogue, *, happenings: Happenings) -> Rows:
    """The rows of a batch. Raises Invalid for a payload that is not of its type."""
    kept = _kept(catalogue)
    rows: dict[Any, list[tuple[Any, ...]]] = dict(state_rows([e for e in events if e.type in kept], kept))
    facts = [event for event in events if event.family in OWN and event.family != "workflow.start-requested"]
    rows[FACT] = [_fact_row(event) for event in facts]
    rows[DAY] = [
        (event.authority, event.subject, event.position, loaded(event, frozenset({"date"}))["date"])
        for event in events
        if event.family == DAY_STARTED
    ]
    rows[MESSAGE] = [row for event in events for row in _message_rows(event, happenings)]
    return rows


def _fact_row(event: Event) -> tuple[Any, ...]:
    data = orjson.dumps(loaded(event, frozenset()), option=orjson.OPT_SORT_KEYS).decode()
    fact = event.family.partition(".")[2]
    return (event.authority, event.subject, event.position, fact, event.id, event.recorded, data, event.time)


def _message_rows(event: Event, happenings: Happenings) -> list[tuple[Any, ...]]:
    family = event.family
    return [
        (
            event.authority, came.process.key, came.process.version, came.message, event.position, family,
            event.subject, event.source, event.id, came.equals, came.key, orjson.dumps(came.values).decode(),
            event.recorded or event.time, event.depth,
        )
        for came in happenings.messages(event)
    ]  # fmt: skip


@cache
def _kept(catalogue: Catalogue) -> dict[str, Kept]:
    return kept_in(STATES, catalogue)
