"""Every sum is computed again; what does not agree is found, by code, amount and line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.ubl.arithmetic import HEADER_TOLERANCE, LINE_TOLERANCE
from adapters.ubl.read import read_document
from schemas.invoice_parts import Finding
from tests.support.invoices import CII, OIOUBL, PEPPOL, changed


def findings(document: str, *changes: tuple[str, str]) -> tuple[Finding, ...]:
    return read_document(changed(document, *changes).encode()).received.findings


def codes(document: str, *changes: tuple[str, str]) -> list[str]:
    return [each.code for each in findings(document, *changes)]


AMOUNT = '<cbc:{} currencyID="DKK">{}<'
LINES = PEPPOL[PEPPOL.index("<cac:InvoiceLine>") : PEPPOL.index("</Invoice>")]


def header(name: str, old: str, new: str) -> tuple[str, str]:
    return AMOUNT.format(name, old), AMOUNT.format(name, new)


@pytest.mark.parametrize(
    ("document", "change", "expected"),
    [
        (OIOUBL, header("TaxExclusiveAmount", "225.00", "900.00"), ["TAXEXCL"]),
        (OIOUBL, header("TaxInclusiveAmount", "1125.00", "1100.00"), ["TAXINCL", "PAYABLE"]),
        (OIOUBL, header("AllowanceTotalAmount", "100.00", "90.00"), ["ALLOWANCESUM", "TAXINCL"]),
        (OIOUBL, header("PayableAmount", "1125.00", "1225.00"), ["PAYABLE"]),
        (OIOUBL, ("<cbc:Percent>25<", "<cbc:Percent>12.5<"), ["TAXCALC"]),
        (PEPPOL, header("TaxExclusiveAmount", "100.00", "90.00"), ["TAXEXCL", "TAXINCL"]),
        (PEPPOL, header("PrepaidAmount", "25.40", "25.00"), ["PAYABLE"]),
        (PEPPOL, header("PayableRoundingAmount", "0.40", "-0.40"), ["PAYABLE"]),
        (PEPPOL, header("PriceAmount", "30.00", "-30.00"), ["LINECALC"]),
        (CII, ("<ram:ChargeTotalAmount>10", "<ram:ChargeTotalAmount>20"), ["CHARGESUM", "TAXEXCL"]),
        (CII, ("<ram:LineTotalAmount>90.00", "<ram:LineTotalAmount>80.00"), ["LINECALC", "TAXEXCL"]),
        (CII, ('currencyID="EUR">19', 'currencyID="EUR">29'), ["TAXSUBSUM", "TAXINCL"]),
        (CII, ("<ram:GrandTotalAmount>119", "<ram:GrandTotalAmount>118"), ["TAXINCL", "PAYABLE"]),
    ],
)
def test_a_wrong_sum_is_found(document: str, change: tuple[str, str], expected: list[str]) -> None:
    """And nothing but what it disagrees with."""
    assert codes(document, change) == expected


def test_lines_that_do_not_add_up_are_found() -> None:
    """The line and the total state the same amount until one is changed."""
    first, last = OIOUBL.split("<cac:InvoiceLine>")
    line = last.replace('LineExtensionAmount currencyID="DKK">1000.00', 'LineExtensionAmount currencyID="DKK">1050.00')
    linesum, linecalc = sorted(findings(f"{first}<cac:InvoiceLine>{line}"), key=lambda each: each.code, reverse=True)
    assert (linesum.code, linesum.stated, linesum.expected) == ("LINESUM", Decimal(1000), Decimal(1050))
    assert (linecalc.code, linecalc.line, linecalc.expected) == ("LINECALC", "1", Decimal(1000))


def test_oioubl_counts_its_rounding_within_the_total_with_tax() -> None:
    """F-INV128 and F-INV133 add it there; EN 16931 adds it after."""
    rounded = '<cbc:PayableRoundingAmount currencyID="DKK">0.50</cbc:PayableRoundingAmount>'
    total = header("TaxInclusiveAmount", "1125.00", "1125.50")
    payable = header("PayableAmount", "1125.00", "1125.50")
    assert codes(OIOUBL, total, payable, ("<cbc:PayableAmount", f"{rounded}<cbc:PayableAmount")) == []


def test_oioubl_prices_in_another_unit_are_bridged_by_their_rate() -> None:
    """A case of five bottles at 200 each: the rate takes the base quantity's place (F-INV340)."""
    case = ('<cbc:InvoicedQuantity unitCode="EA">10', '<cbc:InvoicedQuantity unitCode="CS">1')
    bottle = ('<cbc:BaseQuantity unitCode="EA">2', '<cbc:BaseQuantity unitCode="BO">1')
    rate = ("</cac:Price>", "<cbc:OrderableUnitFactorRate>5</cbc:OrderableUnitFactorRate></cac:Price>")
    assert codes(OIOUBL, case, bottle, rate) == []


