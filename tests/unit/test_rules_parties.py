"""IC07, IC08 and IC09: who bills, who is paid, who is addressed."""

from datetime import date
from typing import Any

import pytest

from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.months import end_of
from tests.support.invoice_control import (
    GLN,
    OLD_GLN,
    OTHER,
    SUPPLIER,
    THIRD,
    addressed_to,
    codes,
    contract,
    invoice,
    item,
    judged,
    ref,
    removed,
    supplier,
    unit,
)

WORLD = [supplier(), contract(), item(), unit()]


def found(*events: CloudEvent, world: Any = WORLD) -> list[str]:
    return codes([*world, *events])


def test_a_supplier_nobody_knows() -> None:
    """IC07: not in the register; nothing about contracts is judged then."""
    assert found(invoice(cvr=OTHER, contract_refs=["K-1"])) == ["ic07.unknown"]


@pytest.mark.parametrize("cvr_state", ["bankrupt", "dissolved"])
def test_a_supplier_that_is_no_more(cvr_state: str) -> None:
    """IC07: the state on the issue date counts, the day before it was good."""
    gone = supplier(since="2026-03-10", cvr_state=cvr_state)
    assert found(gone, invoice(issued="2026-03-10")) == [f"ic07.{cvr_state}"]
    assert found(gone, invoice(issued="2026-03-09")) == []


def test_a_foreign_supplier_is_known_by_its_vat_number() -> None:
    """IC07, near miss: no CVR, but a VAT number, however it is written."""
    foreign = supplier(cvr=None, local_id="F", name="Kildemark Cloud Ltd", vat_id="IE1234567WH")
    bill = invoice(cvr=None, supplier={"vat_id": "ie 1234567 WH", "name": "Kildemark"})
    assert found(foreign, bill) == ["ic10.none"]


def test_a_supplier_taken_out_of_the_register() -> None:
    """IC07: a removal ends it from its day on."""
    assert found(removed("supplier.supplier", SUPPLIER, "2026-03-01"), invoice()) == ["ic07.unknown"]


def test_somebody_elses_contract() -> None:
    """IC08: the contract that is named belongs to another supplier; prices and term are not judged."""
    assert found(supplier(OTHER), invoice("100", cvr=OTHER, contract_refs=["k 1"], issued="2030-01-01")) == [
        "ic08.supplier"
    ]


def test_a_reseller_may_bill() -> None:
    """IC08, near miss: the contract names who bills in the supplier's stead."""
    reselling = contract(reseller=ref(OTHER))
    assert found(supplier(OTHER), reselling, invoice(cvr=OTHER, contract_refs=["K-1"])) == []


def month(number: int) -> Json:
    first = date(2026, number, 1)
    return {"start": first, "end": end_of(first, "month")}


@pytest.mark.parametrize(
    ("cvr", "covers", "expected"),
    [
        (SUPPLIER, 6, []),
        (SUPPLIER, 7, []),
        (SUPPLIER, 8, ["ic08.supplier"]),
        (OTHER, 6, ["ic08.supplier"]),
        (OTHER, 7, []),
    ],
)
def test_a_succession_with_parallel_running(cvr: str, covers: int, expected: list[str]) -> None:
    """IC08: the new supplier bills from July, the old one may until the end of July."""
    step = {"supplier": ref(OTHER), "takes_over_on": "2026-07-01", "parallel_until": "2026-07-31"}
    bill = invoice(cvr=cvr, contract_refs=["K-1"], issued="2026-08-20", period=month(covers))
    assert found(supplier(OTHER), contract(successions=[step]), bill) == expected


def test_the_old_supplier_bills_the_month_before_without_a_period() -> None:
    """IC08, near miss: an invoice that states no period may be 30 days late."""
    step = {"supplier": ref(OTHER), "takes_over_on": "2026-07-01"}
    world = [supplier(OTHER), contract(successions=[step])]
    assert found(*world, invoice(issued="2026-07-30", contract_refs=["K-1"])) == []
    assert found(*world, invoice(issued="2026-07-31", contract_refs=["K-1"])) == ["ic08.supplier"]


def test_a_company_that_took_over_the_supplier_may_bill() -> None:
    """IC08, near miss: the supplier register names the successor; before the takeover it is found."""
    taken = supplier(successor={"supplier": ref(OTHER), "takes_over_on": "2026-03-01"})
    world = [taken, supplier(OTHER)]
    assert found(*world, invoice(cvr=OTHER)) == []
    assert found(*world, invoice(cvr=OTHER, issued="2026-02-20")) == ["ic08.supplier"]


def test_money_to_somebody_unknown() -> None:
    """IC08: a payee that the supplier has not named, or no longer names."""
    payee = {"party": {"cvr": THIRD, "name": "Nordskel Factoring"}, "reason": "factoring", "valid_to": "2026-03-10"}
    factoring = supplier(payees=[payee])
    paid = {"payee": {"cvr": THIRD, "name": "Nordskel Factoring"}}
    assert found(invoice(**paid)) == ["ic08.payee"]
    assert found(factoring, invoice(**paid)) == ["ic08.payee"]
    assert found(factoring, invoice(issued="2026-03-09", **paid)) == []


def test_an_address_that_is_none() -> None:
    """IC09: the number on the invoice has no valid check digit."""
    wrong = {"ids": [{"role": "address", "scheme": "GLN", "id": "9521234000014"}], "name": "Kommunen"}
    [finding] = judged([*WORLD, invoice(buyer=wrong)])
    assert (finding.title.key, finding.found, finding.amount_at_stake) == ("ic09.check-digit", "9521234000014", None)


def test_an_address_nobody_has() -> None:
    """IC09: no unit of the authority ever had the GLN; not judged while no unit has any."""
    assert found(invoice(buyer=addressed_to(OLD_GLN))) == ["ic09.unknown"]
    assert found(invoice(buyer=addressed_to(OLD_GLN)), world=WORLD[:3]) == []


@pytest.mark.parametrize(("issued", "expected"), [("2026-03-31", []), ("2026-04-01", ["ic09.closed"])])
def test_an_address_kept_for_some_months_after_a_merger(issued: str, expected: list[str]) -> None:
    """IC09: the unit went on 1 January, its GLN may be used until 1 April."""
    world = [
        *WORLD,
        unit("old", {"gln": OLD_GLN, "valid_to": "2026-04-01"}),
        removed("organisation.unit", "old", "2026-01-01"),
    ]
    assert found(invoice(buyer=addressed_to(OLD_GLN), issued=issued), world=world) == expected


def test_the_open_address_of_a_closed_unit() -> None:
    """IC09: a GLN with no end of its own ends with its unit."""
    world = [*WORLD, unit("old", {"gln": OLD_GLN}), removed("organisation.unit", "old", "2026-01-01")]
    assert found(invoice(buyer=addressed_to(OLD_GLN)), world=world) == ["ic09.closed"]
    assert found(invoice(buyer=addressed_to(OLD_GLN), issued="2025-12-31"), world=world) == []


def test_an_address_that_moved_to_another_unit() -> None:
    """IC09, near miss: any unit that has the GLN on the day will do."""
    world = [*WORLD, unit("old", {"gln": OLD_GLN, "valid_to": "2026-01-01"}), unit("new", {"gln": OLD_GLN})]
    assert found(invoice(buyer=addressed_to(OLD_GLN)), world=world) == []


def test_no_address_at_all() -> None:
    """IC09, near miss: an invoice without a GLN is not judged."""
    assert found(invoice(buyer={"name": "Kommunen", "ids": [{"role": "legal", "id": GLN[:8]}]})) == []
