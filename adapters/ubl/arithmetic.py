"""Does the document agree with itself? Every total is computed again from what the document states below it.

The rules are EN 16931's (BR-CO-10 to BR-CO-17) and OIOUBL 2.x's (F-INV126 to F-INV133, F-INV340), but amounts may
differ by a rounding only, also where the official rules let a whole krone pass.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from schemas.invoice_parts import AllowanceCharge, Finding, FindingCode, InvoiceLine, Totals
from schemas.invoices import Received

from .reading import LineSide, Reading

HEADER_TOLERANCE = Decimal("0.02")
"""What a total may differ by: two roundings to the øre (rule IC03 of invoice control)."""
LINE_TOLERANCE = Decimal("0.05")
"""What one line may differ by: prices are rounded before they are multiplied (rule IC04 of invoice control)."""
_ZERO = Decimal()
_SHOWN = Decimal("0.0001")
_EXACT = Decimal(10) ** 20


def arithmetic_findings(reading: Reading) -> Iterator[Finding]:
    """Where the document's sums are wrong. What it does not state is not judged."""
    received = reading.received
    yield from _line_findings(received.lines, reading.sides, oioubl=received.kind == "oioubl")
    yield from _sum_findings(received, reading.sides)
    yield from _tax_findings(received)
    yield from _total_findings(received, reading.tax_exclusive)


def _line_findings(lines: Iterable[InvoiceLine], sides: Iterable[LineSide], *, oioubl: bool) -> Iterator[Finding]:
    for line, side in zip(lines, sides, strict=True):
        if line.amount is None or line.quantity is None or line.price is None or not side.counts:
            continue
        gross = _gross(line.quantity, line.price, line.base_quantity, side.factor)
        net = gross + _net(line.allowances)
        agreed = (net, gross) if oioubl else (net,)
        # OIOUBL 2.x's own rule (F-INV340) leaves the line's allowances out, its guideline takes them in: both are met.
        if not any(_agree(line.amount, each, LINE_TOLERANCE) for each in agreed):
            yield Finding(
                code="LINECALC",
                message="the line's amount is not quantity x price",
                line=line.id,
                stated=line.amount,
                expected=_shown(net),
            )


def _gross(quantity: Decimal, price: Decimal, base: Decimal | None, factor: Decimal | None) -> Decimal:
    if factor is not None:
        return quantity * price * factor
    return quantity * price / base if base else quantity * price


def _sum_findings(received: Received, sides: Iterable[LineSide]) -> Iterator[Finding]:
    totals, lines = received.totals, received.lines
    counted = [line.amount or _ZERO for line, side in zip(lines, sides, strict=True) if side.counts]
    deducted = sum((each.amount for each in received.allowances if not each.charge), _ZERO)
    added = sum((each.amount for each in received.allowances if each.charge), _ZERO)
    if lines:
        yield from _differing("LINESUM", "the lines do not add up", totals.line_extension, sum(counted, _ZERO))
    yield from _differing("ALLOWANCESUM", "the allowances do not add up", totals.allowances, deducted)
    yield from _differing("CHARGESUM", "the charges do not add up", totals.charges, added)


def _tax_findings(received: Received) -> Iterator[Finding]:
    subtotals = received.tax_subtotals
    for each in subtotals:
        if each.percent is not None and each.taxable is not None:
            computed = each.taxable * each.percent / 100
            yield from _differing("TAXCALC", f"the tax is not {each.percent} % of its base", each.tax, computed)
    stated = [each.tax for each in subtotals if each.tax is not None]
    if stated:
        yield from _differing(
            "TAXSUBSUM", "the tax is not the sum of its parts", received.totals.tax, sum(stated, _ZERO)
        )


def _total_findings(received: Received, tax_exclusive: Decimal | None) -> Iterator[Finding]:
    totals = received.totals
    tax, rounding = totals.tax or _ZERO, totals.rounding or _ZERO
    if received.kind == "oioubl":
        # OIOUBL 2.x: TaxExclusiveAmount is the tax total (F-INV127), and the rounding is within TaxInclusiveAmount
        # (F-INV128).
        yield from _differing("TAXEXCL", "TaxExclusiveAmount is not the tax total", tax_exclusive, tax)
        inclusive = (totals.tax_exclusive or _ZERO) + tax + rounding
        rounding = _ZERO
    else:
        net = _computed_net(totals, received.allowances)
        yield from _differing("TAXEXCL", "the net total is not lines less allowances", tax_exclusive, net)
        inclusive = (totals.tax_exclusive or _ZERO) + tax
    yield from _differing("TAXINCL", "the total with tax is not net plus tax", totals.tax_inclusive, inclusive)
    due = inclusive if totals.tax_inclusive is None else totals.tax_inclusive
    if totals.tax_inclusive is not None or totals.tax_exclusive is not None:
        payable = due - (totals.prepaid or _ZERO) + rounding
        yield from _differing("PAYABLE", "the amount to pay is not total less prepaid", totals.payable, payable)


def _computed_net(totals: Totals, allowances: Iterable[AllowanceCharge]) -> Decimal | None:
    if totals.line_extension is None:
        return None
    less, plus = totals.allowances, totals.charges
    if less is None and plus is None:
        return totals.line_extension + _net(allowances)
    return totals.line_extension - (less or _ZERO) + (plus or _ZERO)


def _net(allowances: Iterable[AllowanceCharge]) -> Decimal:
    return sum((each.amount if each.charge else -each.amount for each in allowances), _ZERO)


def _agree(stated: Decimal, expected: Decimal, tolerance: Decimal) -> bool:
    return abs(stated - expected) <= tolerance


def _differing(code: FindingCode, message: str, stated: Decimal | None, expected: Decimal | None) -> Iterator[Finding]:
    if stated is not None and expected is not None and not _agree(stated, expected, HEADER_TOLERANCE):
        yield Finding(code=code, message=message, stated=stated, expected=_shown(expected))


def _shown(amount: Decimal) -> Decimal:
    """A computed amount with no more decimals than a reader can use."""
    return amount.quantize(_SHOWN) if abs(amount) < _EXACT else amount
