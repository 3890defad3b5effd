"""The questions to the contract register, asked of a real database as the web asks them."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from consumers.contracts import queries
from consumers.contracts.consumer import CONTRACTS
from schemas.catalogue import Json
from schemas.envelope import Event
from storage.database import Database
from tests.support.events import AUTHORITY, OTHER, apply, event, reading, recorded

CONTRACT, SECOND, SUPPLIER, SUCCESSOR, USAGE, AGREEMENT = (str(UUID(int=n)) for n in range(1, 7))
TODAY = date(2026, 3, 2)


def ref(subject: str, name: str = "as referred to") -> Json:
    return {"id": subject, "name": name}


class Register:
    """A small register that grows event by event."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.add("supplier.supplier-stated", SUPPLIER, name="Skovsøen")
        self.contract(CONTRACT, title="SagsArk", terms={"ends_on": "2026-12-31", "notice": {"months": 3}})
        self.contract(SECOND, title="Telefoni", terms={"open_ended": True, "notice": {"months": 6}}, usages=[])

    def add(self, family: str, subject: str, **options: Any) -> None:
        self.events.append(event(family, subject, position=len(self.events) + 1, **options))

    def contract(self, subject: str, **changes: Any) -> None:
        stated: Json = {"supplier": ref(SUPPLIER), "usages": [ref(USAGE, "SagsArk")], "responsible_unit": None}
        self.add("contract.contract-stated", subject, **(stated | changes))


@pytest.fixture
def register() -> Register:
    return Register()


def test_contracts_with_their_dates(database: Database, register: Register) -> None:
    """End, notice and option as they stand on the day."""
    options = [{"months": 12, "use_by": "2026-06-30"}]
    register.contract("k3", title="Valg", terms={"ends_on": "2026-08-31", "options": options})
    register.contract("k4", title="Ældst", terms={"ends_on": "2020-12-31"})
    register.contract("k5", title="Ny", terms={"starts_on": "2027-01-01", "ends_on": "2028-12-31"})
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS) as connection:
        rows = {row.title: row for row in queries.contracts(connection, AUTHORITY, TODAY)}
    assert list(rows) == ["Ny", "SagsArk", "Telefoni", "Valg", "Ældst"]
    assert {title: row.status for title, row in rows.items() if row.status != "running"} == {
        "Ny": "not-begun",
        "Ældst": "ended",
    }
    assert (rows["SagsArk"].supplier.name, rows["SagsArk"].latest_notice) == ("Skovsøen", date(2026, 9, 30))
    assert (rows["Telefoni"].ends_on, rows["Telefoni"].ends_if_notice_now) == (None, date(2026, 9, 2))
    assert (rows["Valg"].ends_with_options, rows["Valg"].option_use_by, rows["Valg"].option_months) == (
        date(2027, 8, 31), date(2026, 6, 30), 12,
    )  # fmt: skip


def test_a_contract_that_was_taken_over_has_its_new_holder(database: Database, register: Register) -> None:
    """From the day of the takeover; a supplier that is not known is listed as such."""
    taken = [{"supplier": ref(SUCCESSOR, "Fjordbro"), "takes_over_on": "2026-03-02"}]
    register.contract(CONTRACT, title="SagsArk", successions=taken)
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS) as connection:
        before = queries.contracts(connection, AUTHORITY, date(2026, 3, 1))[0]
        after = queries.contracts(connection, AUTHORITY, TODAY)[0]
    assert (before.supplier.name, before.unresolved) == ("Skovsøen", ())
    assert [link.name for link in after.unresolved] == ["Fjordbro"]


def test_version_one_of_a_contract_is_read_as_version_two(database: Database, register: Register) -> None:
    """Flat months of notice are notice to any day."""
    register.add("contract.contract-stated", "k1", version=1, title="Gammel", supplier=ref(SUPPLIER))
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS) as connection:
        row = queries.contracts(connection, AUTHORITY, TODAY)[0]
    assert (row.title, row.notice_months, row.notice_to_end_of) == ("Gammel", 6, None)


def test_what_ends_soon(database: Database, register: Register) -> None:
    """Within so many months, the first to end first; what has ended or has no end is left out."""
    register.contract("k3", title="Først", terms={"ends_on": "2026-06-30"})
    register.contract("k4", title="Forbi", terms={"ends_on": "2026-03-01"})
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS) as connection:
        within_a_year = queries.ending(connection, AUTHORITY, TODAY, months=12)
        within_four_months = queries.ending(connection, AUTHORITY, TODAY, months=4)
    assert [row.title for row in within_a_year] == ["Først", "SagsArk"]
    assert [row.title for row in within_four_months] == ["Først"]


