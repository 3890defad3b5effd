"""Contract terms over time: term, options, notice and renewal, and the dates that follow from them.

How months are counted. Notice of N months given on a day runs to the same day N months later (the last day of the
month when that month lacks it), and on to the end of the month, quarter or calendar year where the contract says so:
six months to the end of a month, given on 31 March, ends on 30 September; given on 1 April it ends on 31 October.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from .months import CalendarPeriod, add_months, end_of, extended, last_end_by
from .values import Value

Months = Annotated[int, Field(ge=0, le=240)]


class Option(Value):
    """A right the authority may use until a date, and the date it took it up."""

    use_by: date | None = None
    taken_up_on: date | None = None


class ExtensionOption(Option):
    """A right to let the contract run some months more."""

    months: Annotated[int, Field(ge=1, le=240)]


class Notice(Value):
    """Months of notice, to any day or to the end of a calendar month, quarter or year."""

    months: Months
    to_end_of: CalendarPeriod | None = None


class Termination(Value):
    """Notice that was given; `last_day` where the parties agreed on one, else it follows from the notice period."""

    notice_given_on: date
    last_day: date | None = None


class TermsBase(Value):
    """The terms that every version of a contract states.

    `ends_on` is the last day before any option. A contract that is neither `open_ended` nor has an end has one that
    nobody wrote down. Before `irrevocable_until` no notice can end it. `renews_months`: unless notice is given in
    time it goes on by itself for so long, again and again.
    """

    starts_on: date | None = None
    ends_on: date | None = None
    open_ended: bool = False
    options: tuple[ExtensionOption, ...] = ()
    irrevocable_until: date | None = None
    renews_months: Annotated[int, Field(ge=1, le=240)] | None = None
    termination: Termination | None = None

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.open_ended and self.ends_on is not None:
            raise ValueError("an open-ended contract has no ends_on: leave out one of them")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError("the contract ends before it starts: check starts_on and ends_on")
        return self


class Terms(TermsBase):
    """The terms of a contract, with its notice."""

    notice: Notice | None = None


def ends_on(terms: Terms, today: date) -> date | None:
    """The last day the contract runs as things stand `today`; None while no end is known or it is open-ended.

    Counts the options taken up and the notice given by then, and the renewals that can no longer be prevented. Notice
    ends a contract that renews itself at the end of the running term, any other when the notice period is over.
    """
    given = terms.termination
    if given is None or given.notice_given_on > today:
        return _planned_end(terms, today, notice_given_on=today)
    if given.last_day is not None:
        return given.last_day
    planned = _planned_end(terms, today, notice_given_on=given.notice_given_on)
    by_notice = None if terms.renews_months else end_after_notice(terms, given.notice_given_on)
    return min((day for day in (by_notice, planned) if day is not None), default=None)


def end_after_notice(terms: Terms, given_on: date) -> date | None:
    """The first day that notice given on `given_on` can end the contract; None when it has no notice period."""
    if terms.notice is None:
        return None
    end = max(add_months(given_on, terms.notice.months), terms.irrevocable_until or date.min)
    return end_of(end, terms.notice.to_end_of) if terms.notice.to_end_of else end


def end_if_notice_now(terms: Terms, today: date) -> date | None:
    """The last day the contract would run if notice were given `today`.

    None when notice was given already, when none can end it (no notice period, no renewal), and when it has ended.
    """
    if _notice_is_given(terms, today) or (terms.notice is None and terms.renews_months is None):
        return None
    end = ends_on(terms.model_copy(update={"termination": Termination(notice_given_on=today)}), today)
    return end if end is not None and end >= today else None


def notice_by(notice: Notice, last_day: date) -> date:
    """The latest day to give notice so that the contract ends on `last_day`, or before when it is no period's end."""
    end = last_end_by(last_day, notice.to_end_of) if notice.to_end_of else last_day
    start = add_months(end, -notice.months)
    # Notice of one month given on 28 to 31 January ends on 28 February: the last of those days is the latest.
    return end_of(start, "month") if end == end_of(end, "month") else start


def latest_notice(terms: Terms, today: date) -> date | None:
    """The latest day to give notice so that the contract ends as planned `today`, not later by renewal or default.

    None once notice is given: there is none left to give.
    """
    end = ends_on(terms, today)
    return notice_by(terms.notice, end) if terms.notice and end and not _notice_is_given(terms, today) else None


def next_option(terms: Terms, today: date) -> ExtensionOption | None:
    """The first option to extend that is neither taken up nor lapsed."""
    free = (option for option in terms.options if not _taken_up(option, today))
    return next((option for option in free if option.use_by is None or today <= option.use_by), None)


def ends_with_options(terms: Terms, today: date) -> date | None:
    """As `ends_on`, with every option that can still be taken up; an option cannot undo notice that was given."""
    end = ends_on(terms, today)
    if end is None or _notice_is_given(terms, today):
        return end
    for option in terms.options:
        if not _taken_up(option, today) and (option.use_by is None or today <= option.use_by):
            end = extended(end, option.months)
    return end


def runs(terms: Terms, on: date) -> bool:
    """Whether the contract runs on that day, as its terms then stand; one without a start has begun."""
    end = ends_on(terms, on)
    return (terms.starts_on is None or terms.starts_on <= on) and (end is None or on <= end)


def _notice_is_given(terms: Terms, today: date) -> bool:
    return terms.termination is not None and terms.termination.notice_given_on <= today


def _taken_up(option: Option, today: date) -> bool:
    return option.taken_up_on is not None and option.taken_up_on <= today


def _planned_end(terms: Terms, today: date, *, notice_given_on: date) -> date | None:
    """The end with the options taken up by `today` and the renewals that notice on the given day cannot prevent."""
    if terms.ends_on is None:
        return None
    end = terms.ends_on
    for option in terms.options:
        if _taken_up(option, today):
            end = extended(end, option.months)
    return _renewed(end, terms, notice_given_on)


def _renewed(first_end: date, terms: Terms, notice_given_on: date) -> date:
    end, renewals = first_end, 0
    while terms.renews_months and end < date.max and notice_given_on > _renewal_notice(terms, end):
        renewals += 1
        end = extended(first_end, renewals * terms.renews_months)
    return end


def _renewal_notice(terms: Terms, end: date) -> date:
    """The latest day to prevent the renewal at `end`: that day itself where no notice period was agreed."""
    return notice_by(terms.notice, end) if terms.notice else end
