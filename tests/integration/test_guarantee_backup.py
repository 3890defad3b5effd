"""A backup under load is of one moment: restored elsewhere, it stands where the hub stood then, and the hub goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import caught_up
from consumers.runtime.digest import digests
from consumers.runtime.embedded import StoreLoop
from consumers.runtime.ledger import StoreLedger
from producers.store import head, read
from storage import backup as backups
from storage.backup import backup, restore
from storage.bell import Bell
from storage.database import Database
from storage.migrate import make_roles
from tests.support.database import fresh_name
from tests.support.sample import AUTHORITIES, applier, drain, sample_consumer, store, unit
from tests.support.wait import until


def digest(database: Database, consumer: Consumer) -> dict[str, str]:
    with database.worker.begin() as connection:
        return {name.split(".")[1]: value for name, value in digests(connection, [consumer]).items()}


def last(database: Database) -> int:
    with database.worker.connect() as connection:
        return head(connection)


def is_settled(database: Database, consumer: Consumer) -> bool:
    with database.worker.connect() as connection:
        return caught_up(connection, [consumer])


def put(database: Database, numbers: range) -> None:
    store(database, (unit(n, authority=AUTHORITIES[n % 2]) for n in numbers))


@contextmanager
def under_load(database: Database, consumer: Consumer) -> Iterator[None]:
    """A writer and the live consumer beside the block; both have gone on when it ends."""
    done = threading.Event()

    def write() -> None:
        for start in count(0, 10):
            if done.is_set():
                return
            put(database, range(start, start + 10))

    bell = Bell(database)
    loop = StoreLoop(applier(database, consumer), bell.waiter(), page=50)
    loop.start()
    writing = threading.Thread(target=write)
    writing.start()
    try:
        until(lambda: last(database) > 500, 60, "events before the backup")
        yield
        reached = last(database)
        until(lambda: last(database) > reached + 100, 60, "events after the backup")
    finally:
        done.set()
        writing.join()
        until(lambda: loop.failure or is_settled(database, consumer), 60, "the consumer to settle")
        loop.stop()
        bell.stop()
    assert loop.failure is None


@pytest.mark.guarantee
def test_a_backup_under_load_is_of_one_moment(database: Database, postgres: URL, tmp_path: Path) -> None:
    """Digests elsewhere equal those of the hub's first events up to the position that the backup holds."""
    consumer = sample_consumer()
    with under_load(database, consumer):
        began = last(database)
        backup(database, tmp_path / "dump")
    with fresh_name(postgres) as elsewhere:
        restore(elsewhere, tmp_path / "dump")
        upto = last(elsewhere)
        assert began <= upto < last(database)
        drain(applier(elsewhere, consumer))
        restored = digest(elsewhere, consumer)
    with database.worker.connect() as connection:
        events = read(connection, 0, upto, upto)
    then = applier(database, sample_consumer("then"))
    then.apply(StoreLedger(events, upto))
    assert restored == digest(database, then.consumer)


@pytest.mark.guarantee
def test_a_backup_in_two_parts_is_of_no_moment(database: Database, postgres: URL, tmp_path: Path) -> None:
    """Switched off: the hub's tables first, the projections a little later, and events are applied twice elsewhere."""
    put(database, range(20))
    at = applier(database, sample_consumer())
    drain(at)
    _dump(database, tmp_path / "hub", "hub")
    put(database, range(20, 40))
    drain(at)
    _dump(database, tmp_path / "rows", "sample*")
    with fresh_name(postgres) as elsewhere:
        make_roles(elsewhere)
        for part in ("hub", "rows"):
            backups._run("pg_restore", str(tmp_path / part), database=elsewhere)
        put(elsewhere, range(20, 40))
        with pytest.raises(Exception, match="stopped at position"):
            drain(applier(elsewhere, sample_consumer()))


def _dump(database: Database, file: Path, schema: str) -> None:
    backups._run("pg_dump", "--format=custom", f"--file={file}", f"--schema={schema}", database=database)
