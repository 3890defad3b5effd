"""A receiver of webhooks as a subscriber would have it: it verifies each signature, keeps what came, and answers."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

Shown = Callable[[str], None]


@dataclass
class Receiver:
    """`secrets` are by the last part of the address, one for each subscription; `received` counts what was verified and
    `shown` is told of each.
    """

    url: str
    shown: Shown = lambda _: None
    secrets: dict[str, str] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def address(self, name: str) -> str:
        """Where a subscription called so is delivered."""
        return f"{self.url}/{name}"

    def take(self, name: str, headers: dict[str, str], body: bytes) -> int:
        """The status of the answer: 204 for what is verified, 401 for anything else."""
        try:
            event: dict[str, Any] = Webhook(self.secrets[name]).verify(body, headers)
        except (KeyError, WebhookVerificationError):
            with self._lock:
                self.refused[name] += 1
            return 401
        with self._lock:
            self.received[name] += 1
        self.shown(f"{name} got {event['type'].removeprefix('dk.samspil.')} {_about(event)}")
        return 204


def _about(event: dict[str, Any]) -> str:
    data = event["data"]
    subject = data.get("subject")
    named = subject.get("name") if isinstance(subject, dict) else None
    return " ".join(str(each) for each in (data.get("rule", "").upper(), named or data.get("title") or "") if each)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    """As many as may call at once: with the library's five, those beyond them are cut off."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens on this machine until the end of the block, on a port of its own."""
    server = _Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(receiver)
    thread = threading.Thread(target=server.serve_forever, name="receiver", daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            name = self.path.rpartition("/")[2]
            self.send_response(receiver.take(name, dict(self.headers.items()), body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """What came is told by the receiver."""

    return Handler
