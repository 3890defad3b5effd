"""Rebuild: a new version beside the old one, from the event store, in both modes.

It is loaded without indexes, row-level security or a wait for the disk, page by page with its position, so a killed
rebuild goes on where it was. It never passes the live version, which decides what is parked. What came while it judged
everything is applied and judged page by page. Near the live version it takes that one's lock, catches up and takes its
place, position by position; what it finds otherwise than was told is told once.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import NamedTuple

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Table, select, text

from kernel.errors import Invalid
from producers.store import head, read_types
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from storage.copying import copy_into, copy_rows
from storage.database import Database

from .apply import write_mode
from .building import BegunAnew, move, take_place
from .consumer import Consumer
from .coverage import observe
from .projections import complete, create_bare, drop_version, is_bare, last_version, use_version
from .redaction import apply_in_parts
from .tables import PARKED, PROJECTION

PAGE = 10_000
NEAR = 2_000
"""Positions behind the live version at which the hand-over begins."""
JUDGED_PAGE = 1_000
"""Events applied and judged in one transaction, for which the live version's judgements may have to wait."""
STANDSTILL_S = 10.0
"""A live version that has a part of its log undone and has not moved for this long is not waited for."""
LOOK_AGAIN_S = 0.2
PREDECESSOR_GONE = "5s"
"""The time PostgreSQL has to end the session of a rebuild that was killed, before that one is taken to be running."""


class Page(NamedTuple):
    """Events to load, the position they reach, how far may be loaded by now, and where the live version is furthest."""

    events: list[Event]
    upto: int
    end: int
    furthest: int


class Rebuilt(NamedTuple):
    """The version that is active now, how many events it was built from in this run, and how long that took."""

    version: int
    events: int
    seconds: float


