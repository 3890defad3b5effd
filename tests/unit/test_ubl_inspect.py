"""What a person is shown of a file."""

import json
from pathlib import Path

import pytest

from adapters.ubl.inspect import as_line, inspect_bytes, inspect_file
from adapters.ubl.read import read_document
from tests.support.invoices import ALL, CII, OIOUBL, PEPPOL, changed, credit_note

KEYS = [
    "file",
    "kind",
    "doc_type",
    "invoice_id",
    "issue_date",
    "due_date",
    "currency",
    "payable_amount",
    "tax_total",
    "line_extension",
    "line_count",
    "supplier_id",
    "supplier_scheme",
    "buyer_id",
    "contract_ref",
    "order_ref",
    "accounting_cost",
    "billing_ref",
    "period",
    "bank_account",
    "findings",
    "refused",
]


def shown(document: str, **expected: object) -> bool:
    got = inspect_bytes(document.encode(), file_name="a.xml")
    return {name: got[name] for name in expected} == expected


def test_a_file_is_shown_flat(tmp_path: Path) -> None:
    """Every key in its order; amounts and days as text, what is not there as null."""
    path = tmp_path / "faktura.xml"
    path.write_text(OIOUBL, encoding="utf-8")
    assert list(inspect_file(path)) == KEYS
    assert json.loads(as_line(inspect_file(path))) == {
        "file": "faktura.xml",
        "kind": "oioubl",
        "doc_type": "Invoice",
        "invoice_id": "FA-00 0123",
        "issue_date": "2026-03-02",
        "due_date": "2026-04-01",
        "currency": "DKK",
        "payable_amount": "1125",
        "tax_total": "225",
        "line_extension": "1000",
        "line_count": 1,
        "supplier_id": "DK10150817",
        "supplier_scheme": "DK:CVR",
        "buyer_id": "5798009811578",
        "contract_ref": "K-2024-17",
        "order_ref": "0101701234",
        "accounting_cost": "5250124502",
        "billing_ref": "FA-000099",
        "period": "2026-02-01/2026-02-28",
        "bank_account": "0101701235",
        "findings": [],
        "refused": None,
    }


def test_the_root_says_what_kind_of_document_it_is() -> None:
    """Invoice and credit note in UBL; CII has one root."""
    assert shown(PEPPOL, kind="ubl", doc_type="Invoice")
    assert shown(credit_note(PEPPOL), kind="ubl", doc_type="CreditNote")
    assert shown(CII, kind="cii", doc_type="CII")


def test_a_party_is_shown_by_its_best_identifier() -> None:
    """Electronic address, legal registration, VAT id, party id, name; in that order, and a VAT id has no scheme."""
    address = '<cbc:EndpointID schemeID="0184">10150817</cbc:EndpointID>'
    legal = '<cbc:CompanyID schemeID="0184">10150817</cbc:CompanyID>'
    vat = "<cbc:CompanyID>DK10150817</cbc:CompanyID>"
    assert shown(PEPPOL, supplier_id="10150817", supplier_scheme="0184")
    legal_only = changed(PEPPOL, (address, ""), (legal, '<cbc:CompanyID schemeID="0002">7</cbc:CompanyID>'))
    assert shown(legal_only, supplier_id="7", supplier_scheme="0002")
    assert shown(changed(PEPPOL, (address, ""), (legal, "")), supplier_id="DK10150817", supplier_scheme=None)
    assert shown(changed(PEPPOL, (address, ""), (legal, ""), (vat, "")), supplier_id="Leverandøren A/S")
    assert shown(CII, supplier_id="DE123456789", supplier_scheme=None, buyer_id="5798009811578")


def test_a_period_may_be_open() -> None:
    """Either end is left out."""
    assert shown(changed(OIOUBL, ("<cbc:EndDate>2026-02-28</cbc:EndDate>", "")), period="2026-02-01/")
    assert shown(PEPPOL, period=None)


def test_findings_are_sentences() -> None:
    """Code, what is wrong, both amounts, the line."""
    (finding,) = inspect_bytes(changed(PEPPOL, (">30.00<", ">31.00<")).encode(), file_name="a.xml")["findings"]
    assert finding == "LINECALC: the line's amount is not quantity x price: 100, not 103 (line 1)"


