"""A document as its sender makes it up, before it is written in a format: parties, references, lines and totals."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from schemas.invoices import DocType, invoice_subject, normal_number

from .cost import rounded

Dialect = Literal["oioubl", "peppol"]
VAT_PERCENT = 25
"""The one rate of Danish VAT (momsloven § 33)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One line. `amount` is without VAT; `first` and `last` are the days it covers."""

    text: str
    item: str | None = None
    quantity: Decimal = Decimal(1)
    unit: str = "EA"
    price: Decimal
    amount: Decimal
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who bills, or is paid in its stead: by CVR number, or by the VAT number of another country."""

    cvr: str
    name: str
    vat_id: str | None = None

    @property
    def country(self) -> str:
        return self.vat_id[:2] if self.vat_id else "DK"

    @property
    def key(self) -> str:
        """What invoices know it by (`schemas.invoice_parts.InvoiceParty.key`)."""
        return f"vat:{self.vat_id}" if self.vat_id else f"cvr:{self.cvr}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who is billed: the authority, the unit's GLN, and the person reference."""

    cvr: str
    name: str
    gln: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misstated:
    """What is added to totals that would be right without: the sender's own errors."""

    tax: Decimal = Decimal(0)
    payable: Decimal = Decimal(0)
    line_sum: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An invoice, or a credit note of the invoice `credits` (number and day of issue)."""

    dialect: Dialect
    number: str
    issued: date
    due: date | None
    seller: Seller
    buyer: Buyer
    lines: tuple[PaperLine, ...]
    contract_ref: str | None = None
    order_ref: str | None = None
    note: str | None = None
    credit: bool = False
    credits: tuple[str, date] | None = None
    misstated: Misstated = Misstated()
    currency: str = "DKK"
    payee: Seller | None = None
    leaves_out_payable: bool = False

    @property
    def vat_percent(self) -> int:
        """Danish VAT, or nothing where the buyer accounts for it (reverse charge, momsloven § 46)."""
        return 0 if self.seller.vat_id else VAT_PERCENT

    @property
    def subject(self) -> str:
        """The subject of its events, as the buyer's authority has it."""
        kind: DocType = "credit-note" if self.credit else "invoice"
        return invoice_subject(self.buyer.cvr, self.seller.key, self.number, kind)

    @property
    def line_sum(self) -> Decimal:
        return sum((line.amount for line in self.lines), self.misstated.line_sum)

    @property
    def tax(self) -> Decimal:
        return rounded(self.line_sum * self.vat_percent / 100) + self.misstated.tax

    @property
    def total(self) -> Decimal:
        return self.line_sum + self.tax

    @property
    def payable(self) -> Decimal:
        return self.total + self.misstated.payable

    @property
    def file_name(self) -> str:
        """What the file is called in the inbox."""
        kind = "kreditnota" if self.credit else "faktura"
        seller, number = self.seller.vat_id or self.seller.cvr, normal_number(self.number)
        return f"{kind}-{seller}-{number}-{self.buyer.gln}-{self.issued}.xml"

    def with_line(self, index: int, line: PaperLine) -> "Paper":
        """The same with another line in the place of one."""
        return replace(self, lines=(*self.lines[:index], line, *self.lines[index + 1 :]))