@dataclass
class Rebuild:
    """One run of a rebuild. `after_page` is told the position and the head after every page."""

    database: Database
    consumer: Consumer
    catalogue: Catalogue
    after_page: Callable[[int, int], None] | None = None
    page: int = PAGE

    def run(self) -> Rebuilt:
        """Build, catch up, hand over. Raises Invalid when another rebuild of the same consumer is running."""
        started = monotonic()
        with self._alone():
            while True:
                with suppress(BegunAnew):
                    version = self._begin()
                    events = self._load(version)
                    self._finish(version)
                    events += self._load(version, judged=True)
                    events += self._hand_over(version)
                    self._drop_retired()
                    return Rebuilt(version, events, monotonic() - started)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self.database.driver("worker") as driver:
            driver.execute("SELECT set_config('lock_timeout', %s, false)", (PREDECESSOR_GONE,))
            try:
                driver.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"rebuild {self.consumer.name}",))
            except LockNotAvailable as error:
                raise Invalid(f"a rebuild of {self.consumer.name} is already running") from error
            yield

    def _begin(self) -> int:
        """Go on with an unfinished version of this code, or begin a new one."""
        with self.database.worker.begin() as connection:
            unfinished = connection.execute(
                select(PROJECTION.c.version, PROJECTION.c.code_version).where(
                    PROJECTION.c.consumer == self.consumer.name, PROJECTION.c.state == "building"
                )
            ).all()
            for row in unfinished:
                if row.code_version == self.consumer.version:
                    return int(row.version)
                drop_version(connection, self.consumer.name, row.version)
            version = last_version(connection, self.consumer.name) + 1
            create_bare(connection, self.consumer, version)
            return version

    def _load(self, version: int, *, judged: bool = False) -> int:
        """Load page after page until the version is near the live one; the next page is read while this one is written.

        `judged`: judge each page too, as the live version does.
        """
        loaded, size = 0, JUDGED_PAGE if judged else self.page
        with self.database.worker.connect() as reading, ThreadPoolExecutor(1) as reader:
            position, bare = self._place(version)
            waiting = _Waiting(position)
            upcoming = self._ask(reader, reading, position, size)
            while True:
                page = upcoming.result()
                left = max(page.end, page.furthest) - position
                if left <= 0 or (left <= NEAR and position > 0):
                    return loaded
                if page.end <= position:
                    if waiting.is_over(page.end):
                        return loaded
                    sleep(LOOK_AGAIN_S)
                    upcoming = self._ask(reader, reading, position, size)
                    continue
                upcoming = self._ask(reader, reading, page.upto, size)
                with self._own_transaction(version) as connection:
                    connection.execute(text("SET LOCAL synchronous_commit = off"))
                    move(connection, self.consumer.name, version, page.upto)
                    events = self._unless_parked(connection, page.events)
                    self._write(connection, events, bare=bare)
                    if judged:
                        self._judge(connection, events)
                    self._carry_on(connection, events)
                loaded += len(page.events)
                position = page.upto
                if self.after_page:
                    self.after_page(position, page.end)

    @contextmanager
    def _own_transaction(self, version: int) -> Iterator[Connection]:
        """A transaction on the version's tables that may think for longer than the limit between two statements.

        Who waits for one of its locks is still not held up for long: the watchdog ends it.
        """
        with self.database.worker.begin() as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            use_version(connection, self.consumer.name, version)
            yield connection

    def _write(self, connection: Connection, events: Sequence[Event], *, bare: bool) -> None:
        def write(part: Sequence[Event]) -> None:
            for table, rows in self.consumer.project(part, self.catalogue).items():
                if bare and write_mode(table) == "append":
                    copy_into(connection, table, rows)
                else:
                    copy_rows(connection, table, rows, write_mode(table))

        apply_in_parts(connection, self.consumer, events, write)

    def _finish(self, version: int) -> None:
        """Keys, indexes, policies, and the findings of everything that was loaded."""
        with self._own_transaction(version) as connection:
            if is_bare(connection, self.consumer.name, version):
                complete(connection, self.consumer, version)
            for table in self.consumer.tables.sorted_tables:
                connection.execute(text(f'ANALYZE "{table.name}"'))
            if self.consumer.judge_all:
                self.consumer.judge_all(connection)

    def _hand_over(self, version: int) -> int:
        """While the live version waits: apply the rest, change places, and note what is to be told."""
        name = self.consumer.name
        with self._own_transaction(version) as connection:
            connection.execute(
                text("SELECT FROM hub.projection WHERE consumer = :name AND state = 'active' FOR UPDATE"),
                {"name": name},
            )
            live = observe(connection).progress.get(name)
            upto, count = live.furthest if live else head(connection), 0
            position = self._position(version, connection)
            while position < upto:
                events, position = read_types(connection, self._types(), position, upto, self.page)
                passed = [
                    each for each in events if live is None or each.position <= live.at(each.domain, each.authority)
                ]
                passed = self._unless_parked(connection, passed)
                self._write(connection, passed, bare=False)
                self._judge(connection, passed)
                self._carry_on(connection, passed)
                count += len(passed)
            take_place(connection, name, version, live, upto)
            if self.consumer.findings is not None:
                _note_differences(connection, name, self.consumer.findings)
        return count

    def _judge(self, connection: Connection, events: Sequence[Event]) -> None:
        if self.consumer.judge and events:
            self.consumer.judge(connection, events)

    def _carry_on(self, connection: Connection, events: Sequence[Event]) -> None:
        """What follows was told when the events first came: here it is only carried in the version's own tables."""
        if self.consumer.react and events:
            self.consumer.react(connection, events)

    def _drop_retired(self) -> None:
        """Retired versions go when nobody reads them any more; one that is read goes after the next rebuild."""
        with self.database.worker.begin() as connection:
            retired = connection.execute(
                select(PROJECTION.c.version).where(
                    PROJECTION.c.consumer == self.consumer.name, PROJECTION.c.state == "retired"
                )
            ).scalars()
            for version in list(retired):
                drop_version(connection, self.consumer.name, version)

    def _ask(self, reader: ThreadPoolExecutor, connection: Connection, after: int, size: int) -> "Future[Page]":
        def ask() -> Page:
            with connection.begin():
                end, live = self._decided(connection), observe(connection).progress.get(self.consumer.name)
                events, upto = read_types(connection, self._types(), after, end, size)
                return Page(events, upto, end, live.furthest if live else end)

        return reader.submit(ask)

    def _types(self) -> list[str]:
        return sorted(self.consumer.types(self.catalogue))

    def _decided(self, connection: Connection) -> int:
        """Up to where the live version has applied or parked everything; without one, the head of the store."""
        end, observed = head(connection), observe(connection)
        if self.consumer.name not in observed.progress:
            return end
        return min([end, *(observed.covered(self.consumer, each.authority) for each in observed.heads)])

    def _place(self, version: int) -> tuple[int, bool]:
        """How far the version has come, and whether its tables still lack keys and policies."""
        with self.database.worker.connect() as connection:
            return self._position(version, connection), is_bare(connection, self.consumer.name, version)

    def _position(self, version: int, connection: Connection) -> int:
        query = select(PROJECTION.c.position).where(
            PROJECTION.c.consumer == self.consumer.name, PROJECTION.c.version == version
        )
        return int(connection.execute(query).scalar_one())

    def _unless_parked(self, connection: Connection, events: Sequence[Event]) -> list[Event]:
        """Without those that are parked or discarded: the live version has not applied them either."""
        query = select(PARKED.c.position).where(
            PARKED.c.consumer == self.consumer.name, PARKED.c.status.in_(["parked", "discarded"])
        )
        skipped = frozenset(connection.execute(query).scalars())
        return [event for event in events if event.position not in skipped]


class _Waiting:
    """How long the live version has stood where it is."""

    def __init__(self, end: int) -> None:
        self._end, self._since = end, monotonic()

    def is_over(self, end: int) -> bool:
        if end != self._end:
            self._end, self._since = end, monotonic()
        return monotonic() - self._since >= STANDSTILL_S


def _note_differences(connection: Connection, consumer: str, findings: Table) -> None:
    """Every finding that is told otherwise than it now is found shall be told."""
    connection.execute(
        text(
            "INSERT INTO hub.pending (consumer, authority, fingerprint, position) "
            "SELECT :consumer, authority, fingerprint, "
            "(SELECT coalesce(max(position), 0) FROM hub.event) "
            f'FROM "{findings.name}" AS f FULL JOIN (SELECT * FROM hub.announced WHERE consumer = :consumer) AS a '
            "USING (authority, fingerprint) WHERE f.hash IS DISTINCT FROM a.hash AND (f.hash IS NOT NULL "
            "OR a.data IS NOT NULL) ON CONFLICT DO NOTHING"
        ),
        {"consumer": consumer},
    )
