"""Waiting for a condition with a deadline: tests never sleep for a guessed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_S = 0.02
"""Between two looks at the condition."""


def until(condition: Callable[[], T], deadline_s: float, what: str) -> T:
    """Return the first truthy value of `condition`, looking again and again for `deadline_s` seconds.

    Raises:
        AssertionError: the deadline passed; it names `what` was waited for and what was seen last.
    """
    end = time.monotonic() + deadline_s
    while not (seen := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline_s:g} s for {what}; last seen: {seen!r}")
        time.sleep(PAUSE_S)
    return seen
