"""A real PostgreSQL for tests: one embedded server per run, a fresh migrated database per test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from storage.database import Database
from storage.embedded import EmbeddedPostgres
from storage.migrate import migrate

_numbers = count(1)


@contextmanager
def server() -> Iterator[URL]:
    """A PostgreSQL that is gone afterwards; SAMSPIL_TEST_DATABASE_URL names one to use instead."""
    if url := os.environ.get("SAMSPIL_TEST_DATABASE_URL"):
        yield Database.at(url).url
        return
    home = Path(tempfile.mkdtemp(prefix="samspil-test-"))
    home.chmod(0o755)
    postgres = EmbeddedPostgres(home)
    try:
        yield postgres.start().url
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def fresh_name(url: URL) -> Iterator[Database]:
    """A new database without anything in it; dropped afterwards."""
    name = f"samspil_test_{os.getpid()}_{next(_numbers)}"
    owner = Database.at(url.render_as_string(hide_password=False))
    with owner.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        database = Database.at(url.set(database=name).render_as_string(hide_password=False))
        try:
            yield database
        finally:
            database.dispose()
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def fresh_database(url: URL) -> Iterator[Database]:
    """A new, migrated, empty database on the server; dropped afterwards."""
    with fresh_name(url) as database:
        migrate(database)
        yield database


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """The server of this run, as its owner."""
    with server() as url:
        yield url


@pytest.fixture
def database(postgres: URL) -> Iterator[Database]:
    """An empty hub's database."""
    with fresh_database(postgres) as made:
        yield made
