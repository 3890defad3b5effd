"""A frozen twin: a consumer process that is stopped, replaced, and thawed applies nothing twice and holds nobody up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.crash.processes import PATIENCE_S, Worker, Workers, workers
from tests.crash.stream import Stream, topics_of
from tests.crash.variants import BETWEEN, COPYING, HOLDING, UNCHECKED
from tests.support.wait import until

pytestmark = pytest.mark.guarantee

EVENTS = 2_000
SHORT, LONG = ("--patience", "2"), ("--patience", "60")
"""The watchdog's patience in seconds: short, so that the test is; long, so that only PostgreSQL's own limit acts."""


@pytest.fixture
def stream(database: Database) -> Stream:
    made = Stream(database)
    made.more(EVENTS)
    return made


@pytest.fixture
def on_store(stream: Stream, tmp_path: Path) -> Iterator[Workers]:
    """Consumers that read the event store."""
    with workers(stream.database, tmp_path, options=("--page", "500")) as crew:
        yield crew


@pytest.fixture
def on_kafka(stream: Stream, kafka_broker: str, tmp_path: Path) -> Iterator[Workers]:
    """A relay, and consumers of one group."""
    topics = topics_of(stream.database, kafka_broker)
    with workers(stream.database, tmp_path, options=("--broker", kafka_broker, "--topics", topics.prefix)) as crew:
        crew.start("relay")
        yield crew


def freeze_replace_thaw(crew: Workers, stream: Stream, work: str, *variants: str, patience: tuple[str, ...]) -> None:
    """One consumer freezes, a second one applies everything, the first one thaws; then more comes for both."""
    frozen = crew.start(work, *patience, variants=variants)
    until(frozen.is_frozen, PATIENCE_S, "the first consumer to freeze")
    crew.start(work, *patience)
    stream.wait()
    frozen.thaw()
    until(lambda: has_gone_on(frozen), PATIENCE_S, "the thawed consumer to go on")
    stream.more(EVENTS)
    stream.wait()


def has_gone_on(worker: Worker) -> bool:
    return "applied " in worker.said() or "waiting for the database" in worker.said()


def check(stream: Stream) -> None:
    assert stream.came() == stream.should_have_come()
    assert stream.digests() == stream.undisturbed()


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("where", "patience"), [(HOLDING, SHORT), (COPYING, SHORT), pytest.param(BETWEEN, LONG, marks=pytest.mark.slow)]
)
def test_a_twin_on_kafka_changes_nothing(
    on_kafka: Workers, stream: Stream, where: str, patience: tuple[str, ...]
) -> None:
    """With a batch in its hands, inside a COPY (the watchdog ends its session), or in its transaction between two
    statements (PostgreSQL ends it): the group goes on without it, and thawed it finds its records applied."""
    freeze_replace_thaw(on_kafka, stream, "consume", where, patience=patience)
    check(stream)


@pytest.mark.kafka
def test_without_the_position_check_a_twin_applies_twice(on_kafka: Workers, stream: Stream) -> None:
    """Switched off: the batch in its hands is applied when it thaws, though another has applied it meanwhile."""
    freeze_replace_thaw(on_kafka, stream, "consume", HOLDING, UNCHECKED, patience=SHORT)
    assert stream.came() != stream.should_have_come()


@pytest.mark.parametrize("where", [HOLDING, COPYING])
def test_a_twin_on_the_event_store_changes_nothing(on_store: Workers, stream: Stream, where: str) -> None:
    """The same for a consumer that reads the event store, as in an installation without Kafka."""
    freeze_replace_thaw(on_store, stream, "embedded", where, patience=SHORT)
    check(stream)


def test_without_the_position_check_a_twin_on_the_event_store_applies_twice(on_store: Workers, stream: Stream) -> None:
    """Switched off: it applies the page in its hands, though the position has moved on."""
    freeze_replace_thaw(on_store, stream, "embedded", HOLDING, UNCHECKED, patience=SHORT)
    assert stream.came() != stream.should_have_come()
