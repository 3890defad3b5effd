"""The event types of suppliers, contracts, statistics and processing."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest

from kernel.errors import Invalid
from schemas import contracts, processing, statistics, suppliers
from schemas.catalogue import Catalogue, EventType, Json
from schemas.contracts import Contract, billing_suppliers
from schemas.prices import Counting, PriceItem, count_date
from schemas.suppliers import Supplier, may_be_paid
from schemas.values import Party, valid_cvr

EVENTS = (*suppliers.EVENTS, *contracts.EVENTS, *statistics.EVENTS, *processing.EVENTS)
CATALOGUE = Catalogue(EVENTS)
OLD, NEW, RESELLER = (UUID(int=number) for number in (1, 2, 3))


def contract(**changes: Any) -> Contract:
    return Contract.model_validate(contracts.CONTRACT_STATED.sample | {"supplier": {"id": OLD}} | changes)


def price_item(**changes: Any) -> PriceItem:
    return PriceItem.model_validate(contracts.PRICE_ITEM_STATED.sample | changes)


def supplier(**changes: Any) -> Supplier:
    return Supplier.model_validate(suppliers.SUPPLIER_STATED.sample | changes)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.name)
def test_sample_is_its_own_canonical_form(kind: EventType) -> None:
    """A sample validates, and what is written reads back to the same bytes."""
    written = CATALOGUE.canonical(kind.name, kind.sample)
    assert CATALOGUE.canonical(kind.name, orjson.loads(written)) == written


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.name)
def test_sample_loses_nothing(kind: EventType) -> None:
    """Every field of a sample is in the canonical form with the sample's own value."""
    written: Json = orjson.loads(CATALOGUE.canonical(kind.name, kind.sample))
    assert {name: shallow(written[name], value) for name, value in kind.sample.items()} == kind.sample


def shallow(written: Any, sample: Any) -> Any:
    """`written` with the fields only that `sample` states, since defaults are written out."""
    if isinstance(sample, dict):
        return {name: shallow(written[name], value) for name, value in sample.items()}
    if isinstance(sample, list):
        return [shallow(one, other) for one, other in zip(written, sample, strict=True)]
    return written


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.name)
def test_sample_keeps_valid_time_on_the_envelope(kind: EventType) -> None:
    """No data model has a field for the valid time that the envelope carries."""
    assert not {"effective", "effectiveto", "effective_to"} & set(kind.model.model_fields)


def test_every_state_can_be_removed() -> None:
    """Each `-stated` family has its `-removed`."""
    families = {kind.family for kind in EVENTS}
    stated = {family for family in families if family.endswith("-stated")}
    assert families - stated == {family.removesuffix("-stated") + "-removed" for family in stated}


def test_flat_notice_becomes_structured() -> None:
    """Version 1's months of notice are version 2's notice to any day, and the rest is as it was."""
    newest, data = CATALOGUE.upcast(
        "dk.samspil.contract.contract-stated.v1", orjson.dumps(contracts.CONTRACT_V1_STATED.sample)
    )
    assert newest is contracts.CONTRACT_STATED
    assert data["terms"]["notice"] == {"months": 6}
    same = contracts.CONTRACT_STATED.sample | {"terms": data["terms"]}
    assert Contract.model_validate(data) == Contract.model_validate(same)


def test_version_1_without_notice() -> None:
    """A contract that never stated its notice has none after the upcast either."""
    sample = {name: value for name, value in contracts.CONTRACT_V1_STATED.sample.items() if name != "notice_months"}
    data = contracts.with_structured_notice(sample)
    assert Contract.model_validate(data).terms.notice is None


def test_upcast_leaves_its_input_alone() -> None:
    """The stored data is not changed by carrying it up."""
    before = orjson.dumps(contracts.CONTRACT_V1_STATED.sample)
    contracts.with_structured_notice(contracts.CONTRACT_V1_STATED.sample)
    assert orjson.dumps(contracts.CONTRACT_V1_STATED.sample) == before


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (suppliers.SUPPLIER_STATED, {"cvr": None}, "CVR number or a foreign VAT number"),
        (suppliers.SUPPLIER_STATED, {"cvr": "99000105"}, "modulus 11"),
        (contracts.CONTRACT_STATED, {"terms": {"open_ended": True, "ends_on": "2027-12-31"}}, "open-ended"),
        (
            contracts.CONTRACT_STATED,
            {"terms": {"starts_on": "2027-01-01", "ends_on": "2026-12-31"}},
            "before it starts",
        ),
        (contracts.CONTRACT_STATED, {"terms": {}, "notice_months": 6}, "notice_months"),
        (
            contracts.PRICE_ITEM_STATED,
            {"price": {"model": "per-unit", "base": "user", "tiers": [{"above": "10", "price": "1"}]}},
            "start above 0",
        ),
        (contracts.PRICE_ITEM_STATED, {"price": {"model": "fixed", "amount": 12.5}}, "as a string"),
        (contracts.PRICE_ITEM_STATED, {"billed_each": "once"}, "cannot be billed once"),
        (contracts.PRICE_ITEM_STATED, {"on_account": False}, "set on_account"),
        (
            contracts.PRICE_ITEM_STATED,
            {"regulation": "set", "index_clause": {"series": "x", "base_period": "2021-10"}},
            "regulation = indexed",
        ),
        (statistics.INDEX_STATED, {"period": "2023-13"}, "period"),
        (statistics.COUNT_STATED, {"value": "-1"}, "greater than or equal"),
        (processing.AGREEMENT_STATED, {"state": "not-needed"}, "not_needed_because"),
        (processing.AGREEMENT_STATED, {"processor": None}, "names its processor"),
        (processing.AGREEMENT_STATED, {"supervision_not_needed_because": "Public register"}, "not both"),
        (processing.SUPERVISION_STATED, {"held_on": None}, "fill in held_on"),
    ],
)
def test_contradictions_are_refused(kind: EventType, changes: Json, field: str) -> None:
    """Data that contradicts itself is refused with a message that says what to mend."""
    with pytest.raises(Invalid) as refused:
        CATALOGUE.canonical(kind.name, kind.sample | changes)
    assert field in str(refused.value)


