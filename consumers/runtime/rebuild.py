"""Rebuild: a new version beside the old one, from the event store, in both modes.

It is loaded without indexes, row-level security or a wait for the disk, page by page with its position, so a killed
rebuild goes on where it was. Then it catches up with the live version under the live version's lock, takes its place,
and what it finds otherwise than was told is told once.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Table, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from kernel.errors import Invalid
from producers.store import head, read_types
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from storage.copying import copy_into, copy_rows
from storage.database import WEB, Database
from storage.policies import policies

from .apply import write_mode
from .consumer import Consumer
from .projections import drop_version, last_version, schema_name, use_version
from .redaction import apply_in_parts
from .tables import PARKED, PROJECTION

PAGE = 10_000
NEAR = 2_000
"""Events behind the live version at which the hand-over begins."""
Progress = Callable[[int, int], None]


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
    after_page: Progress | None = None
    page: int = PAGE

    def run(self) -> Rebuilt:
        """Build, catch up, hand over. Raises Invalid when another rebuild of the same consumer is running."""
        started = time.monotonic()
        with self._alone():
            version = self._begin()
            events = self._load(version)
            self._finish(version)
            events += self._hand_over(version)
            self._drop_retired()
        return Rebuilt(version, events, time.monotonic() - started)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self.database.driver("worker") as driver:
            row = driver.execute(
                "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"rebuild {self.consumer.name}",)
            ).fetchone()
            if not row or not row[0]:
                raise Invalid(f"a rebuild of {self.consumer.name} is already running")
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
            _create_bare(connection, self.consumer, version)
            return version

    def _load(self, version: int) -> int:
        """Load page after page until the version is near the head; the next page is read while this one is written."""
        loaded = 0
        with self.database.worker.connect() as reading, ThreadPoolExecutor(1) as reader:
            position = self._position(version)
            skipped = self._skipped()
            upcoming = self._ask(reader, reading, position)
            while True:
                events, upto, end = upcoming.result()
                if end - position <= NEAR and position > 0:
                    return loaded
                upcoming = self._ask(reader, reading, upto)
                with self.database.worker.begin() as connection:
                    connection.execute(text("SET LOCAL synchronous_commit = off"))
                    use_version(connection, self.consumer.name, version)
                    self._write(connection, [e for e in events if e.position not in skipped], bare=True)
                    _move(connection, self.consumer.name, version, upto)
                loaded += len(events)
                position = upto
                if self.after_page:
                    self.after_page(position, end)
                if position >= end:
                    upcoming.result()
                    return loaded

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
        with self.database.worker.begin() as connection:
            use_version(connection, self.consumer.name, version)
            finished = connection.execute(
                text("SELECT count(*) FROM pg_policies WHERE schemaname = :schema"),
                {"schema": schema_name(self.consumer.name, version)},
            ).scalar_one()
            if not finished:
                _complete(connection, self.consumer, version)
            for table in self.consumer.tables.sorted_tables:
                connection.execute(text(f'ANALYZE "{table.name}"'))
            if self.consumer.judge_all:
                self.consumer.judge_all(connection)

    def _hand_over(self, version: int) -> int:
        """While the live version waits: apply the rest, change places, and note what is to be told."""
        name = self.consumer.name
        with self.database.worker.begin() as connection:
            live = connection.execute(
                text("SELECT version FROM hub.projection WHERE consumer = :name AND state = 'active' FOR UPDATE"),
                {"name": name},
            ).scalar()
            use_version(connection, name, version)
            upto, skipped, count = head(connection), self._skipped(connection), 0
            position = self._position(version, connection)
            while position < upto:
                events, position = read_types(connection, self._types(), position, upto, self.page)
                events = [event for event in events if event.position not in skipped]
                self._write(connection, events, bare=False)
                if self.consumer.judge and events:
                    self.consumer.judge(connection, events)
                count += len(events)
            if live is not None:
                _set_state(connection, name, live, "retired")
            _move(connection, name, version, upto)
            _set_state(connection, name, version, "active")
            if self.consumer.findings is not None:
                _note_differences(connection, name, self.consumer.findings)
        return count

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

    def _ask(
        self, reader: ThreadPoolExecutor, connection: Connection, after: int
    ) -> "Future[tuple[list[Event], int, int]]":
        def ask() -> tuple[list[Event], int, int]:
            with connection.begin():
                end = head(connection)
                events, upto = read_types(connection, self._types(), after, end, self.page)
                return events, upto, end

        return reader.submit(ask)

    def _types(self) -> list[str]:
        return sorted(self.consumer.types(self.catalogue))

    def _position(self, version: int, connection: Connection | None = None) -> int:
        query = select(PROJECTION.c.position).where(
            PROJECTION.c.consumer == self.consumer.name, PROJECTION.c.version == version
        )
        if connection is not None:
            return int(connection.execute(query).scalar_one())
        with self.database.worker.connect() as own:
            return int(own.execute(query).scalar_one())

    def _skipped(self, connection: Connection | None = None) -> frozenset[int]:
        """Positions that are parked or discarded: the live version has not applied them either."""
        query = select(PARKED.c.position).where(
            PARKED.c.consumer == self.consumer.name, PARKED.c.status.in_(["parked", "discarded"])
        )
        if connection is not None:
            return frozenset(connection.execute(query).scalars())
        with self.database.worker.connect() as own:
            return frozenset(own.execute(query).scalars())


def _create_bare(connection: Connection, consumer: Consumer, version: int) -> None:
    schema = schema_name(consumer.name, version)
    connection.execute(text(f'CREATE SCHEMA "{schema}"'))
    use_version(connection, consumer.name, version)
    for table in consumer.tables.sorted_tables:
        connection.execute(CreateTable(table))
        if write_mode(table) == "append":
            connection.execute(text(f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{table.name}_pkey"'))
    connection.execute(
        PROJECTION.insert().values(
            consumer=consumer.name, version=version, code_version=consumer.version, state="building", position=0
        )
    )


def _complete(connection: Connection, consumer: Consumer, version: int) -> None:
    schema = schema_name(consumer.name, version)
    connection.execute(text(f'GRANT USAGE ON SCHEMA "{schema}" TO {WEB}'))
    for table in consumer.tables.sorted_tables:
        if write_mode(table) == "append":
            keys = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
            connection.execute(text(f'ALTER TABLE "{table.name}" ADD PRIMARY KEY ({keys})'))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            connection.execute(CreateIndex(index))
        for statement in policies(schema, table):
            connection.execute(text(statement))


def _move(connection: Connection, consumer: str, version: int, position: int) -> None:
    connection.execute(
        PROJECTION.update()
        .where(PROJECTION.c.consumer == consumer, PROJECTION.c.version == version)
        .values(position=position)
    )


def _set_state(connection: Connection, consumer: str, version: int, state: str) -> None:
    connection.execute(
        PROJECTION.update()
        .where(PROJECTION.c.consumer == consumer, PROJECTION.c.version == version)
        .values(state=state)
    )


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
