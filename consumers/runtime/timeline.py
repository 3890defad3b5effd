"""One subject's statements as the spans of days they hold, by the same rule as `states.as_of`; pure."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Any, NamedTuple


class Statement(NamedTuple):
    """What was stated of a subject from `start` until, not including, `end`; without a document it was removed."""

    position: int
    start: date
    end: date | None
    recorded: datetime
    document: Any


class Span(NamedTuple):
    """Days on which one statement holds: from `start` until, not including, `end`."""

    start: date
    end: date | None
    said: Statement

    def meets(self, first: date, last: date) -> bool:
        """Whether it holds on some day from `first` to `last`."""
        return self.start <= last and (self.end is None or self.end > first)


def holding(statements: Sequence[Statement], day: date) -> Statement | None:
    """The statement that holds on `day`, a removal too: of all that span it, the one recorded last."""
    started = [each for each in statements if each.start <= day]
    if not started:
        return None
    latest = max(each.start for each in started)
    spanning = [each for each in started if (each.start == latest if each.end is None else each.end > day)]
    return max(spanning, key=lambda each: each.position, default=None)


def spans(statements: Sequence[Statement]) -> tuple[Span, ...]:
    """The spans on which something holds, in their order; those of removals are left out."""
    turns = sorted({each.start for each in statements} | {each.end for each in statements if each.end})
    found = list[Span]()
    for day, until in zip_longest(turns, turns[1:]):
        held = holding(statements, day)
        if held is None or held.document is None:
            continue
        if found and found[-1].end == day and found[-1].said is held:
            found[-1] = found[-1]._replace(end=until)
        else:
            found.append(Span(day, until, held))
    return tuple(found)
