"""What the watch over contracts finds, rule by rule (docs/rules.md, "The watch over contracts"); pure.

Today is a day that is given. What a finding says are dates and never the days that are left, so that it stays the same
until something happens.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from schemas.alerts import Severity
from schemas.months import add_months, end_of, extended
from schemas.retendering import lead_months, start_by
from schemas.terms import Terms, end_if_notice_now, ends_on, ends_with_options, next_option, notice_by

from .watched import Billed, Origin, Successor, Watched

NEAR_MONTHS = 3
"""How long before a deadline it is near."""
MISSED_MONTHS = 1
"""How long it is told that a contract has renewed itself because nobody gave notice."""
ESCALATE_MONTHS = 12
"""What may be left at the least without a re-tender under way; half the lead time where that is shorter."""
BILLING_GRACE_DAYS = 30
"""How long after the end a document that states no period may be issued for what was delivered before."""


Texts = Mapping[str, date | int | str | None]


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What a rule found. `expected` and `found` are dates as ISO 8601; `values` are what its wording is filled with."""

    reason: str
    expected: date | None = None
    found: date | None = None
    values: Texts = field(default_factory=dict)
    stake: tuple[Decimal, str] | None = None
    rests_on: tuple[Origin, ...] = ()


class Rule(NamedTuple):
    """One rule: its code in lower case, and what it finds in a contract."""

    code: str
    version: int
    severity: Severity
    find: Callable[[Watched], Iterator[Hit]]


def deadlines(watched: Watched) -> Iterator[Hit]:
    """CW01: the day to give notice or to take up an option is near, or has passed with nothing done."""
    if not watched.runs or watched.notice_is_given:
        return
    found = [*_renewal(watched), *_changeover(watched), *_option(watched)]
    if found:
        yield min(found, key=lambda hit: (hit.expected or date.max, hit.reason))


def retender_due(watched: Watched) -> Iterator[Hit]:
    """CW02: it is time to begin buying anew, counted back from the end, and nobody has."""
    end = None if watched.under_way else _end_to_replace(watched)
    if end is not None and watched.today >= start_by(watched.contract, end):
        yield _retender(watched, end, "start")


