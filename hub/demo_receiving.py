"""The demo's subscribers: one with agreements, whose receiver shows what it gets, and one whose agreement has ended."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from access.agreements import approve_agreement, end_agreement, request_agreement
from access.principals import add_principal
from consumers.deliveries.signing import secret, shown
from consumers.deliveries.subscriptions import Subscription, principal_named, subscribe
from consumers.deliveries.tables import DELIVERY
from examples.municipalities import MUNICIPALITIES, Municipality
from examples.receiver import Receiver, receiving
from kernel.clock import SystemClock
from kernel.errors import Retryable
from producers.store import head

from .delivering import deliverer_of, guard_of, signing_key
from .opening import Hub
from .workers import Worker, working

LOOPBACK = "127.0.0.0/8"
TYPES = ("alert.opened", "contract.contract-stated")
SUBSCRIBER, FORMER = "demo-overvågning", "demo-tidligere-leverandør"
LOOK_EVERY_S = 0.02
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deliveries:
    """The demo's receiver, and the subscriptions of the one that may have something.

    Two years go by in minutes, so that what happens in half a year waits for its end and is delivered then: until then
    it is put off. Where the demo goes on in its own time the hub delivers all the time.
    """

    hub: Hub
    receiver: Receiver
    subscriptions: tuple[Subscription, ...]

    @contextmanager
    def going_on(self) -> Iterator[Worker]:
        """The hub delivers until the end of the block. Deliveries are made now, whatever the day of the play."""
        self.put_off(None)
        deliverer = deliverer_of(self.hub)
        with working(deliverer.name, deliverer.run, deliverer.stop) as worker:
            yield worker

    def catch_up(self, timeout_s: float = 300) -> None:
        """Deliver everything the store holds for the subscriber. Raises Retryable when it takes longer."""
        deadline = time.monotonic() + timeout_s
        with self.going_on() as worker:
            while not self._is_done():
                if worker.failure:
                    raise worker.failure
                if time.monotonic() > deadline:
                    raise Retryable("not everything is delivered", hint="`samspil subscriptions` shows what waits")
                time.sleep(LOOK_EVERY_S)
        self.put_off(A_DAY)

    def put_off(self, wait: timedelta | None) -> None:
        """Let what is to be delivered be due after so long, or at once: a hub that is to wait does not stand still."""
        due = None if wait is None else self.hub.clock.now() + wait
        ours = DELIVERY.c.subscription.in_([each.id for each in self.subscriptions])
        with self.hub.database.worker.begin() as connection:
            connection.execute(DELIVERY.update().where(ours).values(due=due))

    def delivered(self) -> int:
        """How many webhooks the subscriber has received and verified."""
        return sum(self.receiver.received[one.code] for one in MUNICIPALITIES)

    def uninvited(self) -> int:
        """How many came to whom no agreement covers, or could not be verified: none."""
        return self.receiver.received.total() + self.receiver.refused.total() - self.delivered()

    def _is_done(self) -> bool:
        wanted = [each.id for each in self.subscriptions]
        with self.hub.database.worker.connect() as connection:
            reached = connection.execute(select(DELIVERY.c.position).where(DELIVERY.c.subscription.in_(wanted)))
            return all(position >= head(connection) for position in reached.scalars())


@contextmanager
def subscribed_receiver(hub: Hub) -> Iterator[Deliveries]:
    """A receiver at work, subscribed to both municipalities; and the subscription of somebody whose agreement ended."""
    now = replace(hub, clock=SystemClock())
    with receiving() as receiver:
        with now.database.worker.begin() as connection:
            for name in (SUBSCRIBER, FORMER):
                add_principal(connection, name, "system")
        subscriptions = tuple(_subscribed(now, one, SUBSCRIBER, one.code, receiver) for one in MUNICIPALITIES)
        _subscribed(now, MUNICIPALITIES[0], FORMER, "former", receiver, ends=True)
        deliveries = Deliveries(now, receiver, subscriptions)
        deliveries.put_off(A_DAY)
        yield deliveries


def _subscribed(
    hub: Hub, municipality: Municipality, name: str, place: str, receiver: Receiver, *, ends: bool = False
) -> Subscription:
    """A subscription under an agreement that the supplier asks for and the municipality approves, and may end."""
    with hub.database.worker.begin() as connection:
        made = request_agreement(connection, municipality.cvr, name, "receive", TYPES, by=name)
        approve_agreement(connection, made, by=municipality.name)
        one = subscribe(
            connection, principal_named(connection, name), municipality.cvr, TYPES, "webhook",
            receiver.address(place), by=name, now=hub.clock.now(), guard=guard_of(hub),
        )  # fmt: skip
        if ends:
            end_agreement(connection, made, by=municipality.name)
    receiver.secrets[place] = shown(secret(signing_key(hub), one.id, one.secret_number))
    return one
