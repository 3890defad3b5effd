"""What a document takes off again itself, set off against what its lines are above the agreed price (rule IC13)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from consumers.invoice_control.documents import ZERO, Line
from consumers.invoice_control.facts import Billed
from consumers.invoice_control.ladder import billed_item
from schemas.billing import Service

from .case import Case


@dataclass(frozen=True)
class Above:
    """A line above its agreed price, and by how much."""

    line: Line
    billed: Billed
    agreed: Decimal
    excess: Decimal


@dataclass(frozen=True)
class Deduction:
    """An amount taken off: from the lines of one item, of one service period, or from all (None)."""

    amount: Decimal
    item: UUID | None = None
    service: Service | None = None

    def covers(self, above: Above) -> bool:
        """Whether it may be meant for the line."""
        same_item = self.item is None or self.item == above.billed.item
        return same_item and (self.service is None or self.service[:2] == above.line.service[:2])


def deductions(case: Case) -> list[Deduction]:
    """The document's own deductions: those for an item first, then those for a period, then those on the whole."""
    document = case.document
    lines = [(line, billed_item(line, document, case.contract.contract, case.facts)) for line in document.deductions]
    of_items = [Deduction(line.amount, billed.item, line.service) for line, billed in lines if billed]
    of_periods = [Deduction(line.amount, service=line.service) for line, billed in lines if not billed]
    return [*of_items, *of_periods, Deduction(document.allowance)]


def after_deductions(lines: Sequence[Above], taken_off: Sequence[Deduction]) -> Iterator[Above]:
    """The lines that are still above, in their order, by what no deduction covers; each is used up only once."""
    left = [each.amount for each in taken_off]
    for above in lines:
        excess = above.excess
        for place, deduction in enumerate(taken_off):
            used = min(left[place], excess) if deduction.covers(above) else ZERO
            left[place] -= used
            excess -= used
        if excess > 0:
            yield replace(above, excess=excess)