def retender_late(watched: Watched) -> Iterator[Hit]:
    """CW03: a year is left, or half of a shorter lead time, and no person has begun to buy anew."""
    end = None if watched.taken_up else _end_to_replace(watched)
    if end is None:
        return
    lead = lead_months(watched.contract)
    if watched.today >= add_months(end, -(ESCALATE_MONTHS if lead > ESCALATE_MONTHS else lead // 2)):
        yield _retender(watched, end, "late")


def billed_after_end(watched: Watched) -> Iterator[Hit]:
    """CW04: the contract has ended, nothing came after it, and its supplier goes on sending invoices on it."""
    end = watched.end
    if end is None or end >= watched.today or watched.successors:
        return
    late = [each for each in watched.billed if _is_after(each, end)]
    sums = defaultdict[str | None, Decimal](Decimal)
    for document in late:
        sums[document.currency] += document.net
    if not any(total > 0 for total in sums.values()):
        return
    ((currency, total), *others) = sums.items()
    last = max(late, key=lambda each: (each.issued, each.number or ""))
    yield Hit(
        reason="after-end",
        expected=end,
        found=last.issued,
        values={"ended": end, "documents": len(late), "last": last.issued, "number": last.number},
        stake=(total, currency) if currency and not others else None,
        rests_on=tuple(each.origin for each in late),
    )


def without_owner(watched: Watched) -> Iterator[Hit]:
    """CW05: nobody answers for a running contract: no contract owner holds a role for it, and it names no unit."""
    if watched.runs and not watched.owned and watched.contract.responsible_unit is None:
        yield Hit(reason="none", values={"ends": watched.end})


RULES: tuple[Rule, ...] = (
    Rule("cw01", 1, "warn", deadlines),
    Rule("cw02", 1, "warn", retender_due),
    Rule("cw03", 1, "hold", retender_late),
    Rule("cw04", 1, "hold", billed_after_end),
    Rule("cw05", 1, "info", without_owner),
)


def find(watched: Watched, rules: tuple[Rule, ...] = RULES) -> Iterator[tuple[Rule, Hit]]:
    """What the rules find in one contract: nothing in an addendum, nor in what has ended and was replaced."""
    if watched.contract.kind == "addendum" or (watched.has_ended and watched.successors):
        return
    for rule in rules:
        for hit in rule.find(watched):
            yield rule, hit


def _renewal(watched: Watched) -> Iterator[Hit]:
    """A contract that goes on by itself: notice in time prevents it, where it can be ended then at all."""
    terms, today = watched.terms, watched.today
    end = watched.end
    if terms.renews_months is None or end is None:
        return
    deadline = _notice_day(terms, end)
    if _can_end(terms, end) and _is_near(deadline, today):
        yield Hit(
            reason="notice-near",
            expected=deadline,
            found=end,
            values={"deadline": deadline, "ends": end, "renews_until": extended(end, terms.renews_months)},
        )
    month_ago = add_months(today, -MISSED_MONTHS)
    before = ends_on(terms, month_ago)
    if before is not None and before < end and _can_end(terms, before) and _notice_day(terms, before) < today:
        missed = _notice_day(terms, before)
        yield Hit(
            reason="notice-missed",
            expected=missed,
            found=end,
            values={"deadline": missed, "would_have_ended": before, "renews_until": end},
        )


def _changeover(watched: Watched) -> Iterator[Hit]:
    """Another contract takes over the task: this one must be given notice in time, or both are paid."""
    terms, today = watched.terms, watched.today
    coming = [each for each in watched.successors if each.starts_on]
    if not coming or terms.renews_months or terms.notice is None:
        return
    successor = min(coming, key=lambda each: (each.starts_on or date.max, each.local_id))
    wanted = max(_last_day_needed(successor), _irrevocable_end(terms))
    if watched.end is not None and watched.end <= wanted:
        return
    deadline = notice_by(terms.notice, wanted)
    values: dict[str, date | str | None] = {"deadline": deadline, "ends": wanted, "successor": successor.local_id}
    if _is_near(deadline, today):
        yield Hit(reason="changeover-near", expected=deadline, found=wanted, values=values)
    elif today > deadline:
        late = end_if_notice_now(terms, today)
        yield Hit(reason="changeover-missed", expected=deadline, found=wanted, values=values | {"notice_today": late})


def _option(watched: Watched) -> Iterator[Hit]:
    """The right to extend lapses; with a successor it is not needed."""
    option = next_option(watched.terms, watched.today)
    if option is None or option.use_by is None or watched.end is None or watched.successors:
        return
    if _is_near(option.use_by, watched.today):
        yield Hit(
            reason="option-near",
            expected=option.use_by,
            found=watched.end,
            values={
                "deadline": option.use_by,
                "months": option.months,
                "ends": watched.end,
                "extends_to": extended(watched.end, option.months),
            },
        )


def _end_to_replace(watched: Watched) -> date | None:
    """The end after which the task has no contract; none when it renews itself or is dealt with."""
    if watched.successors or watched.decided or watched.has_ended:
        return None
    goes_on = watched.terms.renews_months is not None and not watched.notice_is_given
    return None if goes_on else watched.end


def _retender(watched: Watched, end: date, reason: str) -> Hit:
    contract, today = watched.contract, watched.today
    option = next_option(watched.terms, today)
    latest = ends_with_options(watched.terms, today)
    begin = start_by(contract, end)
    return Hit(
        reason=reason,
        expected=begin,
        found=end,
        values={
            "start_by": begin,
            "ends": end,
            "lead_months": lead_months(contract),
            "procedure": contract.procurement.procedure if contract.procurement else None,
            "ends_with_options": latest if latest != end else None,
            "option_use_by": option.use_by if option else None,
        },
    )


def _is_near(deadline: date, today: date) -> bool:
    return add_months(deadline, -NEAR_MONTHS) <= today <= deadline


def _notice_day(terms: Terms, end: date) -> date:
    """The last day to give notice to `end`: that day itself where no notice period was agreed."""
    return notice_by(terms.notice, end) if terms.notice else end


def _can_end(terms: Terms, end: date) -> bool:
    return terms.irrevocable_until is None or terms.irrevocable_until <= end


def _irrevocable_end(terms: Terms) -> date:
    """The first day that notice may end the contract at all."""
    until, notice = terms.irrevocable_until, terms.notice
    if until is None:
        return date.min
    return end_of(until, notice.to_end_of) if notice and notice.to_end_of else until


def _last_day_needed(successor: Successor) -> date:
    """The day before the successor starts, or the last day that both run in parallel as agreed."""
    assert successor.starts_on
    return max(successor.starts_on - timedelta(days=1), successor.parallel_until or date.min)


def _is_after(document: Billed, end: date) -> bool:
    """Whether it was issued after the end and bills days after it, or, without a period, was issued too long after."""
    if document.covers_stated:
        return min(document.issued, document.covers_to) > end
    return document.issued > end + timedelta(days=BILLING_GRACE_DAYS)
