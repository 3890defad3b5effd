"""UBL 2: OIOUBL 2.x, OIOUBL 3, Peppol BIS Billing 3 and other EN 16931 invoices and credit notes, field by field."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from schemas.invoice_parts import (
    AllowanceCharge,
    BillingReference,
    InvoiceLine,
    InvoiceParty,
    PaymentMeans,
    Period,
    TaxSubtotal,
    Totals,
)
from schemas.invoices import DocType, Kind, Received, normal_number

from .fields import Node
from .ids import Found, long, party
from .reading import LineSide, Reading

CREDIT_NOTE_CODES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
"""Type codes of credit notes (UNCL 1001, as EN 16931 divides them)."""
_VAT_TAX_SCHEMES = frozenset({None, "VAT", "63"})
"""Tax schemes that are VAT: EN 16931's code and OIOUBL's (63, moms)."""


def read_ubl(root: Node, *, credit_note: bool, sha256: str) -> Reading:
    """The invoice or credit note under `root`. Raises Invalid for a value that cannot be read."""
    kind = _kind(root)
    line_nodes = list(root.all("CreditNoteLine" if credit_note else "InvoiceLine"))
    quantity = "CreditedQuantity" if credit_note else "InvoicedQuantity"
    number = root.text("ID")
    currency = root.text("DocumentCurrencyCode")
    type_code = root.text("CreditNoteTypeCode" if credit_note else "InvoiceTypeCode")
    doc_type: DocType = "credit-note" if credit_note or type_code in CREDIT_NOTE_CODES else "invoice"
    allowances = tuple(_allowance(node, kind) for node in root.all("AllowanceCharge"))
    tax_totals = [node for node in root.all("TaxTotal") if _in_currency(node, currency)]
    monetary = root.at("LegalMonetaryTotal")
    received = Received(
        kind=kind,
        doc_type=doc_type,
        customization=long(root.text("CustomizationID")),
        profile=long(root.text("ProfileID")),
        type_code=type_code,
        number=number,
        normal_number=normal_number(number) if number else None,
        issue_date=root.day("IssueDate"),
        due_date=_due_date(root),
        currency=currency,
        tax_currency=root.text("TaxCurrencyCode"),
        totals=_totals(monetary, kind, _tax(tax_totals), allowances),
        tax_subtotals=tuple(_subtotal(each) for total in tax_totals for each in total.all("TaxSubtotal")),
        allowances=allowances,
        supplier=_party(root.at("AccountingSupplierParty", "Party")),
        payee=_party(payee) if (payee := root.at("PayeeParty")) else None,
        buyer=_party(root.at("AccountingCustomerParty", "Party")),
        buyer_reference=root.text("BuyerReference"),
        contract_refs=tuple(filter(None, (node.text("ID") for node in root.all("ContractDocumentReference")))),
        order_ref=root.at("OrderReference").text("ID"),
        sales_order_ref=root.at("OrderReference").text("SalesOrderID"),
        project_ref=root.at("ProjectReference").text("ID"),
        accounting_cost=root.text("AccountingCost") or root.text("AccountingCostCode"),
        billing_refs=tuple(_billing_references(root)),
        period=_period(root.at("InvoicePeriod")),
        payment=tuple(map(_payment, root.all("PaymentMeans"))),
        payment_terms=long(root.at("PaymentTerms").text("Note")),
        notes=tuple(filter(None, map(long, root.texts("Note")))),
        lines=tuple(_line(node, kind, quantity) for node in line_nodes),
        sha256=sha256,
    )
    return Reading(
        received=received,
        tax_exclusive=monetary.number("TaxExclusiveAmount"),
        payable_currency=monetary.text_attribute("PayableAmount", "currencyID"),
        sides=[_side(node, quantity) for node in line_nodes],
    )


def _kind(root: Node) -> Kind:
    """OIOUBL 2.x by its CustomizationID; where that is unknown, by the code lists and schemes only OIOUBL 2.x uses."""
    customization = (root.text("CustomizationID") or "").upper()
    if customization.startswith("OIOUBL-2"):
        return "oioubl"
    if customization.startswith(("URN:CEN.EU:EN16931:2017", "URN:FDC:")):
        return "ubl"
    lists = (
        root.text_attribute("ProfileID", "schemeID"),
        root.text_attribute("InvoiceTypeCode", "listID"),
        root.at("TaxTotal", "TaxSubtotal", "TaxCategory").text_attribute("ID", "schemeID"),
    )
    marked = any(each.startswith("urn:oioubl:") for each in lists if each)
    supplier = root.at("AccountingSupplierParty", "Party")
    scheme = supplier.text_attribute("EndpointID", "schemeID") or ""
    return "oioubl" if marked or scheme.upper().startswith("DK:") else "ubl"


def _in_currency(total: Node, currency: str | None) -> bool:
    """Whether a tax total is in the document's currency; another one repeats it in the currency of account."""
    stated = total.text_attribute("TaxAmount", "currencyID")
    return stated is None or currency is None or stated == currency


