"""Budgets, and what is done with an invoice after it came: attested, released, posted and paid."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from schemas.catalogue import EventType
from schemas.envelope import CloudEvent
from schemas.invoices import Actor, Attested, Paid, Posted, Released, Step
from schemas.organisation import Budget
from schemas.registry import CATALOGUE
from schemas.values import Money

from .billing import Bill
from .facts import Fact, moment, next_working_day, register
from .municipalities import FIRST_DAY, LAST_DAY, Municipality
from .units import Unit

_ACCOUNT = "6.45.52"
_EACH = 8
"""One invoice in so many is followed all the way; the others would tell the same."""


def budget_facts(municipality: Municipality, units: tuple[Unit, ...]) -> Iterator[Fact]:
    """What each centre may spend on common IT, a year at a time; the next year's is decided in October."""
    source = register(municipality, "economy")
    for unit in units:
        if unit.kind != "centre":
            continue
        for year in (2024, 2025, 2026):
            budget = Budget(
                unit=unit.reference,
                account=_ACCOUNT,
                account_name="Fælles it og telefoni",
                year=year,
                amount=Money(amount=Decimal(2_400_000 + 40_000 * (year - 2024) + 1000 * int(unit.number))),
            )
            told = max(FIRST_DAY, date(year - 1, 10, 10))
            local_id = f"{unit.number}/{_ACCOUNT}/{year}"
            yield source.states("organisation.budget", local_id, budget, told=told, holds=date(year, 1, 1))


def payment_facts(municipality: Municipality, bills: list[Bill]) -> Iterator[Fact]:
    """The steps of one bill in eight, on working days until it is paid when it is due."""
    for number, bill in enumerate(bills):
        if number % _EACH == 0 and bill.deal is not None and not bill.paper.leaves_out_payable:
            yield from _steps(municipality, bill, number)


def _steps(municipality: Municipality, bill: Bill, number: int) -> Iterator[Fact]:
    paper, due = bill.paper, bill.paper.due or bill.comes + timedelta(days=30)
    attested, released = (next_working_day(bill.comes + timedelta(days=days)) for days in (3, 5))
    posted, paid = next_working_day(released + timedelta(days=1)), next_working_day(max(due, released))
    by = Actor(id=paper.buyer.person.lower(), role="attestant")
    head = Actor(id=f"leder{number % 7}", role="budget holder")
    clerk = Actor(id="bogholderi", role="bookkeeper")
    steps: tuple[tuple[date, str, Step], ...] = (
        (attested, "attested", Attested(by=by, at=moment(attested, hour=9), account=_ACCOUNT)),
        (released, "released", Released(by=head, at=moment(released, hour=10), amount=paper.payable, pay_on=due)),
        (posted, "posted", Posted(by=clerk, at=moment(posted, hour=11), posted_on=posted, account=_ACCOUNT)),
        (paid, "paid", Paid(by=clerk, at=moment(paid, hour=12), paid_on=paid, amount=paper.payable)),
    )
    for day, fact, step in steps:
        if day <= LAST_DAY:
            yield Fact(day, _event(municipality, bill, CATALOGUE.latest(f"invoice.{fact}"), step, number))


def _event(municipality: Municipality, bill: Bill, kind: EventType, step: Step, number: int) -> CloudEvent:
    """The step of the bill with this number: a number that is used again makes another invoice on the same subject."""
    return CloudEvent(
        id=f"{kind.fact}:{bill.paper.subject}:{number}",
        source=register(municipality, "economy").source,
        type=kind.name,
        subject=bill.paper.subject,
        authority=municipality.cvr,
        time=step.at,
        data=step.model_dump(mode="json", exclude_none=True),
    )
