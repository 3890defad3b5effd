"""UN/CEFACT Cross Industry Invoice (D16B, as EN 16931, XRechnung and Factur-X use it), field by field."""

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
from schemas.invoices import Received, normal_number

from .fields import Node
from .ids import Found, long, party
from .reading import LineSide, Reading
from .ubl import CREDIT_NOTE_CODES

_NOT_COUNTED = frozenset({"GROUP", "INFORMATION"})
"""Lines that only group or explain others (LineStatusReasonCode, Factur-X EXTENDED)."""

_REGISTRATION = "SpecifiedTaxRegistration"
_VAT_SCHEMES = frozenset({None, "VA", "VAT"})
"""Registrations for VAT; `FC` is a tax number of another kind (UNCL 1153)."""


def read_cii(root: Node, *, sha256: str) -> Reading:
    """The invoice or credit note under `root`. Raises Invalid for a value that cannot be read."""
    context, document = root.at("ExchangedDocumentContext"), root.at("ExchangedDocument")
    transaction = root.at("SupplyChainTradeTransaction")
    agreement = transaction.at("ApplicableHeaderTradeAgreement")
    settlement = transaction.at("ApplicableHeaderTradeSettlement")
    summation = settlement.at("SpecifiedTradeSettlementHeaderMonetarySummation")
    line_nodes = list(transaction.all("IncludedSupplyChainTradeLineItem"))
    number, type_code = document.text("ID"), document.text("TypeCode")
    currency = settlement.text("InvoiceCurrencyCode")
    received = Received(
        kind="cii",
        doc_type="credit-note" if type_code in CREDIT_NOTE_CODES else "invoice",
        customization=long(context.at("GuidelineSpecifiedDocumentContextParameter").text("ID")),
        profile=long(context.at("BusinessProcessSpecifiedDocumentContextParameter").text("ID")),
        type_code=type_code,
        number=number,
        normal_number=normal_number(number) if number else None,
        issue_date=_day(document.at("IssueDateTime")),
        due_date=next(filter(None, _due_dates(settlement)), None),
        currency=currency,
        tax_currency=settlement.text("TaxCurrencyCode"),
        totals=_totals(summation, currency),
        tax_subtotals=tuple(map(_subtotal, settlement.all("ApplicableTradeTax"))),
        allowances=tuple(_allowances(settlement)),
        supplier=_party(agreement.at("SellerTradeParty")),
        payee=_party(payee) if (payee := settlement.at("PayeeTradeParty")) else None,
        buyer=_party(agreement.at("BuyerTradeParty")),
        buyer_reference=agreement.text("BuyerReference"),
        contract_refs=tuple(filter(None, map(_issuer_id, agreement.all("ContractReferencedDocument")))),
        order_ref=_issuer_id(agreement.at("BuyerOrderReferencedDocument")),
        sales_order_ref=_issuer_id(agreement.at("SellerOrderReferencedDocument")),
        project_ref=agreement.at("SpecifiedProcuringProject").text("ID"),
        accounting_cost=settlement.at("ReceivableSpecifiedTradeAccountingAccount").text("ID"),
        billing_refs=tuple(_billing_references(settlement)),
        period=_period(settlement.at("BillingSpecifiedPeriod")),
        payment=tuple(_payments(settlement)),
        payment_terms=long(settlement.at("SpecifiedTradePaymentTerms").text("Description")),
        notes=tuple(filter(None, (long(note.text("Content")) for note in document.all("IncludedNote")))),
        lines=tuple(map(_line, line_nodes)),
        sha256=sha256,
    )
    return Reading(
        received=received,
        tax_exclusive=received.totals.tax_exclusive,
        payable_currency=summation.text_attribute("DuePayableAmount", "currencyID"),
        sides=list(map(_side, line_nodes)),
    )


def _totals(summation: Node, currency: str | None) -> Totals:
    return Totals(
        line_extension=summation.number("LineTotalAmount"),
        allowances=summation.number("AllowanceTotalAmount"),
        charges=summation.number("ChargeTotalAmount"),
        tax=_tax(summation, currency),
        tax_exclusive=summation.number("TaxBasisTotalAmount"),
        tax_inclusive=summation.number("GrandTotalAmount"),
        prepaid=summation.number("TotalPrepaidAmount"),
        rounding=summation.number("RoundingAmount"),
        payable=summation.number("DuePayableAmount"),
    )


def _tax(summation: Node, currency: str | None) -> Decimal | None:
    """The sum of the tax totals in the document's currency; another one repeats it in the currency of account."""
    amounts = [
        amount
        for node in summation.all("TaxTotalAmount")
        if node.attribute("currencyID") in (None, currency) or currency is None
        if (amount := node.own_number()) is not None
    ]
    return sum(amounts, Decimal()) if amounts else None


def _subtotal(node: Node) -> TaxSubtotal:
    return TaxSubtotal(
        taxable=node.number("BasisAmount"),
        tax=node.number("CalculatedAmount"),
        category=node.text("CategoryCode"),
        percent=node.number("RateApplicablePercent"),
        scheme=node.text("TypeCode"),
        exemption=long(node.text("ExemptionReason") or node.text("ExemptionReasonCode")),
    )


