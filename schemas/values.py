"""The values that domains share: identifiers with their check digits, amounts with their currency."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from kernel.masking import mask_message, mask_person

from .currencies import CURRENCIES, decimals


class Value(BaseModel):
    """Base of every value and every event's data: unknown fields are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def valid_cvr(text: str) -> bool:
    """Whether eight digits satisfy the CVR register's modulus 11 (weights 2, 7, 6, 5, 4, 3, 2, 1)."""
    if not re.fullmatch(r"[1-9]\d{7}", text):
        return False
    return sum(w * int(d) for w, d in zip((2, 7, 6, 5, 4, 3, 2, 1), text, strict=True)) % 11 == 0


def valid_gln(text: str) -> bool:
    """Whether thirteen digits satisfy GS1's modulus 10 (weights 1 and 3 in turn)."""
    if not re.fullmatch(r"\d{13}", text):
        return False
    return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(text)) % 10 == 0


def bare_cvr(text: str) -> str:
    """The digits of a CVR number that is written with spaces, points, hyphens or `DK` before it: `DK-10 15 08 17`."""
    return re.sub(r"[\s.\-\u2010-\u2015]", "", text).upper().removeprefix("DK")


def bare_gln(text: str) -> str:
    """The digits of a GLN that is written with spaces or hyphens."""
    return re.sub(r"[\s\-\u2010-\u2015]", "", text)


def _cvr(text: str) -> str:
    bare = bare_cvr(text)
    if not valid_cvr(bare):
        raise ValueError("a CVR number has 8 digits with a valid modulus 11 check")
    return bare


def _gln(text: str) -> str:
    bare = bare_gln(text)
    if not valid_gln(bare):
        raise ValueError("a GLN (EAN-lokationsnummer) has 13 digits with a valid check digit")
    return bare


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("a currency is a code of ISO 4217, such as DKK")
    return code


def _plain_decimal(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError(  # noqa: TRY004 - pydantic turns ValueError into a finding
            "write amounts as a string or a whole number, so that no decimal is lost"
        )
    return value


def _normal(value: Decimal) -> Decimal:
    """One written form per number, so that 12.50 and 12.5 are the same body."""
    if not value.is_finite():
        raise ValueError("an amount is a finite number")
    if len(value.as_tuple().digits) > 28:
        raise ValueError("a number has at most 28 digits")
    if abs(value.adjusted()) > 100:
        raise ValueError("a number is written with at most 100 zeros before or after its digits")
    whole = value == value.to_integral_value()
    return value.quantize(Decimal(1)) if whole and abs(value) < Decimal(10) ** 26 else value.normalize()


Cvr = Annotated[str, AfterValidator(_cvr)]
"""A Danish company's or authority's number in the CVR register; `DK` before it, spaces and hyphens are taken off."""
Gln = Annotated[str, AfterValidator(_gln)]
"""EAN-lokationsnummer: the e-invoice address of a unit."""
ForeignVatId = Annotated[
    str,
    StringConstraints(to_upper=True, pattern=r"^([A-CE-Za-ce-z][A-Za-z]|[Dd][A-JL-Za-jl-z])[0-9A-Za-z+*.]{2,13}$"),
]
"""A VAT number of another country, country code first (council directive 2006/112/EC, article 215)."""
KleSubject = Annotated[str, StringConstraints(pattern=r"^\d{2}(\.\d{2}(\.\d{2})?)?$")]
"""KLE main group, group or subject: `27`, `27.36` or `27.36.04`."""
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_currency)]
"""ISO 4217 code."""
Number = Annotated[Decimal, BeforeValidator(_plain_decimal), AfterValidator(_normal)]
"""An exact decimal number: written as a string in JSON, never a float."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(mask_message)]
FreeText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(mask_message)]
"""Text that people write; CPR numbers in it are masked when it is read."""
LocalId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""What a source calls something: an order number, an item number, an account. Never masked by pattern."""
PersonId = Annotated[LocalId, AfterValidator(mask_person)]
"""What a source calls a person. It should be no CPR number; if it is one, or holds one written `ddmmyy-xxxx`, it is
masked."""
Percent = Number


class Reference(Value):
    """Another subject, by UUID, with its name at the time of writing for people who read the event."""

    id: UUID
    name: Name | None = None


class Money(Value):
    """An amount in one currency."""

    amount: Number
    currency: Currency = "DKK"


class Party(Value):
    """A legal person: a Danish one by CVR, a foreign one by VAT number, and what it calls itself."""

    cvr: Cvr | None = None
    vat_id: ForeignVatId | None = None
    name: Name


def minor_unit(currency: str) -> Decimal:
    """The smallest amount that can be paid in `currency`: 0.01 for DKK."""
    return Decimal(1).scaleb(-decimals(currency))


Sensitivity = Literal["public", "internal", "personal", "sensitive"]
"""How closely data must be kept; `sensitive` is GDPR article 9 and 10 data and CPR numbers."""