def _tax(totals: list[Node]) -> Decimal | None:
    amounts = [amount for total in totals if (amount := total.number("TaxAmount")) is not None]
    return sum(amounts, Decimal()) if amounts else None


def _totals(monetary: Node, kind: Kind, tax: Decimal | None, allowances: tuple[AllowanceCharge, ...]) -> Totals:
    lines = monetary.number("LineExtensionAmount")
    less, plus = monetary.number("AllowanceTotalAmount"), monetary.number("ChargeTotalAmount")
    net = monetary.number("TaxExclusiveAmount")
    if kind == "oioubl":
        # OIOUBL 2.x states its tax total there (OIOUBL guideline "Totaler", F-INV127).
        deducted = less if less is not None else sum((a.amount for a in allowances if not a.charge), Decimal())
        added = plus if plus is not None else sum((a.amount for a in allowances if a.charge), Decimal())
        net = None if lines is None else lines - deducted + added
    return Totals(
        line_extension=lines,
        allowances=less,
        charges=plus,
        tax=tax,
        tax_exclusive=net,
        tax_inclusive=monetary.number("TaxInclusiveAmount"),
        prepaid=monetary.number("PrepaidAmount"),
        rounding=monetary.number("PayableRoundingAmount"),
        payable=monetary.number("PayableAmount"),
    )


def _subtotal(node: Node) -> TaxSubtotal:
    category = node.at("TaxCategory")
    percent = category.number("Percent")
    return TaxSubtotal(
        taxable=node.number("TaxableAmount"),
        tax=node.number("TaxAmount"),
        category=category.text("ID"),
        percent=node.number("Percent") if percent is None else percent,
        scheme=category.at("TaxScheme").text("ID"),
        exemption=long(category.text("TaxExemptionReason") or category.text("TaxExemptionReasonCode")),
    )


def _allowance(node: Node, kind: Kind) -> AllowanceCharge:
    """OIOUBL 2.x states the rate as a factor (0.10), EN 16931 as a percentage (10)."""
    rate = node.number("MultiplierFactorNumeric")
    return AllowanceCharge(
        charge=node.flag("ChargeIndicator"),
        amount=node.number("Amount") or Decimal(),
        base=node.number("BaseAmount"),
        percent=rate * 100 if rate and kind == "oioubl" else rate,
        reason=long(node.text("AllowanceChargeReason") or node.text("AllowanceChargeReasonCode")),
    )


def _due_date(root: Node) -> date | None:
    """Where the formats write it: the document (EN 16931 invoices), its payment means (OIOUBL 2.x, credit notes)."""
    if stated := root.day("DueDate"):
        return stated
    elsewhere = (each.day("PaymentDueDate") for name in ("PaymentMeans", "PaymentTerms") for each in root.all(name))
    return next(filter(None, elsewhere), None)


def _party(node: Node) -> InvoiceParty:
    legal = node.at("PartyLegalEntity")
    contact = node.at("Contact")
    return party(
        _ids(node, legal),
        names=(node.at("PartyName").text("Name"), legal.text("RegistrationName")),
        country=node.at("PostalAddress", "Country").text("IdentificationCode"),
        contact_id=contact.text("ID"),
        contact_name=contact.text("Name"),
    )


