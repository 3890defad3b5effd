"""A turn: the next events of one subscription, held by one process while it delivers them, and noted when it has.

Events of different subjects go out together, those of one subject one after another. When one fails, the subscription
waits for it: only it is tried again, by the schedule, and nothing later is sent. So a receiver that is away costs one
request an attempt, gets everything in the order of each subject when it is back, and no list of what it missed grows.

A turn is held for `HELD`, longer than any request takes. Whoever is killed leaves it to others then; what was sent and
not noted is sent again, with the same id.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from access.telling import Tell
from schemas.catalogue import Catalogue
from schemas.envelope import Event

from .reading import STRETCH, Page, allowed, next_events, wanted
from .schedule import next_attempt
from .signing import webhook_id
from .subscriptions import Subscription, of_row, pause
from .tables import DELIVERY, LOG, SUBSCRIPTION

HELD = timedelta(seconds=30)
KEPT = timedelta(days=90)
"""How long the log of attempts is kept."""
AT_ONCE = 10_000
"""Lines of the log that one transaction takes out."""
WINDOW = 16
"""So many requests go to one subscriber at the same time."""


class Result(NamedTuple):
    """What became of one attempt; `status` is the receiver's answer, None when there was none."""

    event: Event
    delivered: bool
    status: int | None
    ms: int
    note: str = ""
    gone: bool = False
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be delivered now. `page` is what was read, `events` what of it goes out in this turn."""

    subscription: Subscription
    holder: str
    attempt: int
    page: Page
    events: tuple[Event, ...]
    done: frozenset[int]


class Wait(NamedTuple):
    """Nothing to do before this moment: an attempt is due then, or another process holds the turn until then."""

    until: datetime


class Idle(NamedTuple):
    """Nothing to do until something happens; `over` when the subscription is no longer served at all."""

    over: bool = False


def take(
    connection: Connection, id_: str, holder: str, *, catalogue: Catalogue, now: datetime, most: int = WINDOW
) -> Turn | Wait | Idle:
    """The subscription's next turn of at most so many events, held for `holder`.

    The agreement is looked up each time; without one it waits.
    """
    row = locked(connection, id_)
    if row is None or row.status != "active":
        return Idle(over=True)
    if waits := waits_until(row, holder, now):
        return Wait(waits)
    one = of_row(row)
    what = wanted(allowed(connection, one.principal, one.authority), one.authority, one.types, catalogue)
    page = next_events(connection, what, row.position, most + len(row.done))
    done = frozenset(row.done)
    chosen = tuple(_chosen(page.events, done, 1 if row.attempt else most))
    if not chosen:
        if page.reached > row.position or row.holder:
            _update(connection, id_, position=page.reached, done=[], attempt=0, due=None, holder=None)
        return Wait(now) if page.reached == row.position + STRETCH else Idle()
    _update(connection, id_, holder=holder, held_until=now + HELD)
    return Turn(one, holder, row.attempt, page, chosen, done)


def note(connection: Connection, turn: Turn, results: Sequence[Result], *, now: datetime, tell: Tell) -> None:
    """Write down what became of a turn. One whose time was over, or that a replay overtook, moves nothing."""
    one = turn.subscription
    attempts = turn.attempt + 1
    _log(connection, one, results, attempts, now)
    row = locked(connection, one.id)
    if row is None or row.holder != turn.holder or row.status == "ended":
        return
    done = turn.done | {result.event.position for result in results if result.delivered}
    position = reached(turn.page, done, row.position)
    still = sorted(each for each in done if each > position)
    failed = next((result for result in results if not result.delivered), None)
    if failed is None:
        _update(connection, one.id, position=position, done=still, attempt=0, due=None)
        return
    due = None if failed.gone else next_attempt(attempts, webhook_id(failed.event), now, failed.retry_after)
    _update(connection, one.id, position=position, done=still, attempt=attempts, due=due, holder=None, held_until=None)
    if due is None and row.status == "active":
        pause(connection, one, failed.note, by=None, attempts=attempts, tell=tell)


def forget_old(connection: Connection, now: datetime) -> None:
    """Take lines that are older than `KEPT` out of the log; only its beginning is looked at."""
    first = select(LOG.c.id, LOG.c.at).order_by(LOG.c.id).limit(AT_ONCE).subquery()
    old = select(first.c.id).where(first.c.at < now - KEPT)
    connection.execute(LOG.delete().where(LOG.c.id.in_(old)))


def locked(connection: Connection, id_: str) -> Any:
    """A subscription with how far it is, its row of deliveries locked; None when there is none."""
    return connection.execute(
        select(SUBSCRIPTION, DELIVERY)
        .join(DELIVERY, DELIVERY.c.subscription == SUBSCRIPTION.c.id)
        .where(SUBSCRIPTION.c.id == id_)
        .with_for_update(of=DELIVERY)
    ).first()


def waits_until(row: Any, holder: str, now: datetime) -> datetime | None:
    """When the subscription may be served by `holder`; None for now."""
    held: datetime | None = row.held_until if row.holder not in (None, holder) else None
    later = [each for each in (held, row.due) if each is not None and each > now]
    return max(later, default=None)


def reached(page: Page, done: frozenset[int], before: int) -> int:
    """The position up to which everything is done."""
    passed = list(takewhile(lambda event: event.position in done, page.events))
    if len(passed) == len(page.events):
        return page.reached
    return passed[-1].position if passed else before


def _chosen(events: Sequence[Event], done: frozenset[int], limit: int) -> Iterator[Event]:
    """The first events that are not done, up to `limit` and each of another subject."""
    keys = set[str]()
    for event in events:
        if event.position in done:
            continue
        if event.key in keys or len(keys) == limit:
            return
        keys.add(event.key)
        yield event


def _log(connection: Connection, one: Subscription, results: Sequence[Result], attempt: int, now: datetime) -> None:
    """A line an attempt; nothing of what was sent or answered but the status."""
    rows = [
        {
            "at": now,
            "authority": one.authority,
            "subscription": one.id,
            "position": result.event.position,
            "webhook_id": webhook_id(result.event),
            "attempt": attempt,
            "outcome": "delivered" if result.delivered else "failed",
            "status": result.status,
            "ms": result.ms,
            "note": result.note,
        }
        for result in results
    ]
    connection.execute(LOG.insert(), rows)
    delivered = sum(result.delivered for result in results)
    failed = len(results) - delivered
    _update(connection, one.id, delivered=DELIVERY.c.delivered + delivered, failed=DELIVERY.c.failed + failed)


def _update(connection: Connection, id_: str, **values: Any) -> None:
    connection.execute(DELIVERY.update().where(DELIVERY.c.subscription == id_).values(**values))
