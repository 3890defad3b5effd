"""What was stated of one subject over time, for questions about many days at once; pure."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Statement(NamedTuple, Generic[T]):
    """What holds from `effective`, until the day before `effective_to`; a removal states nothing."""

    effective: date
    effective_to: date | None
    value: T | None


@dataclass(frozen=True, slots=True)
class Timeline(Generic[T]):
    """Everything that is known of a subject, in the order in which it was recorded."""

    subject: str
    statements: tuple[Statement[T], ...]

    def at(self, day: date) -> Statement[T] | None:
        """The statement that holds on `day`, as `consumers.runtime.states` defines it; None for a removal."""
        started = [each for each in self.statements if each.effective <= day]
        latest = max((each.effective for each in started), default=day)
        holding = [each for each in started if (each.effective_to or date.max) > day]
        holding = [each for each in holding if each.effective_to or each.effective == latest]
        return holding[-1] if holding and holding[-1].value is not None else None
