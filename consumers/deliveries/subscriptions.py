"""Subscriptions: who gets which of an authority's events, how, and where to. Only within active agreements to receive.

A subscription is made and changed here and by no event; what it may have is looked up again at every delivery.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Connection, Row, Text, cast, select, text

from access.principals import audit
from access.tables import PRINCIPAL
from access.telling import Fact, Tell
from kernel.errors import Forbidden, Invalid, Problem
from kernel.ids import new_id
from producers.store import head
from schemas.hub import Actor
from schemas.subscriptions import SubscriptionPaused, SubscriptionResumed, Way
from storage.bell import EVENTS

from .guard import Guard
from .reading import allowed
from .tables import DELIVERY, SUBSCRIPTION

_MAIL = re.compile(r'[^\s@,;:<>()\[\]\\"]{1,64}@[^\s@,;:<>()\[\]\\"]{1,255}')
"""One plain address, without a name or quotes: what mail servers take, and no list."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription as it stands. `subscriber` is the principal's name; `reason` says why it is paused."""

    id: str
    authority: str
    principal: str
    subscriber: str
    types: tuple[str, ...]
    way: Way
    address: str | None
    secret_number: int
    rotated: datetime | None
    status: str
    reason: str

    @property
    def actor(self) -> Actor:
        return Actor(id=self.principal, name=self.subscriber)


def subscribe(
    connection: Connection,
    principal: str,
    authority: str,
    types: Sequence[str],
    way: Way,
    address: str | None = None,
    *,
    by: str,
    now: datetime,
    guard: Guard,
    after: int | None = None,
) -> Subscription:
    """Make a subscription of the principal (by id); it gets what is stored after position `after`, else from now on.

    Raises Invalid for a way or address that is none, Forbidden for a type that no active agreement to receive covers.
    """
    _require_address(way, types, address, guard)
    name = connection.execute(select(PRINCIPAL.c.name).where(PRINCIPAL.c.id == principal)).scalar_one()
    agreed = allowed(connection, principal, authority)
    for each in types:
        if not any(grant.covers("receive", authority, each) for grant, _ in agreed):
            raise Forbidden(
                f"no active agreement lets it receive {each} of {authority}",
                hint="an agreement to receive is requested by one and approved by another: `samspil access agreement`",
            )
    made = new_id()
    start = head(connection) if after is None else after
    connection.execute(
        SUBSCRIPTION.insert().values(
            id=made, authority=authority, principal=principal, subscriber=name, types=list(types), way=way,
            address=address, secret_number=1, status="active", reason="", made_by=by, made=now,
        )
    )  # fmt: skip
    connection.execute(
        DELIVERY.insert().values(
            subscription=made, authority=authority, position=start, done=[], attempt=0, delivered=0, failed=0
        )
    )
    audit(connection, authority, by, "subscription made", f"{made} {way} {', '.join(types)}")
    _ring(connection)
    return subscription(connection, made)


def principal_named(connection: Connection, name: str) -> str:
    """The id of the principal called so. Raises Invalid when there is none."""
    found = connection.execute(select(PRINCIPAL.c.id).where(PRINCIPAL.c.name == name)).scalar()
    if found is None:
        raise Invalid(f"there is no principal called {name!r}", hint="`samspil access key add NAME` makes one")
    return str(found)


def subscription(connection: Connection, id_: str) -> Subscription:
    """Raises Invalid when there is none."""
    found = connection.execute(select(SUBSCRIPTION).where(cast(SUBSCRIPTION.c.id, Text) == id_)).first()
    if found is None:
        raise Invalid(f"there is no subscription {id_}", hint="`samspil subscriptions list` shows them")
    return of_row(found)


def active(connection: Connection, ways: Sequence[Way]) -> list[tuple[str, Way]]:
    """The ids of the subscriptions that are to be served in one of these ways, each with its way."""
    query = select(SUBSCRIPTION.c.id, SUBSCRIPTION.c.way).where(SUBSCRIPTION.c.status == "active")
    found = connection.execute(query.where(SUBSCRIPTION.c.way.in_(ways)).order_by(SUBSCRIPTION.c.id))
    return [(row.id, row.way) for row in found]


def pause(
    connection: Connection, one: Subscription, reason: str, *, by: Actor | None, attempts: int, tell: Tell
) -> None:
    """Stop delivering to it; nothing is lost, and somebody resumes it. The last thing in its transaction."""
    if one.status != "active":
        raise Invalid(f"the subscription is {one.status}")
    position = _hold(connection, one)
    _set(connection, one.id, status="paused", reason=reason)
    audit(connection, one.authority, by.name or by.id if by else "hub", "subscription paused", f"{one.id} {reason}")
    said = SubscriptionPaused(
        principal=one.actor, way=one.way, position=position, attempts=attempts, reason=reason, by=by
    )
    tell(connection, [Fact(one.authority, "hub.subscription-paused", one.id, said)])


