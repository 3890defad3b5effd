"""Apply a batch: rows, findings, parked events and the position in one transaction, or nothing of it.

A batch that fails is tried again in halves, so that an event that cannot be applied stops its own subject only. When
one subject after the other fails and nothing succeeds, the fault is not in the events: the consumer stops.
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
from .parking import Failure, held_subjects, park, parked_fact
from .projections import other_code, use_version
from .redaction import apply_in_parts

STOP_AFTER = 10
"""Distinct subjects that fail in a row, with no event applied between them, before a consumer stops."""
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
    _failed_in_a_row: set[str] = field(default_factory=set)

    def apply(self, ledger: Ledger) -> Applied:
        """Apply what is new in `ledger`. Raises Retryable when the database is away, Fatal when everything fails."""
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
        use_version(connection, self.consumer.name, claim.version)
        held = held_subjects(connection, self.consumer.name, claim.events)
        ready, waiting = _split(claim.events, held)
        failures = [Failure(event, "an earlier event of the same subject is parked", first=False) for event in waiting]
        if careful:
            attempt = _Attempt(self, connection)
            attempt.try_all(ready)
            failures += attempt.failures
        elif ready:
            self.write(connection, ready)
        if len(claim.events) > len(failures):
            self._failed_in_a_row.clear()
        park(connection, self.consumer.name, failures)
        claim.advance(connection)
        facts = [parked_fact(self.consumer.name, failure) for failure in failures if failure.first]
        append_one(connection, facts, catalogue=self.catalogue, now=self.clock.now())
        return Applied(len(claim.events) - len(failures), len(failures))

    def write(self, connection: Connection, events: Sequence[Event]) -> None:
        """Project and judge `events` in the caller's transaction."""
        if too_deep := [event for event in events if event.depth > MAX_DEPTH]:
            raise ValueError(f"derived more than {MAX_DEPTH} times over: {too_deep[0].type}")
        apply_in_parts(connection, self.consumer, events, lambda part: self._write(connection, part))
        if self.consumer.judge and events:
            self.consumer.judge(connection, events)

    def _write(self, connection: Connection, events: Sequence[Event]) -> None:
        for table, rows in self.consumer.project(events, self.catalogue).items():
            copy_rows(connection, table, rows, write_mode(table))

    def note_failure(self, event: Event, error: Exception, *, any_success: bool) -> None:
        """Count a failed subject. Raises Fatal when too many failed in a row; the batch is then rolled back."""
        self._failed_in_a_row.add(event.key)
        if not any_success and len(self._failed_in_a_row) >= self.stop_after:
            raise Fatal(
                f"{self.consumer.name} stopped at position {event.position}: {len(self._failed_in_a_row)} subjects "
                f"failed one after the other and none succeeded; the last error: {error!r}",
                hint="nothing was parked and the position has not moved; mend or roll back the release, then start it",
            )


@dataclass
class _Attempt:
    """One careful pass over a batch: halves, savepoints, and the subjects that failed on the way."""

    applier: Applier
    connection: Connection
    failures: list[Failure] = field(default_factory=list)
    _stuck: set[str] = field(default_factory=set)
    _successes: int = 0

    def try_all(self, events: Sequence[Event]) -> None:
        ready, waiting = _split(events, self._stuck)
        self.failures += [
            Failure(event, "an earlier event of the same subject failed", first=False) for event in waiting
        ]
        if not ready:
            return
        try:
            with self.connection.begin_nested():
                self.applier.write(self.connection, ready)
        except (Retryable, Fatal):
            raise
        except Exception as error:
            if is_passing(error):
                raise
            self._part(ready, error)
        else:
            self._successes += len(ready)

    def _part(self, events: Sequence[Event], error: Exception) -> None:
        if len(events) > 1:
            half = len(events) // 2
            self.try_all(events[:half])
            self.try_all(events[half:])
            return
        (event,) = events
        self.failures.append(Failure(event, str(error) or repr(error), first=True))
        self._stuck.add(event.key)
        self.applier.note_failure(event, error, any_success=self._successes > 0)


def write_mode(table: Table) -> Write:
    mode: Write = table.info["write"]
    return mode


def _split(events: Sequence[Event], held: "set[str] | frozenset[str]") -> tuple[Sequence[Event], Sequence[Event]]:
    if not held:
        return events, ()
    return [e for e in events if e.key not in held], [e for e in events if e.key in held]
