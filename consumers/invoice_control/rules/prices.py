"""Rules about lines: a price above the agreed one (IC13), a line that nobody agreed on (IC26)."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from consumers.invoice_control.agreed_amount import agreed_amount
from consumers.invoice_control.documents import ZERO, Line
from consumers.invoice_control.history import Statement
from consumers.invoice_control.ladder import billed_item
from schemas.contracts import Contract

from .case import Case, Hit, plain
from .deductions import Above, after_deductions, deductions

_FEE = re.compile(r"gebyr|\bfee\b", re.IGNORECASE)
"""How a line says that it is an invoice fee."""


def price_above_agreed(case: Case) -> Iterator[Hit]:
    """IC13: more is billed than the price of the service period gives for the quantity. Tolerance 0."""
    lines = list(_lines_above(case))
    for above in after_deductions(lines, deductions(case)) if lines else ():
        item = above.billed.statement.value
        amount = above.agreed + above.excess
        yield Hit(
            reason="above-agreed",
            line_id=above.line.id,
            expected=plain(above.agreed),
            found=plain(amount),
            unit=item.currency,
            tolerance="0",
            stake=above.excess,
            values={"item": item.title, "quantity": f"{above.line.quantity:f}"} | _percent(amount, above.agreed),
            rests_on=(above.billed.statement, case.contract.statement),
        )


def _lines_above(case: Case) -> Iterator[Above]:
    document = case.document
    for line in document.lines:
        billed = billed_item(line, document, case.contract.contract, case.facts)
        if billed is None or billed.statement.value.currency != document.currency:
            continue
        agreed = agreed_amount(line, case.facts.items[billed.item])
        if line.amount > agreed:
            yield Above(line, billed, agreed, line.amount - agreed)


def unagreed_line(case: Case) -> Iterator[Hit]:
    """IC26: a line or a charge that bills no price item of the contract, nor an invoice fee it names."""
    document, contract = case.document, case.contract
    if not case.facts.items_of(contract.contract):
        return
    for line in (*document.lines, *document.charges):
        if billed_item(line, document, contract.contract, case.facts) is not None:
            continue
        fee = _agreed_fee(line, contract.statement, document.currency)
        if line.amount > (fee or ZERO):
            yield Hit(
                reason="fee" if _is_fee(line) else "line",
                line_id=line.id,
                expected=plain(fee) if fee is not None else None,
                found=plain(line.amount),
                unit=document.currency,
                stake=line.amount - (fee or ZERO),
                values={"text": line.texts[0]} if line.texts else {},
                rests_on=(contract.statement,),
            )


def _agreed_fee(line: Line, contract: Statement[Contract], currency: str | None) -> Decimal | None:
    agreed = contract.value.payment.invoice_fee
    return agreed.amount if agreed and agreed.currency == currency and _is_fee(line) else None


def _is_fee(line: Line) -> bool:
    return any(_FEE.search(text) for text in line.texts)


def _percent(billed: Decimal, agreed: Decimal) -> dict[str, Any]:
    """By how much too much, in percent with one decimal; nothing of an agreed 0 can be said so."""
    return {"percent": f"{(billed / agreed - 1) * 100:.1f}"} if agreed else {}
