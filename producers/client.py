"""The client for source systems: what `send` returned for reaches the hub, however long either of the two is away.

    with Client("https://samspil.example", key, buffer=Path("events.sqlite")) as hub:
        hub.send(CloudEvent(id=..., source=..., type=..., subject=..., authority=..., time=..., data=...))

Events are put into a buffer and sent from there in their order, by a thread of the client's own. Whatever was not
answered is sent again; the hub knows a duplicate by its (authority, source, id). What the hub refuses for good is set
aside with the reason and delays nothing else: `refused` lists it, `again` sends it once more. A key that is not known,
or a hub that is not there, is waited for.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import structlog

from kernel.errors import Invalid, Retryable
from schemas.envelope import BATCH_CONTENT_TYPE, CloudEvent

from .backoff import Backoff
from .buffer import Buffer, SetAside, Waiting

BATCH_EVENTS = 500
BATCH_BYTES = 4_000_000
"""Less than half of what the hub takes in one body."""
LONGEST_PAUSE_S = 30.0
LONGEST_STATED_PAUSE_S = 300.0
"""A hub that asks for more patience than this is asked again after it."""
REQUEST_S = 30.0
REFUSING = frozenset({400, 403, 409, 413, 422})
"""Answers that will be the same for the same event; all others are waited out."""
PROXY_LIMIT = 413
"""What a proxy with a lower limit than the hub's says; smaller batches may pass it."""
log = structlog.get_logger()


class Later(Retryable):
    """The hub did not take it now; `after` is the pause in seconds that it asked for, 0 when it asked for none."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


class Sender(ABC):
    """What every client has: the buffer, the thread that empties it, and the patience."""

    def __init__(self, buffer: Path | None) -> None:
        """Without a `buffer` file the events that wait live as long as the process."""
        self._kept = buffer is not None
        self._buffer = Buffer(buffer)
        self._backoff = Backoff(longest=LONGEST_PAUSE_S)
        self._wake, self._closing = threading.Event(), threading.Event()
        self._answered = threading.Condition()
        self._trouble = ""
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="samspil-client", daemon=True)

    def send(self, *events: CloudEvent) -> None:
        """Take events to be sent, all of them or none. With a buffer file they are on disk when this returns.

        Raises Retryable when the buffer cannot be written, and whatever ended the sending thread.
        """
        self._check()
        self._buffer.put(
            (f"{event.authority}:{event.subject}", event.model_dump_json(exclude_none=True).encode())
            for event in events
        )
        self._wake.set()

    def flush(self, timeout_s: float = 60.0) -> None:
        """Wait until nothing waits any more. Raises Retryable, with the last trouble, when that takes too long."""
        with self._answered:
            self._answered.wait_for(lambda: self._failure or not self._buffer.waiting(), timeout_s)
        self._check()
        if left := self._buffer.waiting():
            raise Retryable(f"{left} events still wait to be sent", hint=self._trouble)

    @property
    def waiting(self) -> int:
        """How many events wait to be sent."""
        return self._buffer.waiting()

    def refused(self) -> list[SetAside]:
        """The events that the hub refused for good, oldest first, with the reason."""
        return self._buffer.set_aside()

    def again(self) -> int:
        """Send what was refused once more, before all that waits; returns how many.

        Later events of the same subjects may have been taken meanwhile: look at `refused` first.
        """
        brought = self._buffer.bring_back()
        self._wake.set()
        return brought

    def close(self, timeout_s: float = 10.0) -> None:
        """Send what can be sent within the time, and end. What is left stays in the buffer file for the next client.

        Raises Retryable when there is no file and events are lost by ending now.
        """
        try:
            self.flush(timeout_s)
        except Retryable:
            if not self._kept:
                raise
        finally:
            self._closing.set()
            self._wake.set()
            self._thread.join()
            self._end()
            self._buffer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _deliver(self, batch: Sequence[Waiting]) -> Mapping[int, str]:
        """Bring events to the hub in their order. Returns, by number, an empty text for what was taken and the reason
        for what never will be; what is not named waits on. Raises Retryable when nobody can say."""

    @abstractmethod
    def _end(self) -> None:
        """Close what was opened for delivering."""

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._wake.clear()
                if batch := self._buffer.first(BATCH_EVENTS, BATCH_BYTES):
                    self._try(batch)
                else:
                    self._wake.wait()
        except Exception as error:  # noqa: BLE001 - kept, and raised to whoever uses the client next
            self._failure = error
        with self._answered:
            self._answered.notify_all()

    def _try(self, batch: Sequence[Waiting]) -> None:
        try:
            answers = self._deliver(batch)
        except Retryable as error:
            pause = min(getattr(error, "after", 0.0), LONGEST_STATED_PAUSE_S) or self._backoff.pause()
            self._trouble = error.message
            log.warning("events wait to be sent", waiting=self.waiting, trouble=error.message, seconds=round(pause, 1))
            self._closing.wait(pause)
            return
        self._backoff.reset()
        self._buffer.answered(answers)
        if refused := sum(map(bool, answers.values())):
            log.warning("events were refused and are set aside", events=refused)
        with self._answered:
            self._answered.notify_all()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure


class Client(Sender):
    """Sends over HTTP to `url`, the hub's address, with the source system's API key."""

    def __init__(self, url: str, key: str, buffer: Path | None = None) -> None:
        headers = {"authorization": f"Bearer {key}", "content-type": BATCH_CONTENT_TYPE}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=REQUEST_S)
        super().__init__(buffer)
        self._thread.start()

    def _deliver(self, batch: Sequence[Waiting]) -> Mapping[int, str]:
        """A batch that is refused is parted until what is at fault stands alone."""
        try:
            self._post(batch)
        except Invalid as error:
            if len(batch) == 1:
                return {batch[0].number: str(error)}
            half = len(batch) // 2
            return {**self._deliver(batch[:half]), **self._deliver(batch[half:])}
        return {each.number: "" for each in batch}

    def _post(self, batch: Sequence[Waiting]) -> None:
        """Raises Invalid when the hub refuses the batch, Later for everything else but 202."""
        body = b"[" + b",".join(each.body for each in batch) + b"]"
        try:
            answer = self._http.post("/events", content=body)
        except httpx.HTTPError as error:
            raise Later(f"the hub cannot be reached: {error!r}") from error
        if answer.status_code == HTTPStatus.ACCEPTED:
            return
        if answer.status_code in REFUSING and (_is_ours(answer) or answer.status_code == PROXY_LIMIT):
            raise Invalid(_reason(answer))
        raise Later(_reason(answer), _stated_pause(answer.headers.get("retry-after", "")))

    def _end(self) -> None:
        self._http.close()


def _is_ours(answer: httpx.Response) -> bool:
    """Whether the hub itself speaks, and not something on the way to it."""
    return bool(answer.headers.get("content-type", "").startswith("application/problem+json"))


def _reason(answer: httpx.Response) -> str:
    """What the hub said, with every finding; the call id is for whoever asks the hub's operator."""
    told = f"the hub answered {answer.status_code}"
    if not _is_ours(answer):
        return told
    problem = answer.json()
    findings = [f"{each['where']}: {each['message']}" for each in problem.get("problems", ())]
    return "\n  ".join([f"{told}: {problem['detail']} (call {problem['call_id']})", *findings])


def _stated_pause(retry_after: str) -> float:
    """Retry-After in seconds; a date (RFC 9110, section 10.2.3) is left to the client's own patience."""
    return float(retry_after) if retry_after.isdecimal() else 0.0
