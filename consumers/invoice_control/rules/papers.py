"""Rules that need documents alone: what one lacks (IC01), its totals (IC03) and lines (IC04), repetitions (IC17)."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from consumers.invoice_control.documents import ZERO
from schemas.invoice_parts import Finding as Read
from schemas.invoices import lacking

from .case import Case, Hit, plain

TOTALS = frozenset({"LINESUM", "ALLOWANCESUM", "CHARGESUM", "TAXEXCL", "TAXINCL", "TAXSUBSUM", "TAXCALC", "PAYABLE"})
"""The reader's findings about totals; each total may be off by 0.02."""


def incomplete(case: Case) -> Iterator[Hit]:
    """IC01: what every invoice has is missing (`schemas.invoices.lacking`)."""
    missing = lacking(case.document.received)
    if missing:
        yield Hit(reason="incomplete", values={"missing": ", ".join(missing)})


def totals(case: Case) -> Iterator[Hit]:
    """IC03: the totals do not add up; the largest difference is told."""
    wrong = [each for each in case.document.received.findings if each.code in TOTALS]
    if wrong:
        worst = max(wrong, key=_difference)
        codes = ", ".join(sorted({each.code for each in wrong}))
        yield replace(_hit(case, worst, "totals", "0.02", _difference(worst)), values={"totals": codes})


def line_amounts(case: Case) -> Iterator[Hit]:
    """IC04: a line's amount is not its quantity times its price; of lines with one id the worst is told."""
    worst = dict[str | None, Read]()
    for each in case.document.received.findings:
        if each.code == "LINECALC" and (each.line not in worst or _excess(each) > _excess(worst[each.line])):
            worst[each.line] = each
    for line, each in worst.items():
        yield replace(_hit(case, each, "line", "0.05", max(_excess(each), ZERO)), line_id=line)


def repeated(case: Case) -> Iterator[Hit]:
    """IC17: the same number from the same supplier in another document, and no credit has given it back."""
    if case.repeats and case.repeats.unpaid > 0:
        original, repetitions, unpaid = case.repeats
        yield Hit(
            reason="repeated",
            expected="1",
            found=str(1 + len(repetitions)),
            unit="documents",
            stake=unpaid,
            values={"original": original.received.sha256, "repetitions": _hashes(case)},
        )


def _hashes(case: Case) -> str:
    return ", ".join(each.received.sha256 for each in case.repeats.repetitions) if case.repeats else ""


def _hit(case: Case, read: Read, reason: str, tolerance: str, stake: Decimal) -> Hit:
    return Hit(
        reason=reason,
        expected=plain(read.expected) if read.expected is not None else None,
        found=plain(read.stated) if read.stated is not None else None,
        unit=case.document.currency,
        tolerance=tolerance,
        stake=stake,
    )


def _excess(read: Read) -> Decimal:
    return (read.stated or ZERO) - (read.expected or ZERO)


def _difference(read: Read) -> Decimal:
    return abs(_excess(read))
