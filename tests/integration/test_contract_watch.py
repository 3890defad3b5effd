"""The watch over contracts on a real database: days, owners, re-tenders and invoices, in whatever order they come."""

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from consumers.contracts.consumer import CONTRACTS
from consumers.contracts.tables import FINDING
from consumers.contracts.watch import judge_all
from consumers.runtime.projections import use_active
from schemas.envelope import Event
from schemas.values import valid_cvr
from storage.database import Database
from tests.support.events import AUTHORITY, OTHER, apply, event

CONTRACT, NEXT, SUPPLIER, UNIT, INSTANCE, PROJECT, CALENDAR = (str(UUID(int=n)) for n in range(1, 8))
CVR = "99000104"
POSITIONS = count(1)
"""Of all tests together: each test's are higher than those before it."""
AUTHORITIES = filter(valid_cvr, map(str, count(99_000_000)))


def told(family: str, subject: str, **options: Any) -> Event:
    return event(family, subject, position=next(POSITIONS), **options)


def day(on: str, authority: str = AUTHORITY) -> Event:
    return told("time.day-started", CALENDAR, authority=authority, data={"date": on})


def contract(subject: str = CONTRACT, ends: str = "2027-12-31", **changes: Any) -> Event:
    stated: dict[str, Any] = {
        "local_id": "K-1" if subject == CONTRACT else "K-2",
        "title": "SagsArk",
        "supplier": {"id": SUPPLIER},
        "responsible_unit": {"id": UNIT},
        "terms": {"starts_on": "2024-01-01", "ends_on": ends},
    }
    return told("contract.contract-stated", subject, data=stated | changes, effective=date(2024, 1, 1))


def found(database: Database, authority: str = AUTHORITY) -> list[str]:
    """What stands in the findings, by subject and text."""
    with database.worker.begin() as connection:
        use_active(connection, CONTRACTS.name)
        rows = connection.execute(select(FINDING.c.data).where(FINDING.c.authority == authority)).scalars()
        return sorted(row["title"]["key"] + ("" if row["subject"]["id"] == CONTRACT else " 2") for row in rows)


def test_nothing_is_judged_before_the_first_day_and_missed_days_are_caught_up(database: Database) -> None:
    """The day that is last in a batch counts, and an authority's days are its own."""
    apply(database, CONTRACTS, [contract()])
    assert found(database) == []
    apply(database, CONTRACTS, [day("2025-12-30"), day("2027-01-01", OTHER)])
    assert found(database) == []
    apply(database, CONTRACTS, [day("2025-12-31"), day("2026-01-01"), day("2026-12-31")])
    assert (found(database), found(database, OTHER)) == (["cw02.start", "cw03.late"], [])


def test_an_owner_that_comes_and_goes(database: Database) -> None:
    """The role counts from the day it is held; another role is none."""
    apply(database, CONTRACTS, [day("2025-01-01"), contract(responsible_unit=None)])
    assert found(database) == ["cw05.none"]
    owner: dict[str, Any] = {"role": "contract-owner", "holder": {"name": "Karen Lindholt"}, "kind": "contract"}
    owner["responsible_for"] = {"id": CONTRACT}
    apply(database, CONTRACTS, [told("organisation.role-stated", "r1", data=owner, effective=date(2025, 1, 2))])
    assert found(database) == ["cw05.none"]
    apply(database, CONTRACTS, [day("2025-01-02")])
    assert found(database) == []
    manager = owner | {"role": "contract-manager"}
    apply(database, CONTRACTS, [told("organisation.role-stated", "r1", data=manager, effective=date(2025, 1, 2))])
    assert found(database) == ["cw05.none"]


