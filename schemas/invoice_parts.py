"""What an invoice is made of: parties, totals, taxes, lines, and what the reader finds wrong in them."""

import re
from datetime import date
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from kernel.masking import MASK, is_cpr, mask_written

from .values import Cvr, FreeText, Gln, LocalId, Name, Number, Percent, PersonId, Value

CPR_SCHEMES = frozenset({"DK:CPR", "CPR", "9901", "0237"})
"""How a party id says that it is a CPR number: OIOUBL's name for it and the Peppol EAS codes, old and new."""
GLN_SCHEMES = frozenset({"GLN", "DK:GLN", "EAN", "0088"})
"""How a party id says that it is a GLN: OIOUBL's names for it and the ISO 6523 code."""
CVR_SCHEMES = frozenset({"DK:CVR", "CVR", "0184", "9902"})
SE_SCHEMES = frozenset({"DK:SE", "SE", "0198", "9904"})
"""How a party id says that it is a CVR or SE number; both have eight digits."""


def is_person_id(scheme: str | None, text: str) -> bool:
    """Whether a party's id is a CPR number: by its scheme, or as ten digits where a Danish number has eight.

    Danish is what stands under the scheme of CVR or SE numbers or after `DK`. Ten digits under another scheme may be a
    P number, a customer number or another country's, and are left.
    """
    known = (scheme or "").upper()
    bare = text.upper().removeprefix("DK").lstrip(" -")
    danish = known in CVR_SCHEMES | SE_SCHEMES or bare != text.upper()
    return known in CPR_SCHEMES or (danish and is_cpr(bare))


def masked_person_id(text: str) -> str:
    """A CPR number, however badly written, as `ddmmyy****`: no more than its first six digits are kept."""
    return f"{re.sub(r'[^0-9]', '', text)[:6]}****"


class PartyId(Value):
    """One identifier of a party, as written: `scheme` is OIOUBL's name (`DK:CVR`) or an EAS or ISO 6523 code (`0184`).

    A CPR number is masked when it is read; it is personal data, and no rule needs it.
    """

    role: Literal["address", "legal", "vat", "party"]
    scheme: LocalId | None = None
    id: LocalId

    @field_validator("id")
    @classmethod
    def _hide_cpr(cls, text: str, info: ValidationInfo) -> str:
        person = is_person_id(info.data.get("scheme"), text)
        return masked_person_id(text) if person else mask_written(text)

    @property
    def is_person(self) -> bool:
        """Whether it was a CPR number before it was masked."""
        return (self.scheme or "").upper() in CPR_SCHEMES or MASK in self.id


class InvoiceParty(Value):
    """Supplier, payee or buyer. `cvr` and `gln` are there only when their check digits are right.

    `ids` stand in the order they identify by: electronic address, legal registration, VAT id, other party ids.
    """

    ids: tuple[PartyId, ...] = ()
    cvr: Cvr | None = None
    vat_id: LocalId | None = None
    gln: Gln | None = None
    name: Name | None = None
    country: LocalId | None = None
    contact_id: PersonId | None = Field(default=None, description="on a buyer: the person reference")
    contact_name: Name | None = None

    @field_validator("vat_id")
    @classmethod
    def _hide_cpr(cls, text: str | None) -> str | None:
        return masked_person_id(text) if text and is_person_id("SE", text) else text

    @property
    def is_person(self) -> bool:
        """Whether the party is identified by a CPR number."""
        return bool(self._masked)

    @property
    def key(self) -> str:
        """What the party is known by in keys: CVR, else VAT id, else its first id, else its name.

        A person is known by name and date of birth, the six digits that are kept of a CPR number: a hash of the whole
        number can be turned back by trying them all.
        """
        if self.cvr:
            return f"cvr:{self.cvr}"
        name = f"name:{' '.join((self.name or 'unknown').casefold().split())}"
        if self.is_person:
            born = next((found[0] for masked in self._masked if (found := re.match(r"\d{6}", masked))), "")
            return f"{name} {born}".rstrip()
        if self.vat_id:
            return f"vat:{re.sub(r'[^0-9A-Z]', '', self.vat_id.upper())}"
        return f"id:{self.ids[0].id.upper()}" if self.ids else name

    @property
    def _masked(self) -> list[str]:
        """What is left of the CPR numbers among its identifiers."""
        vat = [self.vat_id] if self.vat_id and MASK in self.vat_id else []
        return [*(each.id for each in self.ids if each.is_person), *vat]


