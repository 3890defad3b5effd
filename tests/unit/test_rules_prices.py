"""IC13 and IC26, and what a credit note takes away: the lines."""

from decimal import Context, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from consumers.invoice_control.rules.case import plain
from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.values import Money
from tests.support.invoice_control import codes, contract, credit_note, invoice, item, judged, line, per_user, supplier

WORLD = [supplier(), contract()]
YEAR = {"start": "2026-01-01", "end": "2026-12-31"}
MARCH = {"start": "2026-03-01", "end": "2026-03-31"}


def found(*events: CloudEvent) -> list[str]:
    return codes([*WORLD, *events])


def over(price: CloudEvent | list[CloudEvent], billed: Json, **fields: Any) -> Decimal:
    """How much a line is above the agreed price; 0 when nothing is found."""
    prices = price if isinstance(price, list) else [price]
    findings = judged([*WORLD, *prices, invoice("100", billed, **fields)])
    assert {each.rule for each in findings} <= {"ic13"}
    return sum((each.amount_at_stake.amount for each in findings if each.amount_at_stake), Decimal(0))


def users(amount: str, quantity: str, **fields: Any) -> Json:
    return line(amount, quantity=quantity, **fields)


def test_a_price_above_the_agreed_one() -> None:
    """IC13: 1,250 per user and year, billed 2,050 too much for 40 users; the line and both amounts are told."""
    price = item(price=per_user(("0", "1250")), period="year")
    [finding] = judged([*WORLD, price, invoice("100", users("52050", "40"), period=YEAR)])
    assert (finding.rule, finding.line_id, finding.severity) == ("ic13", "1", "hold")
    assert (finding.expected, finding.found, finding.unit) == ("50000.00", "52050.00", "DKK")
    assert finding.amount_at_stake is not None
    assert finding.amount_at_stake.amount == 2050
    assert [cause.source for cause in finding.causes] == ["urn:test:invoices", "urn:test", "urn:test"]


@pytest.mark.parametrize(
    ("amount", "expected"), [("49000", 0), ("49001.40", 0), ("49001.41", "0.01"), ("49005.60", "4.20")]
)
def test_a_unit_price_may_be_rounded_before_it_is_multiplied(amount: str, expected: str) -> None:
    """IC13, near miss: 1,400 a year is 116.67 a month, and 420 times that is 1.40 more than exactly."""
    price = item(price=per_user(("0", "1400")), period="year")
    assert over(price, users(amount, "420"), period=MARCH) == Decimal(expected)


def test_a_small_unit_price_is_rounded_to_its_own_decimals() -> None:
    """IC13: 0.1875 a message is not 0.19."""
    price = item(price={"base": "message", "tiers": [{"above": "0", "price": "0.1875"}]}, period="once")
    assert over(price, users("1875", "10000")) == 0
    assert over(price, users("1900", "10000")) == 25


def test_tiers() -> None:
    """IC13: the units above the first tier are cheaper, on one line or on two."""
    price = item(price=per_user(("0", "1480"), ("500", "1110")), period="year")
    assert over(price, users("851000", "600"), period=YEAR) == 0
    assert over(price, users("888000", "600"), period=YEAR) == 37000


def test_a_year_in_advance_lies_in_two_price_years() -> None:
    """IC13, near miss: half a year at each price; all of it at the new price is too much."""
    prices = [item(price="120000", period="year"), item(price="126000", period="year", since="2026-01-01")]
    split = {"start": "2025-07-01", "end": "2026-06-30"}
    assert over(prices, line("123000"), period=split) == 0
    assert over(prices, line("126000"), period=split) == 3000


def test_the_price_of_the_service_period_holds() -> None:
    """IC13: January's price for December is too much; December's price is right although it is billed in January."""
    prices = [item(price="1000"), item(price="1100", since="2026-01-01")]
    december = {"start": "2025-12-01", "end": "2025-12-31"}
    assert over(prices, line("1000"), issued="2026-01-10", period=december) == 0
    assert over(prices, line("1100"), issued="2026-01-10", period=december) == 100


def test_a_set_price_rose_as_decided() -> None:
    """IC13, near miss: 44 % more, and so it was stated."""
    prices = [item(price="2.79", regulation="set"), item(price="4.80", regulation="set", since="2026-01-01")]
    assert over(prices, line("4.80"), period=MARCH) == 0


