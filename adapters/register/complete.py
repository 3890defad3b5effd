"""What a register says anew, and what it no longer says: plain functions over what the event store has.

A register that is read as complete says all that holds from that day on: what it does not state is taken back, also
what was told for days to come. The past is left as it was told. Most of a register gone is more likely a wrong file
than a clean-up, so more than a tenth is refused until somebody says it is meant.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import orjson

from kernel.clock import COPENHAGEN
from kernel.errors import Invalid, Problem
from schemas.catalogue import canonical_json, removal_of
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE

from .columns import Layout
from .layouts import LAYOUTS
from .read import Origin, Reading


class Told(NamedTuple):
    """One statement about a subject: its event type, canonical payload, and the days it holds; without a payload that
    the subject is gone. `end` is the first day it no longer holds; without one it holds until the next start."""

    type: str
    payload: bytes | None
    start: date
    end: date | None = None
    dated: bool = True

    def says(self, other: "Told | None") -> bool:
        """Whether both say the same, for whatever days; nothing said is as good as gone."""
        if self.payload is None or other is None:
            return self.payload is None and (other is None or other.payload is None)
        return (self.type, self.payload) == (other.type, other.payload)


Stored = Mapping[str, Mapping[str, Sequence[Told]]]
"""All that an authority's source has told, by event family and subject, in the order it was told."""


def changes(events: Iterable[CloudEvent], stored: Stored) -> list[CloudEvent]:
    """The events without those that state again, from the same day, what was last told from it.

    The store keeps every state with a date of its own, for it may take back a later one; a register is read again and
    again, and what it repeats is no news. States without a date are left to the store.
    """
    return [event for event in events if not _repeats(event, stored)]


def corrections(
    stored: Stored, reading: Reading, origin: Origin, *, complete: bool, force: bool = False
) -> list[CloudEvent]:
    """What must be told beside the changes, so that what the file says holds.

    With `complete`, from today on nothing else holds: where the file states nothing, a removal, and where a row that
    was told is gone, what the rows that are left say for its days. Without it, only what the file states for today and
    was removed is told again. Raises Invalid when more than 10 % of a register is gone, unless `force`.
    """
    today = origin.read_at.astimezone(COPENHAGEN).date()
    stated = defaultdict[str, list[CloudEvent]](list)
    for event in reading.events:
        stated[event.subject].append(event)
    layouts = [layout for layout in LAYOUTS if layout.family in reading.families]
    if complete and not force:
        _refuse_a_wrong_file(layouts, stored, set(stated), today)
    found = list[CloudEvent]()
    for layout in layouts:
        told = stored.get(layout.family, {})
        for subject in sorted(told):
            meant = _after([], stated.get(subject, []), today)
            after = _after(told[subject], changes(stated.get(subject, []), stored), today)
            for one in _aligned(meant, after, today, complete=complete):
                found.append(_event(one, subject, layout, origin, gone=subject not in stated))
    return found


def _refuse_a_wrong_file(layouts: Iterable[Layout], stored: Stored, stated: set[str], today: date) -> None:
    problems = list[Problem]()
    for layout in layouts:
        there = {subject for subject, told in stored.get(layout.family, {}).items() if _lives(told, today)}
        gone = there - stated
        if 10 * len(gone) > len(there):
            message = f"{len(gone)} of {len(there)} are gone from the file, more than 10 %"
            problems.append(Problem(layout.danish, message))
    if problems:
        raise Invalid(
            "nothing was taken: too much is gone for a complete register",
            hint="check that it is the right file and whole; say --force when it is meant",
            problems=tuple(problems),
        )


def _repeats(event: CloudEvent, stored: Stored) -> bool:
    if event.effective is None:
        return False
    new = _told(event, event.effective)
    before = stored.get(CATALOGUE.get(event.type).family, {}).get(event.subject, ())
    last = next((each for each in reversed(before) if each.dated and each.start == new.start), None)
    return last is not None and last.says(new) and last.end == new.end


def _after(before: Sequence[Told], events: Iterable[CloudEvent], today: date) -> list[Told]:
    """What is told when these events have been: without a date from today, and only when it is not what was last."""
    told = list(before)
    for event in events:
        new = _told(event, today)
        if new.dated or not told or not told[-1].says(new):
            told.append(new)
    return told


def _aligned(meant: Sequence[Told], after: Sequence[Told], today: date, *, complete: bool) -> list[Told]:
    """What must be told last, so that from today on what holds after `after` is what is meant."""
    told, missing = list(after), list[Told]()
    for day in _turns([*meant, *after], today) if complete else [today]:
        wanted, held = _held(meant, day), _held(told, day)
        same = held is None if wanted is None else wanted.says(held)
        if same or (not complete and (wanted is None or held is not None)):
            continue
        new = wanted._replace(start=day) if wanted else Told("", None, day)
        told.append(new)
        missing.append(new)
    return missing


def _lives(told: Sequence[Told], today: date) -> bool:
    """Whether the subject is there today or told to be there later."""
    return any(_held(told, day) for day in _turns(told, today))


def _turns(told: Iterable[Told], today: date) -> list[date]:
    """Today and the days after it on which something may begin or end."""
    days = {day for each in told for day in (each.start, each.end) if day is not None and day > today}
    return [today, *sorted(days)]


def _held(told: Sequence[Told], day: date) -> Told | None:
    """What holds on a day: from its start to its end, else to the next start; the last told of those that do."""
    begun = [each for each in told if each.start <= day]
    latest = max((each.start for each in begun), default=None)
    holding = [each for each in begun if (each.end > day if each.end else each.start == latest)]
    return holding[-1] if holding and holding[-1].payload is not None else None


def _told(event: CloudEvent, today: date) -> Told:
    payload = canonical_json(CATALOGUE.get(event.type).model.model_validate(event.data))
    return Told(event.type, payload, event.effective or today, event.effectiveto, event.effective is not None)


def _event(told: Told, subject: str, layout: Layout, origin: Origin, *, gone: bool) -> CloudEvent:
    stated = CATALOGUE.latest(layout.family)
    reason = "no longer in the register" if gone else "the register states nothing from this day"
    return CloudEvent(
        id=f"{origin.run_id}:{layout.name}:{told.start}:{subject}",
        source=origin.source,
        type=removal_of(stated).name if told.payload is None else told.type,
        subject=subject,
        authority=origin.authority,
        time=origin.read_at,
        data={"reason": reason} if told.payload is None else orjson.loads(told.payload),
        effective=told.start,
        effectiveto=told.end,
        shared=origin.shares(layout),
    )
