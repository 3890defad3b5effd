"""Whether what an event says fits a condition; pure."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas.automation import Condition, Trigger

from .view import View, entries

Key = tuple[int, Decimal | str]
"""What two values are compared by: numbers among themselves, and text among itself."""


def sets_off(trigger: Trigger, view: View) -> bool:
    """Whether the event is of the trigger's family and every condition holds."""
    return view.kind.family == trigger.event and all(holds(condition, view) for condition in trigger.conditions)


def holds(condition: Condition, view: View) -> bool:
    """Whether a condition holds of the event."""
    found, stated = entries(view.at(condition.path)), condition.value
    match condition.operator:
        case "exists":
            return bool(found)
        case "absent":
            return not found
        case "not-equals":
            return all(compared(value) != compared(stated) for value in found)
        case "one-of":
            wanted = [compared(each) for each in _listed(stated)]
            return any(compared(value) in wanted for value in found)
        case operator:
            return any(_COMPARES[operator](value, stated) for value in found)


def compared(value: Any) -> Key:
    """A number that is written plainly as a number, all else as text; yes and no are the words `true` and `false`."""
    if isinstance(value, bool):
        return (1, "true" if value else "false")
    with suppress(InvalidOperation):
        number = Decimal(str(value))
        if number.is_finite():
            return (0, number)
    return (1, str(value))


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, tuple) else (value,)


def _ordered(fits: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Compare two numbers or two texts; a number and a text are in no order."""

    def compare(value: Any, stated: Any) -> bool:
        left, right = compared(value), compared(stated)
        return left[0] == right[0] and fits(left[1], right[1])

    return compare


_COMPARES: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": lambda value, stated: compared(value) == compared(stated),
    "starts-with": lambda value, stated: str(value).startswith(str(stated)),
    "contains": lambda value, stated: str(stated).casefold() in str(value).casefold(),
    "less-than": _ordered(lambda left, right: left < right),
    "at-most": _ordered(lambda left, right: left <= right),
    "at-least": _ordered(lambda left, right: left >= right),
    "more-than": _ordered(lambda left, right: left > right),
}
