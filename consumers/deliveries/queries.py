"""How deliveries stand: for the dashboard, the command line and the API."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from access.tables import AGREEMENT
from producers.store import head

from .tables import DELIVERY, LOG, SUBSCRIPTION


class SubscriptionRow(NamedTuple):
    """One subscription: what it gets and how, how far it is, and what waits.

    `behind` is the distance to the end of the store in positions; `agreed` whether any agreement is active now.
    """

    id: str
    authority: str
    subscriber: str
    way: str
    address: str | None
    types: tuple[str, ...]
    status: str
    reason: str
    agreed: bool
    position: int
    behind: int
    attempt: int
    due: datetime | None


class LogRow(NamedTuple):
    """One attempt to deliver."""

    at: datetime
    authority: str
    subscription: str
    position: int
    webhook_id: str | None
    attempt: int
    outcome: str
    status: int | None
    ms: int
    note: str


class DeliveryCounts(NamedTuple):
    """Deliveries of the whole hub, or of an authority, so far."""

    delivered: int
    failed: int
    active: int
    paused: int
    retrying: int


def subscriptions(
    connection: Connection, authority: str | None = None, principal: str | None = None
) -> tuple[SubscriptionRow, ...]:
    """Every subscription that has not ended, or those of one authority or principal (by id)."""
    agreed = (
        select(AGREEMENT.c.id)
        .where(
            AGREEMENT.c.principal == SUBSCRIPTION.c.principal,
            AGREEMENT.c.authority == SUBSCRIPTION.c.authority,
            AGREEMENT.c.direction == "receive",
            AGREEMENT.c.status == "active",
        )
        .exists()
        .label("agreed")
    )
    query = (
        select(SUBSCRIPTION, DELIVERY.c.position, DELIVERY.c.attempt, DELIVERY.c.due, agreed)
        .join(DELIVERY, DELIVERY.c.subscription == SUBSCRIPTION.c.id)
        .where(SUBSCRIPTION.c.status != "ended")
        .order_by(SUBSCRIPTION.c.authority, SUBSCRIPTION.c.made, SUBSCRIPTION.c.id)
    )
    if principal:
        query = query.where(SUBSCRIPTION.c.principal == principal)
    last = head(connection)
    return tuple(
        SubscriptionRow(
            row.id, row.authority, row.subscriber, row.way, row.address, tuple(row.types), row.status, row.reason,
            row.agreed, row.position, max(last - row.position, 0), row.attempt, row.due,
        )
        for row in connection.execute(_of(query, SUBSCRIPTION.c.authority, authority))
    )  # fmt: skip


def log(
    connection: Connection, authority: str | None = None, subscription: str | None = None, limit: int = 100
) -> tuple[LogRow, ...]:
    """The last attempts, newest first."""
    columns = [LOG.c[name] for name in LogRow._fields]
    query = _of(select(*columns), LOG.c.authority, authority).order_by(LOG.c.id.desc()).limit(limit)
    if subscription:
        query = query.where(LOG.c.subscription == subscription)
    return tuple(LogRow(*row) for row in connection.execute(query))


def counts(connection: Connection, authority: str | None = None) -> DeliveryCounts:
    """What was delivered and what failed, and how the subscriptions stand; as quick with a long log as with none."""
    active = SUBSCRIPTION.c.status == "active"
    query = select(
        func.coalesce(func.sum(DELIVERY.c.delivered), 0),
        func.coalesce(func.sum(DELIVERY.c.failed), 0),
        func.count().filter(active),
        func.count().filter(SUBSCRIPTION.c.status == "paused"),
        func.count().filter(active & (DELIVERY.c.attempt > 0)),
    ).select_from(SUBSCRIPTION.join(DELIVERY, DELIVERY.c.subscription == SUBSCRIPTION.c.id))
    return DeliveryCounts(*map(int, connection.execute(_of(query, SUBSCRIPTION.c.authority, authority)).one()))


def _of(query: Any, column: Any, authority: str | None) -> Any:
    return query if authority is None else query.where(column == authority)
