"""Delivering: a task for each subscription on one event loop, so that one whose receiver is away delays nobody.

Nothing is shared that a receiver could use up: each subscription has its own few requests at the same time
(`turns.WINDOW`), each name a thread while it is looked up (`names.py`), and the database and mail have threads of
their own.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from access.telling import Tell
from kernel.clock import Clock
from kernel.errors import Retryable
from kernel.ids import new_id
from schemas.catalogue import Catalogue
from schemas.subscriptions import Way
from storage.database import Database

from .mail import Mailer, MailTurn, note_mail, take_mail
from .subscriptions import active, pause, subscription
from .tables import DELIVERY
from .turns import Idle, Turn, Wait, forget_old, note, take
from .waking import Waking, rung
from .webhook import Webhooks

T = TypeVar("T")
Note = Callable[[Connection], None]
"""Writes down what became of a turn."""

LOOK_S = 0.25
"""How often whoever waits for a moment looks at the clock, which tests move."""
LIST_S = 5.0
"""How often it is seen, without a bell, which subscriptions there are, and that another process has let go."""
IDLE_S = 30.0
"""How often a subscription looks for events without a bell; by then its connections are closed."""
TIDY_S = 600.0
"""How often lines are taken out of the log that are too old."""
AT_ONCE_S = 1.0
"""A subscription that waits for its next attempt looks up no more often, however often the bell rings."""
OUR_FAULT = "the hub itself failed on it; the hub's log says at what"
log = structlog.get_logger()


@dataclass
class Deliverer:
    """Delivers to webhooks, and with a `mailer` sends mails, until told to stop; then requests may go on `grace_s`."""

    database: Database
    catalogue: Catalogue
    clock: Clock
    tell: Tell
    webhooks: Callable[[], Webhooks]
    mailer: Mailer | None = None
    grace_s: float = 2.0
    name: str = "deliveries"
    holder: str = field(default_factory=new_id)
    _stop: threading.Event = field(default_factory=threading.Event)
    _waking: Waking | None = None

    def run(self) -> None:
        """Work until `stop`."""
        self._waking = Waking(self.database)
        with (
            ThreadPoolExecutor(8, "deliveries-database") as self._threads,
            ThreadPoolExecutor(4, "deliveries-mail") as self._mail_threads,
        ):
            try:
                asyncio.run(self._main(self._waking))
            finally:
                self._waking.stop()

    def stop(self) -> None:
        """Finish what is being sent, within `grace_s`, and let go of every turn."""
        self._stop.set()
        if self._waking:
            self._waking.ring()

    async def _main(self, waking: Waking) -> None:
        sender, tasks, tidied = self.webhooks(), dict[str, asyncio.Task[None]](), -TIDY_S
        ways: tuple[Way, ...] = ("webhook", "email") if self.mailer else ("webhook",)
        try:
            with waking.waiter() as event:
                while not self._stop.is_set():
                    with suppress(Retryable):
                        for id_, way in await self._database(lambda connection: active(connection, ways)):
                            if id_ not in tasks or tasks[id_].done():
                                tasks[id_] = asyncio.create_task(self._serve(id_, way, sender, waking))
                        if time.monotonic() - tidied > TIDY_S:
                            await self._database(lambda connection: forget_old(connection, self.clock.now()))
                            tidied = time.monotonic()
                    await rung(event, LIST_S)
                    for id_, task in tasks.items():
                        if task.done() and (fault := task.exception()):
                            await sender.forget(id_)
                            await self._set_aside(id_, fault)
        finally:
            if tasks:
                await asyncio.wait(tasks.values(), timeout=self.grace_s)
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            await sender.close()
            with suppress(Retryable):
                await self._database(self._let_go)

    async def _serve(self, id_: str, way: Way, sender: Webhooks, waking: Waking) -> None:
        """One subscription, until it is paused or ended."""
        with waking.waiter() as event:
            while not self._stop.is_set():
                event.clear()
                try:
                    step = await self._turns(id_, way, sender)
                except Retryable as error:
                    log.warning("deliveries wait", subscription=id_, error=error.message)
                    await rung(event, AT_ONCE_S)
                    continue
                match step:
                    case Wait(until):
                        await self._until(until, event)
                    case Idle(over=True):
                        break
                    case Idle():
                        if not await rung(event, IDLE_S):
                            await sender.forget(id_)
        await sender.forget(id_)

    async def _set_aside(self, id_: str, fault: BaseException) -> None:
        """Pause a subscription at which our own code failed, with an alert; the others go on."""
        log.error("a subscription cannot be served", subscription=id_, exc_info=fault)

        def paused(connection: Connection) -> None:
            one = subscription(connection, id_)
            if one.status == "active":
                pause(connection, one, OUR_FAULT, by=None, attempts=0, tell=self.tell)

        with suppress(Retryable):
            await self._database(paused)

    async def _turns(self, id_: str, way: Way, sender: Webhooks) -> Wait | Idle:
        """One turn after the other, each noted in the transaction that takes the next; why there is none now."""

        def next_turn(connection: Connection) -> Turn | MailTurn | Wait | Idle:
            taking = take_mail if way == "email" else partial(take, most=sender.window(id_))
            return taking(connection, id_, self.holder, catalogue=self.catalogue, now=self.clock.now())

        took = await self._database(next_turn)
        while isinstance(took, Turn | MailTurn):
            noting = await (self._post(took, sender) if isinstance(took, Turn) else self._mail(took))
            took = await self._database(partial(_noted, noting, _nothing if self._stop.is_set() else next_turn))
        return took

    async def _post(self, turn: Turn, sender: Webhooks) -> Note:
        results = await sender.deliver(turn)
        return lambda connection: note(connection, turn, results, now=self.clock.now(), tell=self.tell)

    async def _mail(self, turn: MailTurn) -> Note:
        assert self.mailer is not None
        began, mail = time.monotonic(), turn.written(self.mailer.sender, self.clock.now())
        trouble = await asyncio.get_running_loop().run_in_executor(self._mail_threads, self.mailer.send, mail)
        ms = round((time.monotonic() - began) * 1000)
        return lambda connection: note_mail(connection, turn, trouble, ms, now=self.clock.now(), tell=self.tell)

    async def _until(self, moment: datetime, event: asyncio.Event) -> None:
        """Wait for a moment of the hub's clock; a bell ends it too, but not at once."""
        began, rang = time.monotonic(), False
        while (left := (moment - self.clock.now()).total_seconds()) > 0 and not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), min(left, LOOK_S))
                rang = True
                await asyncio.sleep(LOOK_S)
            if rang and time.monotonic() - began > AT_ONCE_S:
                return

    async def _database(self, work: Callable[[Connection], T]) -> T:
        """Work in a transaction of its own, in a thread. Raises Retryable when the database is away or too busy."""

        def transaction() -> T:
            try:
                with self.database.worker.begin() as connection:
                    return work(connection)
            except NoFreeConnection as error:
                raise Retryable("every connection to the database is busy") from error

        return await asyncio.get_running_loop().run_in_executor(self._threads, transaction)

    def _let_go(self, connection: Connection) -> None:
        connection.execute(
            DELIVERY.update().where(DELIVERY.c.holder == self.holder).values(holder=None, held_until=None)
        )


def _noted(noting: Note, then: Callable[[Connection], T], connection: Connection) -> T:
    noting(connection)
    return then(connection)


def _nothing(_: Connection) -> Idle:
    return Idle()
