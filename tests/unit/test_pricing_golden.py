"""What contracts cost, worked out by hand: the arithmetic stands beside each case, and no code of ours made a number.

The demo sees only a fault that its few kinds of prices meet; these are the others.
"""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from consumers.invoice_control.agreed_amount import agreed_amount
from consumers.invoice_control.documents import Line, Origin
from consumers.invoice_control.history import History, Statement
from schemas.billing import Service
from schemas.prices import PriceItem
from schemas.pricing import amount_due

CONTRACT = UUID("7b1d3c0e-58a4-4f0e-8b57-1f6a2d9c3001")
TWO_TIERS = (("0", "25"), ("150000", "12.50"))
THREE_TIERS = (("0", "1250"), ("100", "1100"), ("500", "950"))


def fixed(amount: str, period: str = "month", **fields: Any) -> PriceItem:
    return _item({"model": "fixed", "amount": amount}, period, **fields)


def each(price: str | tuple[tuple[str, str], ...], period: str = "year", **fields: Any) -> PriceItem:
    """A price for each unit; tiers as (above, price)."""
    tiers = (("0", price),) if isinstance(price, str) else price
    stated = [{"above": above, "price": amount} for above, amount in tiers]
    return _item({"model": "per-unit", "base": "user", "tiers": stated}, period, **fields)


def _item(price: dict[str, Any], period: str, **fields: Any) -> PriceItem:
    return PriceItem.model_validate(
        {"local_id": "1", "contract": {"id": CONTRACT}, "title": "x", "price": price, "period": period} | fields
    )


@pytest.mark.parametrize(
    ("item", "quantity", "months", "due"),
    [
        # 35,900 x 25 = 3,590,000 / 4
        pytest.param(each("25"), 35_900, None, "897500.00", id="each inhabitant, a year"),
        # exactly 150,000 are all of the first tier: 150,000 x 25
        pytest.param(each(TWO_TIERS), 150_000, None, "3750000.00", id="at the threshold"),
        # 150,000 x 25 = 3,750,000; 64,367 x 12.50 = 804,587.50
        pytest.param(each(TWO_TIERS), 214_367, None, "4554587.50", id="above the threshold"),
        # 4,554,587.50 / 4 = 1,138,646.875, and half an øre goes up
        pytest.param(each(TWO_TIERS, billed_each="quarter"), 214_367, None, "1138646.88", id="tiers by quarter"),
        # 100 x 1,250 = 125,000; 400 x 1,100 = 440,000; 112 x 950 = 106,400; together 671,400, a twelfth of it
        pytest.param(each(THREE_TIERS, billed_each="month"), 612, None, "55950.00", id="three tiers by month"),
        # 1,250 / 12 = 104.1666...
        pytest.param(each("1250", billed_each="month"), 1, None, "104.17", id="a twelfth is rounded"),
        # 37 x 1,250 = 46,250; / 12 = 3,854.1666...; 37 rounded twelfths would be 3,854.29
        pytest.param(each("1250", billed_each="month"), 37, None, "3854.17", id="rounded after it is multiplied"),
        # 84,000 x 9 / 12
        pytest.param(fixed("84000", "year"), 1, 9, "63000.00", id="nine months of a year"),
        # 100,000 x 7 / 12 = 58,333.333...
        pytest.param(fixed("100000", "year"), 1, 7, "58333.33", id="seven months of a year"),
        # 9,000 a quarter is 3,000 a month; five of them
        pytest.param(fixed("9000", "quarter"), 1, 5, "15000.00", id="five months of a price per quarter"),
        # 3,412 x 23.50 = 68,240 + 10,236 + 1,706, however long it took
        pytest.param(each("23.50", "once"), 3_412, 2, "80182.00", id="by the piece"),
        # 4,321 x 0.1875 = 810.1875, above the least fee
        pytest.param(each("0.1875", "once", minimum_fee="500"), 4_321, None, "810.19", id="above the minimum fee"),
        # 2,000 x 0.1875 = 375
        pytest.param(each("0.1875", "once", minimum_fee="500"), 2_000, None, "500.00", id="the minimum fee"),
        # 2,900 x 0.1875 = 543.75, below two months' fees
        pytest.param(
            each("0.1875", "once", minimum_fee="500", billed_each="month"), 2_900, 2, "1000.00", id="two minimum fees"
        ),
        # 30 x 600 / 12 = 1,500, below the fee of each bill
        pytest.param(each("600", billed_each="month", minimum_fee="2000"), 30, None, "2000.00", id="a fee each month"),
        # 45 x 600 / 12
        pytest.param(each("600", billed_each="month", minimum_fee="2000"), 45, None, "2250.00", id="above it"),
        # 3 x 0.125 = 0.375; a credit of as many mirrors it
        pytest.param(each("0.125", "once"), 3, None, "0.38", id="half an øre goes up"),
        pytest.param(each("0.125", "once"), -3, None, "-0.38", id="a credit mirrors it"),
        # 7 x 12.345 = 86.415
        pytest.param(each("12.345", "once", currency="EUR"), 7, None, "86.42", id="half a cent goes up"),
        # 1,000 / 12 = 83.33; a yen has no parts
        pytest.param(each("1000", billed_each="month", currency="JPY"), 1, None, "83", id="a currency without parts"),
    ],
)
def test_what_is_due(item: PriceItem, quantity: int, months: int | None, due: str) -> None:
    """One bill for so many units."""
    assert str(amount_due(item, Decimal(quantity), months)) == due


