"""The order in which a municipality's bills are spoiled: what needs a certain bill first, what takes any bill last."""

from collections.abc import Callable

from .desk import Desk
from .planting_papers import plant_repetitions, plant_unreadable, plant_wrong_lines, plant_wrong_totals
from .planting_parties import plant_no_contract, plant_unknown_suppliers, plant_wrong_addresses, plant_wrong_suppliers
from .planting_terms import (
    plant_fees,
    plant_forgotten_tiers,
    plant_high_prices,
    plant_module,
    plant_outside_term,
    plant_over_maximum,
    plant_unagreed_lines,
)

RULES = ("IC01", "IC03", "IC04", "IC07", "IC08", "IC09", "IC10", "IC12", "IC13", "IC17", "IC22", "IC26")
"""The rules that discrepancies are planted for."""

_PLANTERS: tuple[Callable[[Desk], None], ...] = (
    plant_outside_term,
    plant_over_maximum,
    plant_forgotten_tiers,
    plant_module,
    plant_fees,
    plant_unknown_suppliers,
    plant_wrong_suppliers,
    plant_high_prices,
    plant_wrong_addresses,
    plant_unagreed_lines,
    plant_no_contract,
    plant_unreadable,
    plant_wrong_totals,
    plant_wrong_lines,
    plant_repetitions,
)


def plant(desk: Desk) -> None:
    """Spoil some of the bills, and write down the truth about each."""
    for planter in _PLANTERS:
        planter(desk)
