"""A process that holds the append lock in a transaction, or in the middle of a COPY, until it is killed or frozen."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import psycopg

from producers.store import APPEND_LOCK
from storage.database import Database
from tests.support.kafka.settings import repository

Where = Literal["transaction", "copy"]


@contextmanager
def frozen(database: Database, where: Where, *, idle_limit: str = "1h") -> Iterator[int]:
    """A process stopped (SIGSTOP) with the append lock in its hands; the block gets its server session's pid."""
    command = [sys.executable, "-m", "tests.support.frozen", database.conninfo("worker"), where, idle_limit]
    with subprocess.Popen(command, cwd=repository(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            session = int(process.stdout.readline())
            process.send_signal(signal.SIGSTOP)
            yield session
        finally:
            process.kill()


def hold(conninfo: str, where: str, idle_limit: str) -> None:
    with psycopg.connect(conninfo) as driver, driver.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", (idle_limit,))
        cursor.execute("CREATE TEMPORARY TABLE half (word text)")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        if where == "copy":
            with cursor.copy("COPY half FROM STDIN") as copy:
                copy.write_row(("begun",))
                _wait(driver)
        else:
            _wait(driver)


def _wait(driver: "psycopg.Connection[tuple[object, ...]]") -> None:
    print(driver.info.backend_pid, flush=True)
    time.sleep(3600)


if __name__ == "__main__":
    hold(*sys.argv[1:])
