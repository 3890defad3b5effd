"""The demo municipalities: large enough, alive, and the same in every run."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import pytest

from examples.municipalities import EGESOE, FIRST_DAY, LAST_DAY, MUNICIPALITIES, OPERATOR, RAVNSTRUP, Municipality
from examples.play import Day, Demo
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from tests.support.kafka.settings import repository

SEEDS = [1, 77]
BOTH = pytest.mark.parametrize("municipality", MUNICIPALITIES, ids=lambda one: one.code)

_DIGEST = """
from hashlib import blake2b
from examples.play import Demo
digest = blake2b()
for day in Demo(5).days():
    for share in day.shares:
        for event in share.events:
            digest.update(event.model_dump_json().encode())
        for document in share.documents:
            digest.update(document.name.encode() + document.content)
print(digest.hexdigest())
"""


@cache
def played(seed: int) -> list[Day]:
    return list(Demo(seed).days())


def events(seed: int, authority: str | None = None) -> Iterator[CloudEvent]:
    for day in played(seed):
        for share in day.shares:
            if authority in (None, share.authority):
                yield from share.events


def subjects(seed: int, family: str, authority: str) -> set[str]:
    name = CATALOGUE.latest(family).name
    return {event.subject for event in events(seed, authority) if event.type == name}


@pytest.mark.parametrize("seed", SEEDS)
@BOTH
def test_a_municipality_is_as_large_as_it_should_be(seed: int, municipality: Municipality) -> None:
    """Usages, contracts, suppliers, units, projects and cases by number, what has ended included."""
    counted = {
        family: len(subjects(seed, family, municipality.cvr))
        for family in (
            "system.usage-stated", "contract.contract-stated", "supplier.supplier-stated", "organisation.unit-stated",
            "portfolio.proposed", "case.case-stated",
        )
    }  # fmt: skip
    assert list(counted.values()) == [
        municipality.usages,
        municipality.contracts,
        municipality.suppliers,
        sum(municipality.units.values()) + len(municipality.centres) + 1,
        municipality.projects,
        municipality.cases,
    ]


@pytest.mark.parametrize(("municipality", "made", "missing"), [(EGESOE, 101, 9), (RAVNSTRUP, 116, 14)])
def test_so_many_processing_agreements_are_missing(municipality: Municipality, made: int, missing: int) -> None:
    """As many as planned, spread over the usages."""
    name = CATALOGUE.latest("processing.agreement-stated").name
    stated = {event.subject: event.data["state"] for event in events(1, municipality.cvr) if event.type == name}
    assert Counter(stated.values()) == {"concluded": made, "missing": missing}


@pytest.mark.parametrize("seed", SEEDS)
def test_both_together_reach_the_volume(seed: int) -> None:
    """At least 400 relations and 7,000 invoices over the two years."""
    relations = sum(len(subjects(seed, "system.relation-stated", one.cvr)) for one in MUNICIPALITIES)
    documents = sum(len(share.documents) for day in played(seed) for share in day.shares)
    assert relations >= 400
    assert 7_000 <= documents <= 8_400


def test_the_winter_brings_a_third_of_the_invoices() -> None:
    """Much is billed a year in advance: December to February hold more than their quarter."""
    months = Counter[int]()
    for day in played(1):
        months[day.date.month] += sum(len(share.documents) for share in day.shares)
    assert 0.30 <= (months[12] + months[1] + months[2]) / months.total() <= 0.36


def test_every_day_comes_once_and_begins_with_its_start() -> None:
    """Both authorities' days in order; what the operator shares comes before them."""
    days = played(1)
    assert [day.date for day in days] == [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    for day in days:
        *shared, egesoe, ravnstrup = [share.authority for share in day.shares]
        assert (egesoe, ravnstrup) == tuple(one.cvr for one in MUNICIPALITIES)
        assert shared in ([], [OPERATOR])
        for share in day.shares[-2:]:
            assert share.events[0].id == f"day:{share.authority}:{day.date}"


def test_what_is_the_same_for_all_is_the_operators() -> None:
    """Only the operator's events are shared, and all of them are."""
    assert all(event.shared == (event.authority == OPERATOR) for event in events(1))


def test_every_event_is_one_the_hub_takes() -> None:
    """The data fits its model, the envelope is whole, and no id is used twice."""
    ids = Counter[tuple[str, str, str]]()
    for event in events(1):
        CATALOGUE.canonical(event.type, event.data)
        CloudEvent.model_validate_json(event.model_dump_json())
        ids[event.authority, event.source, event.id] += 1
    assert max(ids.values()) == 1


def test_the_national_sources_are_there_by_name() -> None:
    """Usages read the real registers and joint solutions."""
    stated = CATALOGUE.latest("system.data-source-stated").name
    names = {event.data["name"] for event in events(1) if event.type == stated}
    wanted = "P-data,DPR,BBR,CVR,ESR,SAPA,KY,FLIS,Udbetaling Danmark,Serviceplatformen"
    assert names >= set(wanted.split(","))
    used = {
        event.data[role]["name"]
        for event in events(1)
        if event.type == CATALOGUE.latest("system.data-source-use-stated").name
        for role in ("source", "via")
        if role in event.data
    }
    assert used >= set(wanted.split(","))


@BOTH
def test_references_point_at_what_was_stated(municipality: Municipality) -> None:
    """No usage, contract, supplier or unit is referred to that no event states."""
    known = {event.subject for event in events(1)}
    for event in events(1, municipality.cvr):
        for value in event.data.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and set(one) == {"id", "name"} and len(one["id"]) == 36:
                    assert one["id"] in known, (event.type, one)


@BOTH
def test_the_years_are_lived(municipality: Municipality) -> None:
    """Units merge, owners leave, options are taken up, suppliers change, users are counted again."""
    later = Counter(
        event.type.split(".")[3] for event in events(1, municipality.cvr) if event.time.date() > date(2024, 2, 1)
    )
    wanted = (
        "unit-stated", "unit-removed", "role-removed", "contract-stated", "price-item-stated", "supplier-stated",
        "usage-stated", "relation-removed", "user-count-stated", "attested", "released", "posted", "paid",
    )  # fmt: skip
    assert [fact for fact in wanted if not later[fact]] == []


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_same_seed_gives_the_same_bytes(hash_seed: str) -> None:
    """Neither the run nor the order of sets changes an event or a document."""
    run = subprocess.run(
        [sys.executable, "-c", _DIGEST],
        cwd=repository(),
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == _digest_here()


@cache
def _digest_here() -> str:
    written = subprocess.run(
        [sys.executable, "-c", _DIGEST],
        cwd=repository(),
        env=os.environ | {"PYTHONHASHSEED": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    return written.stdout.strip()


def test_another_seed_gives_other_documents() -> None:
    """The seed decides."""
    one, two = ({doc.content for day in played(s) for share in day.shares for doc in share.documents} for s in (1, 2))
    assert len(one & two) < len(one) / 100


@pytest.mark.parametrize("seed", [*SEEDS, 784192722])
def test_no_event_id_is_used_twice(seed: int) -> None:
    """Also where an invoice's number is used again: what is done with each of the two is an event of its own."""
    days = played(seed) if seed in SEEDS else Demo(seed).days()
    ids = Counter((e.authority, e.source, e.id) for day in days for share in day.shares for e in share.events)
    assert [each for each, times in ids.items() if times > 1] == []
