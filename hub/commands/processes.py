"""The processes of the hub: serve, relay, consume, deliver."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from hub.output import errors
from hub.settings import Settings
from hub.workers import Part, first_failure, trouble_of

if TYPE_CHECKING:
    from consumers.runtime.consumer import Consumer
    from hub.opening import Hub
    from schemas.subscriptions import Way

INBOX = Annotated[Path | None, typer.Option(help="a folder whose files are taken in as they come")]


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(relay)
    app.command()(consume)
    app.command()(deliver)


def serve(
    embedded: Annotated[bool, typer.Option("--embedded", help="run every consumer in this process too")] = False,
    inbox: INBOX = None,
) -> None:
    """The API, and with --embedded every consumer and deliveries, in one process.

    Example: samspil serve --embedded --inbox ./indbakke
    """
    from hub.consumers import CONSUMERS
    from hub.daybreak import telling_days
    from hub.delivering import delivering, ways
    from hub.hublock import only_hub
    from hub.opening import open_hub
    from hub.running import consuming_store
    from hub.server import login_link, serving

    settings = _begin()
    with ExitStack() as stack:
        if embedded:
            stack.enter_context(only_hub(settings))
        hub = stack.enter_context(open_hub(settings))
        parts: list[Part] = [stack.enter_context(telling_days(hub))]
        if embedded:
            parts += stack.enter_context(consuming_store(hub, CONSUMERS)).parts
            parts.append(stack.enter_context(delivering(hub)))
        if inbox:
            from hub.inbox import watching

            parts.append(stack.enter_context(watching(hub, inbox)))
        judged = (CONSUMERS, ways(settings)) if embedded else ()
        web = stack.enter_context(serving(hub, partial(trouble_of, parts), *judged))
        errors.print(f"Samspil listens on http://{settings.host}:{settings.port}")
        if embedded:
            errors.print(f"log in once with {login_link(web, settings)}")
        _until_told(parts)


def relay() -> None:
    """Bring the event store to Kafka, and the inbox topic to accept; one relay is active, others wait for its turn.

    Example: SAMSPIL_KAFKA=localhost:9092 samspil relay
    """
    from hub.opening import open_hub
    from hub.running import relaying, taking_inbox

    with open_hub(_begin()) as hub, relaying(hub) as relayed, taking_inbox(hub) as taken:
        parts = [part for part in (relayed, taken) if part]
        with _health(hub, parts, relay=True):
            _until_told(parts)


def consume(
    names: Annotated[
        list[str] | None, typer.Argument(help="consumers, such as landscape contracts; all if left out")
    ] = None,
) -> None:
    """Run consumers on Kafka, as members of their groups; start more processes to share the work.

    Example: SAMSPIL_KAFKA=localhost:9092 samspil consume landscape contracts
    """
    from hub.consumers import consumers_named
    from hub.opening import open_hub
    from hub.running import consuming_kafka

    consumers = consumers_named(names or ())
    with (
        open_hub(_begin()) as hub,
        consuming_kafka(hub, consumers) as running,
        _health(hub, running.parts, consumers),
    ):
        _until_told(running.parts)


def deliver() -> None:
    """Deliver to subscribers, by webhook and by mail; start more processes so that one may fail.

    Example: SAMSPIL_SMTP=localhost:25 samspil deliver
    """
    from hub.delivering import delivering, ways
    from hub.opening import open_hub

    settings = _begin()
    with (
        open_hub(settings) as hub,
        delivering(hub) as delivered,
        _health(hub, [delivered], delivers=ways(settings)),
    ):
        _until_told([delivered])


@contextmanager
def _health(
    hub: "Hub",
    parts: "Sequence[Part]",
    consumers: "Sequence[Consumer]" = (),
    *,
    relay: bool = False,
    delivers: "Sequence[Way]" = (),
) -> Iterator[None]:
    """Tell the health of a process without an API, where the settings name a port for it."""
    if hub.settings.health_port is None:
        yield
        return
    from hub.server import health, listening

    app = health(hub, partial(trouble_of, parts), consumers, relay=relay, delivers=delivers)
    with listening(app, hub.settings.host, hub.settings.health_port):
        yield


def _begin() -> Settings:
    """What every long-running process does first."""
    from hub.memory import calm_garbage_collector

    calm_garbage_collector()
    return Settings.from_environment()


def _until_told(parts: "Sequence[Part]") -> None:
    """Sleep until SIGTERM or Ctrl-C. Raises what stopped a part of the process, as soon as one has stopped."""
    stop = threading.Event()

    def told(_: int, __: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    while not stop.wait(0.5):
        if failure := first_failure(parts):
            raise failure
