"""When to buy anew, contract by contract; pure."""

from collections.abc import Mapping
from datetime import date

from consumers.runtime.links import Named
from kernel.alphabet import alphabetical
from schemas.contracts import Contract
from schemas.months import add_months
from schemas.retendering import DIRECT_MONTHS, MINI_TENDER_MONTHS, TENDER_MONTHS, start_by
from schemas.suppliers import Supplier
from schemas.terms import end_if_notice_now, ends_on, ends_with_options, latest_notice, next_option

from .links import supplier_of
from .rows import RetenderRow


def retender_rows(
    contracts: Mapping[str, Contract], *, suppliers: Mapping[str, Supplier], on: date
) -> tuple[RetenderRow, ...]:
    """A row per contract that has not ended, except addenda; the first that must be begun on stands first."""
    successors = {
        str(contract.replaces.id): Named(subject, contract.title)
        for subject, contract in sorted(contracts.items())
        if contract.replaces
    }
    rows = [
        _row(subject, contract, supplier_of(contract, suppliers, on), successors.get(subject), on)
        for subject, contract in contracts.items()
        if contract.kind != "addendum" and (ends_on(contract.terms, on) or date.max) >= on
    ]
    return tuple(sorted(rows, key=lambda row: (row.start_by or date.max, alphabetical(row.title), row.id)))


def _row(subject: str, contract: Contract, supplier: Named, replaced_by: Named | None, on: date) -> RetenderRow:
    terms = contract.terms
    last = ends_with_options(terms, on)
    option = next_option(terms, on)
    procedure = contract.procurement.procedure if contract.procurement else None
    return RetenderRow(
        id=subject,
        local_id=contract.local_id,
        title=contract.title,
        supplier=supplier,
        procedure=procedure,
        ends_on=ends_on(terms, on),
        ends_with_options=last,
        ends_if_notice_now=end_if_notice_now(terms, on) if last is None else None,
        latest_notice=latest_notice(terms, on),
        option_use_by=option.use_by if option else None,
        start_by=start_by(contract, last) if last else None,
        start_tender_by=_before(last, TENDER_MONTHS),
        start_mini_tender_by=_before(last, MINI_TENDER_MONTHS),
        start_direct_by=_before(last, DIRECT_MONTHS),
        planned=contract.retender_in,
        replaced_by=replaced_by,
    )


def _before(end: date | None, months: int) -> date | None:
    return add_months(end, -months) if end else None
