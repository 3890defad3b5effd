"""What a register no longer holds, and what of it is news: plain functions over what the event store has.

A register that is read as complete removes what it does not state. Most of it gone is more likely a wrong file than a
clean-up, so more than a tenth is refused until somebody says it is meant.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from kernel.errors import Invalid, Problem
from schemas.catalogue import canonical_json, removal_of
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE

from .columns import Layout
from .layouts import LAYOUTS
from .read import Origin, Reading


class Said(NamedTuple):
    """What was last stored about a subject from a day: its canonical payload, and the first day it no longer holds."""

    payload: bytes
    effective_to: date | None


def removals(
    present: Mapping[str, Collection[str]], reading: Reading, origin: Origin, *, force: bool = False
) -> list[CloudEvent]:
    """A removal for each present subject that the file does not state, in the registers it holds.

    `present` are the subjects by event family that this authority and source have stated and not removed. Raises
    Invalid when more than 10 % of a register is gone, unless `force`.
    """
    stated = {event.subject for event in reading.events}
    events, problems = list[CloudEvent](), list[Problem]()
    for layout in (layout for layout in LAYOUTS if layout.family in reading.families):
        there = set(present.get(layout.family, ()))
        gone = sorted(there - stated)
        if 10 * len(gone) > len(there) and not force:
            message = f"{len(gone)} of {len(there)} are gone from the file, more than 10 %"
            problems.append(Problem(layout.danish, message))
        events += [_removal(subject, layout, origin) for subject in gone]
    if problems:
        raise Invalid(
            "nothing was taken: too much is gone for a complete register",
            hint="check that it is the right file and whole; say --force when it is meant",
            problems=tuple(problems),
        )
    return events


def changes(events: Iterable[CloudEvent], last: Mapping[tuple[str, str, date], Said]) -> list[CloudEvent]:
    """The events without those that state again, from the same day, what was last stored of their subject.

    The store keeps every state with a date of its own, for it may take back a later one; a register is read again and
    again, and what it repeats is no news. `last` has an entry by type, subject and day for the subjects that are
    present. States without a date are left to the store.
    """
    return [event for event in events if not _repeats(event, last)]


def _repeats(event: CloudEvent, last: Mapping[tuple[str, str, date], Said]) -> bool:
    if event.effective is None:
        return False
    payload = canonical_json(CATALOGUE.get(event.type).model.model_validate(event.data))
    return last.get((event.type, event.subject, event.effective)) == Said(payload, event.effectiveto)


def _removal(subject: str, layout: Layout, origin: Origin) -> CloudEvent:
    return CloudEvent(
        id=f"{origin.run_id}:{layout.name}:removed:{subject}",
        source=origin.source,
        type=removal_of(CATALOGUE.latest(layout.family)).name,
        subject=subject,
        authority=origin.authority,
        time=origin.read_at,
        data={"reason": "no longer in the register"},
        shared=origin.shares(layout),
    )
