"""What the reader takes out of each format."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.ubl.read import read_document
from schemas.invoice_parts import Period
from schemas.invoices import Received
from tests.support.invoices import ALL, CII, OIOUBL, PEPPOL, changed, credit_note


def read(document: str) -> Received:
    return read_document(document.encode()).received


@pytest.mark.parametrize("document", ALL.values(), ids=ALL)
def test_a_document_that_is_right_has_no_findings(document: str) -> None:
    """The sums of every format are understood."""
    assert read(document).findings == ()


def test_oioubl_header_is_read() -> None:
    """Numbers, dates, references and what the payment needs."""
    got = read(OIOUBL)
    assert (got.kind, got.doc_type, got.number, got.normal_number) == ("oioubl", "invoice", "FA-00 0123", "FA000123")
    assert (got.issue_date, got.due_date) == (date(2026, 3, 2), date(2026, 4, 1))
    assert got.period == Period(start=date(2026, 2, 1), end=date(2026, 2, 28))
    assert (got.contract_refs, got.order_ref, got.sales_order_ref) == (("K-2024-17",), "0101701234", "S-9")
    assert (got.billing_refs[0].normal_number, got.billing_refs[0].issue_date) == ("FA000099", date(2026, 2, 2))
    assert (got.payment[0].account, got.payment[0].branch, got.payment[0].channel) == ("0101701235", "1234", "DK:BANK")
    assert (got.accounting_cost, got.payment_terms, got.notes) == ("5250124502", "Netto 30 dage", ("Tak for ordren",))


def test_oioubl_states_its_tax_where_others_state_the_net() -> None:
    """TaxExclusiveAmount is 225.00 in the document; the net is lines less allowances."""
    totals = read(OIOUBL).totals
    assert (totals.tax, totals.tax_exclusive) == (Decimal(225), Decimal(900))


def test_oioubl_states_rates_as_factors() -> None:
    """A MultiplierFactorNumeric of 0.10 is 10 percent; in EN 16931 it is written 10."""
    assert read(OIOUBL).allowances[0].percent == Decimal(10)
    assert read(PEPPOL).lines[0].allowances[0].percent == Decimal(10)


def test_parties_of_a_danish_invoice() -> None:
    """CVR without its prefix, GLN, person reference, and a payee other than the supplier."""
    got = read(OIOUBL)
    assert (got.supplier.cvr, got.supplier.name, got.supplier.country) == ("10150817", "Leverandøren A/S", "DK")
    assert (got.buyer.cvr, got.buyer.gln, got.buyer.contact_id) == ("29189846", "5798009811578", "7778")
    assert got.payee is not None
    assert (got.payee.cvr, got.payee.name) == ("53371914", "Factoring A/S")


def test_an_oioubl_line_is_read() -> None:
    """Price with its base quantity, item numbers and references; a CPR number in its text is masked."""
    (line,) = read(OIOUBL).lines
    assert (line.quantity, line.unit, line.price, line.base_quantity) == (Decimal(10), "EA", Decimal(200), Decimal(2))
    assert (line.name, line.text, line.seller_item) == ("Brugerlicens", "Licens til 010190-****", "LIC-1")
    assert (line.order_line, line.accounting_cost, line.amount) == ("1", "5250", Decimal(1000))


def test_peppol_is_read() -> None:
    """CVR by its ISO 6523 code; the tax total in the other currency is not added."""
    got = read(PEPPOL)
    assert (got.kind, got.supplier.cvr, got.buyer.gln) == ("ubl", "10150817", "5798009811578")
    assert (got.totals.tax, got.tax_currency, got.buyer_reference) == (Decimal(25), "EUR", "7778")
    assert (got.totals.prepaid, got.totals.rounding) == (Decimal("25.4"), Decimal("0.4"))
    assert (got.lines[0].tax_category, got.lines[0].tax_percent) == ("S", Decimal(25))


def test_cii_is_read() -> None:
    """Compact dates, the VAT id before the tax number, freight as a charge."""
    got = read(CII)
    assert (got.kind, got.doc_type, got.number) == ("cii", "invoice", "C-17")
    assert (got.issue_date, got.due_date) == (date(2026, 3, 2), date(2026, 4, 1))
    assert got.period == Period(start=date(2026, 2, 1), end=date(2026, 2, 28))
    assert (got.supplier.vat_id, got.supplier.cvr, got.buyer.gln) == ("DE123456789", None, "5798009811578")
    assert [each.id for each in got.supplier.ids] == ["DE123456789", "4711", "123/456"]
    assert (got.contract_refs, got.order_ref, got.accounting_cost) == (("K-1",), "O-1", "Konto 1")
    assert (got.billing_refs[0].number, got.payment[0].account) == ("C-16", "DE79000000001234567890")
    assert (got.allowances[0].charge, got.allowances[0].amount) == (True, Decimal(10))
    assert (got.lines[0].price, got.lines[0].base_quantity) == (Decimal(50), Decimal(5))


@pytest.mark.parametrize("document", [OIOUBL, PEPPOL], ids=["oioubl", "peppol"])
def test_a_ubl_credit_note_is_read(document: str) -> None:
    """Its root, type code, lines and quantities have names of their own."""
    got = read(credit_note(document))
    assert (got.doc_type, got.type_code, got.findings) == ("credit-note", "381", ())
    assert got.lines[0].quantity == read(document).lines[0].quantity


def test_a_cii_credit_note_says_so_by_its_type_code() -> None:
    """CII has one root for both."""
    assert read(changed(CII, (">380<", ">381<"))).doc_type == "credit-note"


def test_an_unknown_customization_is_read_and_reported() -> None:
    """The code lists only OIOUBL 2.x uses still tell what TaxExclusiveAmount means."""
    got = read(changed(OIOUBL, ("OIOUBL-2.02", "urn:example:unknown:1.0")))
    assert (got.kind, got.totals.tax_exclusive) == ("oioubl", Decimal(900))
    assert [each.code for each in got.findings] == ["CUSTOMIZATION"]


@pytest.mark.parametrize("customization", ["urn:fdc:oioubl.dk:trns:billing:invoice:3.0", "urn:cen.eu:en16931:2017"])
def test_oioubl_3_and_plain_en_16931_are_read_as_ubl(customization: str) -> None:
    """OIOUBL 3 follows EN 16931, whatever its name."""
    stated = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
    got = read(changed(PEPPOL, (stated, customization)))
    assert (got.kind, got.findings) == ("ubl", ())


@pytest.mark.parametrize(
    ("written", "cvr"),
    [
        ('schemeID="0184">10150817', "10150817"),
        ('schemeID="0184">DK10150817', "10150817"),
        ('schemeID="9902">DK 10 15 08 17', "10150817"),
        ('schemeID="9902">DK-10150817', "10150817"),
        ('schemeID="0184">10150818', None),
        ('schemeID="0192">10150817', None),
    ],
)
def test_a_cvr_number_is_known_by_its_scheme_and_check_digit(written: str, cvr: str | None) -> None:
    """With prefix and spaces or without; a wrong digit or another country's scheme gives none."""
    only_address = changed(
        PEPPOL,
        ("<cbc:CompanyID>DK10150817</cbc:CompanyID>", ""),
        ('<cbc:CompanyID schemeID="0184">10150817</cbc:CompanyID>', ""),
        ('schemeID="0184">10150817', written),
    )
    assert read(only_address).supplier.cvr == cvr


