"""Threads of a process: what one of them dies of is kept, ends the process, and shows in its health."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import structlog

log = structlog.get_logger()


class Part(Protocol):
    """Something at work in this process that may stop by itself."""

    @property
    def name(self) -> str: ...

    @property
    def failure(self) -> Exception | None: ...


@dataclass
class Worker:
    """One thread: its name, and what ended it if that was an error."""

    name: str
    run: Callable[[], None]
    failure: Exception | None = None

    def guarded(self) -> None:
        try:
            self.run()
        except Exception as error:
            log.exception("a part of this process has stopped", part=self.name)
            self.failure = error


@contextmanager
def working(name: str, run: Callable[[], None], stop: Callable[[], None]) -> Iterator[Worker]:
    """Run in a thread until the end of the block; `stop` asks it to end."""
    worker = Worker(name, run)
    thread = threading.Thread(target=worker.guarded, name=name, daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        stop()
        thread.join()


def first_failure(parts: Sequence[Part]) -> Exception | None:
    """What stopped a part of the process, None while all are at work."""
    return next((part.failure for part in parts if part.failure is not None), None)


def trouble_of(parts: Sequence[Part]) -> str | None:
    """What is wrong, for the health check: names only, nothing of what the error says."""
    stopped = [part.name for part in parts if part.failure is not None]
    waiting = [text for part in parts if (text := getattr(part, "waits_for", ""))]
    return "; ".join([*(f"{name} has stopped" for name in stopped), *waiting]) or None