class Period(Value):
    """Days that something covers, both included; either end may be open."""

    start: date | None = None
    end: date | None = None


class AllowanceCharge(Value):
    """A deduction, or an addition when `charge`. `amount` is positive as a rule; `percent` of `base` explains it."""

    charge: bool
    amount: Number
    base: Number | None = None
    percent: Percent | None = None
    reason: FreeText | None = None


class TaxSubtotal(Value):
    """The tax of one category and rate. `category` is as written: `S` (UNCL 5305) or OIOUBL's `StandardRated`."""

    taxable: Number | None = None
    tax: Number | None = None
    category: LocalId | None = None
    percent: Percent | None = None
    scheme: LocalId | None = None
    exemption: FreeText | None = None


class Totals(Value):
    """The document's own totals in its currency; what it does not state is empty.

    `tax_exclusive` is the net amount whatever the format: OIOUBL 2.x states its tax total in the element of that
    name, and there the net is lines less allowances plus charges.
    """

    line_extension: Number | None = None
    allowances: Number | None = None
    charges: Number | None = None
    tax: Number | None = None
    tax_exclusive: Number | None = None
    tax_inclusive: Number | None = None
    prepaid: Number | None = None
    rounding: Number | None = None
    payable: Number | None = None


class PaymentMeans(Value):
    """Where the supplier wants the money: a bank account, a FIK creditor or the NemKonto (`channel` DK:NEMKONTO)."""

    code: LocalId | None = Field(default=None, description="UNCL 4461: 30, 42, 58, 93, 97 ...")
    channel: LocalId | None = None
    account: LocalId | None = Field(default=None, description="account number or IBAN")
    branch: LocalId | None = Field(default=None, description="registration number or BIC")
    creditor: LocalId | None = Field(default=None, description="FIK or Giro creditor number")
    reference: LocalId | None = Field(default=None, description="what the payment is to say: FIK payment id, KID")


class BillingReference(Value):
    """An earlier invoice that this document corrects or credits."""

    number: LocalId
    normal_number: LocalId
    issue_date: date | None = None


class InvoiceLine(Value):
    """One line. `amount` is net of line allowances, without VAT; `price` is per `base_quantity` (1 when empty)."""

    id: LocalId | None = None
    name: FreeText | None = None
    text: FreeText | None = None
    note: FreeText | None = None
    seller_item: LocalId | None = None
    buyer_item: LocalId | None = None
    standard_item: LocalId | None = None
    quantity: Number | None = None
    unit: LocalId | None = None
    price: Number | None = None
    base_quantity: Number | None = None
    allowances: tuple[AllowanceCharge, ...] = ()
    amount: Number | None = None
    tax_category: LocalId | None = None
    tax_percent: Percent | None = None
    period: Period | None = None
    order_ref: LocalId | None = None
    order_line: LocalId | None = None
    contract_ref: LocalId | None = None
    accounting_cost: LocalId | None = None


FindingCode = Literal[
    "LINESUM", "ALLOWANCESUM", "CHARGESUM", "TAXEXCL", "TAXINCL", "TAXSUBSUM", "TAXCALC", "PAYABLE",
    "LINECALC", "CURRENCY", "DATES", "MISSING", "CUSTOMIZATION",
]  # fmt: skip
"""What the reader finds wrong in a document it can read; codes up to LINECALC are arithmetic."""


class Finding(Value):
    """One thing that does not agree within the document: what is stated, what it should be, on which line if any."""

    code: FindingCode
    message: FreeText
    line: LocalId | None = None
    stated: Number | None = None
    expected: Number | None = None