def _allowances(settlement: Node) -> Iterator[AllowanceCharge]:
    for node in settlement.all("SpecifiedTradeAllowanceCharge"):
        yield AllowanceCharge(
            charge=node.at("ChargeIndicator").flag("Indicator"),
            amount=node.number("ActualAmount") or Decimal(),
            base=node.number("BasisAmount"),
            percent=node.number("CalculationPercent"),
            reason=long(node.text("Reason") or node.text("ReasonCode")),
        )
    for node in settlement.all("SpecifiedLogisticsServiceCharge"):
        yield AllowanceCharge(
            charge=True, amount=node.number("AppliedAmount") or Decimal(), reason=long(node.text("Description"))
        )


def _party(node: Node) -> InvoiceParty:
    legal, contact = node.at("SpecifiedLegalOrganization"), node.at("DefinedTradeContact")
    return party(
        _ids(node, legal),
        names=(node.text("Name"), legal.text("TradingBusinessName")),
        country=node.at("PostalTradeAddress").text("CountryID"),
        contact_id=contact.text("ID"),
        contact_name=contact.text("PersonName"),
    )


def _ids(node: Node, legal: Node) -> Iterator[Found]:
    address = node.at("URIUniversalCommunication")
    yield "address", address.text_attribute("URIID", "schemeID"), address.text("URIID")
    yield "legal", legal.text_attribute("ID", "schemeID"), legal.text("ID")
    registrations = [(each.text_attribute("ID", "schemeID"), each.text("ID")) for each in node.all(_REGISTRATION)]
    for scheme, text in registrations:
        if scheme in _VAT_SCHEMES:
            yield "vat", scheme, text
    for name in ("GlobalID", "ID"):
        for each in node.all(name):
            yield "party", each.attribute("schemeID"), each.value()
    for scheme, text in registrations:
        if scheme not in _VAT_SCHEMES:
            yield "party", scheme, text


def _issuer_id(document: Node) -> str | None:
    return document.text("IssuerAssignedID")


def _billing_references(settlement: Node) -> Iterator[BillingReference]:
    for document in settlement.all("InvoiceReferencedDocument"):
        if number := _issuer_id(document):
            yield BillingReference(
                number=number,
                normal_number=normal_number(number),
                issue_date=_day(document.at("FormattedIssueDateTime")),
            )


def _due_dates(settlement: Node) -> Iterator[date | None]:
    for terms in settlement.all("SpecifiedTradePaymentTerms"):
        yield _day(terms.at("DueDateDateTime"))


def _day(node: Node) -> date | None:
    return node.day("DateTimeString") or node.day("DateTime") or node.day("DateString")


def _period(node: Node) -> Period | None:
    start, end = _day(node.at("StartDateTime")), _day(node.at("EndDateTime"))
    return Period(start=start, end=end) if start or end else None


def _payments(settlement: Node) -> Iterator[PaymentMeans]:
    for node in settlement.all("SpecifiedTradeSettlementPaymentMeans"):
        account = node.at("PayeePartyCreditorFinancialAccount")
        yield PaymentMeans(
            code=node.text("TypeCode"),
            account=account.text("IBANID") or account.text("ProprietaryID"),
            branch=node.at("PayeeSpecifiedCreditorFinancialInstitution").text("BICID"),
            reference=settlement.text("PaymentReference"),
        )


def _line(node: Node) -> InvoiceLine:
    product, document = node.at("SpecifiedTradeProduct"), node.at("AssociatedDocumentLineDocument")
    agreement, settlement = node.at("SpecifiedLineTradeAgreement"), node.at("SpecifiedLineTradeSettlement")
    delivery, tax = node.at("SpecifiedLineTradeDelivery"), settlement.at("ApplicableTradeTax")
    price, order = agreement.at("NetPriceProductTradePrice"), agreement.at("BuyerOrderReferencedDocument")
    return InvoiceLine(
        id=document.text("LineID"),
        name=long(product.text("Name")),
        text=long(product.text("Description")),
        note=long(document.at("IncludedNote").text("Content")),
        seller_item=product.text("SellerAssignedID"),
        buyer_item=product.text("BuyerAssignedID"),
        standard_item=product.text("GlobalID"),
        quantity=delivery.number("BilledQuantity"),
        unit=delivery.text_attribute("BilledQuantity", "unitCode"),
        price=price.number("ChargeAmount"),
        base_quantity=price.number("BasisQuantity"),
        allowances=tuple(_allowances(settlement)),
        amount=settlement.at("SpecifiedTradeSettlementLineMonetarySummation").number("LineTotalAmount"),
        tax_category=tax.text("CategoryCode"),
        tax_percent=tax.number("RateApplicablePercent"),
        period=_period(settlement.at("BillingSpecifiedPeriod")),
        order_ref=_issuer_id(order),
        order_line=order.text("LineID"),
        contract_ref=_issuer_id(agreement.at("ContractReferencedDocument")),
        accounting_cost=settlement.at("ReceivableSpecifiedTradeAccountingAccount").text("ID"),
    )


def _side(node: Node) -> LineSide:
    summation = node.at("SpecifiedLineTradeSettlement", "SpecifiedTradeSettlementLineMonetarySummation")
    status = node.at("AssociatedDocumentLineDocument").text("LineStatusReasonCode")
    return LineSide(
        currency=summation.text_attribute("LineTotalAmount", "currencyID"),
        counts=status not in _NOT_COUNTED,
    )
