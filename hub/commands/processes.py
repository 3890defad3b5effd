"""The processes of the hub: serve, relay, consume."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from hub.output import errors
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.opening import Hub
    from hub.server import Trouble

INBOX = Annotated[Path | None, typer.Option(help="a folder whose files are taken in as they come")]


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(relay)
    app.command()(consume)


def serve(
    embedded: Annotated[bool, typer.Option("--embedded", help="run every consumer in this process too")] = False,
    inbox: INBOX = None,
) -> None:
    """The API, and with --embedded every consumer, in one process.

    Example: samspil serve --embedded --inbox ./indbakke
    """
    from hub.consumers import CONSUMERS
    from hub.daybreak import telling_days
    from hub.hublock import only_hub
    from hub.opening import open_hub
    from hub.running import consuming_store
    from hub.server import api, listening

    settings = _begin()
    with ExitStack() as stack:
        if embedded:
            stack.enter_context(only_hub(settings))
        hub = stack.enter_context(open_hub(settings))
        running = stack.enter_context(consuming_store(hub, CONSUMERS)) if embedded else None
        stack.enter_context(telling_days(hub))
        if inbox:
            from hub.inbox import watching

            stack.enter_context(watching(hub, inbox))
        application = api(hub, running.trouble if running else lambda: None)
        stack.enter_context(listening(application, settings.host, settings.port))
        errors.print(f"Samspil listens on http://{settings.host}:{settings.port}")
        until_told(lambda: running is not None and running.failure() is not None)
        if running is not None and (failure := running.failure()):
            raise failure


def relay() -> None:
    """Bring the event store to Kafka, and the inbox topic to accept; one relay is active, others wait for its turn.

    Example: SAMSPIL_KAFKA=localhost:9092 samspil relay
    """
    from hub.opening import open_hub
    from hub.running import relaying, taking_inbox

    with open_hub(_begin()) as hub, relaying(hub) as running, taking_inbox(hub), _health(hub, lambda: None):
        until_told(lambda: running.failure is not None)
        if running.failure:
            raise running.failure


def consume(
    names: Annotated[list[str], typer.Argument(help="consumers, such as landscape contracts invoice_control alerts")],
) -> None:
    """Run consumers on Kafka, as members of their groups; start more processes to share the work.

    Example: SAMSPIL_KAFKA=localhost:9092 samspil consume landscape contracts
    """
    from hub.consumers import consumers_named
    from hub.opening import open_hub
    from hub.running import consuming_kafka

    consumers = consumers_named(names)
    with open_hub(_begin()) as hub, consuming_kafka(hub, consumers) as running:
        with _health(hub, running.trouble):
            until_told(lambda: running.failure() is not None)
        if failure := running.failure():
            raise failure


@contextmanager
def _health(hub: "Hub", trouble: "Trouble") -> Iterator[None]:
    """Tell the health of a process without an API, where the settings name a port for it."""
    if hub.settings.health_port is None:
        yield
        return
    from hub.server import health, listening

    with listening(health(hub, trouble), hub.settings.host, hub.settings.health_port):
        yield


def _begin() -> Settings:
    """What every long-running process does first."""
    from hub.memory import calm_garbage_collector

    calm_garbage_collector()
    return Settings.from_environment()


def until_told(ended: Callable[[], bool] = lambda: False) -> None:
    """Sleep until SIGTERM or Ctrl-C, or until `ended`."""
    stop = threading.Event()

    def told(_: int, __: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    while not stop.wait(0.5) and not ended():
        pass
