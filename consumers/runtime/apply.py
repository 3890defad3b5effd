"""Apply a batch: rows, findings, parked events and the position in one transaction, or nothing of it.

A batch that fails is tried again in halves, so that an event that cannot be applied stops its own subject only. When
one subject after the other fails and nothing of the batch succeeds, the fault is not in the events: the consumer stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, Table

from kernel.clock import Clock
from kernel.errors import Fatal, Retryable
from producers.store import append_one
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from storage.copying import Write, copy_rows
from storage.database import Database, is_passing

from .consumer import Consumer
from .ledger import Ledger
from .parking import Failure, held_subjects, park, parked_fact, reason_shown
from .projections import other_code
from .redaction import REDACTED, apply_in_parts, is_redaction, pass_over_redacted
from .stopping import Standstill, Stop, Stopped, spread, tell_stopped

STOP_AFTER = 10
"""Distinct subjects that fail in a row, with no event applied between them, before a consumer stops."""
LOOK_FURTHER = 50
"""Further subjects of the batch of which one must succeed, before so many failures are taken for the events' own."""
MAX_DEPTH = 16
"""Derivations of derivations end here: a deeper event is parked."""
log = structlog.get_logger()


class Applied(NamedTuple):
    """What a batch came to: events applied, events parked."""

    events: int
    parked: int


@dataclass
class Applier:
    """Applies batches of one consumer. Not safe for several threads; each process or thread has its own."""

    database: Database
    consumer: Consumer
    catalogue: Catalogue
    clock: Clock
    stop_after: int = STOP_AFTER
    failed_in_a_row: set[str] = field(default_factory=set)
    standstills: tuple[Standstill, ...] | None = None
    """Stops that may be over once more is applied; None: nobody has looked yet."""

    def apply(self, ledger: Ledger) -> Applied:
        """Apply what is new in `ledger`. Raises Retryable when the database is away, Fatal when everything fails."""
        try:
            return self._apply_whole_or_careful(ledger)
        except Stopped as stopped:
            self.standstills = None
            with self.database.worker.begin() as connection:
                tell_stopped(connection, stopped.stop, catalogue=self.catalogue, now=self.clock.now())
            raise

    def _apply_whole_or_careful(self, ledger: Ledger) -> Applied:
        try:
            with self.database.worker.begin() as connection:
                applied = self._apply(connection, ledger, careful=False)
        except (Retryable, Fatal):
            raise
        except Exception as error:
            if is_passing(error):
                raise Retryable(f"the database could not finish: {error}") from error
            log.warning("a batch failed and is tried event by event", consumer=self.consumer.name, error=repr(error))
            with self.database.worker.begin() as connection:
                applied = self._apply(connection, ledger, careful=True)
        return applied

    def _apply(self, connection: Connection, ledger: Ledger, *, careful: bool) -> Applied:
        claim = ledger.claim(connection, self.consumer.name)
        if claim.code_version != self.consumer.version:
            raise other_code(self.consumer, claim.code_version)
        events = pass_over_redacted(connection, self.consumer, claim.events)
        redacted = any(event.type == REDACTED for event in events)
        held = held_subjects(connection, self.consumer.name) if redacted else claim.held
        ready, waiting = _split(events, held)
        failures = [Failure(event, "an earlier event of the same subject is parked", first=False) for event in waiting]
        told: list[Event] = []
        if careful:
            attempt = _Attempt(self, connection, ready)
            attempt.try_all(ready)
            failures += attempt.failures
            told = attempt.told
        elif ready:
            told = self.write(connection, ready)
        if len(events) > len(failures):
            self.failed_in_a_row.clear()
        park(connection, self.consumer.name, failures)
        claim.advance(connection)
        facts = [parked_fact(self.consumer.name, failure) for failure in failures if failure.first]
        append_one(connection, [*told, *facts], catalogue=self.catalogue, now=self.clock.now())
        return Applied(len(events) - len(failures), len(failures))

    def write(self, connection: Connection, events: Sequence[Event]) -> list[Event]:
        """Project, judge and carry on `events` in the caller's transaction; returns what is to be told of it."""
        if too_deep := [event for event in events if event.depth > MAX_DEPTH]:
            raise ValueError(f"derived more than {MAX_DEPTH} times over: {too_deep[0].type}")
        apply_in_parts(connection, self.consumer, events, lambda part: self._write(connection, part))
        if self.consumer.judge and events:
            self.consumer.judge(connection, events)
        return list(self.consumer.react(connection, events)) if self.consumer.react and events else []

    def _write(self, connection: Connection, events: Sequence[Event]) -> None:
        for table, rows in self.consumer.project(events, self.catalogue).items():
            copy_rows(connection, table, rows, write_mode(table))


