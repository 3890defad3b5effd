"""A buffer of events that wait to be sent: in a SQLite file, so that neither kill -9 nor a power cut loses one."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kernel.errors import Fatal, Retryable

_SETTINGS = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
_TABLE = """
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, body BLOB NOT NULL, refused TEXT
)
"""


class Waiting(NamedTuple):
    """An event that waits: `subject` is what order is kept by, `body` structured-mode JSON."""

    number: int
    subject: str
    body: bytes


class SetAside(NamedTuple):
    """An event that the hub will not take as it is, and why."""

    number: int
    body: bytes
    reason: str


class Buffer:
    """Events in the order in which they were put. One process at a time may hold a file; threads may share it."""

    def __init__(self, path: Path | None) -> None:
        """Open or make the file, readable by its owner alone; without a path, keep the events in memory only.

        Raises Fatal when another process holds it, or when it cannot be used.
        """
        self._lock = threading.Lock()
        try:
            if path is not None:
                path.touch(mode=0o600)
            self._file = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=0)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from error
        try:
            # The lock that the last statements take is kept until the file is closed.
            self._file.executescript(f"{_SETTINGS}; BEGIN EXCLUSIVE; {_TABLE}; COMMIT")
        except sqlite3.Error as error:
            self._file.close()
            raise _unusable(path, error) from error

    def put(self, events: Iterable[tuple[str, bytes]]) -> None:
        """Keep (subject, body) of each event. On disk when this returns; raises Retryable when it cannot be written."""
        with self._changing():
            self._file.executemany("INSERT INTO event (subject, body) VALUES (?, ?)", events)

    def first(self, count: int, size: int) -> list[Waiting]:
        """The events that have waited longest: at most `count`, and after the first no more than `size` bytes."""
        found: list[Waiting] = []
        with self._lock:
            for row in self._file.execute(
                "SELECT number, subject, body FROM event WHERE refused IS NULL ORDER BY number LIMIT ?", (count,)
            ):
                found.append(Waiting(*row))
                size -= len(found[-1].body)
                if size < 0:
                    break
        return found[:-1] if size < 0 and len(found) > 1 else found

    def answered(self, answers: Mapping[int, str]) -> None:
        """Drop the events that were taken (their answer is empty), and set aside those with a reason."""
        with self._changing():
            self._file.executemany(
                "DELETE FROM event WHERE number = ?", [(number,) for number, reason in answers.items() if not reason]
            )
            self._file.executemany(
                "UPDATE event SET refused = ? WHERE number = ?",
                [(reason, number) for number, reason in answers.items() if reason],
            )

    def set_aside(self) -> list[SetAside]:
        """The events that were refused, oldest first."""
        with self._lock:
            rows = self._file.execute(
                "SELECT number, body, refused FROM event WHERE refused IS NOT NULL ORDER BY number"
            )
            return [SetAside(*row) for row in rows]

    def bring_back(self) -> int:
        """Let the events that were set aside wait again, at their old places; returns how many."""
        with self._changing():
            return self._file.execute("UPDATE event SET refused = NULL WHERE refused IS NOT NULL").rowcount

    def waiting(self) -> int:
        """How many events wait."""
        with self._lock:
            return int(self._file.execute("SELECT count(*) FROM event WHERE refused IS NULL").fetchone()[0])

    def close(self) -> None:
        """Let go of the file; what waits stays in it."""
        with self._lock:
            self._file.close()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            try:
                self._file.execute("BEGIN EXCLUSIVE")
                try:
                    yield
                except BaseException:
                    self._file.execute("ROLLBACK")
                    raise
                self._file.execute("COMMIT")
            except sqlite3.OperationalError as error:
                raise Retryable(f"the buffer could not be written: {error}", hint="is the disk full?") from error


def _unusable(path: Path | None, error: Exception) -> Fatal:
    return Fatal(f"the buffer {path} cannot be used: {error}", hint="each source system keeps a file of its own")
