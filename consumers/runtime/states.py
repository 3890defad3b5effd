"""Bitemporal state: every statement about a subject is a row that is only ever added; what holds is derived on reading.

A state holds from its start to its end, else to the next known start of the same subject; where spans overlap, the
later record wins. Known time is the order in which the hub recorded, so a query asks "what did we know at".
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    Date,
    DateTime,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.schema import SchemaItem

from kernel.clock import COPENHAGEN
from schemas.envelope import Event

BASE = ("authority", "subject", "position", "effective", "effective_to", "recorded", "shared", "document")
AUTHORITY: BindParameter[str] = bindparam("authority", type_=Text)
SUBJECTS: BindParameter[str] = bindparam("subjects", expanding=True, type_=Text)
VALID_AT: BindParameter[date] = bindparam("valid_at", type_=Date)
KNOWN_AT: BindParameter[datetime] = bindparam("known_at", type_=DateTime(timezone=True))


def state_table(name: str, metadata: MetaData, *extra: SchemaItem) -> Table:
    """A table of states; `extra` columns are taken out of the document for look-ups. A removal has no document."""
    return Table(
        name,
        metadata,
        Column("authority", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("position", BigInteger, primary_key=True),
        Column("effective", Date, nullable=False),
        Column("effective_to", Date),
        Column("recorded", DateTime(timezone=True), nullable=False),
        Column("shared", Boolean, nullable=False),
        Column("document", JSONB),
        *extra,
        info={"write": "append"},
    )


def state_row(event: Event, document: str | None, *extra: Any) -> tuple[Any, ...]:
    """The row of one statement; without a stated start it holds from the day it was made, in Denmark."""
    return (
        event.authority,
        event.subject,
        event.position,
        starts_on(event),
        event.effective_to,
        event.recorded,
        event.shared,
        document,
        *extra,
    )


def starts_on(event: Event) -> date:
    """The first day the event's state holds: what it states, else the civil day of its time in Denmark."""
    return event.effective or event.time.astimezone(COPENHAGEN).date()


def as_of(
    table: Table, *, valid_at: date | BindParameter[date], known_at: datetime | BindParameter[datetime] | None = None
) -> Select[Any]:
    """The one state per subject that held on `valid_at`, as far as the hub knew at `known_at` (None: now).

    A query that is asked often is made once, with `VALID_AT` and `KNOWN_AT` (and `AUTHORITY` and `SUBJECTS`).
    """
    known = select(
        table,
        func.max(table.c.effective).over(partition_by=(table.c.authority, table.c.subject)).label("latest_start"),
    ).where(table.c.effective <= valid_at)
    if known_at is not None:
        known = known.where(table.c.recorded <= known_at)
    started = known.subquery()
    holding = (
        select(started)
        .where(
            or_(
                and_(started.c.effective_to.is_(None), started.c.effective == started.c.latest_start),
                started.c.effective_to > valid_at,
            )
        )
        .ext(distinct_on(started.c.authority, started.c.subject))
        .order_by(started.c.authority, started.c.subject, started.c.position.desc())
        .subquery()
    )
    return select(*(holding.c[column.name] for column in table.columns)).where(holding.c.document.is_not(None))
