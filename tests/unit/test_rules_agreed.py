"""IC10, IC12 and IC22, and the ladder: the contract as a whole."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from tests.support.invoice_control import (
    OTHER,
    SUPPLIER,
    codes,
    contract,
    credit_note,
    invoice,
    item,
    judged,
    line,
    ref,
    removed,
    supplier,
)

WORLD = [supplier(), contract(), item()]


def found(*events: CloudEvent, world: Any = WORLD) -> list[str]:
    return codes([*world, *events])


def stakes(*events: CloudEvent, world: Any = WORLD) -> list[tuple[str, Decimal]]:
    """Rule and amount at stake of what is found."""
    return [(each.rule, each.amount_at_stake.amount) for each in judged([*world, *events]) if each.amount_at_stake]


def terms(**fields: Any) -> Json:
    return {"terms": {"starts_on": "2024-01-01"} | fields}


def contract_of(events: list[CloudEvent]) -> list[str | None]:
    """The contracts that findings refer to."""
    return [each.local_id for finding in judged(events) for each in finding.references if each.kind == "contract"]


def test_no_contract() -> None:
    """IC10: the supplier has none, all of it is at stake."""
    assert stakes(invoice(), world=[supplier()]) == [("ic10", 1000)]


def test_the_text_of_the_line_leads_to_the_contract() -> None:
    """IC10, near miss: no reference, and two contracts that run, but one of them has such a price."""
    assert found(contract("K-2"), invoice()) == []
    assert found(contract("K-2"), invoice("100", line(text="Andet"))) == ["ic10.none"]


def test_the_only_contract_of_the_supplier() -> None:
    """Ladder, step 4: what fits no text belongs to the one contract that runs; then its lines are judged."""
    assert found(invoice("100", line(text="Andet"))) == ["ic26.line"]


def test_a_reference_comes_before_an_order_number() -> None:
    """Ladder: an unknown contract reference is passed over, the order number decides then; case and hyphens do not."""
    second = contract("K-2", order_numbers=["4500-17"], maximum={"net": {"amount": "1"}})
    world = [*WORLD, second]
    assert contract_of([*world, invoice(contract_refs=["K-9"], order_ref="450017")]) == ["K-2"]
    assert contract_of([*world, invoice(contract_refs=["k1"], order_ref="450017")]) == []


def test_an_addendum_is_part_of_its_contract() -> None:
    """A reference to the addendum is one to the contract, and its prices are the contract's."""
    added = contract("K-1-A", kind="addendum", parent=ref("K-1"))
    price = item("A/1", contract=ref("K-1-A"), line_patterns=["Ekstra*"])
    bill = invoice("100", line(text="Ekstra modul"), contract_refs=["K-1-A"])
    assert found(added, price, bill) == []
    assert found(added, bill) == ["ic26.line"]


def test_a_framework_is_not_billed() -> None:
    """Ladder: the framework agreement's own number leads nowhere, its call-off's text does."""
    framework = contract("SKI", kind="framework")
    assert found(framework, invoice(contract_refs=["SKI"])) == []


def test_a_call_off_outlives_its_framework() -> None:
    """IC12, near miss: the framework ended, the call-off runs to its own end."""
    framework = contract("SKI", kind="framework", **terms(ends_on="2024-12-31"))
    call_off = contract(kind="call-off", parent=ref("SKI"))
    assert found(framework, call_off, invoice()) == []


PERIOD = {"start": "2026-10-01", "end": "2026-10-31"}
NOTICE = {"notice": {"months": 6, "to_end_of": "month"}, "termination": {"notice_given_on": "2026-03-31"}}


