"""Processes to be killed, and a way to know that one is killed while its transaction is open."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from sqlalchemy import text

from storage.database import Database
from tests.support.kafka.settings import repository
from tests.support.wait import until

PATIENCE_S = 120
"""How long a test waits for what should come in a second or two: the machine may be busy."""


@dataclass(frozen=True)
class Worker:
    """A process of the hub, by the application name of its sessions; what it says goes to a file."""

    name: str
    process: "subprocess.Popen[bytes]"
    output: Path

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.communicate()

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        until(self.is_frozen, PATIENCE_S, f"{self.name} to be frozen")

    def is_frozen(self) -> bool:
        """Whether the process has been stopped since it was last asked."""
        assert self.process.poll() is None, f"{self.name} has ended: {self.said()[-2000:]}"
        pid, status = os.waitpid(self.process.pid, os.WNOHANG | os.WUNTRACED)
        return pid != 0 and os.WIFSTOPPED(status)

    def said(self) -> str:
        return self.output.read_text()

    @property
    def applied(self) -> int:
        """Events this process says it has applied."""
        return sum(int(line.split()[1]) for line in self.said().splitlines() if line.startswith("applied "))


UNNUMBERED = "none"
"""PostgreSQL numbers a transaction at its first write; one that waits to make it has written nothing yet."""


@dataclass
class Workers:
    """Starts workers on one database, one broker and one set of topics, and counts what was done to them."""

    database: Database
    folder: Path
    options: tuple[str, ...] = ()
    started: list[Worker] = field(default_factory=list)
    kills: int = 0
    kills_in_open_transaction: int = 0
    _xids: list[str] = field(default_factory=list)

    def start(self, work: str, *options: str, variants: Collection[str] = ()) -> Worker:
        """Start `python -m tests.crash.workers <work> <options>` under a name of its own."""
        name = f"{work}-{len(self.started)}"
        options += tuple(f"--variant={variant}" for variant in variants if variant)
        url = self.database.url.update_query_dict({"application_name": name}).render_as_string(hide_password=False)
        output = self.folder / f"{name}.txt"
        with output.open("wb") as file:
            worker = Worker(name, _popen(file, work, "--database", url, *self.options, *options), output)
        self.started.append(worker)
        return worker

    def kill_in_transaction(self, worker: Worker) -> None:
        """Wait until the worker's transaction waits for a lock that a test holds, and kill it then."""
        self._xids.append(self.wait_at_work(worker))
        worker.kill()
        self.kills += 1

    def wait_at_work(self, worker: Worker) -> str:
        """Until the worker stands in an open transaction, whose number is returned; empty before its first write."""
        found = until(lambda: self.open_transaction(worker), PATIENCE_S, f"{worker.name} to be at work")
        return "" if found in (None, UNNUMBERED) else str(found)

    def open_transaction(self, worker: Worker) -> str | None:
        """The number of the worker's transaction that waits for a lock of a table; `UNNUMBERED` before it has one."""
        assert worker.process.poll() is None, f"{worker.name} has ended: {worker.said()[-2000:]}"
        with self.database.owner.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT coalesce(backend_xid::text, :unnumbered) FROM pg_stat_activity "
                    "WHERE application_name = :name AND datname = current_database() AND xact_start IS NOT NULL "
                    "AND wait_event_type = 'Lock' AND (backend_xid IS NOT NULL OR wait_event = 'relation')"
                ),
                {"name": worker.name, "unnumbered": UNNUMBERED},
            ).scalar()
        return None if found is None else str(found)

    def confirm_aborted(self) -> None:
        """Every transaction that was open at a kill has come to nothing: PostgreSQL itself says so of each that had
        written anything.
        """
        for xid in filter(None, self._xids):
            until(partial(self._is_aborted, xid), PATIENCE_S, f"transaction {xid} to be aborted")
        self.kills_in_open_transaction += len(self._xids)
        self._xids.clear()

    def end(self) -> None:
        for worker in self.started:
            worker.kill()

    def _is_aborted(self, xid: str) -> bool:
        with self.database.owner.connect() as connection:
            status = connection.execute(text("SELECT pg_xact_status(CAST(:xid AS xid8))"), {"xid": xid}).scalar()
        return bool(status == "aborted")


def _popen(output: IO[bytes], *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.workers", *arguments],
        cwd=repository(),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def workers(database: Database, folder: Path, **given: Any) -> Iterator[Workers]:
    """Workers that are gone at the end, whatever happened to them."""
    crew = Workers(database, folder, **given)
    try:
        yield crew
    finally:
        crew.end()


@contextmanager
def holding(database: Database, *tables: str) -> Iterator[None]:
    """Let nobody write to these tables: whoever wants to waits inside his open transaction."""
    with database.owner.begin() as connection:
        for table in tables:
            connection.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        yield
