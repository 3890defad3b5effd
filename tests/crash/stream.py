"""A stream of events of many authorities in a store, its way over Kafka, and what an undisturbed run makes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from uuid import uuid4

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import select, text

from consumers.runtime.coverage import caught_up
from consumers.runtime.digest import digests
from consumers.runtime.projections import use_active
from kernel.clock import SystemClock
from producers.store import append_one
from producers.topics import Topics, create_topics, note_partitions, partition_of
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from schemas.values import valid_cvr
from storage.database import Database
from tests.crash.processes import PATIENCE_S
from tests.support.counting import CAME, counting_consumer, numbered, numbers_of
from tests.support.sample import applier, drain
from tests.support.wait import until

PARTITIONS = 6
PER_PARTITION = 3
SUBJECTS = 300
"""Subjects of each authority."""
PAGE = 2_000
UNDISTURBED = "undisturbed"
DOMAINS = frozenset(kind.domain for kind in CATALOGUE)


def spread(per_partition: int = PER_PARTITION) -> tuple[str, ...]:
    """CVR numbers such that each partition has as many authorities."""
    numbers = (str(number) for number in count(99_100_000) if valid_cvr(str(number)))
    places: dict[int, list[str]] = {place: [] for place in range(PARTITIONS)}
    while min(map(len, places.values())) < per_partition:
        number = next(numbers)
        places[partition_of(number, PARTITIONS)].append(number)
    return tuple(cvr for place in places.values() for cvr in place[:per_partition])


@dataclass
class Stream:
    """Events with numbers from 0 on, spread evenly over the authorities; `events` is what was stored so far."""

    database: Database
    authorities: Sequence[str] = field(default_factory=spread)
    events: list[Event] = field(default_factory=list)

    def more(self, number: int) -> None:
        """Store so many more events, in transactions of 2,000."""
        upto = len(self.events) + number
        while len(self.events) < upto:
            page = list(islice(self._next(), min(PAGE, upto - len(self.events))))
            with self.database.worker.begin() as connection:
                append_one(connection, page, catalogue=CATALOGUE, now=SystemClock().now())
            self.events += page

    def _next(self) -> Iterator[Event]:
        size = len(self.authorities)
        for number in count(len(self.events)):
            yield numbered(number, self.authorities[number % size], f"subject-{number // size % SUBJECTS}")

    def is_applied(self, consumer: str = "counting") -> bool:
        with self.database.worker.connect() as connection:
            return caught_up(connection, [counting_consumer(consumer)])

    def wait(self, consumer: str = "counting") -> None:
        """Until the consumer has applied everything."""
        until(lambda: self.is_applied(consumer), PATIENCE_S, f"{consumer} to catch up")

    def wait_relayed(self) -> None:
        """Until the relay's mark stands at the last event."""
        until(self._is_relayed, PATIENCE_S, "the relay to come to the end")

    def _is_relayed(self) -> bool:
        query = text("SELECT position = (SELECT max(position) FROM hub.event) FROM hub.relay")
        with self.database.worker.connect() as connection:
            return bool(connection.execute(query).scalar())

    def digests(self, consumer: str = "counting") -> dict[str, str]:
        with self.database.worker.begin() as connection:
            found = digests(connection, [counting_consumer(consumer)])
        return {name.partition(".")[2]: value for name, value in found.items()}

    def undisturbed(self) -> dict[str, str]:
        """The digests of a consumer that read the event store from beginning to end, in one process."""
        drain(applier(self.database, counting_consumer(UNDISTURBED)), page=PAGE)
        return self.digests(UNDISTURBED)

    def came(self, consumer: str = "counting") -> dict[tuple[str, str], str]:
        """The numbers that were applied, by authority and subject, in the order in which they were."""
        with self.database.worker.begin() as connection:
            use_active(connection, consumer)
            rows = connection.execute(select(CAME))
            return {(row.authority, row.subject): row.numbers for row in rows}

    def should_have_come(self) -> dict[tuple[str, str], str]:
        return numbers_of(self.events)


def topics_of(database: Database, broker: str) -> Topics:
    """Topics of this test's own."""
    topics = Topics(f"crash-{uuid4().hex[:8]}")
    create_topics(broker, topics, DOMAINS, PARTITIONS)
    with database.worker.begin() as connection:
        note_partitions(connection, PARTITIONS)
    return topics


def records_on(broker: str, topics: Topics) -> int:
    """How many records stand on the topics."""
    reader = KafkaConsumer(bootstrap_servers=broker)
    try:
        places = [TopicPartition(topics.of(domain), place) for domain in DOMAINS for place in range(PARTITIONS)]
        return sum(reader.end_offsets(places).values())
    finally:
        reader.close()


def watch_mark(database: Database) -> None:
    """From now on every move of the relay's mark is written down."""
    with database.owner.begin() as connection:
        for statement in _WATCH_MARK:
            connection.execute(text(statement))


def marks(database: Database) -> list[int]:
    """Where the relay's mark stood, move by move."""
    with database.owner.connect() as connection:
        return list(connection.execute(text("SELECT position FROM watched.mark ORDER BY number")).scalars())


_WATCH_MARK = (
    "CREATE SCHEMA watched",
    "CREATE TABLE watched.mark (number bigint GENERATED ALWAYS AS IDENTITY, position bigint)",
    """CREATE FUNCTION watched.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN INSERT INTO watched.mark (position) VALUES (NEW.position); RETURN NULL; END $$""",
    "CREATE TRIGGER note AFTER UPDATE ON hub.relay FOR EACH ROW EXECUTE FUNCTION watched.note()",
)