@pytest.mark.parametrize(
    ("agreed", "covers", "expected"),
    [
        (terms(open_ended=True), PERIOD, []),
        (terms(ends_on="2026-10-31"), PERIOD, []),
        (terms(ends_on="2026-10-30"), PERIOD, ["ic12.after"]),
        (terms(starts_on="2026-10-02", ends_on="2027-12-31"), PERIOD, ["ic12.before"]),
        (terms(open_ended=True, **NOTICE), PERIOD, ["ic12.after"]),
        (terms(open_ended=True, **NOTICE), {"start": "2026-09-01", "end": "2026-09-30"}, []),
        (terms(ends_on="2026-09-30", options=[{"months": 12, "taken_up_on": "2026-05-01"}]), PERIOD, []),
        (terms(ends_on="2026-09-30", options=[{"months": 12}]), PERIOD, ["ic12.after"]),
        (terms(ends_on="2026-09-30", renews_months=12), PERIOD, []),
        (terms(ends_on=None), PERIOD, []),
    ],
    ids=[
        "open-ended", "to its last day", "one day over", "one day early", "after notice", "in the notice period",
        "option taken up", "option not taken up", "renewed", "an end nobody wrote down",
    ],
)  # fmt: skip
def test_the_term_and_the_service_period(agreed: Json, covers: Json, expected: list[str]) -> None:
    """IC12: a stated service period has no grace."""
    assert found(contract(**agreed), invoice(issued="2026-09-20", period=covers)) == expected


@pytest.mark.parametrize(("issued", "expected"), [("2026-10-30", []), ("2026-10-31", ["ic12.after"])])
def test_an_invoice_without_period_may_be_30_days_late(issued: str, expected: list[str]) -> None:
    """IC12: bills come after the service."""
    ends = contract(**terms(ends_on="2026-09-30"))
    assert found(ends, invoice(issued=issued, contract_refs=["K-1"])) == expected


def test_the_days_outside_are_at_stake() -> None:
    """IC12: 61 of the 91 days lie after the end."""
    yearly = [supplier(), contract(**terms(ends_on="2026-09-30")), item(price="40000")]
    bill = invoice("100", line("120000"), period={"start": "2026-09-01", "end": "2026-11-30"})
    assert stakes(bill, world=yearly) == [("ic12", Decimal("80439.56"))]


def test_notice_that_comes_late_finds_what_was_paid_in_advance() -> None:
    """IC12: a later statement of the contract ends it within a year that was billed before."""
    year = invoice("100", line("12000"), issued="2026-01-05", period={"start": "2026-01-01", "end": "2026-12-31"})
    assert found(year) == []
    given = contract(since="2026-05-01", **terms(ends_on="2026-12-31", termination={
        "notice_given_on": "2026-05-01", "last_day": "2026-09-30"}))  # fmt: skip
    assert stakes(given, year) == [("ic12", Decimal("3024.66"))]


def test_an_invoice_outside_the_term_is_not_judged_by_price() -> None:
    """IC12 stops IC13 and IC26."""
    ends = contract(**terms(ends_on="2025-12-31"))
    assert found(ends, invoice("100", line("9999"), line("5", "Andet"), contract_refs=["K-1"])) == ["ic12.after"]


MAXIMUM = contract(maximum={"net": {"amount": "1000000"}})


def bill(number: str, amount: str, issued: str) -> CloudEvent:
    return invoice(number, line(amount), issued=issued, contract_refs=["K-1"])


def test_above_the_maximum() -> None:
    """IC22: the invoice that crosses it, with what lies above, and each after it; exactly the maximum is silent."""
    world = [supplier(), MAXIMUM]
    first, last = bill("1", "900000", "2026-01-01"), bill("3", "40000", "2026-03-01")
    assert stakes(bill("2", "150000", "2026-02-01"), last, first, world=world) == [("ic22", 50000), ("ic22", 40000)]
    assert stakes(first, bill("2", "100000", "2026-02-01"), world=world) == []


def test_credits_count_against_the_maximum() -> None:
    """IC22, near miss: what is credited does not count, nor what a credit note gives back that names no invoice."""
    world = [supplier(), MAXIMUM, bill("1", "900000", "2026-01-01"), bill("2", "150000", "2026-02-01")]
    assert found(credit_note("K1", "150000", "2"), world=world) == []
    assert found(credit_note("K1", "50000", issued="2026-01-15", contract_refs=["K-1"]), world=world) == []