def test_a_gln_may_be_written_with_spaces() -> None:
    """The party id stays as it is stated."""
    buyer = read(changed(OIOUBL, (">5798009811578<", ">57 98009 81157 8<"))).buyer
    assert (buyer.gln, buyer.ids[0].id) == ("5798009811578", "57 98009 81157 8")


def test_a_danish_vat_id_stands_in_for_a_cvr_number() -> None:
    """Where nothing else says it."""
    document = changed(PEPPOL, ('schemeID="0184"', 'schemeID="ZZZ"'))
    assert read(document).supplier.cvr == "10150817"


def test_a_supplier_with_a_cpr_number_is_masked_everywhere() -> None:
    """The same digits under another scheme are the same person."""
    document = changed(
        OIOUBL,
        ('<cbc:EndpointID schemeID="DK:CVR">DK10150817', '<cbc:EndpointID schemeID="DK:CPR">0101901234'),
        ('<cbc:CompanyID schemeID="DK:SE">DK10150817', "<cbc:CompanyID>DK0101901234"),
    )
    supplier = read(document).supplier
    assert supplier.is_person
    assert [each.id for each in supplier.ids if each.scheme == "DK:CPR"] == ["010190****", "010190****"]
    assert "0101901234" not in read(document).model_dump_json()


def test_a_written_cpr_number_is_masked_whatever_its_scheme() -> None:
    """Nobody else writes ids so."""
    document = changed(PEPPOL, ('<cbc:EndpointID schemeID="0184">10150817', '<cbc:EndpointID schemeID="X">010190-1234'))
    assert read(document).supplier.ids[0].id == "010190****"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings_are_read_as_declared(encoding: str) -> None:
    """With a byte order mark or by the declaration."""
    declared = {"utf-16": "UTF-16", "latin-1": "ISO-8859-1"}.get(encoding, "UTF-8")
    document = changed(OIOUBL, ('encoding="UTF-8"', f'encoding="{declared}"'))
    assert read_document(document.encode(encoding)).received.supplier.name == "Leverandøren A/S"