def test_index_clause_floor_below_cap() -> None:
    """A floor above its cap allows no price at all and is refused."""
    clause = {"series": "net-price-index-2015", "base_period": "2021-10", "cap": "3", "floor": "4"}
    with pytest.raises(ValueError, match="not above its cap"):
        contract(index_clause=clause)


def test_not_needed_is_valid_when_it_says_why() -> None:
    """No data-processing agreement is needed where no personal data are handled, and that is a full answer."""
    kind = processing.AGREEMENT_STATED
    data = {"local_id": "D-1", "title": "Maps", "state": "not-needed", "not_needed_because": "No personal data"}
    assert CATALOGUE.canonical(kind.name, data)


def test_foreign_supplier_needs_no_cvr() -> None:
    """A supplier abroad is known by its VAT number."""
    assert supplier(cvr=None, vat_id="ie9990017x").vat_id == "IE9990017X"


def test_sample_cvr_numbers_are_valid() -> None:
    """The made-up CVR numbers pass modulus 11."""
    assert valid_cvr(suppliers.SUPPLIER_STATED.sample["cvr"])


@pytest.mark.parametrize(
    ("cvr", "on", "paid"),
    [
        ("99000104", date(2025, 1, 1), True),
        ("99000120", date(2025, 2, 28), False),
        ("99000120", date(2025, 3, 1), True),
        ("99000139", date(2025, 3, 1), False),
    ],
)
def test_known_payees_may_be_paid(cvr: str, on: date, paid: bool) -> None:
    """The supplier may be paid, and its factoring company from the day that was told; nobody else."""
    assert may_be_paid(supplier(), Party(cvr=cvr, name="x"), on) is paid


def test_a_party_without_number_may_not_be_paid() -> None:
    """Names alone never match: a payee without a number is nobody we know."""
    assert not may_be_paid(supplier(), Party(name="Skovsøen Digital A/S"), date(2025, 1, 1))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 6, 30), {OLD}),
        (date(2026, 7, 1), {OLD, NEW}),
        (date(2026, 7, 31), {OLD, NEW}),
        (date(2026, 8, 1), {NEW}),
    ],
)
def test_both_suppliers_bill_while_running_in_parallel(on: date, expected: set[UUID]) -> None:
    """A takeover lets the new supplier bill from its date and the old one to the end of the parallel running."""
    taken_over = contract(
        successions=[{"supplier": {"id": NEW}, "takes_over_on": "2026-07-01", "parallel_until": "2026-07-31"}]
    )
    assert billing_suppliers(taken_over, on) == expected


def test_takeover_without_parallel_running_is_sharp() -> None:
    """Where no parallel running was agreed the old supplier's right ends the day the new one's begins."""
    taken_over = contract(successions=[{"supplier": {"id": NEW}, "takes_over_on": "2026-07-01"}])
    assert billing_suppliers(taken_over, date(2026, 7, 1)) == {NEW}


def test_reseller_may_bill() -> None:
    """A reseller bills beside the supplier it sells for."""
    assert billing_suppliers(contract(reseller={"id": RESELLER}), date(2026, 7, 1)) == {OLD, RESELLER}


@pytest.mark.parametrize(
    ("counting", "expected"),
    [
        (None, date(2026, 4, 1)),
        (Counting(statistic="FOLK1A"), date(2026, 4, 1)),
        (Counting(statistic="FOLK1A", day="01-01"), date(2026, 1, 1)),
        (Counting(statistic="BOERN", day="10-01", years_before=2), date(2024, 10, 1)),
    ],
)
def test_count_date(counting: Counting | None, expected: date) -> None:
    """The count date is the agreed day, in the agreed earlier year, else the start of the service period."""
    assert count_date(counting, date(2026, 4, 1)) == expected
