"""The HTTP server: the way in for source systems, and health."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.http.api import install_problem_handlers, router
from kernel.errors import Fatal
from monitoring.metrics import exposition

from .consumers import CONSUMERS
from .opening import Hub
from .running import Running


def application(hub: Hub, running: Running | None) -> FastAPI:
    """The application: every endpoint needs a key but health and metrics, which tell counts and no content."""
    app = FastAPI(title="Samspil", docs_url=None, redoc_url=None, openapi_url=None)
    install_problem_handlers(app)
    app.include_router(router(hub.acceptor, hub.database))

    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/health/ready")
    def ready() -> dict[str, str]:
        if running is not None and (failure := running.failure()):
            raise Fatal(f"a consumer has stopped: {failure}")
        with hub.database.worker.connect():
            return {"status": "ready"}

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(exposition(hub.database, CONSUMERS), media_type=CONTENT_TYPE_LATEST)

    return app


@contextmanager
def serving(hub: Hub, running: Running | None) -> Iterator[None]:
    """Serve until the end of the block. Raises Fatal when the port cannot be had."""
    settings = hub.settings
    config = uvicorn.Config(
        application(hub, running), host=settings.host, port=settings.port, log_level="error", access_log=False
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    sockets = [_socket(config, settings.host, settings.port)]
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets}, name="http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _socket(config: uvicorn.Config, host: str, port: int):  # type: ignore[no-untyped-def]
    try:
        listening = config.bind_socket()
    except SystemExit:
        raise Fatal(f"cannot listen on {host}:{port}", hint="is it taken? SAMSPIL_PORT chooses another port") from None
    # Else every answer waits 40 ms for the caller's acknowledgement of its headers.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
