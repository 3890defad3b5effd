"""kill -9, on a real broker and a real database: relay and consumers in the middle of their transactions, again and
again, and a relay that is frozen, replaced and thawed. Afterwards everything is as if nothing had happened.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from producers.topics import Topics
from storage.database import Database
from tests.crash.processes import PATIENCE_S, Worker, Workers, holding, workers
from tests.crash.stream import Stream, marks, records_on, topics_of, watch_mark
from tests.crash.variants import FREEZING
from tests.support.said import SAID
from tests.support.wait import until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

ROUNDS = 10
PER_PHASE = 5_000
CONSUMERS = 3
MOMENTS = ("counting_v1.stated", "counting_v1.tally", "counting_v1.came", "hub.position")
"""Tables in the order in which a batch writes them: held, they stop a transaction in the middle."""
MARKS = ("hub.relay", "hub.relay_partition")
"""The same for the relay, which has sent its page by then."""


@dataclass
class Hub:
    """One relay and three consumers that die and are replaced; `sides` are the consumers by number, dead and alive."""

    crew: Workers
    stream: Stream
    relay: Worker = field(init=False)
    sides: list[list[Worker]] = field(init=False)
    frozen: Worker | None = None

    def start(self) -> None:
        self.relay = self.crew.start("relay")
        self.sides = [[self.crew.start("consume")] for _ in range(CONSUMERS)]

    def kill_one_and_the_relay(self, number: int) -> None:
        """While every consumer stands in an open transaction, one of them dies, and the relay; the others go on."""
        self.stream.wait_relayed()
        with holding(self.crew.database, MARKS[number % 2]), holding(self.crew.database, MOMENTS[number % 4]):
            self.stream.more(PER_PHASE)
            self.crew.kill_in_transaction(self.relay)
            for side in self.sides:
                self.crew.wait_at_work(side[-1])
            self._kill(number % CONSUMERS)
        self.crew.confirm_aborted()
        self.relay = self.crew.start("relay")
        self._replace(number % CONSUMERS)

    def kill_the_others(self, number: int) -> None:
        """The two others die, both in an open transaction, while the third goes on."""
        self.stream.wait_relayed()
        others = [other for other in range(CONSUMERS) if other != number % CONSUMERS]
        with holding(self.crew.database, MOMENTS[(number + 2) % 4]):
            self.stream.more(PER_PHASE)
            for other in others:
                self._kill(other)
        self.crew.confirm_aborted()
        for other in others:
            self._replace(other)

    def freeze_a_relay(self) -> None:
        """The relay is replaced by one that freezes when it has sent a page, and that one by another."""
        self.relay.kill()
        self.frozen = self.crew.start("relay", variants=[FREEZING])
        self.stream.more(2_000)
        until(self.frozen.is_frozen, PATIENCE_S, "the relay to freeze")
        self.relay = self.crew.start("relay")

    def thaw_the_relay(self) -> None:
        """It finds that another has taken over."""
        assert self.frozen
        self.frozen.thaw()
        until(lambda: "another relay has taken over" in self._frozen_said(), PATIENCE_S, "the relay to see it")
        self.frozen.kill()

    def _frozen_said(self) -> str:
        assert self.frozen
        return self.frozen.said()

    def _kill(self, side: int) -> None:
        self.crew.kill_in_transaction(self.sides[side][-1])

    def _replace(self, side: int) -> None:
        self.sides[side].append(self.crew.start("consume"))


@pytest.fixture
def hub(database: Database, kafka_broker: str, tmp_path: Path) -> Iterator[tuple[Hub, Topics]]:
    watch_mark(database)
    topics = topics_of(database, kafka_broker)
    options = ("--broker", kafka_broker, "--topics", topics.prefix)
    with workers(database, tmp_path, options=options) as crew:
        made = Hub(crew, Stream(database))
        made.start()
        yield made, topics


@pytest.mark.guarantee
def test_kills_and_a_frozen_relay_change_nothing(
    hub: tuple[Hub, Topics], kafka_broker: str, record_property: Callable[[str, object], None]
) -> None:
    """More than 100,000 events of 18 authorities: the relay and each of 3 consumers are killed 10 times in an open
    transaction, and a relay is frozen, replaced and thawed. Every event has been applied once and in order, and the
    mark has never gone back."""
    made, topics = hub
    made.stream.more(2_000)
    made.stream.wait()
    for number in range(ROUNDS):
        made.kill_one_and_the_relay(number)
        made.kill_the_others(number)
        if number == 3:
            made.freeze_a_relay()
        if number == 5:
            made.thaw_the_relay()
    made.stream.wait()
    sent_again = records_on(kafka_broker, topics) - len(made.stream.events)
    counts = (
        f"{len(made.stream.events)} events of {len(made.stream.authorities)} authorities, "
        f"{made.crew.kills} kills, {made.crew.kills_in_open_transaction} of them in an open transaction, "
        f"{sent_again} records sent again"
    )
    record_property(SAID, counts)
    assert made.crew.kills == made.crew.kills_in_open_transaction == ROUNDS * (1 + CONSUMERS)
    assert len(made.stream.events) > 100_000
    assert sent_again > 0
    assert all(sum(worker.applied for worker in side) > 0 for side in made.sides)
    assert all(before <= after for before, after in pairwise(marks(made.crew.database)))
    assert made.stream.came() == made.stream.should_have_come()
    assert made.stream.digests() == made.stream.undisturbed()
