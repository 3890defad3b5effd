"""A real receiver of webhooks over HTTP on this machine: it keeps what it gets, and answers as it is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from standardwebhooks.webhooks import Webhook
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tests.support.serving import listen, run_server
from tests.support.wait import until

Answer = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Received:
    """One request: its headers, the bytes of its body, and when it came."""

    headers: dict[str, str]
    body: bytes
    at: datetime

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        read: dict[str, Any] = orjson.loads(self.body)
        return read

    def verified(self, secret: str) -> dict[str, Any]:
        """The event, once the reference library has found the signature right. Raises WebhookVerificationError."""
        found: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return found


@dataclass
class Receiver:
    """`answers` says how each request is answered: 204 unless told otherwise. `accepted` is what was answered 2xx."""

    url: str = ""
    log: list[Received] = field(default_factory=list)
    accepted: list[Received] = field(default_factory=list)
    answers: Callable[[Received], Answer] = lambda _: (204, {})

    def answer(self, status: int, **headers: str) -> None:
        """Answer everything so from now on."""
        stated = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers = lambda _: (status, stated)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        got = Received(dict(request.headers), await request.body(), datetime.now(UTC))
        self.log.append(got)
        status, headers = self.answers(got)
        if 200 <= status < 300:
            self.accepted.append(got)
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": [*raw, (b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def receiving(certificate: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """A receiver that listens until the end of the block; over TLS with a certificate (its file and its key's)."""
    receiver = Receiver()
    server = run_server(receiver)  # type: ignore[arg-type]
    if certificate:
        server.config.ssl_certfile, server.config.ssl_keyfile = map(str, certificate)
    with listen() as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started, 10, "the receiver to start")
            receiver.url = f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
            yield receiver
        finally:
            server.should_exit = True
            thread.join()
