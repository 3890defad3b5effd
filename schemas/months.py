"""Months as contracts count them: calendar months, and the ends of months, quarters and years."""

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Literal

CalendarPeriod = Literal["month", "quarter", "year"]

_LENGTH: dict[CalendarPeriod, int] = {"month": 1, "quarter": 3, "year": 12}


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later (earlier when negative).

    A day the month lacks becomes its last day: 31 January and one month is 28 or 29 February. Dates that registers
    write for "never" stay within the calendar: the result is at most 9999-12-31 and at least 0001-01-01.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if years > MAXYEAR:
        return date.max
    if years < MINYEAR:
        return date.min
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def extended(last_day: date, months: int) -> date:
    """The last day of a term that ran to `last_day` and goes on for `months` more.

    Counted from the day after, so that a term to 30 June goes on to 31 December, not to 30 December.
    """
    if last_day == date.max:
        return last_day
    following = add_months(last_day + timedelta(days=1), months)
    return following if following in {date.min, date.max} else following - timedelta(days=1)


def end_of(day: date, period: CalendarPeriod) -> date:
    """The last day of the calendar month, quarter or year that `day` is in."""
    length = _LENGTH[period]
    month = (day.month - 1) // length * length + length
    return date(day.year, month, monthrange(day.year, month)[1])


def last_end_by(day: date, period: CalendarPeriod) -> date:
    """The latest end of a calendar month, quarter or year that is not after `day`."""
    end = end_of(day, period)
    return end if end == day else end_of(add_months(day, -_LENGTH[period]), period)


def whole_months(first: date, last: date) -> int | None:
    """How many months the span from `first` to `last`, both days included, is; None when it is not whole months."""
    if last < first or last == date.max:
        return None
    following = last + timedelta(days=1)
    months = (following.year - first.year) * 12 + following.month - first.month
    return months if months > 0 and add_months(first, months) == following else None
