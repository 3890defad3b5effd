"""What the tests change in a worker: where it freezes itself, and which mechanism is switched off.

A guarantee's test must fail without the mechanism that gives it, so each mechanism can be taken away here.
"""

import dataclasses
import os
import signal
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

import consumers.runtime.embedded
import consumers.runtime.kafka
from consumers.runtime.apply import Applied, Applier, write_mode
from consumers.runtime.consumer import Consumer, Project, Rows
from consumers.runtime.ledger import Claim, KafkaLedger, Ledger, StoreLedger
from kernel.clock import SystemClock
from producers.relay import Lease, Relay, _move_mark
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.copying import FEW
from storage.database import Database

HOLDING, BETWEEN, COPYING = "frozen-holding", "frozen-between", "frozen-copying"
"""Where a consumer freezes: with a batch in its hands, in the transaction between two statements, inside a COPY."""
UNCHECKED = "unchecked"
"""Switched off: every record is applied, also one that was passed before."""
APART = "apart"
"""Switched off: the position is written in a transaction of its own, after the rows."""
FREEZING, UNLEASED = "freezing", "unleased"
"""A relay that freezes after its first page, before the mark; and the same without a look at the epoch afterwards."""


class FreezingRelay(Relay):
    """Freezes once, when Kafka has its first page and the mark has not moved yet."""

    def _send(self, *arguments: Any) -> None:
        super()._send(*arguments)
        freeze_once()


class UnleasedRelay(FreezingRelay):
    """Switched off: moves the mark without asking whether the turn is still its own."""

    def _keep(self, lease: Lease, position: int, places: Mapping[tuple[str, int], int], count: int) -> None:
        with self.database.worker.begin() as connection:
            _move_mark(connection, position, places, count)


class UncheckedPage(StoreLedger):
    """Switched off: what was passed is not left out."""

    def claim(self, connection: Connection, consumer: str) -> Claim:
        return super().claim(connection, consumer)._replace(events=self.events)


class UncheckedRecords(KafkaLedger):
    """The same for Kafka."""

    def claim(self, connection: Connection, consumer: str) -> Claim:
        events = [event for record in self.records if (event := self.read(record.raw)) is not None]
        return super().claim(connection, consumer)._replace(events=sorted(events, key=lambda event: event.position))


@dataclasses.dataclass
class Apart:
    """A ledger whose position is not written with the rows."""

    ledger: Ledger
    claimed: Claim | None = None

    def claim(self, connection: Connection, consumer: str) -> Claim:
        self.claimed = self.ledger.claim(connection, consumer)
        return self.claimed._replace(advance=lambda _: None)


@dataclasses.dataclass
class VariedApplier(Applier):
    """Applies as the hub does, apart from its variants, and says on standard output what each batch came to."""

    variants: Collection[str] = ()

    def apply(self, ledger: Ledger) -> Applied:
        if HOLDING not in self.variants:
            return self._apply_varied(ledger)
        with _alone:  # nothing else of this process is in a transaction, which others would end, when it freezes
            freeze_once()
            return self._apply_varied(ledger)

    def _apply_varied(self, ledger: Ledger) -> Applied:
        applied = self._apply_apart(ledger) if APART in self.variants else super().apply(ledger)
        print(f"applied {applied.events}", flush=True)
        return applied

    def _apply_apart(self, ledger: Ledger) -> Applied:
        apart = Apart(ledger)
        applied = super().apply(apart)
        assert apart.claimed
        with self.database.worker.begin() as connection:
            connection.execute(text("SELECT pg_current_xact_id()"))
            apart.claimed.advance(connection)
        return applied


class FreezingRows(list[tuple[Any, ...]]):
    """Rows in the middle of which the process freezes, when they are enough for a COPY."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for number, row in enumerate(super().__iter__()):
            if number == len(self) // 2 > FEW:
                freeze_once()
            yield row


_frozen: list[int] = []
_alone = threading.Lock()


def freeze_once() -> None:
    """Stop this process as SIGSTOP does, until SIGCONT; the second time go on."""
    if not _frozen:
        _frozen.append(os.getpid())
        os.kill(os.getpid(), signal.SIGSTOP)


def applier(database: Database, consumer: Consumer, variants: Collection[str]) -> Applier:
    """An applier of `consumer` with these variants.

    Where a mechanism is switched off, no statements are kept: their key would refuse to take one twice.
    """
    if UNCHECKED in variants:
        consumers.runtime.kafka.KafkaLedger = UncheckedRecords  # type: ignore[attr-defined]
        consumers.runtime.embedded.StoreLedger = UncheckedPage  # type: ignore[attr-defined]
    varied = dataclasses.replace(consumer, project=_varied(consumer.project, variants))
    return VariedApplier(database, varied, CATALOGUE, SystemClock(), variants=variants)


def _varied(project: Project, variants: Collection[str]) -> Project:
    def varied(events: Sequence[Event], catalogue: Catalogue) -> Rows:
        if BETWEEN in variants:
            freeze_once()
        rows = project(events, catalogue)
        if {UNCHECKED, APART} & set(variants):
            rows = {table: of for table, of in rows.items() if write_mode(table) != "append"}
        return {table: FreezingRows(of) for table, of in rows.items()} if COPYING in variants else rows

    return varied