def test_prefixes_are_the_senders_choice() -> None:
    """Elements are known by namespace; the default one may be any of them."""
    document = changed(PEPPOL, ("<cbc:", "<q:"), ("</cbc:", "</q:"), ("xmlns:cbc", "xmlns:q"))
    assert read(document).number == "2026-17"


def test_an_element_of_another_namespace_is_not_ours() -> None:
    """What an extension calls ID is no invoice number."""
    document = changed(PEPPOL, ("<cbc:ID>2026-17</cbc:ID>", '<x:ID xmlns:x="urn:x">2026-17</x:ID>'))
    assert read(document).number is None


@pytest.mark.parametrize("written", ["2026<!-- no -->-17", "2026<?pi?>-17", "<![CDATA[2026]]>-17", "\n  2026-17 "])
def test_how_a_value_is_written_does_not_matter(written: str) -> None:
    """Comments, CDATA and space around a value are not the value."""
    assert read(changed(PEPPOL, (">2026-17<", f">{written}<"))).number == "2026-17"


@pytest.mark.parametrize("written", ["2026-03-02Z", "2026-03-02+01:00", "2026-03-02T10:00:00"])
def test_a_day_is_taken_as_written(written: str) -> None:
    """A time or time zone behind it does not move it."""
    assert read(changed(PEPPOL, (">2026-03-02<", f">{written}<"))).issue_date == date(2026, 3, 2)


def test_a_currency_that_is_none_is_reported() -> None:
    """It is read nonetheless."""
    got = read(changed(PEPPOL, ("DKK", "QQQ")))
    assert got.currency == "QQQ"
    assert [each.message for each in got.findings] == ["the currency QQQ is no code of ISO 4217"]


@given(some.decimals(min_value=0, max_value=10**18, places=2))
def test_an_amount_is_read_to_its_last_digit(amount: Decimal) -> None:
    """Twenty digits are more than anybody owes."""
    assert read(changed(PEPPOL, (">30.00<", f">{amount:f}<"))).lines[0].price == amount


def test_empty_elements_are_missing() -> None:
    """As if they were not there."""
    got = read(changed(PEPPOL, (">2026-17<", "><"), ("2026-04-01", " ")))
    assert (got.number, got.due_date) == (None, None)


def test_a_contract_can_stand_on_the_line() -> None:
    """UBL writes it as a document reference of type 315."""
    contract = "<cbc:ID>K-9</cbc:ID><cbc:DocumentTypeCode>315</cbc:DocumentTypeCode>"
    reference = f"<cac:DocumentReference>{contract}</cac:DocumentReference>"
    got = read(changed(PEPPOL, ("<cac:Item>", f"{reference}<cac:Item>")))
    assert got.lines[0].contract_ref == "K-9"


def test_long_texts_are_cut_not_refused() -> None:
    """A name of 300 characters says enough."""
    got = read(changed(PEPPOL, (">Leverandøren A/S<", f">{'x' * 1000}<")))
    assert got.supplier.name == "x" * 300
