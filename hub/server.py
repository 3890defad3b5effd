"""The HTTP server: the way in for source systems, health, and metrics."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.http.api import install_problem_handlers, router
from kernel.errors import Fatal, Retryable
from monitoring.metrics import exposition

from .consumers import CONSUMERS
from .opening import Hub

Trouble = Callable[[], str | None]
"""Says what is wrong with the process, None when nothing is."""


def api(hub: Hub, trouble: Trouble) -> FastAPI:
    """The whole application: every endpoint needs a key but health and metrics, which tell counts and no content."""
    app = health(hub, trouble)
    app.include_router(router(hub.acceptor, hub.database))

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(exposition(hub.database, CONSUMERS), media_type=CONTENT_TYPE_LATEST)

    return app


def health(hub: Hub, trouble: Trouble) -> FastAPI:
    """Whether the process lives, and whether it can work: the database answers and nothing in it has stopped."""
    app = FastAPI(title="Samspil", docs_url=None, redoc_url=None, openapi_url=None)
    install_problem_handlers(app)

    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/health/ready")
    def ready() -> dict[str, str]:
        if found := trouble():
            raise Retryable(found)
        with hub.database.worker.connect():
            return {"status": "ready"}

    return app


@contextmanager
def listening(app: FastAPI, host: str, port: int) -> Iterator[None]:
    """Serve until the end of the block. Raises Fatal when the port cannot be had."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    bound = _bound(host, port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


def _bound(host: str, port: int) -> socket.socket:
    try:
        bound = socket.create_server((host, port), backlog=512)
    except OSError as error:
        raise Fatal(
            f"cannot listen on {host}:{port}: {error.strerror}", hint="is it taken? SAMSPIL_PORT chooses another port"
        ) from error
    # Else every answer waits 40 ms for the caller's acknowledgement of its headers.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound
