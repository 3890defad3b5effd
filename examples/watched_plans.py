"""Contracts whose end, renewal or change-over comes near: what the watch speaks of, and what it must not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from schemas.contracts import Procedure

from .plans import Part, Plan, Term
from .suppliers import story_supplier


class Ending(NamedTuple):
    """When a contract of the catalogue ends, and how it was bought; else it runs on for years."""

    term: Term
    procedure: Procedure = "quotes"
    lead_months: int | None = None


def _until(ends: date) -> Term:
    return Term(ends=ends)


ENDINGS: Mapping[str, Ending] = {
    "web": Ending(_until(date(2026, 3, 31)), "open"),
    "intranet": Ending(_until(date(2026, 6, 30)), "restricted"),
    "maps": Ending(_until(date(2026, 12, 31)), "restricted"),
    "library": Ending(_until(date(2027, 3, 31)), "negotiated"),
    "health": Ending(_until(date(2027, 6, 30)), "open"),
    "building": Ending(_until(date(2027, 2, 28)), lead_months=18),
    "dental": Ending(_until(date(2026, 10, 31)), "mini-tender"),
    "booking": Ending(_until(date(2026, 5, 31))),
    "planning": Ending(_until(date(2026, 2, 28))),
    "environment": Ending(_until(date(2026, 6, 30))),
    "bi-care": Ending(_until(date(2026, 7, 31))),
    "bi-erp": Ending(Term(ends=date(2025, 12, 31), option=(24, date(2025, 6, 12)))),
    "forms": Ending(Term(ends=date(2026, 8, 31), option=(24, date(2026, 1, 20)))),
}
"""By plan. The last three need not be bought anew yet: one has a month left until it is time, of the second the option
was taken up in time, and the third can still be extended."""


def with_ending(plan: Plan) -> Plan:
    """The plan with its end, if it has one."""
    ending = ENDINGS.get(plan.key)
    if ending is None:
        return plan
    return replace(plan, term=ending.term, procedure=ending.procedure, lead_months=ending.lead_months)


def _watched(
    key: str,
    number: int,
    name: str,
    price: str,
    term: Term,
    *,
    replaces: str | None = None,
    known_on: date | None = None,
) -> Plan:
    part = Part(title=f"{name}, drift", price=price, period="month")
    return Plan(
        key=key, supplier=story_supplier(number), parts=(part,), months=1, advance=False, term=term,
        replaces=replaces, known_on=known_on,
    )  # fmt: skip


WATCHED = (
    _watched(
        "renews-soon", 20, "Vejrstation", "2100", Term(starts=date(2020, 9, 1), ends=date(2023, 8, 31), renews=12)
    ),
    _watched(
        "renews-tonight", 21, "Parkeringsskilte", "3300",
        Term(starts=date(2021, 4, 1), ends=date(2025, 3, 31), renews=12, notice_months=3),
    ),
    _watched(
        "renewed-unseen", 22, "Køresedler", "2800",
        Term(starts=date(2021, 6, 15), ends=date(2024, 6, 14), renews=12, notice_to=None),
    ),
    _watched(
        "renewal-stopped", 23, "Udlånsskabe", "1900",
        Term(starts=date(2021, 5, 1), ends=date(2024, 4, 30), renews=12, notice_on=date(2025, 10, 10)),
    ),
    _watched("switched-late", 24, "Alarmcentral gammel", "6100", Term(starts=date(2017, 1, 1))),
    _watched(
        "switched-to", 25, "Alarmcentral ny", "5400", Term(starts=date(2026, 3, 1), ends=date(2030, 2, 28)),
        replaces="switched-late", known_on=date(2025, 10, 20),
    ),
    _watched("switching", 26, "Vagtplan gammel", "4700", Term(starts=date(2018, 1, 1))),
    _watched(
        "switching-to", 27, "Vagtplan ny", "4500", Term(starts=date(2026, 8, 1), ends=date(2030, 7, 31)),
        replaces="switching", known_on=date(2025, 9, 15),
    ),
)  # fmt: skip
"""Contracts that renew themselves, soon or just now, or no longer; and old ones whose successor is signed: of one it is
too late to give notice in time, of the other it is not."""

WITHOUT_OWNER = frozenset({"foreign", "with-fee", "bankrupt", "capped-exactly", "factored"})
"""The plans of contracts that nobody ever answered for."""
OWNER_LEAVES = ("rounded-price", date(2025, 9, 1))
"""The plan of the contract whose owner leaves, and the first day without one."""
