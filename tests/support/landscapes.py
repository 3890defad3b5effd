"""A landscape in which every system reads from the first; its supplier, its contract, and when that ends."""

from datetime import datetime

from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.months import add_months
from tests.support.events import event

SUPPLIER, CONTRACT, UNIT = (derived_id("page", name) for name in ("supplier", "contract", "unit"))
CONTRACT_NUMBER = "K-2020-053"
ENDS = add_months(datetime.now(COPENHAGEN).date(), 13)
"""When the contract ends: so soon that it is time to buy anew, whenever the tests run."""


def named(subject: str, name: str) -> Json:
    return {"id": subject, "name": name}


def system(number: int) -> str:
    """The id of the usage with this number."""
    return derived_id("page", "usage", number)


def landscape(count: int) -> list[Event]:
    """So many usages, each reading persons from the first; a supplier, a contract, and what it costs."""
    told: list[tuple[str, str, Json]] = []
    for number in range(count):
        usage = {"system": named(derived_id("page", "system", number), f"System {number}"), "name": f"System {number}"}
        contract = {"main_contract": named(CONTRACT, "Drift")} if number == 0 else {}
        told.append(("system.usage-stated", system(number), usage | contract | {"life_cycle": "operational"}))
        if number:
            relation = {
                "user": named(system(number), f"System {number}"),
                "provider": named(system(0), "System 0"),
                "frequency": "daily",
                "data": [{"name": "Personer"}],
            }
            told.append(("system.relation-stated", derived_id("page", "relation", number), relation))
    if count:
        told.append(
            (
                "supplier.supplier-stated",
                SUPPLIER,
                {"local_id": "LEV-1", "name": "Fjordbro Software A/S", "cvr": "99000104"},
            )
        )
        terms = {"starts_on": "2024-01-01", "ends_on": ENDS.isoformat(), "notice": {"months": 6}}
        stated = {
            "local_id": CONTRACT_NUMBER,
            "title": "Drift",
            "supplier": named(SUPPLIER, "Fjordbro"),
            "terms": terms,
        }
        told.append(("contract.contract-stated", CONTRACT, stated | {"usages": [named(system(0), "System 0")]}))
    return [event(family, subject, position=place + 1, data=data) for place, (family, subject, data) in enumerate(told)]