def test_oioubl_free_lines_count_nothing() -> None:
    """Their amount says what they are worth (F-INV126)."""
    free = "<cbc:FreeOfChargeIndicator>true</cbc:FreeOfChargeIndicator>"
    assert codes(OIOUBL, ("<cac:OrderLineReference>", f"{free}<cac:OrderLineReference>")) == ["LINESUM"]


def test_cii_lines_that_only_group_count_nothing() -> None:
    """Factur-X EXTENDED adds up the details, not the groups."""
    line = CII[CII.index("<ram:IncludedSupplyChainTradeLineItem>") : CII.index("<ram:ApplicableHeaderTradeAgreement>")]
    status = "<ram:LineStatusReasonCode>GROUP</ram:LineStatusReasonCode>"
    group = changed(line, ("</ram:LineID>", f"</ram:LineID>{status}"))
    assert codes(CII, (line, group + line)) == []


def test_a_base_quantity_of_zero_is_no_division() -> None:
    """It is read as none."""
    assert codes(OIOUBL, ('unitCode="EA">2<', 'unitCode="EA">0<')) == ["LINECALC"]


@given(some.decimals(-1, 1, places=3))
def test_the_tolerance_of_a_total_is_two_oere(difference: Decimal) -> None:
    """More is found, less is rounding."""
    amount = Decimal("100.00") + difference
    found = codes(PEPPOL, header("PayableAmount", "100.00", str(amount)))
    assert found == (["PAYABLE"] if abs(difference) > HEADER_TOLERANCE else [])


@given(some.decimals("0.001", 1, places=3))
def test_the_tolerance_of_a_line_is_five_oere(price: Decimal) -> None:
    """Of the line's amount, whatever the quantity."""
    found = codes(PEPPOL, header("PriceAmount", "30.00", str(30 + price)))
    assert found == (["LINECALC"] if 3 * price > LINE_TOLERANCE else [])


@pytest.mark.parametrize(
    ("document", "change", "expected"),
    [
        (PEPPOL, ("<cbc:ID>2026-17</cbc:ID>", ""), "the document has no number"),
        (PEPPOL, ("<cbc:IssueDate>2026-03-02</cbc:IssueDate>", ""), "the document has no issue date"),
        (PEPPOL, (LINES, ""), "the document has no lines"),
        (PEPPOL, ("2026-04-01", "2026-03-01"), "due on 2026-03-01, before it was issued on 2026-03-02"),
        (OIOUBL, ("2026-02-28", "2026-01-28"), "the period ends on 2026-01-28, before it begins on 2026-02-01"),
    ],
)
def test_what_else_is_wrong_is_found(document: str, change: tuple[str, str], expected: str) -> None:
    """A document that can be read is read, with its lacks."""
    assert [each.message for each in findings(document, change)] == [expected]


def test_amounts_in_another_currency_are_found_by_line() -> None:
    """And a document's currency that is not its amounts' is too."""
    dollars = changed(LINES, ('"DKK">100.00', '"USD">100.00'))
    assert [(each.code, each.line) for each in findings(PEPPOL, (LINES, dollars))] == [("CURRENCY", "1")]
    wrong = ("<cbc:DocumentCurrencyCode>DKK", "<cbc:DocumentCurrencyCode>DKR")
    assert set(codes(PEPPOL, wrong)) == {"CURRENCY", "TAXINCL"}
