"""A hub that delivers, for tests: principals with agreements, subscriptions, events, and a deliverer at work."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from access.agreements import approve_agreement, end_agreement, request_agreement
from access.principals import HUB, add_principal
from access.tables import PRINCIPAL
from consumers.deliveries.guard import Guard
from consumers.deliveries.signing import secret, shown
from consumers.deliveries.subscriptions import Subscription, subscribe, subscription
from consumers.deliveries.tables import DELIVERY, LOG
from hub.delivering import deliverer_of, signing_key
from hub.opening import Hub
from hub.settings import Settings
from hub.workers import Worker, working
from kernel.clock import Clock, FixedClock
from producers.accept import Acceptor
from producers.gather import Gatherer
from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from schemas.subscriptions import Way
from storage.database import Database

AUTHORITY = "99000007"
LOOPBACK = ("127.0.0.0/8",)


@contextmanager
def a_hub(database: Database, clock: Clock, **settings: Any) -> Iterator[Hub]:
    """A hub on the database whose webhooks may reach this machine."""
    stated = Settings(Path("unused"), **({"webhook_allow": LOOPBACK} | settings))
    gatherer = Gatherer(database, CATALOGUE, clock)
    try:
        yield Hub(stated, database, Acceptor(gatherer, CATALOGUE, clock), CATALOGUE, clock)
    finally:
        gatherer.close()


@contextmanager
def delivering_hub(hub: Hub) -> Iterator[Worker]:
    """A deliverer at work; what ended it early is raised."""
    deliverer = deliverer_of(hub)
    with working(deliverer.name, deliverer.run, deliverer.stop) as worker:
        yield worker
    if worker.failure:
        raise worker.failure


def long_ago(hours: float) -> FixedClock:
    """A clock that stands so many hours before now, for tests that move it: libraries look at the real time too."""
    return FixedClock(datetime.now(UTC) - timedelta(hours=hours))


def subscriber(
    hub: Hub, name: str, types: Sequence[str] = ("organisation.*",), *, authority: str = AUTHORITY, agreed: bool = True
) -> str:
    """A principal, by id, with an active agreement to receive the types."""
    with hub.database.worker.begin() as connection:
        add_principal(connection, name, "system")
        if agreed:
            made = request_agreement(connection, authority, name, "receive", types, by="supplier")
            approve_agreement(connection, made, by="authority")
        return str(connection.execute(select(PRINCIPAL.c.id).where(PRINCIPAL.c.name == name)).scalar_one())


def subscribed(
    hub: Hub,
    principal: str,
    address: str | None,
    types: Sequence[str] = ("organisation.*",),
    *,
    way: Way = "webhook",
    after: int | None = None,
) -> Subscription:
    """A subscription of the principal."""
    with hub.database.worker.begin() as connection:
        return subscribe(
            connection, principal, AUTHORITY, types, way, address,
            by="test", now=hub.clock.now(), guard=Guard.allowing(LOOPBACK), after=after,
        )  # fmt: skip


def ended(hub: Hub, principal: str) -> None:
    """End every agreement of the principal."""
    from access.tables import AGREEMENT

    with hub.database.worker.begin() as connection:
        for each in connection.execute(select(AGREEMENT.c.id).where(AGREEMENT.c.principal == principal)).scalars():
            end_agreement(connection, each, by="authority")


def secret_of(hub: Hub, one: Subscription) -> str:
    """The newest secret as the receiver's library takes it."""
    return shown(secret(signing_key(hub), one.id, one.secret_number))


def now_of(hub: Hub, one: Subscription) -> Subscription:
    """The subscription as it stands now."""
    with hub.database.worker.connect() as connection:
        return subscription(connection, one.id)


def cursor_of(hub: Hub, one: Subscription) -> Any:
    """How far the subscription is."""
    with hub.database.worker.connect() as connection:
        return connection.execute(select(DELIVERY).where(DELIVERY.c.subscription == one.id)).one()


def log_of(hub: Hub, one: Subscription) -> list[Any]:
    """The subscription's delivery log."""
    with hub.database.worker.connect() as connection:
        return list(connection.execute(select(LOG).where(LOG.c.subscription == one.id).order_by(LOG.c.id)).all())


def happened(hub: Hub, numbers: Sequence[int], subjects: int = 3, *, family: str = "organisation.unit-stated") -> None:
    """Events numbered so, each about one of a few subjects in turn."""
    sample: Json = CATALOGUE.latest(family).sample
    events = [
        CloudEvent(
            id=f"event-{number}",
            source="urn:test",
            type=CATALOGUE.latest(family).name,
            subject=subject_of(number % subjects),
            authority=AUTHORITY,
            time=hub.clock.now(),
            data=sample | ({"name": f"Afdeling {number}"} if "name" in sample else {}),
            effective=datetime(2026, 1, 1, tzinfo=UTC).date() + timedelta(days=number),
        )
        for number in numbers
    ]
    hub.acceptor.accept(events, HUB)


def subject_of(number: int) -> str:
    return f"6b2a0000-0000-4000-8000-{number:012d}"


def numbers_of(events: Sequence[Json]) -> list[int]:
    """The numbers of events that `happened` made."""
    return [int(event["id"].removeprefix("event-")) for event in events]


def in_order(events: Sequence[Json]) -> bool:
    """Whether each subject's events came in the order of their positions."""
    by_subject: dict[str, list[int]] = {}
    for event in events:
        by_subject.setdefault(event["subject"], []).append(int(event["position"]))
    return all(positions == sorted(positions) for positions in by_subject.values())


def read(body: bytes) -> Json:
    found: Json = orjson.loads(body)
    return found
