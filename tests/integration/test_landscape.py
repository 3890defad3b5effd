"""The questions to a landscape, asked of a real database as the web asks them."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from consumers.landscape import queries
from consumers.landscape.consumer import LANDSCAPE
from schemas.catalogue import Json
from schemas.envelope import Event
from storage.database import Database
from tests.support.events import AUTHORITY, OTHER, apply, event, reading, recorded

SYSTEM, USAGE, SECOND, CONTRACT, SUPPLIER, UNIT, LIST, SOURCE, INTERFACE = (str(UUID(int=n)) for n in range(1, 10))
TODAY = date(2026, 3, 2)


def ref(subject: str, name: str = "as referred to") -> Json:
    return {"id": subject, "name": name}


class Landscape:
    """A small landscape that grows event by event."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.add("system.catalogue-stated", SYSTEM, authority=OTHER, shared=True, name="OmsorgNær")
        self.add("system.usage-stated", USAGE, **self.usage())
        self.add("system.usage-stated", SECOND, **self.usage(name="Arkiv", main_contract=None, using_units=[]))
        self.add("organisation.unit-stated", UNIT, name="Centret")
        self.add("supplier.supplier-stated", SUPPLIER, name="Fjordbro", cvr="10150817", successor=None)
        self.add(
            "contract.contract-stated",
            CONTRACT,
            title="Omsorg, drift",
            local_id="K-2024-17",
            supplier=ref(SUPPLIER),
            usages=[ref(USAGE)],
            terms={"starts_on": "2022-01-01", "ends_on": "2027-12-31", "notice": {"months": 6}},
        )

    def usage(self, **changes: Any) -> Json:
        stated = {
            "system": ref(SYSTEM),
            "name": "Omsorg",
            "responsible_unit": ref(UNIT),
            "using_units": [ref(UNIT)],
            "main_contract": ref(CONTRACT),
        }
        return stated | changes

    def add(self, family: str, subject: str, **options: Any) -> None:
        self.events.append(event(family, subject, position=len(self.events) + 1, **options))


@pytest.fixture
def landscape() -> Landscape:
    return Landscape()


def test_systems(database: Database, landscape: Landscape) -> None:
    """Names, supplier, units and owner are followed to what the hub holds, across authorities for shared facts."""
    landscape.add("organisation.role-stated", "r1", responsible_for=ref(USAGE))
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        archive, care = queries.systems(connection, AUTHORITY, TODAY)
    assert (care.name, care.system.name, care.life_cycle) == ("Omsorg", "OmsorgNær", "operational")
    assert care.supplier is not None
    assert (care.supplier.name, care.owners, care.unresolved) == ("Fjordbro", ("Karen Lindholt",), ())
    assert [unit.name for unit in care.using_units] == ["Centret"]
    assert (archive.name, archive.supplier, archive.owners) == ("Arkiv", None, ())


def test_another_authority_sees_nothing_of_it(database: Database, landscape: Landscape) -> None:
    """Usages are an authority's own, even for who reads both."""
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE, OTHER) as connection:
        assert queries.systems(connection, OTHER, TODAY) == ()
        assert queries.systems(connection, AUTHORITY, TODAY) == ()
    with reading(database, LANDSCAPE, f"{AUTHORITY},{OTHER}") as connection:
        assert queries.systems(connection, OTHER, TODAY) == ()


def test_relations_list_what_leads_nowhere(database: Database, landscape: Landscape) -> None:
    """An unresolved reference keeps the name it was given and is listed; nothing is guessed."""
    gone = str(UUID(int=99))
    landscape.add(
        "system.relation-stated", "r1", user=ref(USAGE), provider=ref(gone, "Væk"), interface=None, contract=None
    )
    landscape.add("system.relation-stated", "r2", user=ref(USAGE), provider=ref(SECOND), interface=ref(INTERFACE))
    landscape.add("system.interface-stated", INTERFACE, authority=OTHER, shared=True, name="Journal")
    landscape.add("system.data-source-stated", SOURCE, authority=OTHER, shared=True, name="DPR")
    landscape.add("system.data-source-use-stated", "d1", usage=ref(SECOND), source=ref(SOURCE), via=None, contract=None)
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        source, known, unknown = queries.relations(connection, AUTHORITY, TODAY)
    assert (source.kind, source.user.name, source.provider.name, source.frequency) == (
        "data-source", "Arkiv", "DPR", "on-demand",
    )  # fmt: skip
    assert known.interface is not None
    assert (known.provider.name, known.interface.name, known.data) == ("Arkiv", "Journal", ("Afgørelser om hjælp",))
    assert [(link.id, link.name) for link in unknown.unresolved] == [(gone, "Væk")]


def test_costs(database: Database, landscape: Landscape) -> None:
    """Agreed by count and price of the day, read from data sources, and what invoices came to in the year."""
    landscape.add("statistics.count-stated", "c1", statistic="users", base="user", value="600")
    landscape.add(
        "contract.price-item-stated",
        "p1",
        contract=ref(CONTRACT),
        usage=None,
        counting={"statistic": "users", "day": "01-01"},
        minimum_fee=None,
    )
    landscape.add("system.data-source-use-stated", "d1", usage=ref(USAGE), source=ref(SOURCE))
    landscape.add("invoice.received", "i1")
    landscape.add("invoice.received", "i2", contract_refs=["K-0"], supplier={"cvr": "10150817"})
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        usage, supplier = queries.costs(connection, AUTHORITY, TODAY)
    assert (usage.of.kind, usage.of.named.name, usage.year, usage.currency) == ("usage", "Omsorg", 2026, "DKK")
    assert (usage.agreed, usage.data_sources, usage.invoiced, usage.invoices) == (
        500 * 1480 + 100 * 1110, 45_000, 1000, 1,
    )  # fmt: skip
    assert (supplier.of.kind, supplier.of.named.name, supplier.invoiced) == ("supplier", "Fjordbro", 1000)


