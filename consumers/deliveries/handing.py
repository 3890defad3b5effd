"""Handing events to subscribers that call the hub: a batch under a lease for those who pull, and pages of a stream."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from kernel.errors import Conflict, Forbidden, Invalid
from kernel.ids import new_id
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from storage.database import Database

from .reading import Page, allowed, next_events, wanted
from .subscriptions import Subscription
from .tables import DELIVERY
from .turns import locked
from .waking import Waking, rung

LEASE = timedelta(seconds=60)
"""How long a batch that was pulled is its caller's."""
HEARTBEAT_S = 15.0
"""A stream says something at least so often; proxies end silent connections."""
PAGE = 100
MOST_PULLED = 1_000


class Batch(NamedTuple):
    """Events handed out until `until`; acknowledging `position` under `lease` says that all of them are done."""

    events: tuple[Event, ...]
    position: int
    lease: str
    until: datetime


def pull(
    connection: Connection, one: Subscription, limit: int, *, catalogue: Catalogue, now: datetime, lease: str | None
) -> Batch:
    """The next events, held for the caller. Raises Conflict while somebody else holds a batch, Forbidden, Invalid."""
    row = _callable(connection, one, "pull")
    if row.holder not in (None, lease) and row.held_until > now:
        raise Conflict("a batch is handed out already", hint=f"acknowledge it, or wait until {row.held_until}")
    page = _page(connection, one, row.position, min(max(limit, 1), MOST_PULLED), catalogue)
    held, until = new_id(), now + LEASE
    if not page.events:
        _update(connection, one, position=page.reached, holder=None, held_until=None, handed=None)
        return Batch((), page.reached, held, now)
    _update(connection, one, holder=held, held_until=until, handed=page.reached)
    return Batch(page.events, page.reached, held, until)


def acknowledge(connection: Connection, one: Subscription, lease: str, position: int, *, now: datetime) -> None:
    """Everything up to `position` is done. Raises Conflict when the batch is no longer the caller's, Invalid."""
    row = _callable(connection, one, "pull")
    if row.holder != lease or row.held_until <= now:
        raise Conflict("the batch is no longer yours", hint="pull again; what comes again has the same id")
    if not row.position <= position <= row.handed:
        raise Invalid(f"the batch holds positions from {row.position} to {row.handed}, not {position}")
    _update(connection, one, position=position, holder=None, held_until=None, handed=None)


def stream_page(
    connection: Connection, one: Subscription, after: int, *, catalogue: Catalogue, confirmed: bool
) -> Page:
    """The next page of a stream. What the caller says it has (`confirmed`) is where it begins the next time."""
    row = _callable(connection, one, "sse")
    if confirmed and after > row.position:
        _update(connection, one, position=after)
    return _page(connection, one, after, PAGE, catalogue)


async def stream(
    database: Database, catalogue: Catalogue, waking: Waking, one: Subscription, after: int
) -> AsyncIterator[Event | None]:
    """Events after a position as they come, None as a sign of life; until the subscription, the agreement or the
    process ends.
    """
    confirmed = True
    with waking.waiter() as event:
        while not waking.stopped:
            event.clear()
            read = partial(stream_page, one=one, after=after, catalogue=catalogue, confirmed=confirmed)
            try:
                page = await asyncio.to_thread(_transaction, database, read)
            except Forbidden:
                return
            confirmed = False
            for each in page.events:
                yield each
            if page.reached == after:
                yield None
                await rung(event, HEARTBEAT_S)
            after = page.reached


def started_at(connection: Connection, one: Subscription, last_event_id: str | None, catalogue: Catalogue) -> int:
    """Where a stream begins: after what the caller has, else where it last said it was. Raises Invalid, Forbidden."""
    row = _callable(connection, one, "sse")
    _page(connection, one, row.position, 1, catalogue)
    if last_event_id is None:
        return int(row.position)
    if not last_event_id.isascii() or not last_event_id.isdecimal() or len(last_event_id) > 18:
        raise Invalid("Last-Event-ID is the position of the last event that came")
    return int(last_event_id)


def _transaction(database: Database, work: Callable[[Connection], Page]) -> Page:
    with database.worker.begin() as connection:
        return work(connection)


def _callable(connection: Connection, one: Subscription, way: str):  # type: ignore[no-untyped-def]
    """The subscription's row. Raises Forbidden unless it is active and of this way."""
    row = locked(connection, one.id)
    if row is None or row.status != "active" or row.way != way:
        raise Forbidden(f"the subscription is not an active one to {way}")
    return row


def _page(connection: Connection, one: Subscription, after: int, limit: int, catalogue: Catalogue) -> Page:
    """The next events, as far as active agreements cover them. Raises Forbidden when none does any more."""
    what = wanted(allowed(connection, one.principal, one.authority), one.authority, one.types, catalogue)
    if not what.pairs:
        raise Forbidden("no active agreement covers the subscription")
    return next_events(connection, what, after, limit)


def _update(connection: Connection, one: Subscription, **values: object) -> None:
    connection.execute(DELIVERY.update().where(DELIVERY.c.subscription == one.id).values(**values))
