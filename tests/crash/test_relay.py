"""The relay sends again rather than never: what it sent twice is applied once, and its mark never goes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from producers.topics import Topics
from storage.database import Database
from tests.crash.processes import PATIENCE_S, Worker, Workers, holding, workers
from tests.crash.stream import Stream, marks, records_on, topics_of, watch_mark
from tests.crash.variants import FREEZING, UNCHECKED, UNLEASED
from tests.support.wait import until

pytestmark = [pytest.mark.kafka, pytest.mark.guarantee]

PAGE = 500
EVENTS = 2_000


@dataclass(frozen=True)
class Way:
    """The way over Kafka: events in the store, topics, and processes to start."""

    crew: Workers
    stream: Stream
    broker: str
    topics: Topics

    def relay(self, variant: str = "") -> Worker:
        return self.crew.start("relay", "--page", str(PAGE), variants=[variant])

    def consumer(self, variant: str = "") -> Worker:
        return self.crew.start("consume", variants=[variant])

    def frozen_relay(self, variant: str) -> Worker:
        """A relay that has sent its first page and frozen before it moved the mark."""
        relay = self.relay(variant)
        until(relay.is_frozen, PATIENCE_S, "the relay to freeze")
        return relay

    def sent_again(self) -> int:
        return records_on(self.broker, self.topics) - len(self.stream.events)


@pytest.fixture
def way(database: Database, kafka_broker: str, tmp_path: Path) -> Iterator[Way]:
    watch_mark(database)
    topics = topics_of(database, kafka_broker)
    stream = Stream(database)
    stream.more(EVENTS)
    with workers(database, tmp_path, options=("--broker", kafka_broker, "--topics", topics.prefix)) as crew:
        yield Way(crew, stream, kafka_broker, topics)


def send_again(way: Way) -> None:
    """A relay dies between Kafka's answer and its mark, and the next one sends the page again."""
    way.frozen_relay(FREEZING).kill()
    way.relay()
    way.stream.wait()
    way.stream.wait_relayed()
    assert way.sent_again() == PAGE


def test_what_was_sent_again_is_applied_once(way: Way) -> None:
    """A consumer skips by store position what came before, whatever its Kafka offset."""
    way.consumer()
    send_again(way)
    assert way.stream.came() == way.stream.should_have_come()
    assert way.stream.digests() == way.stream.undisturbed()


def test_without_the_position_check_it_is_applied_twice(way: Way) -> None:
    """Switched off: the same records, each applied as it comes, give other digests."""
    way.consumer(UNCHECKED)
    send_again(way)
    undisturbed = way.stream.undisturbed()
    assert {name for name, value in way.stream.digests().items() if value != undisturbed[name]} >= {"tally", "came"}


def replace_and_thaw(way: Way, variant: str) -> list[int]:
    """A relay freezes, another brings everything to Kafka, the first one thaws; returns where the mark stood."""
    frozen = way.frozen_relay(variant)
    way.relay()
    way.stream.wait_relayed()
    seen = len(marks(way.crew.database))
    frozen.thaw()
    until(
        lambda: "another relay has taken over" in frozen.said() or len(marks(way.crew.database)) > seen,
        PATIENCE_S,
        "the thawed relay to go on",
    )
    return marks(way.crew.database)


def test_a_thawed_relay_cannot_move_the_mark(way: Way) -> None:
    """Its turn has an epoch, and that is over: the mark only ever goes forward."""
    assert all(before <= after for before, after in pairwise(replace_and_thaw(way, FREEZING)))


def test_without_the_epoch_the_mark_goes_back(way: Way) -> None:
    """Switched off: a thawed relay that does not ask whose turn it is puts the mark where it was itself."""
    found = replace_and_thaw(way, UNLEASED)
    assert (EVENTS, PAGE) in pairwise(found)


def test_a_relay_frozen_in_its_transaction_holds_nobody_up(way: Way) -> None:
    """PostgreSQL ends its session after ten seconds, so that another takes over; thawed, it waits for its turn, and
    when the other one dies it goes on."""
    way.consumer()
    with holding(way.crew.database, "hub.relay"):
        frozen = way.relay()
        way.crew.wait_at_work(frozen)
        frozen.freeze()
    second = way.relay()
    way.stream.wait_relayed()
    frozen.thaw()
    until(lambda: "the relay waits" in frozen.said(), PATIENCE_S, "the thawed relay to see that its session has ended")
    second.kill()
    way.stream.more(EVENTS)
    way.stream.wait()
    assert all(before <= after for before, after in pairwise(marks(way.crew.database)))
    assert way.stream.came() == way.stream.should_have_come()
