"""Identifiers and currencies as they may be written."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.currencies import CURRENCIES
from schemas.values import Currency, Cvr, Gln, Money, minor_unit


@pytest.mark.parametrize("written", ["10150817", "DK10150817", "DK-10150817", "dk 10 15 08 17", "10.15.08\u201117"])
def test_a_cvr_number_is_read_however_it_is_divided(written: str) -> None:
    """Spaces, points and hyphens are no part of it."""
    assert TypeAdapter(Cvr).validate_python(written) == "10150817"


@pytest.mark.parametrize("written", ["5798009811578", "5 798009 811578", "5-798009-811578"])
def test_a_gln_is_read_however_it_is_divided(written: str) -> None:
    """As labels print it."""
    assert TypeAdapter(Gln).validate_python(written) == "5798009811578"


@pytest.mark.parametrize("code", ["QQQ", "XXX", "dkk", "DK"])
def test_a_currency_is_one_of_iso_4217(code: str) -> None:
    """Three letters are not enough."""
    with pytest.raises(ValidationError):
        TypeAdapter(Currency).validate_python(code)


def test_every_currency_has_a_minor_unit() -> None:
    """Most have two decimals; the others stand in table A.1."""
    assert all(Money(amount=Decimal(1), currency=code).currency == code for code in CURRENCIES)
    units = {code: minor_unit(code) for code in ("DKK", "JPY", "VND", "OMR", "JOD", "CLF")}
    assert units == dict(zip(units, map(Decimal, ("0.01", "1", "1", "0.001", "0.001", "0.0001")), strict=True))
