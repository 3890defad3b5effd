"""How buying anew stands for a contract, in the same words on every page that speaks of it."""

from datetime import date
from typing import Literal

from consumers.contracts.watch_facts import Begun, begun_for
from consumers.landscape.rows import RetenderRow
from monitoring.web.frame import Visit

from .asof import AsOfDay

Standing = Literal["replaced", "under-way", "decided", "late"]


def begun_on(visit: Visit, day: AsOfDay) -> Begun:
    """What was begun to buy anew; it is known for now alone."""
    nothing = Begun(frozenset())
    return visit.ask("contracts", lambda asked: begun_for(asked, visit.cvr), nothing) if day.is_now else nothing


def standing(contract: str, row: RetenderRow | None, begun: Begun, on: date) -> Standing | None:
    """None while it is not yet time; `decided` when the end has been dealt with and nothing comes after it."""
    if row and row.replaced_by:
        return "replaced"
    if begun.under_way(contract):
        return "under-way"
    if row is None or row.start_by is None or row.start_by >= on:
        return None
    return "decided" if begun.decided(contract, row.ends_on) else "late"
