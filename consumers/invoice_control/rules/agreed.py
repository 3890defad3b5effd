"""Rules about the contract as a whole: none (IC10), outside its term (IC12), above its maximum (IC22)."""

from collections.abc import Iterator
from fractions import Fraction

from consumers.invoice_control.terms import Outside

from .case import Case, Hit, plain


def no_contract(case: Case) -> Iterator[Hit]:
    """IC10: the ladder ended without a contract."""
    if case.match is None:
        yield Hit(reason="none", stake=case.document.net)


def outside_term(case: Case) -> Iterator[Hit]:
    """IC12: something is billed that was delivered before the contract began or after it ended."""
    if not case.outside:
        return
    before = [each for each in case.outside if each.side == "before"]
    reason, parts = ("before", before) if before else ("after", list(case.outside))
    worst = min(parts, key=_first) if before else max(parts, key=_last)
    yield Hit(
        reason=reason,
        expected=worst.limit.isoformat(),
        found=(worst.service.first if before else worst.service.last).isoformat(),
        unit="date",
        tolerance=None if worst.service.stated else "0 days before, 30 days after",
        stake=sum((each.amount for each in case.outside), start=Fraction(0)),
        rests_on=(worst.contract,),
    )


def above_maximum(case: Case) -> Iterator[Hit]:
    """IC22: with this document the contract, or its framework agreement, has been billed more than its maximum."""
    if not case.above:
        return
    worst = max(case.above, key=lambda passed: passed.excess)
    yield Hit(
        reason="above" if worst.kind == "contract" else "above-framework",
        expected=plain(worst.maximum.amount),
        found=plain(worst.billed),
        unit=worst.maximum.currency,
        stake=min(case.document.net - case.credited, worst.excess),
        rests_on=tuple(dict.fromkeys((case.contract.statement, worst.contract))),
    )


def _first(part: Outside) -> tuple[int, int]:
    return part.service.first.toordinal(), part.limit.toordinal()


def _last(part: Outside) -> tuple[int, int]:
    return part.service.last.toordinal(), -part.limit.toordinal()