def test_a_retender_under_way_stops_the_alarm_until_it_is_over(database: Database) -> None:
    """A workflow or a project for the contract; when it ends with nothing stated the alarm is back, until it is.

    A workflow that said for which end it was started has dealt with that one, whatever it came to."""
    apply(database, CONTRACTS, [contract(), day("2026-03-02")])
    assert found(database) == ["cw02.start"]
    started = {"process": "retender", "version": 1, "fingerprint": "0" * 32, "business_key": CONTRACT}
    apply(database, CONTRACTS, [told("workflow.started", INSTANCE, data=started)])
    assert found(database) == []
    project = {"title": "Genudbud", "contracts": [{"id": CONTRACT}]}
    ended = {"process": "retender", "version": 1, "business_key": CONTRACT, "outcome": "Stopped"}
    apply(
        database,
        CONTRACTS,
        [told("portfolio.proposed", PROJECT, data={"project": project}), told("workflow.ended", INSTANCE, data=ended)],
    )
    assert found(database) == []
    apply(database, CONTRACTS, [told("portfolio.closed", PROJECT, data={"outcome": "stopped", "reason": "Ingen vej"})])
    assert found(database) == ["cw02.start"]
    again = started | {"values": {"ends_on": "2027-12-31"}}
    other = [told("workflow.started", NEXT, data=again), told("workflow.ended", NEXT, data=ended)]
    apply(database, CONTRACTS, other)
    assert found(database) == []
    apply(database, CONTRACTS, [contract(ends="2028-02-28")])
    assert found(database) == ["cw02.start"]
    replaces = {"replaces": {"id": CONTRACT}, "terms": {"starts_on": "2028-01-01", "ends_on": "2031-12-31"}}
    apply(database, CONTRACTS, [contract(NEXT, **replaces)])
    assert found(database) == []


def test_a_project_that_was_stated_wrongly_stops_no_alarm(database: Database) -> None:
    """It counts for the contracts that it names now, not for those that it named before it was corrected."""
    apply(database, CONTRACTS, [contract(), day("2026-03-02")])
    wrong = {"title": "Genudbud", "contracts": [{"id": CONTRACT}]}
    apply(database, CONTRACTS, [told("portfolio.project-stated", PROJECT, data=wrong)])
    assert found(database) == []
    apply(database, CONTRACTS, [told("portfolio.project-stated", PROJECT, data={"title": "Genudbud"})])
    assert found(database) == ["cw02.start"]


def billing(number: str, *, cvr: str = CVR, **changes: Any) -> Event:
    """An invoice of 1,000 without a period."""
    stated = {"number": number, "supplier": {"cvr": cvr}, "totals": {"tax_exclusive": "1000"}, "lines": []}
    nothing = {"contract_refs": [], "order_ref": None, "period": None}
    return told("invoice.received", str(UUID(int=1_000 + int(number))), **(stated | nothing | changes))


def test_an_ended_contract_is_billed(database: Database) -> None:
    """By its supplier, under its number or its order's; not by another's numbers, and not when something came after."""
    supplier = {"local_id": "1", "name": "Skovsøen", "cvr": CVR}
    base = [
        contract(ends="2025-12-31", order_numbers=["4500-17"]),
        told("supplier.supplier-stated", SUPPLIER, data=supplier),
        day("2026-03-02"),
    ]
    apply(database, CONTRACTS, base)
    apply(database, CONTRACTS, [billing("7", contract_refs=["K-1"], cvr="99000112", issue_date="2026-02-20")])
    assert found(database) == []
    apply(database, CONTRACTS, [billing("8", order_ref="450017", issue_date="2026-02-20")])
    assert found(database) == ["cw04.after-end"]
    apply(database, CONTRACTS, [contract(NEXT, "2029-12-31", replaces={"id": CONTRACT})])
    assert found(database) == []


def everything() -> Sequence[Event]:
    """A small world in which every rule has something to say or to leave out."""
    return [
        told("supplier.supplier-stated", SUPPLIER, data={"local_id": "1", "name": "Skovsøen", "cvr": CVR}),
        contract(ends="2025-12-31"),
        contract(NEXT, "2027-12-31", responsible_unit=None),
        billing("8", contract_refs=["K-1"], issue_date="2026-02-20"),
        billing("9", contract_refs=["K-1"], issue_date="2026-02-27", doc_type="credit-note"),
        day("2026-03-01"),
        day("2026-03-02"),
    ]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_of_subjects_changes_nothing(database: Database, data: st.DataObject) -> None:
    """However events of different subjects arrive, in batches of any size, the findings are those of a judgement of
    all."""
    authority = next(AUTHORITIES)
    events = [
        each._replace(authority=authority, position=next(POSITIONS))
        for each in data.draw(st.permutations(everything()))
    ]
    cut = data.draw(st.integers(0, len(events)))
    for part in (events[:cut], events[cut:]):
        if part:
            apply(database, CONTRACTS, part)
    stepwise = found(database, authority)
    with database.worker.begin() as connection:
        use_active(connection, CONTRACTS.name)
        judge_all(connection)
    assert (stepwise, found(database, authority)) == (["cw02.start 2", "cw05.none 2"],) * 2