def test_invoices_add_up_over_batches(database: Database, landscape: Landscape) -> None:
    """Each event counts once: a batch that comes again adds nothing."""
    for number in range(4):
        landscape.add("invoice.received", f"i{number}")
    apply(database, LANDSCAPE, landscape.events[:-2])
    apply(database, LANDSCAPE, landscape.events)
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        (row,) = queries.costs(connection, AUTHORITY, TODAY)
    assert (row.invoices, row.invoiced) == (4, 4000)


def test_a_document_from_two_sources_counts_once(database: Database, landscape: Landscape) -> None:
    """The same subject and content are one document; another content under the number is another."""
    landscape.add("invoice.received", "i1")
    landscape.add("invoice.received", "i1")
    landscape.add("invoice.received", "i1", sha256="b" * 64)
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        (row,) = queries.costs(connection, AUTHORITY, TODAY)
    assert (row.invoices, row.invoiced) == (2, 2000)


def test_what_was_invoiced_as_far_as_the_hub_knew(database: Database, landscape: Landscape) -> None:
    """Invoices that were recorded later are left out."""
    for number in range(3):
        landscape.add("invoice.received", f"i{number}")
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        (row,) = queries.costs(connection, AUTHORITY, TODAY, landscape.events[-2].recorded)
    assert (row.invoices, row.invoiced) == (2, 2000)


def test_retendering(database: Database, landscape: Landscape) -> None:
    """The first to begin on stands first; the time it takes depends on the procedure."""
    terms = {"ends_on": "2027-06-30", "options": [{"months": 12, "use_by": "2026-12-31"}], "notice": {"months": 3}}
    landscape.add(
        "contract.contract-stated", "k2", title="Telefoni", supplier=ref(SUPPLIER), terms=terms, procurement=None
    )
    landscape.add("contract.contract-stated", "k3", title="Forbi", terms={"ends_on": "2025-12-31"})
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        phones, care = queries.retendering(connection, AUTHORITY, TODAY)
    assert (phones.title, phones.ends_on, phones.ends_with_options, phones.option_use_by, phones.start_by) == (
        "Telefoni", date(2027, 6, 30), date(2028, 6, 30), date(2026, 12, 31), date(2026, 6, 30),
    )  # fmt: skip
    assert phones.latest_notice == date(2027, 3, 31)
    assert (care.procedure, care.start_by, care.start_direct_by) == (
        "mini-tender", date(2026, 12, 31), date(2027, 6, 30),
    )  # fmt: skip


def test_owners_with_none_first(database: Database, landscape: Landscape) -> None:
    """A usage that nobody answers for is what the reader must see."""
    landscape.add("organisation.role-stated", "r1", responsible_for=ref(SECOND), unit=ref(UNIT))
    landscape.add("organisation.role-stated", "r2", responsible_for=ref(USAGE), role="system-manager")
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        nobody, somebody = queries.owners(connection, AUTHORITY, TODAY)
    assert (nobody.usage.name, nobody.owner) == ("Omsorg", None)
    assert (somebody.usage.name, somebody.owner) == ("Arkiv", "Karen Lindholt")
    assert somebody.unit is not None
    assert somebody.unit.name == "Centret"


def test_conformity(database: Database, landscape: Landscape) -> None:
    """Judged by the version of the list it was assessed by; what was not answered is unknown."""
    landscape.add("system.requirement-list-stated", LIST, authority=OTHER, shared=True)
    met = [{"requirement": "RA-1", "status": "partly-met"}, {"requirement": "RA-9", "status": "met"}]
    landscape.add("system.conformity-stated", "f1", usage=ref(USAGE), requirement_list=ref(LIST), requirements=met)
    apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        never, judged = queries.conformity(connection, AUTHORITY, TODAY)
    assert (never.usage.name, never.requirement_list, never.share) == ("Arkiv", None, None)
    assert [answer.status for answer in judged.answers] == ["partly-met", "unknown"]
    assert (judged.share, judged.not_in_list) == (Decimal("0.3333"), ("RA-9",))


def test_as_of_another_day_and_another_knowledge(database: Database, landscape: Landscape) -> None:
    """A name that is corrected later held all the time, but was not known then."""
    before = recorded(len(landscape.events))
    landscape.add("system.usage-stated", SECOND, **landscape.usage(name="Rettet"))
    landscape.add("system.usage-removed", USAGE, effective=date(2026, 6, 1))
    apply(database, LANDSCAPE, landscape.events)

    def names(valid_at: date, known_at: Any = None) -> list[str]:
        return [row.name for row in queries.systems(connection, AUTHORITY, valid_at, known_at)]

    with reading(database, LANDSCAPE) as connection:
        assert names(TODAY) == ["Omsorg", "Rettet"]
        assert names(TODAY, before) == ["Arkiv", "Omsorg"]
        assert names(date(2026, 6, 1)) == ["Rettet"]
        assert names(date(2025, 12, 31)) == []


def test_a_damaged_event_stops_its_own_subject_only(database: Database, landscape: Landscape) -> None:
    """It is parked with what waits behind it; the rest of the batch is there."""
    landscape.events[1] = landscape.events[1]._replace(payload=b'{"name": "cut off')
    applied = apply(database, LANDSCAPE, landscape.events)
    with reading(database, LANDSCAPE) as connection:
        assert [row.name for row in queries.systems(connection, AUTHORITY, TODAY)] == ["Arkiv"]
    assert (applied.events, applied.parked) == (len(landscape.events) - 1, 1)