def test_the_price_of_the_day(database: Database, register: Register) -> None:
    """Each new price is the same item stated again from its own day."""
    for amount, start in (("120", date(2026, 7, 1)), ("100", date(2026, 1, 1))):
        price = {"model": "fixed", "amount": amount}
        register.add(
            "contract.price-item-stated",
            "p1",
            contract=ref(CONTRACT),
            price=price,
            effective=start,
            billed_each="month",
        )
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS) as connection:
        (now,) = queries.prices(connection, AUTHORITY, TODAY)
        (later,) = queries.prices(connection, AUTHORITY, date(2026, 7, 1))
        none_yet = queries.prices(connection, AUTHORITY, TODAY, recorded(3))
    assert [tier.price for tier in now.tiers] == [Decimal(100)]
    assert [tier.price for tier in later.tiers] == [Decimal(120)]
    assert (now.contract.name, now.contract_runs, now.series, now.billed_each) == (
        "SagsArk", True, "net-price-index-2015", "month",
    )  # fmt: skip
    assert none_yet == ()


def test_processing_agreements(database: Database, register: Register) -> None:
    """What is missing comes first, then what nobody spoke of; not needed is an answer when it says why."""
    missing = {"state": "missing", "title": "Mangler", "processor": None, "contract": None, "usages": []}
    register.add("processing.agreement-stated", "a1", data={"local_id": "1", **missing})
    because = {"state": "not-needed", "title": "Ingen data", "not_needed_because": "Der behandles ikke persondata"}
    register.add("processing.agreement-stated", "a2", data={"local_id": "2", **because})
    register.add("processing.agreement-stated", AGREEMENT, title="Ark", contract=ref(SECOND), usages=[])
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS) as connection:
        rows = queries.processing(connection, AUTHORITY, TODAY)
    assert [(row.state, row.title) for row in rows] == [
        ("missing", "Mangler"),
        ("unstated", "SagsArk"),
        ("concluded", "Ark"),
        ("not-needed", "Ingen data"),
    ]
    assert rows[3].not_needed_because == "Der behandles ikke persondata"


def test_supervision_falls_due(database: Database, register: Register) -> None:
    """Twelve months after the last one, unless one is planned."""
    register.add("processing.agreement-stated", AGREEMENT, contract=ref(CONTRACT))
    register.add("processing.supervision-stated", "s1", agreement=ref(AGREEMENT), held_on="2025-02-20")
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS) as connection:
        (overdue,) = queries.processing(connection, AUTHORITY, TODAY)
    assert (overdue.supervised_on, overdue.supervision_due, overdue.supervision_overdue) == (
        date(2025, 2, 20), date(2026, 2, 20), True,
    )  # fmt: skip
    planned = {"local_id": "T2", "agreement": ref(AGREEMENT), "due_on": "2026-05-01"}
    register.add("processing.supervision-stated", "s2", data=planned)
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS) as connection:
        (planned_row,) = queries.processing(connection, AUTHORITY, TODAY)
    assert (planned_row.supervision_due, planned_row.supervision_overdue) == (date(2026, 5, 1), False)


def test_figures_and_counts(database: Database, register: Register) -> None:
    """Index figures are everybody's; counts are one's own, and none of the neighbour's."""
    register.add("statistics.index-stated", "i1", authority=OTHER, shared=True)
    register.add("statistics.count-stated", "c1", value="35900")
    register.add("statistics.count-stated", "c1", value="35950", effective=date(2026, 4, 1))
    register.add("statistics.count-stated", "c2", authority=OTHER, value="1")
    apply(database, CONTRACTS, register.events)
    with reading(database, CONTRACTS, f"{AUTHORITY},{OTHER}") as connection:
        assert [row.value for row in queries.indexes(connection, AUTHORITY, TODAY)] == [Decimal("118.3")]
        assert [row.value for row in queries.counts(connection, AUTHORITY, TODAY)] == [Decimal(35900)]
        assert [row.value for row in queries.counts(connection, AUTHORITY, date(2026, 5, 1))] == [Decimal(35950)]
