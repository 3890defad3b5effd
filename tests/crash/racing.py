"""One of two processes that apply a contract and an invoice that names it, at the same instant."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.synchronize import Barrier

from sqlalchemy import Connection

from consumers.invoice_control import judge as judgement
from consumers.invoice_control.consumer import INVOICE_CONTROL
from consumers.runtime.apply import Applier
from consumers.runtime.consumer import Consumer
from consumers.runtime.ledger import KafkaLedger, Place, Relayed
from kernel.clock import SystemClock
from producers.store import read_types
from producers.topics import partition_count, partition_of
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import Database

TOGETHER_S = 120


def apply_in_step(url: str, barrier: Barrier, family: str, after: int, *, locked: bool) -> None:
    """Apply the family's events after that position, one in each batch, and judge each when the other process is about
    to judge its own: both have written their rows by then, and neither has committed."""
    if not locked:
        judgement.lock_authorities = lambda *_, **__: None  # type: ignore[attr-defined]
    database = Database.at(url)
    at = Applier(database, _in_step(INVOICE_CONTROL, barrier), CATALOGUE, SystemClock())
    with database.worker.begin() as connection:
        events, _ = read_types(connection, [CATALOGUE.latest(family).name], after, 2**62, 1_000_000)
        partitions = partition_count(connection)
    for record in _relayed(events, partitions):
        applied = at.apply(KafkaLedger([record], lambda event: event))
        assert applied.events == 1
    database.dispose()


def _in_step(consumer: Consumer, barrier: Barrier) -> Consumer:
    judge = consumer.judge
    assert judge

    def judge_in_step(connection: Connection, events: Sequence[Event]) -> None:
        barrier.wait(TOGETHER_S)
        judge(connection, events)

    return dataclasses.replace(consumer, judge=judge_in_step)


def _relayed(events: Iterable[Event], partitions: int) -> Iterator[Relayed]:
    """As the relay sends them: each in its place, with the position of the one before it there."""
    places: dict[Place, int] = {}
    for event in events:
        place = event.domain, partition_of(event.authority, partitions)
        yield Relayed(place, event.position, places.get(place, 0), event)
        places[place] = event.position
