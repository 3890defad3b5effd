"""A dead subscriber delays nobody: beside some that do not answer, or whose names do not, another is served at once."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func, select

from consumers.deliveries import webhook
from consumers.deliveries.names import SystemResolver
from consumers.deliveries.tables import DELIVERY
from consumers.deliveries.worker import Deliverer
from hub.opening import Hub
from kernel.clock import SystemClock
from storage.database import Database
from tests.support.delivering import a_hub, delivering_hub, happened, log_of, subscribed, subscriber
from tests.support.receiver import Receiver, receiving
from tests.support.wait import until

HANGING = 40
"""More than asyncio has threads for names, on any machine: those are 32 at most."""


class Names:
    """The machine's resolver: `dead-` names hang until `answering`, others are this machine."""

    def __init__(self) -> None:
        self.hanging, self.answering = 0, threading.Event()
        self._real, self._count = socket.getaddrinfo, threading.Lock()

    def __call__(self, host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if not str(host).startswith("dead-"):
            return self._real("127.0.0.1" if host == "alive.example" else host, port, *rest, **named)
        with self._count:
            self.hanging += 1
        self.answering.wait(60)
        with self._count:
            self.hanging -= 1
        raise socket.gaierror(socket.EAI_AGAIN, "the name's servers do not answer")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    made = Names()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    yield made
    made.answering.set()
    until(lambda: made.hanging == 0, 20, "the threads to end")


@pytest.mark.guarantee
def test_a_dead_receiver_does_not_delay_another(database: Database) -> None:
    """Five receivers never answer; the sixth has everything long before the first of them runs out of time."""
    with socket.create_server(("127.0.0.1", 0)) as silent, a_hub(database, SystemClock()) as hub, receiving() as alive:
        dead = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        for number in range(5):
            subscribed(hub, subscriber(hub, f"dead-{number}"), dead)
        subscribed(hub, subscriber(hub, "alive"), alive.url)
        happened(hub, range(100), subjects=20)
        with delivering_hub(hub):
            until(lambda: len(alive.accepted) == 100, 10, "a hundred deliveries, within less than one time-out")


@pytest.mark.guarantee
def test_one_task_for_all_waits_for_the_dead(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where subscriptions take their turns one after the other, the next waits until the dead one runs out of time."""
    turns, in_turn = Deliverer._turns, asyncio.Lock()

    async def one_after_the_other(self: Deliverer, *which: Any) -> Any:
        async with in_turn:
            return await turns(self, *which)

    monkeypatch.setattr(Deliverer, "_turns", one_after_the_other)
    monkeypatch.setattr(webhook, "TIMEOUT_S", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as silent, a_hub(database, SystemClock()) as hub, receiving() as alive:
        dead = subscribed(hub, subscriber(hub, "dead"), f"http://127.0.0.1:{silent.getsockname()[1]}/")
        happened(hub, [1])
        with delivering_hub(hub):
            silent.settimeout(20)
            with silent.accept()[0]:
                subscribed(hub, subscriber(hub, "alive"), alive.url, after=0)
                until(lambda: alive.accepted, 20, "the delivery")
        assert log_of(hub, dead)[0].note == "no answer within 2 s"
        assert alive.log[0].at > log_of(hub, dead)[0].at


@pytest.mark.guarantee
def test_names_that_hang_delay_nobody_else(database: Database, names: Names) -> None:
    """Forty subscribers' names do not answer; the next is served by its name at once, and nobody waits at the end."""
    with beside_hanging_names(database) as (_, alive):
        until(lambda: alive.accepted, 5, "the delivery")
    assert names.hanging == HANGING


@pytest.mark.guarantee
def test_one_pool_for_all_names_waits_for_those_that_hang(
    database: Database, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where names share the threads of the event loop, the next subscriber's stands behind those till time is up."""

    async def pooled(_: SystemResolver, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(each[4][0]) for each in found]

    monkeypatch.setattr(SystemResolver, "__call__", pooled)
    monkeypatch.setattr(webhook, "TIMEOUT_S", 2.0)
    with beside_hanging_names(database) as (look, alive):
        until(look, 20, "an attempt")
        assert look()[0].note == "no answer within 2 s"
        assert alive.log == []
        names.answering.set()


@contextmanager
def beside_hanging_names(database: Database) -> Iterator[tuple[Callable[[], list[Any]], Receiver]]:
    """A deliverer at work for many whose names hang, and for one more, which came when their turns were under way: how
    to look at its log, and its receiver.
    """
    with a_hub(database, SystemClock()) as hub, receiving() as receiver:
        for number in range(HANGING):
            subscribed(hub, subscriber(hub, f"dead-{number}"), f"http://dead-{number}.example/")
        happened(hub, [1])
        with delivering_hub(hub):
            until(lambda: turns_under_way(hub) == HANGING, 20, "the others' turns")
            address = receiver.url.replace("127.0.0.1", "alive.example")
            one = subscribed(hub, subscriber(hub, "alive"), address, after=0)
            yield (lambda: log_of(hub, one)), receiver


def turns_under_way(hub: Hub) -> int:
    """How many subscriptions are being served now."""
    with hub.database.worker.connect() as connection:
        query = select(func.count()).select_from(DELIVERY).where(DELIVERY.c.holder.is_not(None))
        return int(connection.execute(query).scalar_one())
