"""Data-processing agreements: most are made, some are missing or made on an old template, and some are supervised."""

from collections.abc import Iterator
from datetime import date

from schemas.processing import DataProcessingAgreement, Supervision
from schemas.values import Reference

from .contracts import supplier_reference
from .deals import Deal
from .facts import Fact, register
from .municipalities import FIRST_DAY, Municipality
from .usages import Usage

_NEEDED = {"egesoe": (110, 9), "ravnstrup": (130, 14)}
"""How many agreements are needed, and how many of them nobody made."""
_TEMPLATES = ("Datatilsynet, standardkontraktbestemmelser, januar 2020", "Egen skabelon, 2016")


def processing_facts(municipality: Municipality, usages: tuple[Usage, ...], deals: list[Deal]) -> Iterator[Fact]:
    """The agreements as they stand at first; each tenth is supervised in the second year."""
    source = register(municipality, "data-protection")
    contracts = {deal.usage.local_id: deal for deal in deals if deal.usage}
    needed, missing = _NEEDED[municipality.code]
    personal = [usage for usage in usages if usage.system.personal]
    others = [usage for usage in usages if not usage.system.personal]
    for number, usage in enumerate([*personal, *others][:needed], 1):
        local_id = f"DBA-{number:03}"
        deal = contracts.get(usage.local_id)
        agreement = _agreement(municipality, local_id, usage, deal, missing=number * missing % needed < missing)
        yield source.states("processing.agreement", local_id, agreement, told=FIRST_DAY, holds=date(2020, 1, 1))
        if agreement.state == "concluded" and number % 10 == 0:
            yield from _supervision(municipality, source.reference(local_id, agreement.title), number)


def _agreement(
    municipality: Municipality, local_id: str, usage: Usage, deal: Deal | None, *, missing: bool
) -> DataProcessingAgreement:
    old = usage.users % 5 == 0
    return DataProcessingAgreement(
        local_id=local_id,
        title=f"{usage.system.name}, databehandleraftale",
        state="missing" if missing else "concluded",
        processor=supplier_reference(municipality, usage.system.supplier),
        contract=deal.reference if deal else None,
        usages=(usage.reference,),
        signed_on=None if missing else date(2017 if old else 2021, 5, 1),
        template=None if missing else _TEMPLATES[old],
        data_kinds=("personal",),
        supervise_every=12,
    )


def _supervision(municipality: Municipality, agreement: Reference, number: int) -> Iterator[Fact]:
    """Planned in the first year, held a few days late in the second with a result."""
    source = register(municipality, "data-protection")
    local_id, due = f"TILSYN-2025-{number:03}", date(2025, 2, 1 + number % 20)
    planned = Supervision(local_id=local_id, agreement=agreement, due_on=due)
    yield source.states("processing.supervision", local_id, planned, told=FIRST_DAY, holds=FIRST_DAY)
    held = date(2025, 2, 25)
    done = planned.model_copy(update={"held_on": held, "method": "audit-report", "result": "satisfactory"})
    yield source.states("processing.supervision", local_id, done, told=held, holds=held)
