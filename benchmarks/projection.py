"""Keeping a projection up to date: ours against the naive way, the bare loop, and the other log."""

from statistics import median

from benchmarks.report import median_ratio, paired, progress, tell
from benchmarks.ways import bare_loop, fresh, naive, ours_on_kafka, ours_on_store
from benchmarks.workload import fill
from consumers.landscape.consumer import LANDSCAPE
from consumers.runtime.digest import digests
from producers.relay import Relay
from producers.topics import Topics, create_topics, note_partitions
from schemas.registry import CATALOGUE
from storage.database import Database

COUNT = 100_000
NAIVE_COUNT = 10_000
"""The naive way is measured on the first records of the same topic: its rate does not depend on how many there are."""
RUNS = 3


def measure(database: Database, broker: str) -> None:
    """`projection_kafka` against `naive` and `bare_loop`, `projection_embedded` against `projection_kafka`."""
    topics = Topics("bench")
    create_topics(broker, topics, {kind.domain for kind in CATALOGUE}, 3)
    with database.worker.begin() as connection:
        note_partitions(connection, 3)
    progress(f"storing and relaying {COUNT:,} events")
    fill(database, COUNT)
    _relay(database, broker, topics)
    fresh(database)
    found = set[str]()

    def checked(rate: float) -> float:
        with database.worker.begin() as connection:
            found.add(digests(connection, [LANDSCAPE])["landscape.usage"])
        progress(f"  {rate:,.0f} events/s")
        return rate

    ways = (
        lambda: checked(ours_on_kafka(database, broker, topics, COUNT)),
        lambda: checked(bare_loop(database, broker, topics, COUNT)),
        lambda: checked(ours_on_store(database, COUNT)),
        lambda: naive(database, broker, topics, NAIVE_COUNT),
    )
    progress(f"on Kafka, the bare loop, on the event store, and the naive way ({NAIVE_COUNT:,} events), in turn")
    kafka, bare, embedded, slow = paired(RUNS, ways)
    if len(found) != 1:
        raise AssertionError(f"the ways wrote different rows: {found}")
    rate = median(kafka)
    tell(
        "projection_kafka", rate, "events/s", against="naive", ratio=median_ratio(kafka, slow), at_least=25,
        naive=median(slow),
    )  # fmt: skip
    tell(
        "projection_kafka", rate, "events/s", against="bare_loop", ratio=median_ratio(kafka, bare), at_least=0.9,
        bare=median(bare),
    )  # fmt: skip
    tell(
        "projection_embedded", median(embedded), "events/s", against="projection_kafka",
        ratio=median_ratio(embedded, kafka), at_least=1.0,
    )  # fmt: skip


def _relay(database: Database, broker: str, topics: Topics) -> None:
    """Bring everything to Kafka before any way is timed."""
    from threading import Thread

    from tests.support.wait import until

    relay = Relay(database, broker, topics)
    thread = Thread(target=relay.run)
    thread.start()
    until(lambda: relay.sent >= COUNT, 300, "the relay to bring everything to Kafka")
    relay.stop()
    thread.join()
