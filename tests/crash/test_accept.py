"""An answer is a promise: what was answered is in the store, wherever the process is killed after it or before it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from tests.crash.accepting import BEFORE_COMMIT, HASTY
from tests.crash.processes import PATIENCE_S, Worker, Workers, holding, workers
from tests.support.wait import until

pytestmark = pytest.mark.guarantee

MOMENTS = ("hub.event_key", "hub.event", "hub.event_state", "hub.head")
"""Tables in the order in which accept writes them; held, they stop it in the middle of its transaction."""
AT_LEAST = 200


@pytest.fixture
def crew(database: Database, tmp_path: Path) -> Iterator[Workers]:
    with workers(database, tmp_path) as made:
        yield made


def answered(worker: Worker) -> set[str]:
    """The ids whose answer the source has read; a line that was cut off is none."""
    assert worker.process.poll() in (None, -signal.SIGKILL), worker.said()
    return {line.split()[1] for line in worker.said().splitlines(keepends=True) if line.endswith("\n")}


def stored(database: Database) -> list[str]:
    with database.owner.connect() as connection:
        return list(connection.execute(text("SELECT id FROM hub.event")).scalars())


def answer_some(worker: Worker, more_than: int = AT_LEAST) -> None:
    until(lambda: len(answered(worker)) > more_than, PATIENCE_S, "answers")


def test_what_was_answered_is_in_the_store(crew: Workers) -> None:
    """Killed at any moment between two answers, and at each statement of an open transaction: every event that was
    answered is there, and no event is there twice."""
    promised = set[str]()
    for moment in (None, *MOMENTS, None):
        source = crew.start("accept")
        answer_some(source)
        if moment is None:
            source.kill()
        else:
            with holding(crew.database, moment):
                crew.kill_in_transaction(source)
            crew.confirm_aborted()
        promised |= answered(source)
    found = stored(crew.database)
    assert promised <= set(found)
    assert len(found) == len(set(found))
    assert len(promised) > AT_LEAST * (len(MOMENTS) + 2)


def test_an_answer_before_the_commit_can_be_lost(crew: Workers) -> None:
    """Switched off: answered when the statements are done and committed afterwards, an event is lost to a kill."""
    with crew.database.owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": BEFORE_COMMIT})
        source = crew.start("accept", variants=[HASTY])
        until(lambda: answered(source), PATIENCE_S, "an answer")
        crew.kill_in_transaction(source)
    crew.confirm_aborted()
    assert answered(source)
    assert stored(crew.database) == []
