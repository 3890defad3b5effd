"""The way in over HTTP, really served: in a thread of the test's process, or in a process that can be killed."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from access.agreements import approve_agreement, end_agreement, request_agreement
from access.principals import Kind, add_principal
from adapters.http.api import install_problem_handlers, router
from kernel.clock import SystemClock
from producers.accept import Acceptor
from producers.gather import Gatherer
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.kafka.ports import free
from tests.support.wait import until

REPOSITORY = Path(__file__).parents[2]
AUTHORITY = "99000007"


def application(database: Database, gatherer: Gatherer) -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router(Acceptor(gatherer, CATALOGUE, SystemClock()), database))
    return app


def run_server(app: FastAPI) -> uvicorn.Server:
    return uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, ws="none", lifespan="off"))


def listen(port: int = 0) -> socket.socket:
    """Without TCP_NODELAY each answer would wait 40 ms for the caller's acknowledgement of its headers."""
    listening = socket.create_server(("127.0.0.1", port))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@contextmanager
def serving(database: Database) -> Iterator[tuple[str, Gatherer]]:
    """The address of a served API, and the gatherer behind it."""
    gatherer = Gatherer(database, CATALOGUE, SystemClock())
    server = run_server(application(database, gatherer))
    with listen() as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started, 10, "the server to start")
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", gatherer
        finally:
            server.should_exit = True
            thread.join()
            gatherer.close()


@contextmanager
def serving_process(database: Database, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The API in a process of its own, which answers when the block begins and may be killed within it."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.support.serving", url, str(port)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: _answers(port), 30, "the server process to answer")
            yield process
        finally:
            process.kill()


def free_port() -> int:
    """A port that nobody listens on now."""
    (port,) = free(1)
    return port


def is_ready(port: int) -> bool:
    """Whether a process of the hub answers there and can do its work."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def key_of(
    database: Database,
    name: str,
    *,
    authority: str = AUTHORITY,
    types: Sequence[str] = ("organisation.*",),
    ended: bool = False,
    kind: Kind = "system",
    registrar: str | None = None,
) -> str:
    """A new principal's API key, with an active agreement to send `types` for `authority`, or one that has ended."""
    with database.worker.begin() as connection:
        key = add_principal(connection, name, kind, registrar=registrar)
        agreement = request_agreement(connection, authority, name, "send", types, by="supplier")
        approve_agreement(connection, agreement, by="authority")
        if ended:
            end_agreement(connection, agreement, by="authority")
    return key


def _answers(port: int) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/").status_code == httpx.codes.NOT_FOUND
    return False


def main(url: str, port: int) -> None:
    database = Database.at(url)
    gatherer = Gatherer(database, CATALOGUE, SystemClock())
    with listen(port) as listening:
        run_server(application(database, gatherer)).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
