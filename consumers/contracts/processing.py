"""Which data-processing agreements there are, are missing, and are due for supervision; pure.

Whether one is needed is a judgement people make (GDPR article 28) and state; it is not derived here. What can be seen
is where nobody has stated anything.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from consumers.runtime.links import Named, Names, named_if
from kernel.alphabet import alphabetical
from schemas.contracts import Contract
from schemas.months import add_months
from schemas.processing import DataProcessingAgreement, Supervision
from schemas.terms import runs
from schemas.values import Reference

from .rows import ProcessingRow

_ORDER = ("missing", "unstated", "concluded", "not-needed")


def processing_rows(
    agreements: Mapping[str, DataProcessingAgreement],
    supervisions: Mapping[str, Supervision],
    *,
    contracts: Mapping[str, Contract],
    supplier_names: Names,
    on: date,
) -> tuple[ProcessingRow, ...]:
    """A row per agreement and per contract nobody spoke of: what is missing first, then by title."""
    titles = {subject: contract.title for subject, contract in contracts.items()}
    rows = [
        _row(
            subject,
            agreement,
            [each for each in supervisions.values() if str(each.agreement.id) == subject],
            processor=named_if(agreement.processor, supplier_names),
            contract=named_if(agreement.contract, titles),
            on=on,
        )
        for subject, agreement in agreements.items()
    ]
    rows += [_unstated(subject, contracts[subject]) for subject in _not_spoken_of(agreements.values(), contracts, on)]
    return tuple(
        sorted(rows, key=lambda row: (_ORDER.index(row.state), alphabetical(row.title), str(row.id or row.contract)))
    )


def supervision_due(agreement: DataProcessingAgreement, supervisions: Iterable[Supervision]) -> date | None:
    """When the processor is to be supervised next; None when no supervision is planned or needed."""
    if agreement.state != "concluded" or agreement.supervision_not_needed_because:
        return None
    supervisions = list(supervisions)
    waiting = [each.due_on for each in supervisions if each.held_on is None and each.not_needed_because is None]
    if waiting:
        return min(waiting)
    dealt_with = [each.held_on or each.due_on for each in supervisions]
    last = max(dealt_with, default=agreement.signed_on)
    return add_months(last, agreement.supervise_every) if last and agreement.supervise_every else None


def _not_spoken_of(
    agreements: Iterable[DataProcessingAgreement], contracts: Mapping[str, Contract], on: date
) -> Iterable[str]:
    """Running contracts for usages where neither the contract nor each of its usages is in any statement."""
    agreements = list(agreements)
    spoken_of = {str(each.contract.id) for each in agreements if each.contract}
    usages = {usage.id for each in agreements for usage in each.usages}
    for subject, contract in contracts.items():
        unspoken = subject not in spoken_of and not {usage.id for usage in contract.usages} <= usages
        if unspoken and runs(contract.terms, on):
            yield subject


def _row(
    subject: str,
    agreement: DataProcessingAgreement,
    supervisions: list[Supervision],
    *,
    processor: Named | None,
    contract: Named | None,
    on: date,
) -> ProcessingRow:
    held = max((each for each in supervisions if each.held_on), key=lambda each: each.held_on or date.min, default=None)
    due = supervision_due(agreement, supervisions)
    return ProcessingRow(
        id=subject,
        title=agreement.title,
        state=agreement.state,
        not_needed_because=agreement.not_needed_because,
        processor=processor,
        contract=contract,
        usages=_names(agreement.usages),
        signed_on=agreement.signed_on,
        template=agreement.template,
        supervised_on=held.held_on if held else None,
        supervision_result=held.result if held else None,
        supervision_due=due,
        supervision_overdue=due is not None and due < on,
        supervision_not_needed_because=agreement.supervision_not_needed_because,
    )


def _unstated(subject: str, contract: Contract) -> ProcessingRow:
    return ProcessingRow(
        id=None,
        title=contract.title,
        state="unstated",
        contract=Named(subject, contract.title),
        usages=_names(contract.usages),
    )


def _names(usages: Iterable[Reference]) -> tuple[str, ...]:
    return tuple(sorted((usage.name or str(usage.id) for usage in usages), key=str.casefold))
