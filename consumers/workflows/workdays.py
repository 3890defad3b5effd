"""Working days and spans of days as municipalities count them.

The day of opening does not count; the deadline is the N-th working day after it, and is in time until that day ends.
Saturdays, Sundays and the Danish public holidays are none (the `holidays` library; store bededag was one until 2023),
nor are 5 June, 24 December and 31 December, when municipal offices are closed.
"""

import re
from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

from kernel.errors import Invalid
from schemas.months import add_months

CLOSED = ((6, 5), (12, 24), (12, 31))
"""Grundlovsdag, juleaftensdag and nytårsaftensdag, as month and day."""
_SPAN = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")


def is_working_day(day: date) -> bool:
    """Whether municipal offices are open on `day`."""
    return day.weekday() < 5 and (day.month, day.day) not in CLOSED and day not in _holidays(day.year)


def deadline(opened: date, working_days: int) -> date:
    """The last day on which what was opened on `opened` is in time."""
    day = opened
    for _ in range(working_days):
        day += timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
    return day


def after_span(start: date, span: str) -> date:
    """The day that lies the ISO 8601 duration `span` (years, months, weeks, days) after `start`. Raises Invalid."""
    found = _SPAN.fullmatch(span)
    if found is None or not any(found.groups()):
        raise Invalid(f"{span!r} is no duration in days", hint="ISO 8601 in years, months, weeks and days: P14D, P1M")
    years, months, weeks, days = (int(number or 0) for number in found.groups())
    return add_months(start, 12 * years + months) + timedelta(weeks=weeks, days=days)


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(country_holidays("DK", years=year))
