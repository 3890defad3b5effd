"""The wiring of deliveries: where facts of the hub are told, what webhooks are signed with, and where they may go."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Connection

from access.telling import Fact, Tell
from consumers.deliveries.asking import Subscribers
from consumers.deliveries.guard import Guard
from consumers.deliveries.mail import Mailer
from consumers.deliveries.overdue import PUSHED
from consumers.deliveries.waking import Waking
from consumers.deliveries.webhook import Webhooks
from consumers.deliveries.worker import Deliverer
from kernel.ids import new_id
from producers.store import append_one
from schemas.catalogue import canonical_json
from schemas.envelope import Event
from schemas.subscriptions import Way
from storage.secret import kept_secret

from .opening import Hub
from .settings import Settings
from .workers import Worker, working

SOURCE = "urn:samspil:hub"


@contextmanager
def delivering(hub: Hub) -> Iterator[Worker]:
    """Deliver in a thread until the end of the block."""
    deliverer = deliverer_of(hub)
    with working(deliverer.name, deliverer.run, deliverer.stop) as worker:
        yield worker


@contextmanager
def subscribing(hub: Hub) -> Iterator[Subscribers]:
    """What the endpoints of subscribers work with, until the end of the block."""
    waking = Waking(hub.database)
    try:
        yield Subscribers(
            hub.database, hub.catalogue, hub.clock, guard_of(hub), partial(signing_key, hub), teller(hub), waking
        )
    finally:
        waking.stop()


def ways(settings: Settings) -> tuple[Way, ...]:
    """How the hub delivers: by mail only with a mail server."""
    return PUSHED if settings.smtp else ("webhook",)


def deliverer_of(hub: Hub) -> Deliverer:
    """What delivers for the hub, not yet at work. Without a mail server it sends no mails."""
    settings, key = hub.settings, signing_key(hub)
    return Deliverer(
        hub.database,
        hub.catalogue,
        hub.clock,
        teller(hub),
        lambda: Webhooks(guard_of(hub), key, hub.clock),
        Mailer(settings.smtp, settings.mail_from) if settings.smtp else None,
    )


def guard_of(hub: Hub) -> Guard:
    """Where webhooks may go. Raises Invalid for a setting that names no network."""
    return Guard.allowing(hub.settings.webhook_allow)


def signing_key(hub: Hub) -> bytes:
    """What the secrets of webhooks are derived from: the setting, else a secret that the hub keeps in its database."""
    return hub.settings.webhook_key or kept_secret(hub.database, "webhooks")


def teller(hub: Hub) -> Tell:
    """The port by which access and deliveries tell of what changed: events of the hub, in their transaction."""

    def tell(connection: Connection, facts: Sequence[Fact]) -> None:
        now = hub.clock.now()
        events = []
        for fact in facts:
            kind = hub.catalogue.latest(fact.family)
            events.append(
                Event(
                    authority=fact.authority,
                    source=SOURCE,
                    id=new_id(),
                    type=kind.name,
                    subject=fact.subject,
                    time=now,
                    payload=canonical_json(fact.data),
                    classification=kind.sensitivity,
                )
            )
        append_one(connection, events, catalogue=hub.catalogue, now=now)

    return tell
