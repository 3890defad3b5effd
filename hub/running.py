"""Running consumers and the relay in this process, until told to stop."""

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from consumers.runtime.apply import Applier
from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import caught_up
from consumers.runtime.embedded import StoreLoop
from consumers.runtime.kafka import KafkaLoop
from consumers.runtime.projections import ensure_active
from kernel.errors import Fatal, Retryable
from producers.inbox import Inbox
from producers.relay import Relay
from producers.topics import create_topics, note_partitions
from storage.bell import PROGRESS, Bell
from storage.database import Database

from .opening import Hub
from .workers import Part, Worker, first_failure, working


@dataclass(frozen=True)
class Running:
    """Consumers at work in this process."""

    hub: Hub
    consumers: Collection[Consumer]
    parts: Sequence[Part]
    progress: threading.Event

    def settled(self) -> bool:
        """Whether everything in the store is applied and every finding told. Raises what stopped a consumer."""
        if failure := self.failure():
            raise failure
        if any(getattr(part, "busy", False) for part in self.parts):
            return False
        with self.hub.database.glance() as connection:
            return caught_up(connection, self.consumers)

    def failure(self) -> Exception | None:
        """What stopped a consumer, when one has stopped by itself."""
        return first_failure(self.parts)

    def wait(self, timeout_s: float = 600) -> None:
        """Sleep until the hub has settled, woken by the consumers. Raises Retryable when it takes longer."""
        deadline = time.monotonic() + timeout_s
        while True:
            self.progress.clear()
            if self.settled():
                return
            if time.monotonic() > deadline:
                raise Retryable(
                    f"the hub has not settled within {timeout_s:g} s", hint="`samspil status` shows the lag"
                )
            self.progress.wait(1.0)


@contextmanager
def consuming_store(hub: Hub, consumers: Collection[Consumer]) -> Iterator[Running]:
    """Every consumer in a thread of its own on the event store; each finishes its batch at the end."""
    with _bells(hub.database) as (events, progress):
        loops = [StoreLoop(_applier(hub, consumer), events.waiter(consumer.domains)) for consumer in consumers]
        events.ready()
        for loop in loops:
            loop.start()
        try:
            yield Running(hub, consumers, loops, progress.waiter())
        finally:
            for loop in loops:
                loop.stop()


@contextmanager
def consuming_kafka(hub: Hub, consumers: Collection[Consumer]) -> Iterator[Running]:
    """Every consumer as a member of its group on Kafka, in one event loop."""
    if not hub.settings.kafka:
        raise Fatal("no Kafka broker is named", hint="set SAMSPIL_KAFKA to host:port")
    for consumer in consumers:
        ensure_active(hub.database, consumer)
    loops = [KafkaLoop(_applier(hub, consumer), hub.settings.kafka, hub.settings.topics) for consumer in consumers]
    with _bells(hub.database) as (_, progress), _event_loop(loops):
        yield Running(hub, consumers, loops, progress.waiter())


@contextmanager
def relaying(hub: Hub) -> Iterator[Worker]:
    """The relay in a thread."""
    relay = Relay(hub.database, _broker(hub), hub.settings.topics)
    with working("relay", relay.run, relay.stop) as worker:
        yield worker


@contextmanager
def taking_inbox(hub: Hub) -> Iterator[Worker | None]:
    """The inbox topic in a thread, when the settings say who runs the hub."""
    if hub.settings.operator is None:
        yield None
        return
    inbox = Inbox(
        hub.database, _broker(hub), hub.settings.topics, hub.catalogue, hub.clock,
        operator=hub.settings.operator, pseudonyms=hub.acceptor.pseudonyms,
    )  # fmt: skip
    with working("inbox topic", inbox.run, inbox.stop) as worker:
        yield worker


def make_topics(hub: Hub) -> list[str]:
    """Make the topics that are missing and note how many partitions each has; returns the new ones' names."""
    with hub.database.worker.begin() as connection:
        note_partitions(connection, hub.settings.partitions)
    domains = {kind.domain for kind in hub.catalogue}
    return create_topics(_broker(hub), hub.settings.topics, domains, hub.settings.partitions)


def _broker(hub: Hub) -> str:
    if not hub.settings.kafka:
        raise Fatal("no Kafka broker is named", hint="set SAMSPIL_KAFKA to host:port")
    return hub.settings.kafka


def _applier(hub: Hub, consumer: Consumer) -> Applier:
    return Applier(hub.database, consumer, hub.catalogue, hub.clock)


@contextmanager
def _bells(database: Database) -> Iterator[tuple[Bell, Bell]]:
    events, progress = Bell(database), Bell(database, PROGRESS)
    progress.ready()
    try:
        yield events, progress
    finally:
        events.stop()
        progress.stop()


@contextmanager
def _event_loop(loops: Sequence[KafkaLoop]) -> Iterator[None]:
    """An asyncio loop in a thread that runs every Kafka loop until the end of the block."""
    ready = threading.Event()
    control: list[Callable[[], object]] = []

    async def run() -> None:
        stop, running = asyncio.Event(), asyncio.get_running_loop()
        control.append(lambda: running.call_soon_threadsafe(stop.set))
        ready.set()
        await asyncio.gather(*(loop.run(stop) for loop in loops), return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="kafka", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        control[0]()
        thread.join()
