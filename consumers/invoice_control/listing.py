"""The invoices of an authority page by page, through filters."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Numeric, cast, func, or_, select, true

from .tables import FINDING, INVOICE

_DOCUMENT = INVOICE.c.document
_TOTALS = _DOCUMENT["totals"]
_ABOUT = FINDING.c.data["subject"]["id"].astext
"""The document that a finding is about; no index holds it, so findings are read once a page and not once a document."""


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
        )
        .where(*conditions)
        .order_by(INVOICE.c.issue_date.desc().nulls_last(), INVOICE.c.subject, INVOICE.c.position)
        .limit(limit)
        .offset(offset)
    ).all()
    found = _found(connection, authority, [row.subject for row in rows])
    listed = [Listed(*row, found.get(row.subject, ())) for row in rows]
    total = connection.execute(select(func.count()).select_from(INVOICE).where(*conditions)).scalar_one()
    return listed, total


def _found(connection: Connection, authority: str, subjects: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The codes of what is found in each of these documents, for those in which something is."""
    query = (
        select(_ABOUT, func.array_agg(func.distinct(FINDING.c.rule)))
        .where(FINDING.c.authority == authority, _ABOUT.in_(subjects))
        .group_by(_ABOUT)
    )
    return {subject: tuple(sorted(rules)) for subject, rules in connection.execute(query)}


def _conditions(authority: str, wanted: InvoiceFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [INVOICE.c.authority == authority]
    if wanted.about:
        named = (_DOCUMENT["number"].astext, _DOCUMENT["supplier"]["name"].astext, INVOICE.c.supplier)
        conditions.append(or_(*(column.icontains(wanted.about, autoescape=True) for column in named)))
    if wanted.doc_type:
        conditions.append(INVOICE.c.doc_type == wanted.doc_type)
    if wanted.with_findings:
        # "is true" keeps this one set to look in: PostgreSQL would make a join of it, and guess how many there are
        conditions.append(INVOICE.c.subject.in_(select(_ABOUT).where(FINDING.c.authority == authority)).is_(true()))
    return conditions
