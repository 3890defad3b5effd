"""The HTTP server: the way in for source systems, the dashboard, health, and metrics."""

import socket
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from access.principals import LOCAL_ID
from adapters.http.api import install_problem_handlers, router
from consumers.deliveries.api import router as subscribers_router
from consumers.portfolio.api import router as portfolio_router
from consumers.runtime.consumer import Consumer
from consumers.workflows.api import router as workflows_router
from kernel.clock import SystemClock
from kernel.errors import Fatal, Retryable
from monitoring.metrics import exposition
from monitoring.status import STILL_S, standing_still
from monitoring.web.app import install
from monitoring.web.frame import Web
from monitoring.web.live import Signals
from monitoring.web.session import Sessions
from schemas.subscriptions import Way

from .consumers import CONSUMERS
from .delivering import subscribing
from .opening import Hub
from .repairing import local_actor
from .scraping import require_scraper
from .settings import Settings

Trouble = Callable[[], str | None]
"""Says what is wrong with the process, None when nothing is."""
SHUTDOWN_S = 10
"""At the end, answers that are under way get this long."""


@contextmanager
def dashboard(hub: Hub) -> Iterator[Web]:
    """What the dashboard works with, until the end of the block. Its sessions are kept by this process."""
    signals = Signals(hub.database)
    try:
        yield Web(hub.database, hub.acceptor, hub.catalogue, hub.clock, CONSUMERS, Sessions(SystemClock()), signals)
    finally:
        signals.stop()


def login_link(web: Web, settings: Settings) -> str:
    """An address that logs the person who started the hub in, once."""
    token = web.sessions.invite(LOCAL_ID, local_actor().name or "")
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    return f"http://{host}:{settings.port}/web/login?token={token}"


def api(
    hub: Hub, trouble: Trouble, web: Web, consumers: Collection[Consumer] = (), delivers: Collection[Way] = ()
) -> FastAPI:
    """The whole application: every endpoint needs a key or, on the dashboard, a session, but health, which tells no
    content. Metrics have a key of their own, or are for this machine alone.
    """
    app = health(hub, trouble, consumers, delivers=delivers)
    app.include_router(router(hub.acceptor, hub.database))
    app.include_router(portfolio_router(hub.acceptor, hub.database, hub.clock))
    app.include_router(workflows_router(hub.acceptor, hub.database, hub.clock))
    install(app, web)

    @app.get("/metrics")
    def metrics(request: Request) -> Response:
        require_scraper(hub.settings, request.headers)
        return Response(exposition(hub.database, CONSUMERS, hub.acceptor.tally), media_type=CONTENT_TYPE_LATEST)

    return app


def health(
    hub: Hub,
    trouble: Trouble,
    consumers: Collection[Consumer] = (),
    *,
    relay: bool = False,
    delivers: Collection[Way] = (),
) -> FastAPI:
    """Whether the process lives, and whether it can work: the database answers, nothing in it has stopped, and none of
    its `consumers` (its relay, the ways in which it `delivers`) has stood still for long with something waiting.
    Idleness is health.
    """
    app = FastAPI(title="Samspil", docs_url=None, redoc_url=None, openapi_url=None)
    install_problem_handlers(app)

    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/health/ready")
    def ready() -> dict[str, str]:
        if found := trouble():
            raise Retryable(found)
        if still := standing_still(hub.database, consumers, relay=relay, delivers=delivers):
            raise Retryable(f"{', '.join(still)}: something has waited for more than {STILL_S:g} s, and nothing moves")
        return {"status": "ready"}

    return app


@contextmanager
def serving(
    hub: Hub, trouble: Trouble, consumers: Collection[Consumer] = (), delivers: Collection[Way] = ()
) -> Iterator[Web]:
    """Everything the hub has over HTTP, on the port of its settings, until the end of the block."""
    with dashboard(hub) as web, subscribing(hub) as subscribers:
        app = api(hub, trouble, web, consumers, delivers)
        app.include_router(subscribers_router(subscribers))

        def closing() -> None:
            web.signals.stop()
            subscribers.waking.stop()

        with listening(app, hub.settings.host, hub.settings.port, closing):
            yield web


@contextmanager
def listening(app: FastAPI, host: str, port: int, closing: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Serve until the end of the block; `closing` ends answers that go on by themselves. Raises Fatal when the port can
    not be had.
    """
    config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=SHUTDOWN_S)
    server = uvicorn.Server(config)
    bound = _bound(host, port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        closing()
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
