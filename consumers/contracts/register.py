"""Contracts and prices as they stand on a day; pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from consumers.runtime.links import Named, Names, named, named_if, unresolved
from kernel.alphabet import alphabetical
from schemas.contracts import Contract, holder_on
from schemas.prices import FixedPrice, PriceItem
from schemas.statistics import Count, Index
from schemas.terms import Terms, end_if_notice_now, ends_on, ends_with_options, latest_notice, next_option, runs

from .rows import ContractRow, CountRow, FigureRow, PriceRow, TierRow


def contract_rows(contracts: Mapping[str, Contract], supplier_names: Names, *, on: date) -> tuple[ContractRow, ...]:
    """A row per contract, by title."""
    titles = {subject: contract.title for subject, contract in contracts.items()}
    rows = [
        _contract(
            subject,
            contract,
            supplier=named(holder_on(contract, on), supplier_names),
            parent=named_if(contract.parent, titles),
            on=on,
        )
        for subject, contract in contracts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (alphabetical(row.title), row.id)))


def price_rows(items: Mapping[str, PriceItem], contracts: Mapping[str, Contract], *, on: date) -> tuple[PriceRow, ...]:
    """A row per price item, by its contract's title and its own."""
    titles = {subject: contract.title for subject, contract in contracts.items()}
    rows = [
        _price(subject, item, named(item.contract, titles), contracts.get(str(item.contract.id)), on)
        for subject, item in items.items()
    ]
    return tuple(sorted(rows, key=lambda row: (alphabetical(row.contract.name), row.contract.id, row.title, row.id)))


def figure_rows(figures: Mapping[str, Index]) -> tuple[FigureRow, ...]:
    """Index figures by series and period."""
    rows = [
        FigureRow(each.series, each.period, each.measure, each.value, each.base_year, each.published_on)
        for each in figures.values()
    ]
    return tuple(sorted(rows, key=lambda row: (row.series, row.period, row.published_on, row.value)))


def count_rows(counts: Mapping[str, Count]) -> tuple[CountRow, ...]:
    """Counts by statistic, the newest first."""
    rows = [
        (
            subject,
            CountRow(
                statistic=count.statistic,
                title=count.title,
                base=count.base,
                value=count.value,
                counted_on=count.counted_on,
                counted_since=count.counted_since,
                published_on=count.published_on,
                usage=count.usage.name or str(count.usage.id) if count.usage else None,
                unit=count.unit.name or str(count.unit.id) if count.unit else None,
            ),
        )
        for subject, count in counts.items()
    ]
    ordered = sorted(rows, key=lambda row: (row[1].statistic, -row[1].counted_on.toordinal(), row[0]))
    return tuple(row for _, row in ordered)


def _status(terms: Terms, on: date) -> Literal["not-begun", "running", "ended"]:
    if runs(terms, on):
        return "running"
    return "not-begun" if terms.starts_on is not None and terms.starts_on > on else "ended"


def _contract(subject: str, contract: Contract, *, supplier: Named, parent: Named | None, on: date) -> ContractRow:
    terms = contract.terms
    option = next_option(terms, on)
    return ContractRow(
        id=subject,
        local_id=contract.local_id,
        title=contract.title,
        kind=contract.kind,
        status=_status(terms, on),
        supplier=supplier,
        parent=parent,
        starts_on=terms.starts_on,
        ends_on=ends_on(terms, on),
        ends_with_options=ends_with_options(terms, on),
        open_ended=terms.open_ended,
        renews_months=terms.renews_months,
        notice_months=terms.notice.months if terms.notice else None,
        notice_to_end_of=terms.notice.to_end_of if terms.notice else None,
        latest_notice=latest_notice(terms, on),
        ends_if_notice_now=end_if_notice_now(terms, on),
        option_use_by=option.use_by if option else None,
        option_months=option.months if option else None,
        unresolved=unresolved(supplier, parent),
    )


def _price(subject: str, item: PriceItem, contract: Named, stated: Contract | None, on: date) -> PriceRow:
    clause = item.index_clause or (stated.index_clause if stated else None)
    return PriceRow(
        id=subject,
        local_id=item.local_id,
        title=item.title,
        contract=contract,
        contract_runs=stated is not None and runs(stated.terms, on),
        base=None if isinstance(item.price, FixedPrice) else item.price.base,
        tiers=_tiers(item),
        currency=item.currency,
        period=item.period,
        billed_each=item.billed_each or item.period,
        billed_in=item.billed_in,
        unit=item.unit,
        statistic=item.counting.statistic if item.counting else None,
        minimum_fee=item.minimum_fee,
        regulation=item.regulation,
        series=clause.series if clause and item.regulation == "indexed" else None,
        item_numbers=item.item_numbers,
        is_option=item.option is not None,
        taken_up_on=item.option.taken_up_on if item.option else None,
    )


def _tiers(item: PriceItem) -> tuple[TierRow, ...]:
    if isinstance(item.price, FixedPrice):
        return (TierRow(Decimal(0), item.price.amount),)
    return tuple(TierRow(tier.above, tier.price) for tier in item.price.tiers)
