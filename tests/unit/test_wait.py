"""Waiting for a condition: the value comes back, or the deadline says what was missing."""

import pytest

from tests.support.wait import until


def test_until_returns_the_first_truthy_value() -> None:
    """What the condition answers is handed on."""
    answers = iter([None, [], "here"])
    assert until(lambda: next(answers), 5, "an answer") == "here"


def test_until_names_what_did_not_come() -> None:
    """A passed deadline tells what was waited for, how long, and what was seen instead."""
    with pytest.raises(AssertionError, match=r"waited 0\.05 s for rain; last seen: 0"):
        until(lambda: 0, 0.05, "rain")
