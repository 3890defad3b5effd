"""Gathering: requests that come at the same time share one transaction, so that a commit is paid once for many."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import NamedTuple

from kernel.clock import Clock
from schemas.catalogue import Catalogue
from storage.database import Database

from .store import Outcome, Refused, Request, append

MAX_EVENTS = 2_000
"""A transaction takes no more requests once it holds this many events; it stays far below five seconds."""

Answer = list[Outcome] | Refused


class _Waiting(NamedTuple):
    request: Request
    answer: "Future[Answer]"


class Gatherer:
    """Threads that take all waiting requests, store them in one transaction each time, and answer after the commit."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock, *, threads: int = 2) -> None:
        self._database, self._catalogue, self._clock = database, catalogue, clock
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._run, name=f"accept-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, request: Request) -> "Future[Answer]":
        """Queue a request; the future is done after the commit, or fails with Retryable when the database is away."""
        answer: Future[Answer] = Future()
        if not request.events:
            answer.set_result([])
        else:
            self._queue.put(_Waiting(request, answer))
        return answer

    def close(self) -> None:
        """Finish what is queued and end the threads."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            self._store(self._gathered(first))

    def _gathered(self, first: _Waiting) -> list[_Waiting]:
        gathered, events = [first], len(first.request.events)
        while events < MAX_EVENTS:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                break
            if waiting is None:
                self._queue.put(None)
                break
            gathered.append(waiting)
            events += len(waiting.request.events)
        return gathered

    def _store(self, gathered: Sequence[_Waiting]) -> None:
        try:
            with self._database.worker.begin() as connection:
                answers = append(
                    connection, [each.request for each in gathered], catalogue=self._catalogue, now=self._clock.now()
                )
        except Exception as error:  # noqa: BLE001 - whatever it is, each caller gets it and decides
            for each in gathered:
                each.answer.set_exception(error)
        else:
            for each, answer in zip(gathered, answers, strict=True):
                each.answer.set_result(answer)
