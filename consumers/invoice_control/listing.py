"""The invoices of an authority page by page, through filters."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Numeric, cast, exists, func, or_, select

from .tables import FINDING, INVOICE

_DOCUMENT = INVOICE.c.document
_TOTALS = _DOCUMENT["totals"]
_FOUND = (FINDING.c.authority == INVOICE.c.authority, FINDING.c.data["subject"]["id"].astext == INVOICE.c.subject)


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """Which documents: `about` is looked for in number, supplier's name and supplier's number."""

    about: str | None = None
    doc_type: str | None = None
    with_findings: bool = False


class Listed(NamedTuple):
    """A document on one line; `payable` is as the document states it, `findings` the codes of what is found in it."""

    subject: str
    doc_type: str
    number: str | None
    supplier: str
    supplier_name: str | None
    issue_date: date | None
    payable: Decimal | None
    currency: str | None
    findings: tuple[str, ...]


def invoice_page(
    connection: Connection, authority: str, wanted: InvoiceFilter, *, limit: int, offset: int = 0
) -> tuple[list[Listed], int]:
    """The documents that a filter leaves, the latest issue date first, and how many there are in all."""
    conditions = _conditions(authority, wanted)
    found = select(func.array_agg(func.distinct(FINDING.c.rule))).where(*_FOUND).scalar_subquery()
    rows = connection.execute(
        select(
            INVOICE.c.subject,
            INVOICE.c.doc_type,
            _DOCUMENT["number"].astext,
            INVOICE.c.supplier,
            _DOCUMENT["supplier"]["name"].astext,
            INVOICE.c.issue_date,
            cast(_TOTALS["payable"].astext, Numeric),
            _DOCUMENT["currency"].astext,
            found,
        )
        .where(*conditions)
        .order_by(INVOICE.c.issue_date.desc().nulls_last(), INVOICE.c.subject, INVOICE.c.position)
        .limit(limit)
        .offset(offset)
    )
    listed = [Listed(*row[:8], tuple(sorted(row[8] or ()))) for row in rows]
    total = connection.execute(select(func.count()).select_from(INVOICE).where(*conditions)).scalar_one()
    return listed, total


def _conditions(authority: str, wanted: InvoiceFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [INVOICE.c.authority == authority]
    if wanted.about:
        named = (_DOCUMENT["number"].astext, _DOCUMENT["supplier"]["name"].astext, INVOICE.c.supplier)
        conditions.append(or_(*(column.icontains(wanted.about, autoescape=True) for column in named)))
    if wanted.doc_type:
        conditions.append(INVOICE.c.doc_type == wanted.doc_type)
    if wanted.with_findings:
        conditions.append(exists().where(*_FOUND))
    return conditions
