"""Where the database is and who connects to it.

Three roles: the owner makes and changes tables; `samspil_worker` accepts, relays and consumes; `samspil_web` reads for
one authority at a time. None of the last two is a superuser or may bypass row-level security.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, LiteralString

import orjson
import psycopg
from psycopg import Connection as Driver
from psycopg import Cursor, sql
from psycopg.rows import TupleRow
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from kernel.errors import Fatal, Retryable

Role = Literal["owner", "worker", "web"]

Statement = tuple[LiteralString | sql.SQL | sql.Composed, Sequence[Any]]
"""SQL and the values of its parameters."""

WORKER = "samspil_worker"
WEB = "samspil_web"
PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
"""Seconds to wait for a connection, and milliseconds for a network that swallows what it is sent."""
AWAY_HINT = "is PostgreSQL running, and does SAMSPIL_DATABASE_URL (or SAMSPIL_DATA_DIR) name the right one?"


@dataclass(frozen=True)
class Database:
    """One PostgreSQL database, by the owner's URL; the other roles log in as themselves with their own passwords.

    A URL that names `samspil_worker` is of a process that changes no tables: it does without the owner's password.
    An `application_name` in the URL is what the sessions are called; without one they are called as their role.
    """

    url: URL
    worker_password: str | None = None
    web_password: str | None = None
    pool_size: int = 24

    @classmethod
    def at(cls, url: str, *, worker_password: str | None = None, web_password: str | None = None) -> "Database":
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise Fatal(
                "the database's URL cannot be read",
                hint="it is of the form postgresql://owner:password@host:5432/database",
            ) from error
        return cls(parsed.set(drivername="postgresql+psycopg"), worker_password, web_password)

    @property
    def is_owners(self) -> bool:
        """Whether the URL is that of the owner, who may make and change tables."""
        return self.url.username != WORKER

    @cached_property
    def owner(self) -> Engine:
        """For migrations and for making roles: no pool, no time limits. Raises Fatal without the owner's URL."""
        if not self.is_owners:
            raise Fatal(
                f"{WORKER} may not do this, only the owner of the database",
                hint="set SAMSPIL_DATABASE_URL to postgresql://owner:password@host/database for this command",
            )
        engine = create_engine(self.url, poolclass=NullPool, hide_parameters=True, connect_args=PATIENCE)
        return _attended(engine)

    @cached_property
    def worker(self) -> Engine:
        return self._engine(WORKER, self.worker_password)

    @cached_property
    def web(self) -> Engine:
        return self._engine(WEB, self.web_password)

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection of the worker for one statement or some in one go: no transaction is opened and closed around
        them, so that each costs one round trip.
        """
        with self.worker.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def driver(self, role: Role = "worker") -> "Driver[Any]":
        """A connection of its own, outside the pool: for LISTEN and for session locks."""
        try:
            return psycopg.connect(self.conninfo(role), autocommit=True)
        except psycopg.OperationalError as error:
            raise Retryable(f"the database does not answer: {error}".strip(), hint=AWAY_HINT) from error

    def conninfo(self, role: Role) -> str:
        """A libpq connection string for one role."""
        url = self.url
        if role != "owner":
            name, password = (WORKER, self.worker_password) if role == "worker" else (WEB, self.web_password)
            url = url.set(username=name, password=password)
        return url.set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def reading(self, authorities: tuple[str, ...]) -> Iterator[Connection]:
        """A transaction of the web role that sees the rows of `authorities` and of nobody else."""
        with self.web.connect() as connection:
            connection.execute(
                text("SELECT set_config('samspil.authorities', :authorities, true)"),
                {"authorities": ",".join(authorities)},
            )
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        for name in ("owner", "worker", "web"):
            if name in self.__dict__:
                self.__dict__[name].dispose()

    def _engine(self, role: str, password: str | None) -> Engine:
        engine = create_engine(
            self.url.set(username=role, password=password),
            pool_size=self.pool_size,
            max_overflow=20,
            pool_pre_ping=False,
            hide_parameters=True,
            json_deserializer=orjson.loads,
            connect_args={"application_name": self.url.query.get("application_name", role), "prepare_threshold": 3}
            | PATIENCE,
        )
        return _attended(engine)


def _attended(engine: Engine) -> Engine:
    event.listen(engine, "handle_error", _retryable)
    event.listen(engine, "connect", _in_utc)
    _close_with_their_pool(engine)
    return engine


def _in_utc(driver: "Driver[Any]", _: object) -> None:
    """Give a session UTC, wherever the server stands: times as text are the same in every hub, and are read in half the
    time.
    """
    driver.execute("SET timezone TO 'UTC'")
    driver.commit()


def _close_with_their_pool(engine: Engine) -> None:
    """Close a connection that comes back after its pool was disposed of; nobody would ever use or close it."""

    def made(_: object, record: ConnectionPoolEntry) -> None:
        record.info["pool"] = engine.pool

    def returned(driver: "Driver[Any] | None", record: ConnectionPoolEntry) -> None:
        if driver is not None and record.info.get("pool") is not engine.pool:
            driver.close()

    event.listen(engine, "connect", made)
    event.listen(engine, "checkin", returned)


def _retryable(context: Any) -> None:
    """Turn a lost connection, a deadlock or an ended session into Retryable, whatever statement met it."""
    if is_passing(context.original_exception):
        raise _later(context.original_exception) from context.original_exception


def _later(error: BaseException) -> Retryable:
    return Retryable(f"the database could not finish: {str(error).strip()}", hint=AWAY_HINT)


PASSING = ("08", "40", "53", "55", "57", "25P03")
"""SQLSTATE classes that pass: connection, rollback (deadlock, serialisation), resources, lock timeout, shutdown; and
the end of a session that sat idle in a transaction, which is how a process that was frozen finds its own."""


def is_passing(error: BaseException | None) -> bool:
    """Whether a database error says "later" rather than "never"."""
    if isinstance(error, DBAPIError):
        error = error.orig
    if isinstance(error, psycopg.Error):
        code = error.sqlstate
        return code.startswith(PASSING) if code else isinstance(error, psycopg.OperationalError)
    return False


@contextmanager
def cursor_of(connection: Connection) -> "Iterator[Cursor[TupleRow]]":
    """A psycopg cursor in the same transaction: for COPY and for bulk. Raises Retryable for what passes."""
    try:
        with driver_of(connection).cursor() as cursor:
            yield cursor
    except psycopg.Error as error:
        if is_passing(error):
            raise _later(error) from error
        raise


def together(connection: Connection, *statements: Statement) -> "list[list[TupleRow]]":
    """Send statements in one go and wait once for all; returns the rows of each, none for one that gives none.

    Each sees what is committed when its turn comes: one that takes a lock goes before those that need it.
    """
    driver = driver_of(connection)
    try:
        with driver.pipeline():
            cursors = [driver.execute(query, values, binary=True) for query, values in statements]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
    except psycopg.Error as error:
        if is_passing(error):
            raise _later(error) from error
        raise


def driver_of(connection: Connection) -> "Driver[Any]":
    """The psycopg connection below a SQLAlchemy connection; `cursor_of` is what most callers want."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
