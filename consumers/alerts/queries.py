"""The questions about alerts: how each stands now, derived from the facts told of it by the rule of `rules.standing`.

The caller has chosen the projection and the reader: `runtime.projections.use_active` and the authority's setting.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Subquery, case, func, lateral, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from kernel.errors import Invalid

from .rows import AlertRow, AtStake, Decision, FactRow, RuleCount, Silence, as_row
from .rules import Status
from .tables import ALERT_EVENT, FOUND

__all__ = ["alert_history", "alerts", "amount_at_stake", "as_row", "counts_by_rule", "one_alert", "open_alerts"]

OPEN: tuple[Status, ...] = ("open", "acknowledged")
SEVERITIES = ("block", "hold", "warn", "info")


def open_alerts(
    connection: Connection,
    authority: str,
    *,
    rule: str | None = None,
    severity: str | None = None,
    known_at: datetime | None = None,
) -> tuple[AlertRow, ...]:
    """What somebody is to act on, whether anybody has seen it or not; the gravest and dearest first."""
    return alerts(connection, authority, rule=rule, severity=severity, statuses=OPEN, known_at=known_at)


def alerts(
    connection: Connection,
    authority: str,
    *,
    rule: str | None = None,
    severity: str | None = None,
    statuses: Collection[Status] = ("open", "acknowledged", "resolved"),
    known_at: datetime | None = None,
) -> tuple[AlertRow, ...]:
    """The authority's alerts that stand in one of `statuses`, or stood as far as the hub knew at `known_at`."""
    now = standing_now(authority, known_at=known_at)
    query = select(now).where(now.c.status.in_(statuses))
    if rule is not None:
        query = query.where(now.c.rule == rule)
    if severity is not None:
        query = query.where(now.c.severity == severity)
    rank = case({name: number for number, name in enumerate(SEVERITIES)}, value=now.c.severity)
    rows = connection.execute(
        query.order_by(rank, now.c.currency, now.c.amount.desc().nulls_last(), now.c.rule, now.c.alert)
    )
    return tuple(map(as_alert, rows))


def one_alert(connection: Connection, authority: str, alert: str) -> AlertRow:
    """One alert as it stands. Raises Invalid when the authority has none with this id."""
    now = standing_now(authority, alert)
    row = connection.execute(select(now)).first()
    if row is None:
        raise Invalid(f"there is no alert {alert}", hint="`samspil alerts` lists the open ones with their ids")
    return as_alert(row)


def alert_history(connection: Connection, authority: str, alert: str) -> tuple[FactRow, ...]:
    """Everything told of an alert, in its order."""
    table = ALERT_EVENT.c
    rows = connection.execute(
        select(table.fact, table.recorded, table.data, table.source, table.event_id)
        .where(table.authority == authority, table.alert == alert)
        .order_by(table.position)
    )
    return tuple(FactRow(*row) for row in rows)


def counts_by_rule(connection: Connection, authority: str) -> tuple[RuleCount, ...]:
    """How many alerts each rule has, by how they stand."""
    now = standing_now(authority)
    each = [func.count().filter(now.c.status == status) for status in ("open", "acknowledged", "resolved")]
    rows = connection.execute(select(now.c.rule, *each).group_by(now.c.rule).order_by(now.c.rule))
    return tuple(RuleCount(*row) for row in rows)


def amount_at_stake(connection: Connection, authority: str) -> tuple[AtStake, ...]:
    """What the alerts that are not resolved may cost, by rule and currency."""
    now = standing_now(authority)
    rows = connection.execute(
        select(now.c.rule, now.c.currency, func.count(), func.sum(now.c.amount))
        .where(now.c.status.in_(OPEN), now.c.amount.is_not(None))
        .group_by(now.c.rule, now.c.currency)
        .order_by(now.c.rule, now.c.currency)
    )
    return tuple(AtStake(*row) for row in rows)


def standing_now(authority: str, alert: str | None = None, known_at: datetime | None = None) -> Subquery:
    """A row per alert: its last finding, the decision that closes it or else the last one, and its status."""
    event = ALERT_EVENT.c
    acknowledged = func.max(event.position).filter(event.fact == "acknowledged")
    turned = func.max(event.position).filter(event.fact.in_(("opened", "decided")))
    history = (
        select(
            ALERT_EVENT,
            func.count().over(partition_by=event.alert).label("facts"),
            acknowledged.over(partition_by=event.alert).label("acknowledged"),
            turned.over(partition_by=event.alert).label("turned"),
        )
        .where(
            event.authority == authority,
            true() if alert is None else event.alert == alert,
            true() if known_at is None else event.recorded <= known_at,
        )
        .subquery()
    )
    found = (
        select(history)
        .ext(distinct_on(history.c.alert))
        .where(history.c.fact.in_(FOUND))
        .order_by(history.c.alert, history.c.position.desc())
        .subquery()
    )
    decision = lateral(_decision(found, known_at), "decision")
    silence = lateral(_silence(found, known_at), "silence")
    status = case(
        (found.c.fact == "resolved", "resolved"),
        (decision.c.holds, "resolved"),
        (found.c.acknowledged > func.coalesce(found.c.turned, 0), "acknowledged"),
        else_="open",
    )
    decided = [column.label(f"decision_{column.name}") for column in decision.c]
    joined = found.outerjoin(decision, true()).outerjoin(silence, true())
    return select(found, status.label("status"), *decided, silence.c.silence).select_from(joined).subquery("standing")


def _decision(found: Subquery, known_at: datetime | None) -> "Select[Any]":
    """The decision about what is found now, else the last one."""
    event = ALERT_EVENT.alias("decided").c
    holds = event.values_hash == found.c.values_hash
    return (
        select(event.data, event.recorded, event.source, event.event_id, holds.label("holds"))
        .where(event.authority == found.c.authority, event.alert == found.c.alert, event.fact == "decided")
        .where(true() if known_at is None else event.recorded <= known_at)
        .order_by(holds.desc(), event.position.desc())
        .limit(1)
    )


def _silence(found: Subquery, known_at: datetime | None) -> "Select[Any]":
    """What was last said about not being reminded."""
    event = ALERT_EVENT.alias("silenced").c
    return (
        select(event.data.label("silence"))
        .where(event.authority == found.c.authority, event.alert == found.c.alert, event.fact == "silenced")
        .where(true() if known_at is None else event.recorded <= known_at)
        .order_by(event.position.desc())
        .limit(1)
    )


def as_alert(row: "Row[Any]") -> AlertRow:
    return AlertRow(
        authority=row.authority,
        id=row.alert,
        rule=row.rule,
        severity=row.severity,
        status=row.status,
        subject=row.subject,
        amount=row.amount,
        currency=row.currency,
        finding=row.data,
        values_hash=row.values_hash,
        told=row.recorded,
        decision=_decided(row) if row.decision_data is not None else None,
        facts=row.facts,
        silence=_silenced(row.silence) if row.silence is not None else None,
    )


def _silenced(data: dict[str, Any]) -> Silence:
    return Silence(
        reason=data["reason"], by=data["by"].get("name") or data["by"]["id"], until=date.fromisoformat(data["until"])
    )


def _decided(row: "Row[Any]") -> Decision:
    data = row.decision_data
    return Decision(
        outcome=data["outcome"],
        reason=data["reason"],
        by=data["by"].get("name") or data["by"]["id"],
        at=row.decision_recorded,
        source=row.decision_source,
        event_id=row.decision_event_id,
        holds=row.decision_holds,
    )
