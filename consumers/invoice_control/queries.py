"""What invoice control answers: the invoices that came, and what its rules find in them.

The connection's search path names the version to read (`consumers.runtime.projections.use_active`); who may read what
is decided by its role. Rules find what holds now: how a finding came and went is told by the alerts.
"""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Numeric, Text, cast, func, select, true

from schemas.alerts import Finding
from schemas.invoices import Received

from .tables import FINDING, INVOICE

_SUBJECT = FINDING.c.data["subject"]["id"].astext
_TOTALS = INVOICE.c.document["totals"]


class InvoiceRow(NamedTuple):
    """One document in a listing; `net` is as the document states it, `findings` the codes of what is found in it."""

    authority: str
    subject: UUID
    doc_type: str
    number: str | None
    supplier: str
    supplier_name: str | None
    issue_date: date | None
    net: Decimal | None
    currency: str | None
    recorded: datetime
    findings: tuple[str, ...]


def invoices(
    connection: Connection,
    *,
    authority: str,
    supplier: str | None = None,
    references: Collection[str] | None = None,
    known_at: datetime | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[InvoiceRow]:
    """The documents the hub knew at `known_at` (None: now), the latest issue date first, with what is found now.

    `supplier` is the number the supplier is known by, such as `cvr:99000104`; `references` are numbers of contracts and
    orders as `schemas.invoices.normal_number` writes them, one of which the document names.
    """
    document = INVOICE.c.document
    found = (
        select(func.array_agg(func.distinct(FINDING.c.rule)))
        .where(FINDING.c.authority == INVOICE.c.authority, INVOICE.c.subject == _SUBJECT)
        .scalar_subquery()
    )
    query = (
        select(
            INVOICE.c.authority,
            INVOICE.c.subject,
            INVOICE.c.doc_type,
            document["number"].astext,
            INVOICE.c.supplier,
            document["supplier"]["name"].astext,
            INVOICE.c.issue_date,
            cast(func.coalesce(_TOTALS["tax_exclusive"].astext, _TOTALS["line_extension"].astext), Numeric),
            document["currency"].astext,
            INVOICE.c.recorded,
            found,
        )
        .where(
            INVOICE.c.authority == authority,
            true() if supplier is None else INVOICE.c.supplier == supplier,
            true() if references is None else INVOICE.c.refs.overlap(sorted(references)),
            true() if known_at is None else INVOICE.c.recorded <= known_at,
        )
        .order_by(INVOICE.c.issue_date.desc().nulls_last(), INVOICE.c.subject, INVOICE.c.position)
        .limit(limit)
        .offset(offset)
    )
    return [
        InvoiceRow(row[0], UUID(row[1]), *row[2:10], tuple(sorted(row[10] or ())))
        for row in connection.execute(query).all()
    ]


def documents(connection: Connection, *, authority: str, subject: UUID) -> list[Received]:
    """The documents with this subject, as they came: more than one when a number was used again."""
    query = (
        select(cast(INVOICE.c.document, Text))
        .where(INVOICE.c.authority == authority, INVOICE.c.subject == str(subject))
        .order_by(INVOICE.c.position)
    )
    return [Received.model_validate_json(document) for document in connection.execute(query).scalars()]


def findings(
    connection: Connection,
    *,
    authority: str,
    subject: UUID | None = None,
    rules: Collection[str] | None = None,
    limit: int = 1_000,
) -> list[Finding]:
    """What the rules find now, about one invoice or all, by rule, invoice and line. `rules` are codes in any case."""
    query = (
        select(cast(FINDING.c.data, Text))
        .where(
            FINDING.c.authority == authority,
            true() if subject is None else str(subject) == _SUBJECT,
            true() if rules is None else FINDING.c.rule.in_([code.lower() for code in rules]),
        )
        .order_by(FINDING.c.rule, _SUBJECT, FINDING.c.data["line_id"].astext.nulls_first())
        .limit(limit)
    )
    return [Finding.model_validate_json(data) for data in connection.execute(query).scalars()]


def counts(connection: Connection, *, authority: str) -> dict[str, int]:
    """How many findings each rule has now, by its code in upper case."""
    query = select(FINDING.c.rule, func.count()).where(FINDING.c.authority == authority).group_by(FINDING.c.rule)
    return {rule.upper(): count for rule, count in sorted(connection.execute(query).all())}
