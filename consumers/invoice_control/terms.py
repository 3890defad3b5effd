"""What a document bills outside the term of its contract (rule IC12)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from schemas.billing import Service
from schemas.contracts import Contract
from schemas.terms import ends_on

from .documents import Document
from .facts import Facts
from .history import Statement
from .ladder import Match, days_before

GRACE_BEFORE_DAYS = 0
GRACE_AFTER_DAYS = 30
"""How long after the end an invoice may be issued that states no period; a stated period has no grace."""


class Outside(NamedTuple):
    """What lies outside: on which side, of which limit, and the share of the amount that falls there."""

    side: Literal["before", "after"]
    limit: date
    service: Service
    amount: Fraction
    contract: Statement[Contract]


def outside(document: Document, match: Match, facts: Facts) -> tuple[Outside, ...]:
    """The lines (or the document, when none has an amount) whose service lies outside the term, wholly or in part."""
    spans = [(line.service, line.amount) for line in document.lines] or [(document.service, document.net)]
    return tuple(found for service, amount in spans for found in _outside(service, amount, match, facts))


def _outside(service: Service, amount: Decimal, match: Match, facts: Facts) -> Iterator[Outside]:
    contract = facts.contracts[match.contract].known_at(service.last) or match.statement
    terms = contract.value.terms
    start, end = terms.starts_on or date.min, ends_on(terms, service.last) or date.max
    if service.stated:
        early = _days(service.first, min(service.last, days_before(start, 1))) if service.first < start else 0
        late = _days(max(service.first, _day_after(end)), service.last) if service.last > end else 0
    else:
        early = int(service.first < days_before(start, GRACE_BEFORE_DAYS))
        late = int(days_before(service.last, GRACE_AFTER_DAYS) > end)
    share = Fraction(amount) * (early + late) / _days(service.first, service.last)
    if early:
        yield Outside("before", start, service, share, contract)
    elif late:
        yield Outside("after", end, service, share, contract)


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