@pytest.mark.parametrize(
    ("billed", "fields", "expected"),
    [
        (line("30000", quantity="1"), {}, 0),
        (line("30000", quantity="3", unit="MON"), {}, 0),
        (line("20000", quantity="2", unit="MON"), {}, 0),
        (line("30000", quantity="2", unit="MON"), {}, 10000),
        (line("30000"), {"period": MARCH}, 20000),
        (line("30000"), {"period": {"start": "2026-03-31", "end": "2026-03-31"}}, 0),
        (line("15000"), {"period": {"start": "2026-03-01", "end": "2026-04-15"}}, 0),
        (line("15000.01"), {"period": {"start": "2026-03-01", "end": "2026-04-15"}}, "0.01"),
    ],
    ids=["a quarter", "3 months", "2 months", "2 for 3", "a month", "one day is no measure", "46 days", "46 days +"],
)
def test_how_long_a_fixed_price_is_billed_for(billed: Json, fields: Json, expected: Any) -> None:
    """IC13: the stated period, else the unit of time, else how often it is billed."""
    assert over(item(price="10000", billed_each="quarter"), billed, **fields) == Decimal(expected)


def test_the_minimum_fee_is_agreed() -> None:
    """IC13, near miss: few messages cost the fee."""
    sms = {"base": "message", "tiers": [{"above": "0", "price": "0.20"}]}
    price = item(price=sms, period="once", billed_each="month", minimum_fee="500")
    assert over(price, users("500", "1200")) == 0
    assert over(price, users("500.01", "1200")) == Decimal("0.01")


def test_another_currency_is_not_compared() -> None:
    """IC13: a price in euro says nothing about kroner."""
    assert over(item(price="1", currency="EUR"), line("1000")) == 0


def test_the_item_number_comes_before_the_text_and_the_longer_text_before_the_shorter() -> None:
    """Of several prices a line could bill, the one it names."""
    junior = item("1", "1000", period="once", line_patterns=["Konsulent*"], item_numbers=["J-1"])
    senior = item("2", "1400", period="once", line_patterns=["konsulent, senior*"])
    assert over([junior, senior], line("1400", "Konsulent, senior")) == 0
    assert over([junior, senior], line("1400", "Konsulent")) == 400
    assert over([junior, senior], line("1400", "Konsulent, senior", seller_item="j-1")) == 400


def test_a_line_nobody_agreed_on() -> None:
    """IC26: a finding per line, the whole line at stake; a line of nothing is silent."""
    lines = (line(), line("8700", "Konsulentbistand"), line("0", "Bemærkning"))
    [finding] = judged([*WORLD, item(), invoice("100", *lines)])
    assert (finding.title.key, finding.line_id, finding.found) == ("ic26.line", "2", "8700.00")
    assert finding.amount_at_stake is not None
    assert finding.amount_at_stake.amount == 8700


def test_a_contract_without_prices_is_not_judged_by_them() -> None:
    """IC26, near miss: nobody has registered any price."""
    assert found(invoice()) == []


@pytest.mark.parametrize(("fee", "expected"), [("45", []), ("50", ["ic26.fee"])])
def test_an_invoice_fee_that_was_agreed(fee: str, expected: list[str]) -> None:
    """IC26: the fee the contract names is silent, on a line or as a charge; more is found, and so is any without it."""
    agreed = contract(payment={"invoice_fee": {"amount": "45"}})
    as_line = invoice("100", line(), line(fee, "Faktureringsgebyr"))
    as_charge = invoice("100", line(), allowances=[{"charge": True, "amount": fee, "reason": "Invoice fee"}])
    assert codes([supplier(), agreed, item(), as_line]) == expected
    assert codes([supplier(), agreed, item(), as_charge]) == expected
    assert found(item(), as_charge) == ["ic26.fee"]


@pytest.mark.parametrize(("taken_up", "expected"), [("2026-03-10", []), ("2026-03-11", ["ic26.line"])])
def test_an_option_is_agreed_once_it_is_taken_up(taken_up: str, expected: list[str]) -> None:
    """IC26: on the day of the invoice is in time."""
    module = item("2", line_patterns=["Modul"], option={"taken_up_on": taken_up})
    assert found(item(), module, invoice("100", line(text="Modul"))) == expected


def test_a_price_from_next_year_is_not_agreed_yet() -> None:
    """IC26: a price item is not there before its first day."""
    assert found(item(since="2026-04-01"), invoice("100")) == ["ic26.line"]


def test_a_line_is_named_by_its_place_when_its_id_is_not_its_own() -> None:
    """Two lines with one id are told apart."""
    lines = (line("1001", id="1"), line("1002", id="1"), line("1003", id="a"))
    assert [each.line_id for each in judged([*WORLD, item(), invoice("100", *lines)])] == ["#1", "#2", "a"]


def test_a_credit_note_takes_away_what_it_gives_back() -> None:
    """A credit over what is at stake closes the findings, less does not; the rest of the invoice stands."""
    bill = invoice("100", line("1200"), line("50", "Gebyr"))
    assert found(item(), bill) == ["ic13.above-agreed", "ic26.fee"]
    assert found(item(), bill, credit_note("K1", "250", "100")) == []
    assert found(item(), bill, credit_note("K1", "249.99", "100")) == ["ic13.above-agreed", "ic26.fee"]