@dataclass
class _Attempt:
    """One careful pass over a batch: halves, savepoints, and the subjects that failed on the way."""

    applier: Applier
    connection: Connection
    events: Sequence[Event]
    failures: list[Failure] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    _stuck: set[str] = field(default_factory=set)
    _something_succeeds: bool = False

    def try_all(self, events: Sequence[Event]) -> None:
        ready, waiting = _split(events, self._stuck)
        self.failures += [
            Failure(event, "an earlier event of the same subject failed", first=False) for event in waiting
        ]
        if not ready:
            return
        if (error := self._try(ready)) is not None:
            self._part(ready, error)

    def _try(self, events: Sequence[Event]) -> Exception | None:
        """Apply `events` or nothing of them; returns what stood in the way. An erasure proves nothing of the code."""
        try:
            with self.connection.begin_nested():
                told = self.applier.write(self.connection, events)
        except (Retryable, Fatal):
            raise
        except Exception as error:
            if is_passing(error):
                raise
            return error
        self.told += told
        self._something_succeeds |= any(not is_redaction(self.applier.consumer, event) for event in events)
        return None

    def _part(self, events: Sequence[Event], error: Exception) -> None:
        if len(events) > 1:
            half = len(events) // 2
            self.try_all(events[:half])
            self.try_all(events[half:])
            return
        (event,) = events
        self.failures.append(Failure(event, str(error) or repr(error), first=True))
        self._stuck.add(event.key)
        failed = self.applier.failed_in_a_row
        failed.add(event.key)
        if len(failed) >= self.applier.stop_after and not self._something_succeeds:
            self._look_further(event, error)

    def _look_further(self, event: Event, error: Exception) -> None:
        """See whether anything else of the batch succeeds. Raises Stopped when nothing does: the batch is rolled back.

        What does succeed is taken back and applied in its turn.
        """
        rest = [each for each in self.events if each.position > event.position and each.type != REDACTED]
        others = spread(rest, self._stuck, LOOK_FURTHER)
        for other in others:
            if self._would_succeed(other):
                self._something_succeeds = True
                return
        name, failed = self.applier.consumer.name, [failure.event for failure in self.failures if failure.first]
        further = f", {len(others)} more of the batch failed too," if others else ""
        raise Stopped(
            Stop(name, event, reason_shown(f"nothing succeeded; the last error: {error!r}"), [*failed, *others]),
            f"{name} stopped at position {event.position}: {len(self.applier.failed_in_a_row)} subjects failed one "
            f"after the other{further} and none succeeded; the last error: {error!r}",
        )

    def _would_succeed(self, event: Event) -> bool:
        savepoint, told = self.connection.begin_nested(), len(self.told)
        try:
            return self._try([event]) is None
        finally:
            savepoint.rollback()
            del self.told[told:]


def write_mode(table: Table) -> Write:
    mode: Write = table.info["write"]
    return mode


def _split(events: Sequence[Event], held: "set[str] | frozenset[str]") -> tuple[Sequence[Event], Sequence[Event]]:
    """What may be applied, and what waits behind a subject that is held; an erasure waits for nothing."""
    if not held:
        return events, ()
    waiting = [event for event in events if event.key in held and event.type != REDACTED]
    return [event for event in events if event.key not in held or event.type == REDACTED], waiting
