"""IC01, IC03, IC04 and IC17: what the documents themselves show."""

from typing import Any

import pytest

from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from tests.support.invoice_control import (
    GLN,
    OLD_GLN,
    addressed_to,
    codes,
    contract,
    credit_note,
    invoice,
    item,
    judged,
    line,
    supplier,
    unit,
)

WORLD = [supplier(), contract(), item(), unit("unit", {"gln": GLN}, {"gln": OLD_GLN})]


def found(*events: CloudEvent) -> list[str]:
    return codes([*WORLD, *events])


def read(code: str, stated: str, expected: str, on: str | None = None) -> Json:
    """A finding of the reader."""
    return {"code": code, "message": "x", "stated": stated, "expected": expected, "line": on}


def test_an_invoice_as_agreed_is_silent() -> None:
    """The world of these tests finds nothing in its ordinary invoice."""
    assert found(invoice()) == []


@pytest.mark.parametrize(
    ("lacking", "missing"),
    [
        ({"issue_date": None}, "issue date"),
        ({"currency": None}, "currency"),
        ({"totals": {"tax_exclusive": "1000"}}, "amount to pay"),
        ({"buyer": {}}, "buyer"),
        ({"lines": (), "totals": {"tax_exclusive": "0", "payable": "0"}}, "lines"),
    ],
)
def test_an_incomplete_document_says_what_is_missing(lacking: Json, missing: str) -> None:
    """IC01: what every invoice has is not there."""
    [finding] = judged([*WORLD, invoice(**lacking)])
    assert (finding.rule, finding.severity, dict(finding.title.values)) == ("ic01", "block", {"missing": missing})


def test_a_document_without_due_date_is_complete() -> None:
    """IC01, near miss: not everything is on every invoice."""
    assert found(invoice(due_date=None, order_ref=None)) == []


def test_without_an_issue_date_nothing_else_is_judged() -> None:
    """IC01 stops every other rule when the document cannot be placed in time."""
    assert found(invoice(issue_date=None, findings=[read("PAYABLE", "1", "2")], cvr="99000015")) == ["ic01.incomplete"]


def test_the_largest_difference_of_the_totals_is_told() -> None:
    """IC03: one finding per document, with what is at stake."""
    wrong = [read("LINESUM", "1000", "990"), read("PAYABLE", "1350", "1250")]
    [finding] = judged([*WORLD, invoice(findings=wrong)])
    assert (finding.rule, finding.expected, finding.found) == ("ic03", "1250.00", "1350.00")
    assert finding.amount_at_stake is not None
    assert finding.amount_at_stake.amount == 100
    assert finding.title.values["totals"] == "LINESUM, PAYABLE"


def test_what_is_no_arithmetic_is_no_matter_of_ic03() -> None:
    """IC03, near miss: the reader's other remarks are not about totals."""
    assert found(invoice(findings=[{"code": "DATES", "message": "due before issued"}])) == []


def test_a_line_that_is_not_quantity_times_price() -> None:
    """IC04: a finding per line; what is billed too little puts nothing at stake."""
    wrong = [read("LINECALC", "1100", "1000", "1"), read("LINECALC", "900", "1000", "2")]
    first, second = judged([*WORLD, invoice(findings=wrong)])
    assert [(each.rule, each.line_id) for each in (first, second)] == [("ic04", "1"), ("ic04", "2")]
    assert first.amount_at_stake is not None
    assert second.amount_at_stake is not None
    assert (first.amount_at_stake.amount, second.amount_at_stake.amount) == (100, 0)


def test_a_rounded_line_is_silent() -> None:
    """IC04, near miss: the reader lets 3 x 33.33 be 100.00, and so there is no finding."""
    assert found(invoice("100", line("100", quantity="3", price="33.33"))) == []


def test_the_same_number_on_another_document() -> None:
    """IC17: sent to two addresses, it is found once, with its net at stake, and judged by no other rule."""
    twice = [invoice("FA-0123"), invoice("fa 0123", copy="2", buyer=addressed_to(OLD_GLN))]
    [finding] = judged([*WORLD, *twice])
    assert (finding.rule, finding.severity, finding.found) == ("ic17", "block", "2")
    assert finding.amount_at_stake is not None
    assert finding.amount_at_stake.amount == 1000


def test_a_repetition_is_judged_by_nothing_else() -> None:
    """IC17 stops the rest: the repetition's wrong totals are not told, whichever of the two it is."""
    wrong = {"findings": [read("PAYABLE", "2", "1")], "issued": "2026-03-11"}
    assert found(invoice("7"), invoice("7", copy="2", **wrong)) == ["ic17.repeated"]


@pytest.mark.parametrize(
    "others",
    [
        (invoice("100"),),
        (invoice("101"), invoice("102")),
        (invoice("100", issued="2023-03-09"), supplier(since="2020-01-01")),
        (credit_note("100", "10"),),
    ],
    ids=["the same document twice", "other numbers", "more than 24 months apart", "a credit note's own series"],
)
def test_not_the_same_invoice_again(others: Any) -> None:
    """IC17, near misses."""
    assert "ic17.repeated" not in found(invoice("100"), *others)


def test_a_repetition_that_is_credited_is_silent() -> None:
    """IC17: the credit note pays the repetition, the original stands."""
    twice = [invoice("100"), invoice("100", copy="2")]
    assert found(*twice, credit_note("K1", "1000", "100")) == []
    assert found(*twice, credit_note("K1", "999", "100")) == ["ic17.repeated"]


def test_a_third_copy_is_the_same_finding() -> None:
    """IC17: one finding per subject, with all repetitions at stake."""
    [finding] = judged([*WORLD, *(invoice("100", copy=each) for each in ("", "2", "3"))])
    assert finding.amount_at_stake is not None
    assert (finding.amount_at_stake.amount, finding.found) == (2000, "3")
