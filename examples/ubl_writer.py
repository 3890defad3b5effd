"""Papers as XML: OIOUBL 2.1 and Peppol BIS Billing 3, as Danish senders write them.

OIOUBL 2.x states its tax total in `TaxExclusiveAmount` (F-INV127), and its CVR numbers with `DK` before them under the
scheme `DK:CVR`; Peppol states the net there, and uses the ISO 6523 codes 0184 for CVR numbers and 0088 for GLNs.
"""

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from .papers import Paper, PaperLine, Seller

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_HEADS = {
    "oioubl": "<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>OIOUBL-2.1</cbc:CustomizationID>"
    '<cbc:ProfileID schemeAgencyID="320" schemeID="urn:oioubl:id:profileid-1.2">'
    "urn:www.nesubl.eu:profiles:profile5:ver2.0</cbc:ProfileID>",
    "peppol": "<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
    "</cbc:CustomizationID><cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>",
}


def written(paper: Paper) -> bytes:
    """The document as bytes, UTF-8."""
    root = "CreditNote" if paper.credit else "Invoice"
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<{root} xmlns="{_UBL}:{root}-2" xmlns:cac="{_UBL}:CommonAggregateComponents-2" ',
        f'xmlns:cbc="{_UBL}:CommonBasicComponents-2">\n',
        _HEADS[paper.dialect],
        _heading(paper),
        _references(paper),
        _supplier(paper),
        _customer(paper),
        _payee(paper),
        _payment(paper),
        _tax_total(paper),
        _totals(paper),
        *(_line(paper, number, line) for number, line in enumerate(paper.lines, 1)),
        f"\n</{root}>\n",
    ]
    return "".join(parts).encode()


def _heading(paper: Paper) -> str:
    oioubl, kind = paper.dialect == "oioubl", "CreditNote" if paper.credit else "Invoice"
    copy = _element("CopyIndicator", "false") if oioubl else ""
    due = "" if oioubl or paper.credit or paper.due is None else _element("DueDate", paper.due)
    if oioubl and paper.credit:
        type_code = ""
    elif oioubl:
        lists = 'listAgencyID="320" listID="urn:oioubl:codelist:invoicetypecode-1.1"'
        type_code = f"<cbc:{kind}TypeCode {lists}>380</cbc:{kind}TypeCode>"
    else:
        type_code = _element(f"{kind}TypeCode", "381" if paper.credit else "380")
    note = _element("Note", paper.note) if paper.note else ""
    person = "" if oioubl else _element("BuyerReference", paper.buyer.person)
    return (
        f"{_element('ID', paper.number)}{copy}{_element('IssueDate', paper.issued)}{due}{type_code}{note}"
        f"{_element('DocumentCurrencyCode', paper.currency)}{person}\n"
    )


def _references(paper: Paper) -> str:
    order = f"<cac:OrderReference>{_element('ID', paper.order_ref)}</cac:OrderReference>" if paper.order_ref else ""
    billing = contract = ""
    if paper.credits:
        number, issued = paper.credits
        inner = _element("ID", number) + _element("IssueDate", issued)
        billing = (
            "<cac:BillingReference><cac:InvoiceDocumentReference>"
            f"{inner}</cac:InvoiceDocumentReference></cac:BillingReference>"
        )
    if paper.contract_ref:
        inner = _element("ID", paper.contract_ref)
        contract = f"<cac:ContractDocumentReference>{inner}</cac:ContractDocumentReference>"
    return f"{order}{billing}{contract}\n"


def _supplier(paper: Paper) -> str:
    seller = paper.seller
    tax = ""
    if paper.dialect == "peppol":
        vat = seller.vat_id or f"DK{seller.cvr}"
        tax = (
            f"<cac:PartyTaxScheme>{_element('CompanyID', vat)}"
            "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
        )
    endpoint, legal = _seller_id("EndpointID", paper, seller), _seller_id("CompanyID", paper, seller)
    return _party("AccountingSupplierParty", endpoint, seller.name, tax, legal, country=seller.country)


def _payee(paper: Paper) -> str:
    if paper.payee is None:
        return ""
    name = f"<cac:PartyName>{_element('Name', paper.payee.name)}</cac:PartyName>"
    legal = f"<cac:PartyLegalEntity>{_seller_id('CompanyID', paper, paper.payee)}</cac:PartyLegalEntity>"
    return f"<cac:PayeeParty>{name}{legal}</cac:PayeeParty>\n"


def _seller_id(element: str, paper: Paper, seller: Seller) -> str:
    """A seller's number under the scheme of the format; 9935 is the EAS code of Irish VAT numbers."""
    if seller.vat_id:
        return f'<cbc:{element} schemeID="9935">{seller.vat_id}</cbc:{element}>'
    if paper.dialect == "oioubl":
        return f'<cbc:{element} schemeID="DK:CVR">DK{seller.cvr}</cbc:{element}>'
    return f'<cbc:{element} schemeID="0184">{seller.cvr}</cbc:{element}>'


def _customer(paper: Paper) -> str:
    buyer = paper.buyer
    if paper.dialect == "oioubl":
        endpoint = f'<cbc:EndpointID schemeAgencyID="9" schemeID="GLN">{buyer.gln}</cbc:EndpointID>'
        legal = f'<cbc:CompanyID schemeID="DK:CVR">DK{buyer.cvr}</cbc:CompanyID>'
    else:
        endpoint = f'<cbc:EndpointID schemeID="0088">{buyer.gln}</cbc:EndpointID>'
        legal = f'<cbc:CompanyID schemeID="0184">{buyer.cvr}</cbc:CompanyID>'
    contact = f"<cac:Contact>{_element('ID', buyer.person)}</cac:Contact>"
    return _party("AccountingCustomerParty", endpoint, buyer.name, "", legal, contact)


