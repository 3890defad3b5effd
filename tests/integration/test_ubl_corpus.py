"""The real invoices: what is read out of each agrees with its row in the manifest, value by value."""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.ubl.inspect import inspect_file

pytestmark = pytest.mark.corpus

Row = dict[str, str]
FAMILY = {"oioubl": "oioubl", "oioubl3": "ubl", "peppol": "ubl", "en16931-ubl": "ubl", "cii": "cii"}
AMOUNTS = ("payable_amount", "tax_total", "line_extension", "line_count")
DATES = ("issue_date", "due_date", "period")
TEXTS = (
    "doc_type",
    "invoice_id",
    "currency",
    "supplier_id",
    "supplier_scheme",
    "buyer_id",
    "contract_ref",
    "order_ref",
    "accounting_cost",
    "billing_ref",
    "bank_account",
)
MASKED = {("gobl__cpr-supplier.xml", "supplier_id"): "111111****"}
"""The manifest states the CPR number; it is never shown."""
ELSEWHERE_JUDGED = {"gobl__used-invoice_real.xml"}
"""Its only line is free of charge: OIOUBL's own rules leave it out of the sum (F-INV126, which its row names among the
fatal ones) and judge no price on it (F-INV340)."""


@pytest.fixture(scope="module")
def rows(corpus: Path) -> list[Row]:
    with (corpus / "invoices" / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def shown(corpus: Path, rows: list[Row]) -> dict[str, dict[str, object]]:
    return {row["file"]: inspect_file(corpus / "invoices" / row["file"]) for row in rows}


def readable(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["shape"] != "refuse"]


def day(text: str) -> str:
    return text.replace("-", "")


@pytest.mark.parametrize(
    ("names", "written"),
    [(AMOUNTS, Decimal), (DATES, day), (TEXTS, str)],
    ids=["amounts", "dates", "texts"],
)
def test_every_value_agrees_with_the_manifest(
    rows: list[Row], shown: dict[str, dict[str, object]], names: tuple[str, ...], written: Callable[[str], object]
) -> None:
    """Amounts as decimals, dates as dates, empty as null."""
    differing = []
    for row in readable(rows):
        for name in names:
            expected, got = MASKED.get((row["file"], name), row[name]), shown[row["file"]][name]
            if (written(expected) if expected else None) != (None if got is None else written(str(got))):
                differing.append(f"{row['file']} {name}: {got!r}, the manifest has {expected!r}")
    assert differing == []


def test_every_kind_is_recognised(rows: list[Row], shown: dict[str, dict[str, object]]) -> None:
    """By family: OIOUBL 2.x, UBL, CII."""
    kinds = {row["file"]: FAMILY[row["kind"]] for row in readable(rows)}
    assert {file: shown[file]["kind"] for file in kinds} == kinds


def test_what_must_be_refused_is_refused_with_a_reason(rows: list[Row], shown: dict[str, dict[str, object]]) -> None:
    """And nothing else is."""
    refused = {file for file, got in shown.items() if got["refused"]}
    assert refused == {row["file"] for row in rows if row["shape"] == "refuse"}


def test_wrong_sums_are_found_and_right_ones_are_not(rows: list[Row], shown: dict[str, dict[str, object]]) -> None:
    """In the header: a finding of the arithmetic wherever the manifest has one, and only there."""
    header = {"LINESUM", "ALLOWANCESUM", "CHARGESUM", "TAXEXCL", "TAXINCL", "TAXSUBSUM", "TAXCALC", "PAYABLE"}
    wrong = {file for file, got in shown.items() if header & codes(got)}
    assert wrong == {row["file"] for row in readable(rows) if row["header_arith"] != "ok"}


def test_wrong_lines_are_counted(rows: list[Row], shown: dict[str, dict[str, object]]) -> None:
    """As many as the manifest counts."""
    judged = [row for row in readable(rows) if row["file"] not in ELSEWHERE_JUDGED]
    expected = {row["file"]: 0 if row["line_calc"] == "ok" else int(row["line_calc"].split()[0]) for row in judged}
    assert {file: lines_found(shown[file]) for file in expected} == expected


def test_an_unknown_customization_is_reported(shown: dict[str, dict[str, object]]) -> None:
    """It is read nonetheless."""
    assert "CUSTOMIZATION" in codes(shown["mut__unknown_customization__p.xml"])


def codes(got: dict[str, object]) -> set[str]:
    findings = got["findings"]
    assert isinstance(findings, list)
    return {each.partition(":")[0] for each in findings}


def lines_found(got: dict[str, object]) -> int:
    findings = got["findings"]
    assert isinstance(findings, list)
    return sum(each.startswith("LINECALC:") for each in findings)
