"""What a price item costs: tiers, periods and minimum fee, in exact arithmetic.

Amounts between the agreed price and the invoice are exact fractions, because a twelfth of a yearly price has no finite
decimal. They are rounded once, at the end, to the currency's minor unit; half a unit goes away from zero, as on
invoices (half-up on the amount without its sign, so that a credit note mirrors its invoice).
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from kernel.errors import Invalid

from .prices import BillingPeriod, FixedPrice, PriceItem, Tier
from .values import minor_unit

MONTHS_IN: dict[BillingPeriod, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


def rounded(amount: Decimal | Fraction, currency: str) -> Decimal:
    """`amount` in whole minor units of `currency`, half a unit away from zero: 0.125 DKK is 0.13, -0.125 is -0.13."""
    unit = minor_unit(currency)
    units = Fraction(amount) / Fraction(unit)
    whole = int(abs(units) + Fraction(1, 2))
    return Decimal(f"{whole if units >= 0 else -whole}e{unit.adjusted()}")


def graduated(tiers: Sequence[Tier], quantity: Decimal | Fraction) -> Fraction:
    """The price of `quantity` units where each tier's price applies to the units within that tier only.

    25 kr each and 12.50 above 150,000: 200,000 inhabitants cost 150,000 x 25 + 50,000 x 12.50. A negative quantity (a
    credit) costs the same with the opposite sign.
    """
    if quantity < 0:
        return -graduated(tiers, -quantity)
    ends: list[Decimal | Fraction] = [*(tier.above for tier in tiers[1:]), max(quantity, tiers[-1].above)]
    return sum(
        (
            Fraction(tier.price) * (Fraction(min(quantity, end)) - Fraction(tier.above))
            for tier, end in zip(tiers, ends, strict=True)
            if quantity > tier.above
        ),
        start=Fraction(0),
    )


def unit_price(item: PriceItem, quantity: Decimal) -> Fraction:
    """The agreed price of one unit, for the item's period: the mean over the tiers when they split `quantity`."""
    if isinstance(item.price, FixedPrice):
        return Fraction(item.price.amount)
    if quantity == 0:
        return Fraction(item.price.tiers[0].price)
    return graduated(item.price.tiers, quantity) / Fraction(quantity)


def period_price(item: PriceItem, quantity: Decimal) -> Fraction:
    """What `quantity` units cost for the item's period; a fixed price is the same for any quantity."""
    if isinstance(item.price, FixedPrice):
        return Fraction(item.price.amount)
    return graduated(item.price.tiers, quantity)


def for_months(amount: Decimal | Fraction, of: BillingPeriod, months: int) -> Fraction:
    """The share of `amount`, a price for the period `of`, that falls on so many months.

    Raises Invalid for what is priced once: it has no share.
    """
    if of == "once":
        raise Invalid("a price that is paid once has no share per month", hint="state the period of the price item")
    return Fraction(amount) * months / MONTHS_IN[of]


def amount_due(item: PriceItem, quantity: Decimal, months: int | None = None) -> Decimal:
    """What the contract lets be billed for `quantity` units over `months`, net of VAT, in the item's currency.

    Without `months` it is one bill: the period it is billed each, else the period of the price. What is priced `once`
    costs the same however long it took. The minimum fee counts for each bill and grows with the months.
    """
    billed = item.billed_each or item.period
    span = months or MONTHS_IN.get(billed)
    price = period_price(item, quantity)
    if item.period != "once" and span is not None:
        price = for_months(price, item.period, span)
    if item.minimum_fee is not None:
        price = max(price, _minimum_over(span, Fraction(item.minimum_fee), billed))
    return rounded(price, item.currency)


def _minimum_over(months: int | None, fee: Fraction, billed: BillingPeriod) -> Fraction:
    return fee if billed == "once" or months is None else for_months(fee, billed, months)
