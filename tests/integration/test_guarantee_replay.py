"""A replay of the whole log, as the demo tells it: the tables are the same, and nobody outside hears of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

import pytest
from sqlalchemy import Connection, func, select

from access.agreements import approve_agreement, request_agreement
from access.principals import add_principal, register_authority
from consumers.deliveries.mail_rules import GROUP_INTERVAL, GROUP_WAIT
from consumers.deliveries.subscriptions import Subscription, principal_named, subscribe
from consumers.deliveries.tables import DELIVERY, LOG, MAIL_GROUP
from consumers.runtime import settle
from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from consumers.runtime.tables import ANNOUNCED
from examples.municipalities import EGESOE, MUNICIPALITIES
from examples.play import Demo
from hub.consumers import CONSUMERS
from hub.delivering import guard_of
from hub.demo import Play
from hub.demo_receiving import subscribed_receiver
from hub.opening import Hub
from hub.running import consuming_store
from kernel.clock import FixedClock
from kernel.ids import new_id
from producers.store import append_one, head
from producers.tables import EVENT
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.delivering import a_hub, delivering_hub, long_ago
from tests.support.mailcatcher import Mails, catching_mails
from tests.support.wait import until

SECOND = timedelta(seconds=1)
DAYS = 40
"""The registers are read, contract alarms start re-tenders, invoices are disputed, and people have acted."""


@dataclass(frozen=True)
class Heard:
    """What the store holds, and what people and systems outside have heard of it."""

    events: int
    started: int
    received: dict[str, int]
    mails: int
    log: int


@dataclass(frozen=True)
class Stage:
    """A hub on which the demo's first days have been played, with a receiver and a mail catcher beside it."""

    hub: Hub
    play: Play
    mails: Mails
    clock: FixedClock
    """The time by which is delivered."""
    subscriptions: frozenset[str]
    """Those that stand within an agreement."""

    def heard(self) -> Heard:
        with self.hub.database.worker.connect() as connection:
            started = select(func.count()).where(EVENT.c.type == CATALOGUE.latest("workflow.started").name)
            return Heard(
                head(connection),
                connection.execute(started).scalar_one(),
                dict(self.play.deliveries.receiver.received),
                len(self.mails.caught),
                connection.execute(select(func.count()).select_from(LOG)).scalar_one(),
            )

    def digests(self) -> dict[str, str]:
        with self.hub.database.worker.begin() as connection:
            return digests(connection, CONSUMERS)

    def let_out(self) -> None:
        """Deliver until nothing is left to be delivered or mailed; the play itself puts deliveries off."""
        self.play.deliveries.put_off(None)
        with delivering_hub(replace(self.hub, clock=self.clock)):
            until(self._is_delivered, 60, "everything to be delivered")
            self.clock.move(GROUP_WAIT + SECOND)
            until(lambda: self._is_delivered() and not self._mails_due(), 60, "the mails to be sent")

    def rebuild(self) -> None:
        """Every consumer's tables anew from the first event on, and everything that follows."""
        for consumer in CONSUMERS:
            Rebuild(self.hub.database, consumer, CATALOGUE).run()
        self.play.running.wait()

    def _is_delivered(self) -> bool:
        with self.hub.database.worker.connect() as connection:
            at = select(DELIVERY.c.position).where(DELIVERY.c.subscription.in_(self.subscriptions))
            return all(position >= head(connection) for position in connection.execute(at).scalars())

    def _mails_due(self) -> int:
        with self.hub.database.worker.connect() as connection:
            due = select(func.count()).where(MAIL_GROUP.c.due <= self.clock.now())
            return int(connection.execute(due).scalar_one())


@contextmanager
def played(database: Database, days: int) -> Iterator[Stage]:
    """The demo's first days; all of it has been delivered, and alerts are mailed too."""
    demo, today, clock = Demo(7), long_ago(0), long_ago(0)
    with (
        catching_mails() as mails,
        a_hub(database, today, smtp=mails.server) as hub,
        consuming_store(hub, CONSUMERS) as running,
    ):
        with database.worker.begin() as connection:
            for one in MUNICIPALITIES:
                register_authority(connection, one.cvr, one.name, "demo")
        with subscribed_receiver(hub) as deliveries:
            mail = mailed(hub)
            subscriptions = frozenset(each.id for each in (*deliveries.subscriptions, mail))
            stage = Stage(hub, Play(hub, running, demo, today, deliveries, demo.acts()), mails, clock, subscriptions)
            for day in islice(demo.days(), days):
                stage.play.day(day)
            stage.let_out()
            yield stage


def mailed(hub: Hub) -> Subscription:
    """A watchman who gets mails about one municipality's alerts."""
    with hub.database.worker.begin() as connection:
        add_principal(connection, "vagt", "system")
        made = request_agreement(connection, EGESOE.cvr, "vagt", "receive", ["alert.*"], by="vagt")
        approve_agreement(connection, made, by=EGESOE.name)
        return subscribe(
            connection, principal_named(connection, "vagt"), EGESOE.cvr, ["alert.*"], "email", "vagt@example.dk",
            by="vagt", now=hub.clock.now(), guard=guard_of(hub),
        )  # fmt: skip


@pytest.mark.guarantee
def test_a_replay_of_the_whole_log_is_not_heard_outside(database: Database) -> None:
    """Every table is built again to equal digests; no event, no workflow, no webhook, no mail, no line in the log."""
    with played(database, DAYS) as stage:
        heard, before = stage.heard(), stage.digests()
        assert min(heard.started, heard.mails, heard.log, sum(heard.received.values())) > 0, (
            "there was something to hear"
        )
        stage.rebuild()
        stage.clock.move(GROUP_INTERVAL)
        stage.let_out()
        assert stage.heard() == heard
        assert stage.digests() == before


@pytest.mark.guarantee
def test_a_replay_that_tells_what_follows_is_heard_outside(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: what follows is told as it was the first time, and workflows start and alerts are sent again."""

    rebuild_time = long_ago(0).now()

    def tell(rebuild: Rebuild, connection: Connection, events: Sequence[Event]) -> None:
        told = rebuild.consumer.react(connection, events) if rebuild.consumer.react and events else ()
        anew = [each._replace(id=new_id()) for each in told]
        append_one(connection, anew, catalogue=CATALOGUE, now=rebuild_time)

    with played(database, 2) as stage:
        heard = stage.heard()
        monkeypatch.setattr(Rebuild, "_carry_on", tell)
        monkeypatch.setattr(settle, "derived_id", lambda *_: new_id())
        with database.worker.begin() as connection:
            connection.execute(ANNOUNCED.delete())
        stage.rebuild()
        stage.let_out()
        after = stage.heard()
        assert after.started > heard.started
        assert sum(after.received.values()) > sum(heard.received.values())
