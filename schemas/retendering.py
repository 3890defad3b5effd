"""When to buy anew; pure. How long it takes is by experience, not by law: from the first need to a system in use."""

from datetime import date

from .contracts import Contract
from .months import add_months

TENDER_MONTHS, MINI_TENDER_MONTHS, DIRECT_MONTHS = 24, 12, 6
"""Months from the start to the first day in use: a tender of its own, a call-off by mini-tender, a direct award."""
MONTHS_BY_PROCEDURE = {
    "mini-tender": MINI_TENDER_MONTHS,
    "direct-award": DIRECT_MONTHS,
    "quotes": DIRECT_MONTHS,
    "accession": DIRECT_MONTHS,
}
"""Any other procedure, and one that is not known, is given the time of a tender."""


def lead_months(contract: Contract) -> int:
    """The months before its end at which buying anew begins: the contract's own, else those of its procedure."""
    if contract.retender_lead_months is not None:
        return contract.retender_lead_months
    procedure = contract.procurement.procedure if contract.procurement else None
    return MONTHS_BY_PROCEDURE.get(procedure or "", TENDER_MONTHS)


def start_by(contract: Contract, end: date) -> date:
    """The last day to begin, so that what follows is in use when the contract ends on `end`."""
    return add_months(end, -lead_months(contract))