def _party(role: str, endpoint: str, name: str, tax: str, legal: str, contact: str = "", *, country: str = "DK") -> str:
    return (
        f"<cac:{role}><cac:Party>{endpoint}<cac:PartyName>{_element('Name', name)}</cac:PartyName>"
        f"<cac:PostalAddress><cac:Country>{_element('IdentificationCode', country)}</cac:Country>"
        f"</cac:PostalAddress>{tax}<cac:PartyLegalEntity>{_element('RegistrationName', name)}{legal}"
        f"</cac:PartyLegalEntity>{contact}</cac:Party></cac:{role}>\n"
    )


def _payment(paper: Paper) -> str:
    digits = int("".join(filter(str.isdigit, paper.seller.cvr or paper.seller.vat_id or "")))
    account, branch = f"{digits * 7 % 10_000_000_000:010}", f"{digits % 8000 + 1000}"
    if paper.dialect == "oioubl":
        means = "<cbc:ID>1</cbc:ID><cbc:PaymentMeansCode>42</cbc:PaymentMeansCode>"
        means += _element("PaymentDueDate", paper.due) if paper.due else ""
        means += "<cbc:PaymentChannelCode>DK:BANK</cbc:PaymentChannelCode>"
    else:
        means = "<cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>"
    return (
        f"<cac:PaymentMeans>{means}<cac:PayeeFinancialAccount>{_element('ID', account)}<cac:FinancialInstitutionBranch>"
        f"{_element('ID', branch)}</cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount></cac:PaymentMeans>\n"
    )


def _tax_total(paper: Paper) -> str:
    return (
        f"<cac:TaxTotal>{_amount('TaxAmount', paper.tax, paper)}<cac:TaxSubtotal>"
        f"{_amount('TaxableAmount', paper.line_sum, paper)}{_amount('TaxAmount', paper.tax, paper)}"
        f"<cac:TaxCategory>{_category(paper)}</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>\n"
    )


def _category(paper: Paper) -> str:
    reverse_charge = paper.vat_percent == 0
    if paper.dialect == "oioubl":
        name, scheme = (
            "ReverseCharge" if reverse_charge else "StandardRated",
            "<cbc:ID>63</cbc:ID><cbc:Name>Moms</cbc:Name>",
        )
    else:
        name, scheme = "AE" if reverse_charge else "S", "<cbc:ID>VAT</cbc:ID>"
    return f"{_element('ID', name)}{_element('Percent', paper.vat_percent)}<cac:TaxScheme>{scheme}</cac:TaxScheme>"


def _totals(paper: Paper) -> str:
    exclusive = paper.tax if paper.dialect == "oioubl" else paper.line_sum
    payable = "" if paper.leaves_out_payable else _amount("PayableAmount", paper.payable, paper)
    return (
        f"<cac:LegalMonetaryTotal>{_amount('LineExtensionAmount', paper.line_sum, paper)}"
        f"{_amount('TaxExclusiveAmount', exclusive, paper)}{_amount('TaxInclusiveAmount', paper.total, paper)}"
        f"{payable}</cac:LegalMonetaryTotal>\n"
    )


def _line(paper: Paper, number: int, line: PaperLine) -> str:
    kind, quantity = ("CreditNoteLine", "CreditedQuantity") if paper.credit else ("InvoiceLine", "InvoicedQuantity")
    price = _amount("PriceAmount", line.price, paper)
    base = f'<cbc:BaseQuantity unitCode="{line.unit}">1</cbc:BaseQuantity>' if paper.dialect == "oioubl" else ""
    return (
        f"<cac:{kind}>{_element('ID', number)}"
        f'<cbc:{quantity} unitCode="{line.unit}">{_plain(line.quantity)}</cbc:{quantity}>'
        f"{_amount('LineExtensionAmount', line.amount, paper)}{_period(line.first, line.last)}"
        f"{_line_tax(paper, line)}<cac:Item>{_item(paper, line)}</cac:Item>"
        f"<cac:Price>{price}{base}</cac:Price></cac:{kind}>"
    )


def _line_tax(paper: Paper, line: PaperLine) -> str:
    """OIOUBL states the tax of each line; Peppol only its category, on the item."""
    if paper.dialect != "oioubl":
        return ""
    tax = _amount("TaxAmount", line.amount * paper.vat_percent / 100, paper)
    return (
        f"<cac:TaxTotal>{tax}<cac:TaxSubtotal>{_amount('TaxableAmount', line.amount, paper)}{tax}"
        f"<cac:TaxCategory>{_category(paper)}</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"
    )


def _item(paper: Paper, line: PaperLine) -> str:
    number = ""
    if line.item:
        number = f"<cac:SellersItemIdentification>{_element('ID', line.item)}</cac:SellersItemIdentification>"
    if paper.dialect == "oioubl":
        return f"{_element('Name', line.text)}{number}"
    category = f"<cac:ClassifiedTaxCategory>{_category(paper)}</cac:ClassifiedTaxCategory>"
    return f"{_element('Name', line.text)}{number}{category}"


def _period(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return ""
    return f"<cac:InvoicePeriod>{_element('StartDate', first)}{_element('EndDate', last)}</cac:InvoicePeriod>"


def _element(name: str, value: object) -> str:
    return f"<cbc:{name}>{escape(str(value))}</cbc:{name}>"


def _amount(name: str, amount: Decimal, paper: Paper) -> str:
    """At least two decimals, and the further ones that a unit price has."""
    text = f"{amount:.2f}" if amount == amount.quantize(Decimal("0.01")) else _plain(amount)
    return f'<cbc:{name} currencyID="{paper.currency}">{text}</cbc:{name}>'


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
