"""The processes of the hub: serve, relay, consume."""

import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from hub.opening import open_hub
from hub.output import errors
from hub.settings import Settings

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
    from hub.hublock import only_hub
    from hub.running import consuming_store
    from hub.server import serving

    settings = Settings.from_environment()
    with ExitStack() as stack:
        if embedded:
            stack.enter_context(only_hub(settings))
        hub = stack.enter_context(open_hub(settings))
        running = stack.enter_context(consuming_store(hub, CONSUMERS)) if embedded else None
        if inbox:
            from hub.inbox import watching

            stack.enter_context(watching(hub, inbox))
        stack.enter_context(serving(hub, running))
        errors.print(f"Samspil listens on http://{settings.host}:{settings.port}")
        until_told(lambda: running is not None and running.failure() is not None)
        if running is not None and (failure := running.failure()):
            raise failure


def relay() -> None:
    """Bring the event store to Kafka; one relay is active, others wait for its turn.

    Example: SAMSPIL_KAFKA=localhost:9092 samspil relay
    """
    from hub.running import relaying

    with open_hub(Settings.from_environment()) as hub, relaying(hub):
        until_told()


def consume(
    names: Annotated[list[str], typer.Argument(help="consumers, such as landscape contracts invoice_control alerts")],
) -> None:
    """Run consumers on Kafka, as members of their groups; start more processes to share the work.

    Example: SAMSPIL_KAFKA=localhost:9092 samspil consume landscape contracts
    """
    from hub.consumers import consumers_named
    from hub.running import consuming_kafka

    consumers = consumers_named(names)
    with open_hub(Settings.from_environment()) as hub, consuming_kafka(hub, consumers) as running:
        until_told(lambda: running.failure() is not None)
        if failure := running.failure():
            raise failure


def until_told(ended: Callable[[], bool] = lambda: False) -> None:
    """Sleep until SIGTERM or Ctrl-C, or until `ended`."""
    stop = threading.Event()

    def told(_: int, __: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    while not stop.wait(0.5) and not ended():
        pass