def test_a_credited_invoice_and_a_new_one() -> None:
    """Near miss: the wrong invoice is credited whole, the right one comes under a new number."""
    wrong, right = invoice("100", line("1200")), invoice("101", line("1000"))
    assert found(item(), wrong, credit_note("K1", "1200", "100"), right) == []


def test_a_credit_note_is_not_judged_by_prices() -> None:
    """What gives money back needs no contract."""
    assert codes([supplier(), credit_note("K1", "5000")]) == []


NUMBERS = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent, context=Context(prec=40)),
    st.integers(1, 10**28 - 1),
    st.integers(-60, 60),
)
"""Amounts of as many digits as the schemas admit."""


@pytest.mark.parametrize("written", ["1E+999999", "-1E+101", "1E-101", "9" * 29])
def test_what_nobody_could_write_out_is_no_amount(written: str) -> None:
    """A few characters that stand for a million digits are refused before anything counts with them."""
    with pytest.raises(ValidationError, match="at most"):
        Money.model_validate({"amount": written})


@given(amount=NUMBERS)
def test_an_amount_is_told_to_its_last_digit(amount: Decimal) -> None:
    """Plain text with at least two decimals, which reads as the very amount."""
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert len(text.partition(".")[2]) >= 2


@given(billed=NUMBERS, agreed=NUMBERS, quantity=NUMBERS)
def test_no_amount_is_too_large_to_be_judged(billed: Decimal, agreed: Decimal, quantity: Decimal) -> None:
    """What the schemas admit is judged; a difference of more digits than an amount may have is told without one."""
    price = item(price={"base": "user", "tiers": [{"above": "0", "price": str(agreed)}]}, period="once")
    totals = {"tax_exclusive": str(billed), "payable": str(billed)}
    lines = [line("1") | {"id": "1", "quantity": str(quantity), "amount": str(billed)}]
    rules = {each.rule for each in judged([*WORLD, price, invoice("100", totals=totals, lines=lines)])}
    assert rules <= {"ic13"}


FEBRUARY = {"start": "2026-02-01", "end": "2026-02-28"}


def allowance(amount: str, *, charge: bool = False) -> Json:
    return {"charge": charge, "amount": amount}


@pytest.mark.parametrize(
    ("lines", "allowances", "expected"),
    [
        ([line("1200")], [allowance("200")], []),
        ([line("1300")], [allowance("200")], [("1", "1100.00", 100)]),
        ([line("1200")], [allowance("200", charge=True)], [("1", "1200.00", 200)]),
        ([line("1200"), line("-200", "Rabat")], [], []),
        ([line("-200", "Rabat"), line("1200")], [], []),
        ([line("1200"), line("-200")], [], []),
        ([line("1200"), line("-200", "Rabat", period=FEBRUARY)], [], [("1", "1200.00", 200)]),
        ([line("1200"), line("-200", period=FEBRUARY)], [], [("1", "1200.00", 200)]),
        ([line("1200"), line("1150"), line("-300", "Rabat")], [], [("2", "1050.00", 50)]),
        ([line("1200"), line("1150"), line("-200")], [allowance("150")], []),
        ([line("1200"), line("900")], [], [("1", "1200.00", 200)]),
    ],
)
def test_a_deduction_on_the_same_document_is_set_off(
    lines: list[Json], allowances: list[Json], expected: list[tuple[str, str, int]]
) -> None:
    """IC13: an allowance on the document and a line below 0 of the same period count once, against what is too much."""
    findings = judged([*WORLD, item(), invoice("100", *lines, allowances=allowances)])
    above = [each for each in findings if each.rule == "ic13"]
    stakes = [each.amount_at_stake.amount if each.amount_at_stake else None for each in above]
    assert [(each.line_id, each.found, stake) for each, stake in zip(above, stakes, strict=True)] == expected


def test_a_deduction_for_another_item_is_not_set_off() -> None:
    """IC13: what is taken off a module says nothing of the licences."""
    module = item("K-1/2", "500", line_patterns=["Modul*"])
    bill = invoice("100", line("1200"), line("500", "Modul"), line("-200", "Modul, kredit"))
    assert found(item(), module, bill) == ["ic13.above-agreed"]


@given(excess=st.lists(st.integers(1, 500), min_size=1, max_size=4), taken=st.lists(st.integers(1, 500), max_size=4))
def test_what_is_taken_off_counts_once(excess: list[int], taken: list[int]) -> None:
    """IC13: what remains at stake is what all lines are above, less everything taken off, and never below 0."""
    lines = [line(str(1000 + each)) for each in excess] + [line(f"-{each}", "Rabat") for each in taken]
    at_stake = over(item(), line("1"), lines=[{"id": str(n)} | each for n, each in enumerate(lines)])
    assert at_stake == max(0, sum(excess) - sum(taken))
