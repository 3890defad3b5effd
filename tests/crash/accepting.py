"""A source that sends, prints what was answered, and sends on: what is printed must be in the store."""

from collections.abc import Iterator
from itertools import count

from sqlalchemy import text

from access.principals import HUB
from kernel.clock import SystemClock
from producers.accept import Acceptor
from producers.gather import Gatherer, _Waiting
from producers.store import append
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.sample import unit

HASTY = "hasty"
"""Switched off: the answer comes before the commit."""
BEFORE_COMMIT = 42
"""The advisory lock that a hasty gatherer takes between its answer and its commit."""
AT_ONCE = 20


class HastyGatherer(Gatherer):
    """Answers when the statements are done, and commits afterwards."""

    def _store(self, gathered: "list[_Waiting]") -> None:  # type: ignore[override]
        with self._database.worker.begin() as connection:
            requests = [each.request for each in gathered]
            answers = append(connection, requests, catalogue=self._catalogue, now=self._clock.now())
            for each, answer in zip(gathered, answers, strict=True):
                each.answer.set_result(answer)
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": BEFORE_COMMIT})


def accept_for_ever(database: Database, *, hasty: bool) -> None:
    """Send events, many at a time, and print each id once it is answered."""
    clock = SystemClock()
    made = HastyGatherer if hasty else Gatherer
    acceptor = Acceptor(made(database, CATALOGUE, clock), CATALOGUE, clock)
    for events in _batches(database):
        answers = [(event, acceptor.submit([event], HUB)) for event in events]
        for event, answer in answers:
            (outcome,) = answer.result()
            print(f"{outcome.status} {event.id}", flush=True)


def _batches(database: Database) -> Iterator[list[CloudEvent]]:
    """From a little before the end of what is stored, as a source goes on that does not know what was taken."""
    with database.worker.connect() as connection:
        stored = connection.execute(text("SELECT count(*) FROM hub.event")).scalar_one()
    for start in count(max(0, int(stored) - AT_ONCE), AT_ONCE):
        yield [unit(number) for number in range(start, start + AT_ONCE)]
