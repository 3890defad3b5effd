"""The spans of days on which a subject's statements hold."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from consumers.runtime.timeline import Statement, holding, spans

FIRST = date(2026, 1, 1)
KNOWN = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@st.composite
def histories(draw: st.DrawFn) -> list[Statement]:
    """Some statements of one subject: early and late, with and without an end, removals among them."""
    stated = draw(st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(1, 5), st.booleans()), max_size=7))
    return [
        Statement(position, day(start), day(start + length) if length else None, KNOWN, "said" if kept else None)
        for position, (start, length, kept) in enumerate(stated, 1)
    ]


@given(histories(), st.integers(-1, 16))
def test_spans_say_what_holds_on_every_day(statements: list[Statement], number: int) -> None:
    """On each day at most one span, and that of the statement which holds; none where it was removed."""
    on = [span for span in spans(statements) if span.meets(day(number), day(number))]
    held = holding(statements, day(number))
    expected = [] if held is None or held.document is None else [held]
    assert [span.said for span in on] == expected


@given(histories(), st.randoms(use_true_random=False))
def test_spans_do_not_depend_on_the_order_of_reading(statements: list[Statement], mixed: Random) -> None:
    """A set of statements has one history."""
    other = list(statements)
    mixed.shuffle(other)
    assert spans(other) == spans(statements)