def _ids(node: Node, legal: Node) -> Iterator[Found]:
    yield "address", node.text_attribute("EndpointID", "schemeID"), node.text("EndpointID")
    yield "legal", legal.text_attribute("CompanyID", "schemeID"), legal.text("CompanyID")
    for scheme in node.all("PartyTaxScheme"):
        if scheme.at("TaxScheme").text("ID") in _VAT_TAX_SCHEMES:
            yield "vat", scheme.text_attribute("CompanyID", "schemeID"), scheme.text("CompanyID")
    for identification in node.all("PartyIdentification"):
        yield "party", identification.text_attribute("ID", "schemeID"), identification.text("ID")


def _billing_references(root: Node) -> Iterator[BillingReference]:
    for reference in root.all("BillingReference"):
        for name in ("InvoiceDocumentReference", "SelfBilledInvoiceDocumentReference", "CreditNoteDocumentReference"):
            for document in reference.all(name):
                if number := document.text("ID"):
                    yield BillingReference(
                        number=number, normal_number=normal_number(number), issue_date=document.day("IssueDate")
                    )


def _period(node: Node) -> Period | None:
    start, end = node.day("StartDate"), node.day("EndDate")
    return Period(start=start, end=end) if start or end else None


def _payment(node: Node) -> PaymentMeans:
    account = node.at("PayeeFinancialAccount")
    return PaymentMeans(
        code=node.text("PaymentMeansCode"),
        channel=node.text("PaymentChannelCode"),
        account=account.text("ID"),
        branch=account.at("FinancialInstitutionBranch").text("ID"),
        creditor=node.at("CreditAccount").text("AccountID"),
        reference=node.text("InstructionID") or node.text("PaymentID"),
    )


def _line(node: Node, kind: Kind, quantity: str) -> InvoiceLine:
    item, price, order = node.at("Item"), node.at("Price"), node.at("OrderLineReference")
    category = item.at("ClassifiedTaxCategory") or node.at("TaxTotal", "TaxSubtotal", "TaxCategory")
    return InvoiceLine(
        id=node.text("ID"),
        name=long(item.text("Name")),
        text=long(item.text("Description")),
        note=long(node.text("Note")),
        seller_item=item.at("SellersItemIdentification").text("ID"),
        buyer_item=item.at("BuyersItemIdentification").text("ID"),
        standard_item=item.at("StandardItemIdentification").text("ID"),
        quantity=node.number(quantity),
        unit=node.text_attribute(quantity, "unitCode"),
        price=price.number("PriceAmount"),
        base_quantity=price.number("BaseQuantity"),
        allowances=tuple(_allowance(each, kind) for each in node.all("AllowanceCharge")),
        amount=node.number("LineExtensionAmount"),
        tax_category=category.text("ID"),
        tax_percent=category.number("Percent"),
        period=_period(node.at("InvoicePeriod")),
        order_ref=order.at("OrderReference").text("ID"),
        order_line=order.text("LineID"),
        contract_ref=next(filter(None, map(_contract, node.all("DocumentReference"))), None),
        accounting_cost=node.text("AccountingCost") or node.text("AccountingCostCode"),
    )


def _contract(document: Node) -> str | None:
    """The id of a document reference that says it is a contract (UNCL 1001: 315)."""
    kind = (document.text("DocumentTypeCode"), (document.text("DocumentType") or "").casefold())
    return document.text("ID") if kind[0] == "315" or kind[1] in ("contract", "kontrakt") else None


def _side(node: Node, quantity: str) -> LineSide:
    """See LineSide. Free lines count nothing, and units that differ are bridged by a rate (F-INV126, F-INV340)."""
    price = node.at("Price")
    unit = node.text_attribute(quantity, "unitCode")
    base_unit = price.text_attribute("BaseQuantity", "unitCode")
    return LineSide(
        currency=node.text_attribute("LineExtensionAmount", "currencyID"),
        factor=price.number("OrderableUnitFactorRate") if unit and base_unit and unit != base_unit else None,
        counts=not node.flag("FreeOfChargeIndicator"),
    )
