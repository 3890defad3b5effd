"""The dates that follow from a contract's terms."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.months import CalendarPeriod, add_months, end_of, extended, last_end_by, whole_months
from schemas.terms import (
    Notice,
    Termination,
    Terms,
    end_after_notice,
    end_if_notice_now,
    ends_on,
    ends_with_options,
    latest_notice,
    next_option,
    notice_by,
    runs,
)

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
NOTICES = st.builds(Notice, months=st.integers(0, 36), to_end_of=st.sampled_from([None, "month", "quarter", "year"]))
TODAY = date(2026, 3, 2)


def terms(**fields: Any) -> Terms:
    return Terms.model_validate({"starts_on": "2022-01-01", "ends_on": "2025-12-31"} | fields)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), -13, date(2025, 2, 28)),
        (date(9999, 12, 31), 12, date.max),
        (date(1, 1, 1), -1, date.min),
    ],
)
def test_add_months(day: date, months: int, expected: date) -> None:
    """A day the month lacks becomes its last, and dates written for never stay in the calendar."""
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("last", "months", "expected"),
    [
        (date(2026, 6, 30), 6, date(2026, 12, 31)),
        (date(2027, 2, 28), 12, date(2028, 2, 29)),
        (date(2026, 6, 14), 12, date(2027, 6, 14)),
        (date(9999, 12, 31), 12, date.max),
        (date(9999, 6, 30), 12, date.max),
    ],
)
def test_extended(last: date, months: int, expected: date) -> None:
    """A term is extended from the day after its end, so that ends of months stay ends of months."""
    assert extended(last, months) == expected


@pytest.mark.parametrize(
    ("period", "end", "end_by"),
    [
        ("month", date(2026, 5, 31), date(2026, 4, 30)),
        ("quarter", date(2026, 6, 30), date(2026, 3, 31)),
        ("year", date(2026, 12, 31), date(2025, 12, 31)),
    ],
)
def test_ends_of_periods(period: CalendarPeriod, end: date, end_by: date) -> None:
    """The end of the period a day is in, and the last such end that has been."""
    assert end_of(date(2026, 5, 20), period) == end
    assert last_end_by(date(2026, 5, 20), period) == end_by
    assert last_end_by(end, period) == end


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), 12),
        (date(2026, 1, 15), date(2026, 4, 14), 3),
        (date(2026, 1, 1), date(2026, 1, 30), None),
        (date(2026, 1, 1), date(2025, 12, 31), None),
        (date(2026, 1, 1), date.max, None),
    ],
)
def test_whole_months(first: date, last: date, expected: int | None) -> None:
    """A service period has a number of months only when it is whole ones."""
    assert whole_months(first, last) == expected


@given(first=DAYS.filter(lambda day: day.day <= 28), months=st.integers(1, 60))
def test_whole_months_undo_adding(first: date, months: int) -> None:
    """The span of N months from a day is N whole months."""
    assert whole_months(first, add_months(first, months) - timedelta(days=1)) == months


@pytest.mark.parametrize(
    ("given_on", "to_end_of", "expected"),
    [
        (date(2026, 3, 31), None, date(2026, 9, 30)),
        (date(2026, 3, 31), "month", date(2026, 9, 30)),
        (date(2026, 4, 1), "month", date(2026, 10, 31)),
        (date(2026, 4, 1), "quarter", date(2026, 12, 31)),
        (date(2026, 7, 1), "year", date(2027, 12, 31)),
    ],
)
def test_end_after_notice(given_on: date, to_end_of: CalendarPeriod | None, expected: date) -> None:
    """Six months' notice runs to the same day, and on to the end of the agreed period."""
    assert end_after_notice(terms(notice=Notice(months=6, to_end_of=to_end_of)), given_on) == expected


def test_notice_cannot_end_it_while_irrevocable() -> None:
    """Notice given during irrevocability ends the contract at the first allowed period's end after it."""
    bound = terms(ends_on=None, irrevocable_until="2027-02-15", notice={"months": 3, "to_end_of": "month"})
    assert end_after_notice(bound, date(2026, 3, 2)) == date(2027, 2, 28)


def test_without_notice_period_no_end_follows() -> None:
    """Nobody can say when notice takes effect where none was agreed."""
    assert end_after_notice(terms(), TODAY) is None
    assert latest_notice(terms(), TODAY) is None


