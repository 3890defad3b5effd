"""The alerts of an authority seen from above: counted by severity, and page by page through filters."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, Date, Subquery, Text, case, cast, func, or_, select

from .queries import OPEN, SEVERITIES, as_alert, standing_now
from .rows import AlertFilter, AlertRow, SeverityCount


def counts_by_severity(connection: Connection, authority: str, on: date) -> tuple[SeverityCount, ...]:
    """What is open or acknowledged and not silenced on this day, the gravest first; a severity without alerts too."""
    now = standing_now(authority)
    rows = connection.execute(
        select(now.c.severity, now.c.currency, func.count(), func.sum(now.c.amount))
        .where(now.c.status.in_(OPEN), ~_is_silenced(now, on))
        .group_by(now.c.severity, now.c.currency)
        .order_by(now.c.currency)
    ).all()
    return tuple(
        SeverityCount(
            severity=severity,
            alerts=sum(row[2] for row in rows if row[0] == severity),
            at_stake={row[1]: Decimal(row[3]) for row in rows if row[0] == severity and row[1] and row[3]},
        )
        for severity in SEVERITIES
    )


def alerts_page(
    connection: Connection, authority: str, wanted: AlertFilter, *, limit: int, offset: int = 0
) -> tuple[tuple[AlertRow, ...], int]:
    """The alerts that a filter leaves, the gravest and dearest first, and how many there are in all."""
    now = standing_now(authority)
    conditions = _conditions(now, wanted)
    rank = case({name: number for number, name in enumerate(SEVERITIES)}, value=now.c.severity)
    rows = connection.execute(
        select(now, func.count().over().label("total"))
        .where(*conditions)
        .order_by(rank, now.c.amount.desc().nulls_last(), now.c.rule, now.c.alert)
        .limit(limit)
        .offset(offset)
    ).all()
    if not rows and offset:
        return (), connection.execute(select(func.count()).select_from(now).where(*conditions)).scalar_one()
    return tuple(map(as_alert, rows)), rows[0].total if rows else 0


def rules_in_use(connection: Connection, authority: str) -> tuple[str, ...]:
    """The rules that have told of anything."""
    now = standing_now(authority)
    return tuple(connection.execute(select(now.c.rule).distinct().order_by(now.c.rule)).scalars())


def _conditions(now: Subquery, wanted: AlertFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [now.c.status.in_(wanted.statuses)]
    if wanted.severity is not None:
        conditions.append(now.c.severity == wanted.severity)
    if wanted.rule is not None:
        conditions.append(now.c.rule == wanted.rule)
    if wanted.subject is not None:
        conditions.append(now.c.subject == wanted.subject)
    if wanted.about is not None:
        named = (now.c.data["subject"]["name"].astext, cast(now.c.data["references"], Text))
        conditions.append(or_(*(column.icontains(wanted.about, autoescape=True) for column in named)))
    if wanted.silenced is not None and wanted.on is not None:
        silenced = _is_silenced(now, wanted.on)
        conditions.append(silenced if wanted.silenced else ~silenced)
    return conditions


def _is_silenced(now: Subquery, on: date) -> ColumnElement[bool]:
    return func.coalesce(cast(now.c.silence["until"].astext, Date) >= on, False)