@pytest.mark.parametrize(
    ("item", "estimated", "bills", "counted", "settled"),
    [
        # on account 5,400 x 72 / 4 = 97,200 four times: 388,800; counted 5,512 x 72 = 396,864
        pytest.param(each("72", billed_each="quarter", on_account=True), 5_400, 4, 5_512, "8064.00", id="more counted"),
        # counted 5,287 x 72 = 380,664
        pytest.param(each("72", billed_each="quarter", on_account=True), 5_400, 4, 5_287, "-8136.00", id="fewer"),
        # 100,000 / 12 = 8,333.33 twelve times: 99,999.96
        pytest.param(fixed("100000", "year", billed_each="month", on_account=True), 1, 12, 1, "0.04", id="what rounds"),
    ],
)
def test_a_year_on_account_is_settled(item: PriceItem, estimated: int, bills: int, counted: int, settled: str) -> None:
    """What the count of the year comes to, less what was billed by the estimate."""
    on_account = bills * amount_due(item, Decimal(estimated))
    assert str(amount_due(item, Decimal(counted), 12) - on_account) == settled


LICENCE = (("2024-01-01", fixed("1000")),)
INDEXED = (("2024-01-01", fixed("1250")), ("2026-02-10", fixed("1306.25")))
"""1,250 regulated by at most 4.5 %: 1,250 x 1.045 = 1,306.25, from the day the index was published."""
USERS = (("2024-01-01", each("1400")),)
RAISED = (("2024-01-01", each("600")), ("2026-07-01", each("630")))
MESSAGES = (("2024-01-01", each("0.25", "once", billed_each="month", minimum_fee="500")),)


@pytest.mark.parametrize(
    ("prices", "quantity", "first", "last", "agreed"),
    [
        pytest.param(LICENCE, 1, "2026-03-01", "2026-03-31", "1000.00", id="a month"),
        # a month from the middle of one to the middle of the next
        pytest.param(LICENCE, 1, "2026-01-15", "2026-02-14", "1000.00", id="a month from the 15th"),
        # 22 of 31 days: 22,000 / 31 = 709.677...
        pytest.param(LICENCE, 1, "2026-03-10", "2026-03-31", "709.68", id="a part of a month"),
        # 17 of 31 days and 20 of 28: 548.387... + 714.285...
        pytest.param(LICENCE, 1, "2026-01-15", "2026-02-20", "1262.67", id="parts of two months"),
        # 14 of 29 days: 14,000 / 29 = 482.758...
        pytest.param(LICENCE, 1, "2024-02-01", "2024-02-14", "482.76", id="a leap year's February"),
        # 9 of 28 days at 1,250 = 401.7857...; 19 of 28 at 1,306.25 = 886.3839...
        pytest.param(INDEXED, 1, "2026-02-01", "2026-02-28", "1288.17", id="the index comes in the middle"),
        # 1 9/28 months at 1,250 = 1,651.7857...; 1 19/28 at 1,306.25 = 2,192.6339...
        pytest.param(INDEXED, 1, "2026-01-01", "2026-03-31", "3844.42", id="a quarter with the index in it"),
        # before it was published the old price holds, whatever the index measured
        pytest.param(INDEXED, 1, "2026-01-01", "2026-01-31", "1250.00", id="before it is published"),
        # 1,400 / 12 = 116.666..., written 116.67 on the invoice; 420 x 116.67
        pytest.param(USERS, 420, "2026-03-01", "2026-03-31", "49001.40", id="a unit price as it is written"),
        # half a year at 600 and half a year at 630 is 615; 50 x 615
        pytest.param(RAISED, 50, "2026-01-01", "2026-12-31", "30750.00", id="raised in the middle of the year"),
        # 100 x 0.25 = 25; 15 of 30 days of the fee of 500
        pytest.param(MESSAGES, 100, "2026-04-01", "2026-04-15", "250.00", id="half a month's minimum fee"),
    ],
)
def test_what_may_be_billed_for_a_span(
    prices: tuple[tuple[str, PriceItem], ...], quantity: int, first: str, last: str, agreed: str
) -> None:
    """A line that covers days of several months or prices."""
    assert str(agreed_amount(line(quantity, first, last), history(prices))) == agreed


@pytest.mark.parametrize(
    ("quantity", "unit", "agreed"),
    [
        pytest.param(3, "MON", "3000.00", id="three months"),
        pytest.param(2, "QAN", "6000.00", id="two quarters"),
        pytest.param(1, "ANN", "12000.00", id="a year"),
        pytest.param(4, "EA", "1000.00", id="pieces say nothing of time"),
    ],
)
def test_a_line_may_say_its_time_by_its_unit(quantity: int, unit: str, agreed: str) -> None:
    """1,000 a month, on a line with one day only, that counts months, quarters or years."""
    assert str(agreed_amount(line(quantity, "2026-03-10", "2026-03-10", unit), history(LICENCE))) == agreed


def line(quantity: int, first: str, last: str, unit: str | None = None) -> Line:
    service = Service(date.fromisoformat(first), date.fromisoformat(last), stated=True)
    return Line("1", Decimal(1), Decimal(quantity), unit, service, (), ())


def history(prices: tuple[tuple[str, PriceItem], ...]) -> History[PriceItem]:
    """The price item as it was stated from each day on."""
    origin = Origin("99000007", "urn:test", "1")
    return History(CONTRACT, tuple(Statement(origin, date.fromisoformat(day), None, item) for day, item in prices))
