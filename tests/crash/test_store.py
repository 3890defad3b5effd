"""kill -9 without Kafka: consumers that read the event store die in the middle of their transactions."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from storage.database import Database
from tests.crash.processes import PATIENCE_S, Worker, Workers, holding, workers
from tests.crash.stream import Stream
from tests.crash.variants import APART
from tests.support.wait import until

pytestmark = pytest.mark.guarantee

EVENTS = 1_000
MOMENTS = ("counting_v1.stated", "counting_v1.tally", "counting_v1.came", "hub.projection")
"""Tables in the order in which a batch writes them; held, they stop it in the middle of its transaction."""


@pytest.fixture
def stream(database: Database) -> Stream:
    return Stream(database)


@pytest.fixture
def crew(database: Database, tmp_path: Path) -> Iterator[Workers]:
    with workers(database, tmp_path, options=("--page", "300")) as made:
        yield made


def has_applied(consumer: Worker) -> bool:
    return consumer.applied > 0


def kill_at(crew: Workers, stream: Stream, moments: tuple[str, ...], variant: str = "") -> None:
    """A consumer is killed at each moment with events before it, and the next one goes on; the last one ends it."""
    consumer = crew.start("embedded", variants=[variant])
    stream.more(EVENTS)
    stream.wait()
    for moment in moments:
        with holding(crew.database, moment):
            stream.more(EVENTS)
            crew.kill_in_transaction(consumer)
        crew.confirm_aborted()
        consumer = crew.start("embedded", variants=[variant])
        until(partial(has_applied, consumer), PATIENCE_S, "the next consumer to go on")
    stream.wait()


def test_a_killed_consumer_leaves_whole_batches(crew: Workers, stream: Stream) -> None:
    """Before its rows, between them, after them and before the position: what was not committed is applied again,
    what was committed is not."""
    kill_at(crew, stream, MOMENTS)
    assert crew.kills_in_open_transaction == len(MOMENTS)
    assert stream.came() == stream.should_have_come()
    assert stream.digests() == stream.undisturbed()


def test_with_the_position_apart_a_batch_is_applied_twice(crew: Workers, stream: Stream) -> None:
    """Switched off: rows are committed before the position, the consumer dies between, and they come again."""
    kill_at(crew, stream, ("hub.projection",), APART)
    assert stream.came() != stream.should_have_come()
