"""What systems cost in a year, and whose cost it is."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from consumers.landscape.costs import Bearers, Invoiced, cost_rows
from consumers.landscape.counting import Counts, yearly_amount
from schemas.contracts import Contract
from schemas.prices import PriceItem
from schemas.registry import CATALOGUE
from schemas.sources import DataSourceUse
from schemas.statistics import Count
from schemas.suppliers import Supplier
from schemas.systems import SystemUsage, UserCount

CONTRACT, USAGE, SECOND = (str(UUID(int=n)) for n in range(1, 4))
TODAY = date(2026, 3, 2)
NOTHING = Counts((), ())


def sample(family: str, **changes: Any) -> dict[str, Any]:
    written = CATALOGUE.latest(family).sample | changes
    return {name: value for name, value in written.items() if value is not None}


def item(**changes: Any) -> PriceItem:
    fixed = {"contract": {"id": CONTRACT}, "usage": None, "price": {"model": "fixed", "amount": "1000"}}
    return PriceItem.model_validate(
        sample("contract.price-item-stated", **{**fixed, "counting": None, "minimum_fee": None, **changes})
    )


def per_unit(base: str = "user", **changes: Any) -> PriceItem:
    return item(price={"model": "per-unit", "base": base, "tiers": [{"above": "0", "price": "10"}]}, **changes)


def contract(*usages: str, **changes: Any) -> Contract:
    stated = {"usages": [{"id": usage} for usage in usages], "terms": {"open_ended": True}}
    return Contract.model_validate(sample("contract.contract-stated", **(stated | changes)))


def usage(name: str, main_contract: str | None = None) -> SystemUsage:
    paid_by = {"id": main_contract} if main_contract else None
    return SystemUsage.model_validate(sample("system.usage-stated", name=name, main_contract=paid_by))


def count(value: int, counted_on: str, **changes: Any) -> Count:
    stated = {"statistic": "S", "base": "user", "value": str(value), "counted_on": counted_on, "published_on": None}
    return Count.model_validate(sample("statistics.count-stated", **(stated | changes)))


def users(number: int, **changes: Any) -> UserCount:
    stated = {"usage": {"id": USAGE}, "count": number, "licence": None, "unit": None}
    return UserCount.model_validate(sample("system.user-count-stated", **(stated | changes)))


def bearers(*usages: str, **changes: Any) -> Bearers:
    return Bearers(
        {USAGE: usage("Omsorg"), SECOND: usage("Arkiv")}, {CONTRACT: contract(*usages, title="Drift", **changes)}, {}
    )


def borne(by: Bearers, *items: PriceItem, counts: Counts = NOTHING) -> list[tuple[str, str | None, Decimal]]:
    rows = cost_rows(by, dict(zip("abcdef", items, strict=False)), {}, (), counts=counts, on=TODAY)
    return [(row.of.kind, row.of.named.name, row.agreed) for row in rows]


@pytest.mark.parametrize(
    ("period", "amount"), [("month", 12_000), ("quarter", 4000), ("half-year", 2000), ("year", 1000)]
)
def test_a_fixed_price_is_paid_for_each_period_of_the_year(period: str, amount: int) -> None:
    """Twelve months, four quarters."""
    assert yearly_amount(item(period=period), NOTHING, 2026) == amount


def test_a_count_is_the_latest_by_the_day_the_contract_names() -> None:
    """Not the one after it, and not one of another statistic, base or unit."""
    counts = Counts(
        (
            count(100, "2024-10-01"),
            count(120, "2025-01-01"),
            count(999, "2025-01-02"),
            count(998, "2025-01-01", statistic="other"),
            count(997, "2025-01-01", base="pupil"),
            count(996, "2025-01-01", unit={"id": SECOND}),
            count(995, "2025-01-01", usage={"id": SECOND}),
        ),
        (),
    )
    counted = per_unit(counting={"statistic": "S", "day": "01-01", "years_before": 1}, usage={"id": USAGE})
    assert yearly_amount(counted, counts, 2026) == 1200


def test_without_a_count_there_is_no_amount() -> None:
    """It is listed as uncounted, never guessed."""
    assert yearly_amount(per_unit(counting={"statistic": "S"}), NOTHING, 2026) is None
    assert yearly_amount(per_unit(), Counts((), (users(5),)), 2026) is None


@pytest.mark.parametrize(
    ("counted", "amount"),
    [
        ((users(50),), 500),
        ((users(50), users(30, licence="Pleje")), 500),
        ((users(20, licence="A"), users(30, licence="B")), 500),
        ((users(50, kind="devices"),), None),
        ((users(50, usage={"id": SECOND}),), None),
    ],
)
def test_users_are_counted_by_the_authority_where_no_statistic_is_named(
    counted: tuple[UserCount, ...], amount: int | None
) -> None:
    """A total where there is one, else the sum of its parts."""
    assert yearly_amount(per_unit(usage={"id": USAGE}), Counts((), counted), 2026) == amount


def test_pieces_are_priced_by_a_year_of_them() -> None:
    """Messages of twelve months; those of one month say nothing of the year."""
    piece = per_unit("message", period="once", billed_each="month", counting={"statistic": "S"})
    year = count(5000, "2025-12-31", counted_since="2025-01-01", base="message")
    month = count(400, "2025-12-31", counted_since="2025-12-01", base="message")
    assert yearly_amount(piece, Counts((year,), ()), 2026) == 50_000
    assert yearly_amount(piece, Counts((month,), ()), 2026) is None


def test_a_cost_is_borne_by_the_usage_it_can_be_told_for() -> None:
    """The item's own, else the contract's only one, else nobody's but the contract's."""
    assert borne(bearers(USAGE, SECOND), item(usage={"id": SECOND})) == [("usage", "Arkiv", Decimal(1000))]
    assert borne(bearers(USAGE), item()) == [("usage", "Omsorg", Decimal(1000))]
    assert borne(bearers(USAGE, SECOND), item()) == [("contract", "Drift", Decimal(1000))]
    assert borne(bearers(), item()) == [("contract", "Drift", Decimal(1000))]


def test_a_usage_that_names_its_main_contract_bears_it() -> None:
    """Though the contract names no usage."""
    by = Bearers({USAGE: usage("Omsorg", CONTRACT)}, {CONTRACT: contract()}, {})
    assert borne(by, item()) == [("usage", "Omsorg", Decimal(1000))]


def test_what_costs_nothing_on_the_day() -> None:
    """An ended contract, an option that is not taken up, a price paid once."""
    ended = bearers(USAGE, terms={"ends_on": "2026-03-01"})
    assert borne(ended, item()) == []
    assert borne(bearers(USAGE), item(option={}), item(option={"taken_up_on": "2026-03-03"})) == []
    assert borne(bearers(USAGE), item(period="once", billed_in=None)) == []
    assert borne(bearers(USAGE), item(option={"taken_up_on": "2026-03-02"})) == [("usage", "Omsorg", Decimal(1000))]


def test_currencies_are_not_added_up() -> None:
    """A row each, and the items that could not be counted."""
    items = {"a": item(), "b": item(currency="EUR"), "c": per_unit(title="Brugere")}
    danish, euro = cost_rows(bearers(USAGE), items, {}, (), counts=NOTHING, on=TODAY)
    assert (danish.currency, danish.agreed, danish.uncounted) == ("DKK", 1000, ("Brugere",))
    assert (euro.currency, euro.agreed, euro.uncounted) == ("EUR", 1000, ())


def test_invoices_follow_the_one_contract_they_mean() -> None:
    """By its number or an order number; one that two contracts share says nothing."""
    by = Bearers(
        {USAGE: usage("Omsorg")},
        {
            CONTRACT: contract(USAGE, local_id="K-1", order_numbers=["O-1", "O-2"]),
            SECOND: contract(local_id="K-2", order_numbers=["O-2"], title="Andet"),
        },
        {"s": Supplier.model_validate(sample("supplier.supplier-stated", name="Skovsøen"))},
    )
    sums = [
        Invoiced("cvr:99000104", reference, "DKK", 1, Decimal(amount))
        for reference, amount in (("K-1", 1), ("O-1", 2), ("K-2", 4), ("O-2", 8), ("", 16))
    ]
    unknown = Invoiced("cvr:1", "", "DKK", 1, Decimal(32))
    rows = cost_rows(by, {}, {}, [*sums, unknown], counts=NOTHING, on=TODAY)
    assert [(row.of.kind, row.of.named.name, row.invoiced) for row in rows] == [
        ("usage", "Omsorg", 3),
        ("contract", "Andet", 4),
        ("supplier", None, 32),
        ("supplier", "Skovsøen", 24),
    ]


def test_a_reference_is_compared_as_numbers_are() -> None:
    """Case, spaces, hyphens and leading zeros do not matter, as in invoice control."""
    by = Bearers({USAGE: usage("Omsorg")}, {CONTRACT: contract(USAGE, local_id="K-1", order_numbers=["0045 00"])}, {})
    sums = [Invoiced("cvr:1", written, "DKK", 1, Decimal(1)) for written in ("k1", "K 1", "4500", "45-00")]
    (row,) = cost_rows(by, {}, {}, sums, counts=NOTHING, on=TODAY)
    assert (row.of.named.name, row.invoiced) == ("Omsorg", 4)


def test_an_addendum_is_part_of_its_parent() -> None:
    """The parent's term holds for its prices, the parent's usage bears them, and its number means the parent."""
    addendum = contract(SECOND, kind="addendum", parent={"id": CONTRACT}, title="Tillæg", local_id="T-1", terms={})
    priced = item(contract={"id": SECOND})
    running = bearers(USAGE).contracts | {SECOND: addendum}
    ended = bearers(USAGE, terms={"ends_on": "2024-12-31"}).contracts | {SECOND: addendum}
    usages = {USAGE: usage("Omsorg")}
    assert borne(Bearers(usages, running, {}), priced) == [("usage", "Omsorg", Decimal(1000))]
    assert borne(Bearers(usages, ended, {}), priced) == []
    billed = [Invoiced("cvr:1", "T-1", "DKK", 1, Decimal(5))]
    (row,) = cost_rows(Bearers(usages, running, {}), {}, {}, billed, counts=NOTHING, on=TODAY)
    assert (row.of.named.name, row.invoiced) == ("Omsorg", 5)


def test_an_addendum_of_an_unknown_contract_stands_for_itself() -> None:
    """Nothing is known of the parent, so the addendum's own term and usage hold."""
    alone = {CONTRACT: contract(USAGE, kind="addendum", parent={"id": SECOND})}
    assert borne(Bearers({USAGE: usage("Omsorg")}, alone, {}), item()) == [("usage", "Omsorg", Decimal(1000))]


def test_a_usage_may_name_the_addendum() -> None:
    """It bears what the whole contract costs."""
    addendum = contract(kind="addendum", parent={"id": CONTRACT}, terms={})
    by = Bearers({USAGE: usage("Omsorg", SECOND)}, {CONTRACT: contract(), SECOND: addendum}, {})
    assert borne(by, item()) == [("usage", "Omsorg", Decimal(1000))]


def test_reading_a_data_source_is_rounded_once() -> None:
    """0.18 kr for each of 250,003 look-ups."""
    price = {"unit_price": {"amount": "0.18"}, "unit": "look-up", "units_per_year": "250003"}
    use = DataSourceUse.model_validate(sample("system.data-source-use-stated", usage={"id": USAGE}, price=price))
    (row,) = cost_rows(bearers(), {}, {"d": use}, (), counts=NOTHING, on=TODAY)
    assert (row.of.named.name, row.data_sources) == ("Omsorg", Decimal("45000.54"))