def resume(connection: Connection, one: Subscription, *, by: Actor, tell: Tell) -> None:
    """Go on where it stopped, with a fresh schedule of attempts."""
    if one.status != "paused":
        raise Invalid(f"the subscription is {one.status}, not paused")
    position = _hold(connection, one)
    _set(connection, one.id, status="active", reason="")
    connection.execute(_delivery(one.id).values(attempt=0, due=None, holder=None, held_until=None))
    audit(connection, one.authority, by.name or by.id, "subscription resumed", one.id)
    said = SubscriptionResumed(principal=one.actor, way=one.way, position=position, by=by)
    tell(connection, [Fact(one.authority, "hub.subscription-resumed", one.id, said)])
    _ring(connection)


def replay(connection: Connection, one: Subscription, after: int, *, by: Actor) -> None:
    """Deliver again what is stored after position `after`, with the same ids. Raises Invalid for what is to come."""
    if one.status == "ended" or not 0 <= after <= head(connection):
        raise Invalid(f"nothing can be replayed after {after}", hint="name a position that the store has reached")
    connection.execute(
        _delivery(one.id).values(
            position=after, done=[], attempt=0, due=None, holder=None, held_until=None, handed=None
        )
    )
    audit(connection, one.authority, by.name or by.id, "subscription replayed", f"{one.id} after {after}")
    _ring(connection)


def rotate(connection: Connection, one: Subscription, *, by: Actor, now: datetime) -> Subscription:
    """Give it a new secret; for a day the old one signs too."""
    if one.way != "webhook":
        raise Invalid("only a webhook has a secret")
    _set(connection, one.id, secret_number=one.secret_number + 1, rotated=now)
    audit(connection, one.authority, by.name or by.id, "subscription's secret rotated", one.id)
    return subscription(connection, one.id)


def end(connection: Connection, one: Subscription, *, by: Actor) -> None:
    """End it; it is never served again."""
    if one.status == "ended":
        raise Invalid("the subscription is ended")
    _hold(connection, one)
    _set(connection, one.id, status="ended", reason="")
    audit(connection, one.authority, by.name or by.id, "subscription ended", one.id)


def of_row(row: "Row[Any]") -> Subscription:
    """A row that holds a subscription's columns."""
    return Subscription(
        row.id, row.authority, row.principal, row.subscriber, tuple(row.types), row.way, row.address,
        row.secret_number, row.rotated, row.status, row.reason,
    )  # fmt: skip


def _require_address(way: Way, types: Sequence[str], address: str | None, guard: Guard) -> None:
    problems = list[Problem]()
    if way not in get_args(Way):
        problems.append(Problem("way", f"is one of {', '.join(get_args(Way))}", way))
    if not types:
        problems.append(Problem("types", "names at least one event type"))
    if way in ("webhook", "email") and not address:
        problems.append(Problem("address", f"is where the {way} goes"))
    if way in ("sse", "pull") and address:
        problems.append(Problem("address", f"is left out: whoever uses {way} calls the hub"))
    if way == "email" and address and not (_MAIL.fullmatch(address) and address.isprintable()):
        problems.append(Problem("address", "is an e-mail address"))
    if way == "email" and any(not each.startswith("alert.") for each in types):
        problems.append(Problem("types", "by e-mail there are alerts only: `alert.*`"))
    if problems:
        raise Invalid("the subscription does not fit", problems=tuple(problems))
    if way == "webhook" and address:
        guard.url(address)


def _hold(connection: Connection, one: Subscription) -> int:
    """Wait for a delivery that is being noted, and keep others from noting; where the subscription stands."""
    query = select(DELIVERY.c.position).where(DELIVERY.c.subscription == one.id).with_for_update()
    return int(connection.execute(query).scalar_one())


def _set(connection: Connection, id_: str, **values: Any) -> None:
    connection.execute(SUBSCRIPTION.update().where(SUBSCRIPTION.c.id == id_).values(**values))


def _delivery(id_: str):  # type: ignore[no-untyped-def]
    return DELIVERY.update().where(DELIVERY.c.subscription == id_)


def _ring(connection: Connection) -> None:
    """Wake those who deliver, as an event would."""
    connection.execute(text(f"NOTIFY {EVENTS}"))