@pytest.mark.parametrize(
    ("months", "to_end_of", "last_day", "expected"),
    [
        (6, "month", date(2026, 12, 31), date(2026, 6, 30)),
        (3, "quarter", date(2026, 12, 31), date(2026, 9, 30)),
        (3, "quarter", date(2026, 11, 15), date(2026, 6, 30)),
        (6, "year", date(2026, 6, 30), date(2025, 6, 30)),
        (1, None, date(2026, 2, 28), date(2026, 1, 31)),
        (1, None, date(2026, 3, 30), date(2026, 2, 28)),
    ],
)
def test_notice_by(months: int, to_end_of: CalendarPeriod | None, last_day: date, expected: date) -> None:
    """The latest day to give notice, counted back from the end, or from the last period's end before it."""
    assert notice_by(Notice(months=months, to_end_of=to_end_of), last_day) == expected


@given(notice=NOTICES, last_day=DAYS)
def test_latest_notice_is_in_time_and_the_last(notice: Notice, last_day: date) -> None:
    """Notice on the latest day ends the contract in time; a day later it does not."""
    open_ended = Terms(open_ended=True, notice=notice)
    latest = notice_by(notice, last_day)
    in_time = end_after_notice(open_ended, latest)
    too_late = end_after_notice(open_ended, latest + timedelta(days=1))
    assert in_time is not None
    assert too_late is not None
    assert in_time <= last_day < too_late


@given(notice=NOTICES, days=st.tuples(DAYS, DAYS))
def test_later_notice_never_ends_earlier(notice: Notice, days: tuple[date, date]) -> None:
    """Waiting to give notice cannot bring the end forward."""
    ends = [end_after_notice(Terms(notice=notice), day) for day in sorted(days)]
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0] <= ends[1]


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2025, 5, 19), date(2025, 12, 31)), (date(2025, 5, 20), date(2026, 12, 31))],
)
def test_options_count_from_the_day_they_are_taken_up(today: date, expected: date) -> None:
    """An option taken up extends the term; one not taken up does not."""
    extendable = terms(options=[{"months": 12, "taken_up_on": "2025-05-20"}, {"months": 12}])
    assert ends_on(extendable, today) == expected


def test_next_option_skips_taken_up_and_lapsed() -> None:
    """The option to decide on is the first that is neither used nor too late."""
    extendable = terms(
        options=[
            {"months": 12, "use_by": "2025-06-30", "taken_up_on": "2025-05-20"},
            {"months": 12, "use_by": "2026-03-01"},
            {"months": 6, "use_by": "2026-06-30"},
        ]
    )
    option = next_option(extendable, TODAY)
    assert option is not None
    assert option.months == 6
    assert next_option(extendable, date(2026, 7, 1)) is None


def test_open_ended_contract_has_no_end() -> None:
    """An open-ended contract runs until notice is given."""
    open_ended = terms(ends_on=None, open_ended=True, notice={"months": 3})
    assert ends_on(open_ended, TODAY) is None
    assert latest_notice(open_ended, TODAY) is None


def test_notice_given_ends_an_open_ended_contract() -> None:
    """Once notice is given the end follows from it, and before that day it is not known."""
    given_notice = terms(
        ends_on=None,
        open_ended=True,
        notice={"months": 3, "to_end_of": "month"},
        termination={"notice_given_on": "2026-02-10"},
    )
    assert ends_on(given_notice, date(2026, 2, 9)) is None
    assert ends_on(given_notice, TODAY) == date(2026, 5, 31)


def test_agreed_last_day_wins_over_the_notice_period() -> None:
    """The parties may agree on another day than the notice gives."""
    agreed = terms(
        ends_on=None, notice={"months": 12}, termination={"notice_given_on": "2026-02-10", "last_day": "2026-04-30"}
    )
    assert ends_on(agreed, TODAY) == date(2026, 4, 30)


def test_notice_does_not_prolong_the_term() -> None:
    """Notice that would run past the term leaves the term as it is."""
    short = terms(notice={"months": 12}, termination={"notice_given_on": "2025-06-01"})
    assert ends_on(short, TODAY) == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2025, 9, 30), date(2025, 12, 31)),
        (date(2025, 10, 1), date(2026, 12, 31)),
        (date(2026, 10, 1), date(2027, 12, 31)),
    ],
)
def test_renewal_counts_once_it_cannot_be_prevented(today: date, expected: date) -> None:
    """A contract that renews itself runs a year more from the day after the latest notice."""
    assert ends_on(terms(renews_months=12, notice={"months": 3}), today) == expected


@pytest.mark.parametrize(
    ("given_on", "expected"), [("2025-09-30", date(2025, 12, 31)), ("2025-10-01", date(2026, 12, 31))]
)
def test_notice_in_time_stops_renewal(given_on: str, expected: date) -> None:
    """Notice ends a contract that renews itself with its term; notice that came late with the term after."""
    stopped = terms(renews_months=12, notice={"months": 3}, termination={"notice_given_on": given_on})
    assert ends_on(stopped, date(2027, 5, 1)) == expected


