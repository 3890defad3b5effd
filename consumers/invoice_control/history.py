"""What is known of one subject over time: statements, and which of them holds on a day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from .documents import Origin

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    """What one event states of a subject from `effective` on; a removal states nothing."""

    origin: Origin
    effective: date
    effective_to: date | None
    value: T


@dataclass(frozen=True, slots=True)
class History(Generic[T]):
    """Everything that is known of one subject, in the order in which it was recorded."""

    subject: UUID
    statements: tuple[Statement[T | None], ...]

    def at(self, day: date) -> Statement[T] | None:
        """The statement that holds on `day` (as `consumers.runtime.states` defines it), unless it is a removal."""
        started = [each for each in self.statements if each.effective <= day]
        if not started:
            return None
        latest = max(each.effective for each in started)
        holding = [each for each in started if (each.effective_to or date.max) > day]
        holding = [each for each in holding if each.effective_to or each.effective == latest]
        return _stated(holding[-1]) if holding else None

    def known_at(self, day: date) -> Statement[T] | None:
        """As `at`; before the first start it is the first statement, whose own dates say what held."""
        first = min(each.effective for each in self.statements)
        return self.at(max(day, first))

    def ever(self) -> Iterator[T]:
        """Every value that was ever stated."""
        return (each.value for each in self.statements if each.value is not None)


def _stated(statement: Statement[T | None]) -> Statement[T] | None:
    return statement if statement.value is not None else None  # type: ignore[return-value]


def stated(histories: Mapping[UUID, History[Any]]) -> tuple[Any, ...]:
    """Every statement, by its event and by the value that was read of it, which is one object while it is kept."""
    return tuple(
        (subject, tuple((each.origin, each.effective, each.effective_to, id(each.value)) for each in of.statements))
        for subject, of in histories.items()
    )