@pytest.mark.parametrize("content", [b"", b"<cut", OIOUBL.encode()[:2000], b"<html/>"])
def test_a_refused_file_has_every_key_and_a_reason(content: bytes) -> None:
    """Nothing of it is shown as if it had been read."""
    got = inspect_bytes(content, file_name="a.xml")
    assert list(got) == KEYS
    assert got["refused"]
    assert {name for name, value in got.items() if value} == {"file", "refused"}


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """As is a folder."""
    assert "cannot be opened" in inspect_file(tmp_path / "none.xml")["refused"]
    assert "cannot be opened" in inspect_file(tmp_path)["refused"]


def test_a_file_name_can_always_be_shown() -> None:
    """CPR numbers masked, bytes that are no text written out."""
    got = inspect_bytes(b"", file_name="0101901234\udcff.xml")
    assert json.loads(as_line(got))["file"] == "010190****\\udcff.xml"


@pytest.mark.parametrize(
    ("document", "change"),
    [
        (OIOUBL, ('<cbc:EndpointID schemeID="DK:CVR">DK10150817', '<cbc:EndpointID schemeID="DK:CPR">0101901234')),
        (PEPPOL, ('<cbc:EndpointID schemeID="0184">10150817', '<cbc:EndpointID schemeID="0237">0101901234')),
        (CII, ('<ram:ID schemeID="VA">DE123456789</ram:ID>', '<ram:ID schemeID="9901">0101901234</ram:ID>')),
    ],
    ids=ALL,
)
def test_a_persons_number_is_masked(document: str, change: tuple[str, str]) -> None:
    """By its scheme, in every format."""
    got = inspect_bytes(changed(document, change).encode(), file_name="a.xml")
    assert "0101901234" not in as_line(got)


ENDPOINT = '<cbc:EndpointID schemeID="DK:CVR">DK10150817'


@pytest.mark.guarantee
@pytest.mark.parametrize(
    ("document", "change"),
    [
        (OIOUBL, (ENDPOINT, '<cbc:EndpointID schemeID="DK:SE">0101901234')),
        (OIOUBL, (ENDPOINT, '<cbc:EndpointID schemeID="DK:CVR">DK0101901234')),
        (OIOUBL, (ENDPOINT, "<cbc:EndpointID>0101901234")),
        (PEPPOL, ("<cbc:CompanyID>DK10150817", "<cbc:CompanyID>DK0101901234")),
        (PEPPOL, ("<cbc:CompanyID>DK10150817", "<cbc:CompanyID>0101901234")),
        (PEPPOL, (">2026-03-02<", ">DK0101901234<")),
        (PEPPOL, (">2026-17<", f">{'x' * 69} 0101901234 {'x' * 200}<")),
        (PEPPOL, ("Leverandøren A/S", f"{'x' * 294} 0101901234")),
    ],
)
def test_a_persons_number_is_masked_where_another_is_meant(document: str, change: tuple[str, str]) -> None:
    """Where a CVR, SE or VAT number has eight digits, in what is refused, and where a text is cut."""
    content = changed(document, change).encode()
    got = inspect_bytes(content, file_name="a.xml")
    assert "010190123" not in as_line(got)
    if got["refused"] is None:
        assert "0101901" not in read_document(content).received.supplier.model_dump_json()


def test_numbers_of_ten_digits_that_are_no_persons_are_shown() -> None:
    """An order's, an account's and a P number's."""
    p_number = changed(OIOUBL, (ENDPOINT, '<cbc:EndpointID schemeID="DK:P">1003403123'))
    assert shown(p_number, supplier_id="1003403123", order_ref="0101701234", bank_account="0101701235")


def test_a_supplier_with_a_cpr_number_is_shown_masked() -> None:
    """With the date of birth, as everywhere."""
    change = ('<cbc:EndpointID schemeID="DK:CVR">DK10150817', '<cbc:EndpointID schemeID="DK:CPR">0101901234')
    assert shown(changed(OIOUBL, change), supplier_id="010190****", supplier_scheme="DK:CPR")