def test_renewal_without_notice_period_counts_from_the_end() -> None:
    """Where no notice was agreed it renews when the term has passed."""
    renewing = terms(renews_months=12)
    assert ends_on(renewing, date(2025, 12, 31)) == date(2025, 12, 31)
    assert ends_on(renewing, date(2026, 1, 1)) == date(2026, 12, 31)


def test_latest_notice_follows_options_taken_up() -> None:
    """The day to give notice moves with the end it leads to."""
    extendable = terms(
        options=[{"months": 12, "taken_up_on": "2025-05-20"}], notice={"months": 6, "to_end_of": "month"}
    )
    assert latest_notice(extendable, date(2025, 5, 19)) == date(2025, 6, 30)
    assert latest_notice(extendable, TODAY) == date(2026, 6, 30)


def test_the_end_with_options_counts_those_that_can_still_be_taken_up() -> None:
    """Taken up, lapsed and free options differ."""
    options = [
        {"months": 6, "use_by": "2025-01-01", "taken_up_on": "2024-12-01"},
        {"months": 24, "use_by": "2026-03-01"},
        {"months": 12, "use_by": "2026-03-02"},
    ]
    free = terms(ends_on="2026-06-30", options=options)
    assert ends_with_options(free, TODAY) == date(2027, 12, 31)
    assert ends_with_options(terms(open_ended=True, ends_on=None), TODAY) is None


def test_an_option_cannot_undo_notice() -> None:
    """Who has given notice does not extend."""
    given = {"notice_given_on": "2026-03-01", "last_day": "2026-05-31"}
    ending = terms(ends_on="2026-06-30", options=[{"months": 12}], termination=given)
    assert ends_with_options(ending, TODAY) == date(2026, 5, 31)


@pytest.mark.parametrize(
    ("fields", "running"),
    [
        ({"ends_on": "2026-03-02"}, True),
        ({"ends_on": "2026-03-01"}, False),
        ({"starts_on": "2026-03-03", "ends_on": "2027-03-02"}, False),
        ({"starts_on": None, "ends_on": None, "open_ended": True}, True),
    ],
)
def test_runs(fields: dict[str, Any], running: bool) -> None:
    """From its first day to its last, both included."""
    assert runs(terms(**fields), TODAY) == running


@pytest.mark.parametrize(
    ("fields", "today", "expected"),
    [
        ({"ends_on": "2026-12-31", "renews_months": 12}, date(2026, 3, 1), date(2026, 12, 31)),
        ({"ends_on": "2026-12-31", "renews_months": 12}, date(2026, 10, 1), date(2027, 12, 31)),
        ({"ends_on": "2026-01-31"}, date(2025, 12, 1), date(2026, 1, 31)),
        ({"ends_on": "2026-12-31"}, date(2026, 3, 1), date(2026, 6, 1)),
        ({"ends_on": None, "open_ended": True}, date(2026, 3, 1), date(2026, 6, 1)),
        ({"ends_on": "2026-12-31", "notice": None}, date(2026, 3, 1), None),
        ({"ends_on": "2026-02-28"}, date(2026, 3, 1), None),
    ],
)
def test_the_end_if_notice_is_given_today(fields: dict[str, Any], today: date, expected: date | None) -> None:
    """Not in the middle of a term that renews itself, not after the contract's own end, never before today."""
    assert end_if_notice_now(terms(**({"notice": {"months": 3}} | fields)), today) == expected


@given(
    notice=NOTICES,
    today=DAYS,
    ends=st.none() | DAYS,
    renews=st.none() | st.integers(1, 60),
)
def test_notice_given_today_ends_it_as_was_foretold(
    notice: Notice, today: date, ends: date | None, renews: int | None
) -> None:
    """What is said of notice today is what holds once it is given, and notice never makes a contract longer."""
    before = Terms(ends_on=ends, open_ended=ends is None, notice=notice, renews_months=renews)
    foretold = end_if_notice_now(before, today)
    if foretold is not None:
        given_now = before.model_copy(update={"termination": Termination(notice_given_on=today)})
        assert foretold == ends_on(given_now, today)
        assert foretold <= (ends_on(before, today) or date.max)


def test_once_notice_is_given_there_is_none_left_to_give() -> None:
    """Neither a latest day for it nor what it would lead to."""
    leaving = terms(
        ends_on="2025-10-31", notice={"months": 6}, termination={"notice_given_on": "2025-04-01"}, renews_months=12
    )
    assert latest_notice(leaving, date(2025, 3, 31)) == date(2025, 4, 30)
    assert latest_notice(leaving, date(2025, 4, 1)) is None
    assert end_if_notice_now(leaving, date(2025, 4, 1)) is None