def test_other_suppliers_share_the_maximum() -> None:
    """IC22: what the successor bills counts too; what somebody else bills does not."""
    step = {"supplier": ref(OTHER), "takes_over_on": "2026-02-01"}
    world = [supplier(), supplier(OTHER), bill("1", "900000", "2026-01-01")]
    theirs = invoice("2", line("150000"), cvr=OTHER, issued="2026-02-02", contract_refs=["K-1"])
    shared = contract(maximum={"net": {"amount": "1000000"}}, successions=[step])
    assert found(shared, theirs, world=world) == ["ic22.above"]
    assert found(MAXIMUM, theirs, world=world) == ["ic08.supplier"]


FRAMEWORK = contract("F-1", kind="framework", maximum={"net": {"amount": "500000"}})


def call_off(name: str, by: str = SUPPLIER, **fields: Any) -> CloudEvent:
    return contract(name, kind="call-off", parent=ref("F-1"), supplier=ref(by), **fields)


def called(number: str, amount: str, of: str, **fields: Any) -> CloudEvent:
    return invoice(number, line(amount), contract_refs=[of], **fields)


def test_call_offs_add_up_to_the_maximum_of_their_framework() -> None:
    """IC22: whoever bills them; what crosses it is found, exactly the maximum is silent."""
    world = [supplier(), supplier(OTHER), FRAMEWORK, call_off("K-1"), call_off("K-2", OTHER)]
    first = called("1", "300000", "K-1", issued="2026-01-01")
    second = called("2", "300000", "K-2", issued="2026-02-01", cvr=OTHER)
    assert stakes(second, first, world=world) == [("ic22", 100000)]
    [finding] = judged([*world, first, second])
    assert (finding.title.key, finding.expected, finding.found) == ("ic22.above-framework", "500000.00", "600000.00")
    assert found(first, called("2", "200000", "K-2", issued="2026-02-01", cvr=OTHER), world=world) == []
    assert found(first, second, credit_note("K1", "100000", "1"), world=world) == []
    alone = contract("K-2", kind="contract", parent=ref("F-1"), supplier=ref(OTHER))
    assert found(first, second, alone, world=world[:-1]) == []


def test_the_worse_of_two_maximums_is_told() -> None:
    """IC22: one finding a document, of what it passes by more."""
    own = call_off("K-1", maximum={"net": {"amount": "550000"}})
    assert stakes(called("1", "600000", "K-1"), world=[supplier(), FRAMEWORK, own]) == [("ic22", 100000)]
    less = call_off("K-1", maximum={"net": {"amount": "100000"}})
    assert found(called("1", "600000", "K-1"), world=[supplier(), FRAMEWORK, less]) == ["ic22.above"]


def test_an_indexed_maximum_is_not_judged() -> None:
    """IC22: without the index nobody knows what it has become."""
    world = [supplier(), contract(maximum={"net": {"amount": "1"}, "indexed": True})]
    assert found(invoice(), world=world) == []


def test_a_contract_that_was_removed_is_none() -> None:
    """A removal holds from its day on."""
    gone = removed("contract.contract", "K-1", "2026-03-01")
    assert found(gone, invoice(issued="2026-02-28")) == []
    assert found(gone, invoice(issued="2026-03-01")) == ["ic10.none"]


def test_a_credit_for_the_days_outside() -> None:
    """A credit is held against the amount as it is told: a share of days, rounded."""
    ends = [supplier(), contract(**terms(ends_on="2026-03-30")), item()]
    march = invoice(period={"start": "2026-03-01", "end": "2026-03-31"})
    assert stakes(march, world=ends) == [("ic12", Decimal("32.26"))]
    assert found(march, credit_note("K1", "32.26", "100"), world=ends) == []
    assert found(march, credit_note("K1", "32.25", "100"), world=ends) == ["ic12.after"]
