"""The questions to the contract register, each as of any date and as far as the hub knew at any time.

The caller has chosen the projection and the reader: `runtime.projections.use_active` and the authority's setting.
"""

from datetime import date, datetime

from sqlalchemy import Connection

from consumers.runtime.links import Names
from consumers.runtime.reading import AsOf
from schemas.contracts import Contract
from schemas.months import add_months
from schemas.prices import PriceItem
from schemas.processing import DataProcessingAgreement, Supervision
from schemas.statistics import Count, Index
from schemas.suppliers import Supplier

from . import tables
from .processing import processing_rows
from .register import contract_rows, count_rows, figure_rows, price_rows
from .rows import ContractRow, CountRow, FigureRow, PriceRow, ProcessingRow


def contracts(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[ContractRow, ...]:
    """Every contract with its term, options and notice as they stand on `valid_at`, by title."""
    seen = AsOf(connection, authority, valid_at, known_at)
    return contract_rows(seen.own(tables.CONTRACT, Contract), _supplier_names(seen), on=valid_at)


def stated(
    connection: Connection, authority: str, subject: str, valid_at: date, known_at: datetime | None = None
) -> Contract | None:
    """What is stated of one contract, with its service levels, options and exit; None when it is not known."""
    return AsOf(connection, authority, valid_at, known_at).own(tables.CONTRACT, Contract).get(subject)


def ending(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None, *, months: int = 12
) -> tuple[ContractRow, ...]:
    """Contracts that end within so many months of `valid_at` as things stand; the first to end stands first."""
    limit = add_months(valid_at, months)
    ends = [
        (row.ends_on, row)
        for row in contracts(connection, authority, valid_at, known_at)
        if row.ends_on is not None and valid_at <= row.ends_on <= limit
    ]
    return tuple(row for _, row in sorted(ends, key=lambda pair: pair[0]))


def prices(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[PriceRow, ...]:
    """The prices that hold on `valid_at`, by contract."""
    seen = AsOf(connection, authority, valid_at, known_at)
    return price_rows(seen.own(tables.PRICE_ITEM, PriceItem), seen.own(tables.CONTRACT, Contract), on=valid_at)


def processing(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[ProcessingRow, ...]:
    """Data-processing agreements: missing ones first, then contracts nobody spoke of, then those there are."""
    seen = AsOf(connection, authority, valid_at, known_at)
    return processing_rows(
        seen.own(tables.AGREEMENT, DataProcessingAgreement),
        seen.own(tables.SUPERVISION, Supervision),
        contracts=seen.own(tables.CONTRACT, Contract),
        supplier_names=_supplier_names(seen),
        on=valid_at,
    )


def indexes(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[FigureRow, ...]:
    """The index figures that were published by `valid_at`, with the revisions of that day."""
    return figure_rows(AsOf(connection, authority, valid_at, known_at).shared(tables.INDEX, Index))


def counts(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[CountRow, ...]:
    """What the authority's prices are counted on, as published by `valid_at`."""
    return count_rows(AsOf(connection, authority, valid_at, known_at).own(tables.COUNT, Count))


def _supplier_names(seen: AsOf) -> Names:
    return {subject: supplier.name for subject, supplier in seen.shared(tables.SUPPLIER, Supplier).items()}
