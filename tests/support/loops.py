"""Relay and consumer in threads of the test, so that it can look into them."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from consumers.runtime.kafka import KafkaLoop
from producers.relay import Relay


@contextmanager
def relaying(relay: Relay) -> Iterator[Relay]:
    """The relay at work in a thread; it finishes its page at the end."""
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        yield relay
    finally:
        relay.stop()
        thread.join()


@contextmanager
def consuming(loop: KafkaLoop) -> Iterator[KafkaLoop]:
    """The loop at work in a thread with an event loop of its own; it finishes its batch at the end."""
    running = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: running.run_until_complete(loop.run(stop)))
    thread.start()
    try:
        yield loop
    finally:
        running.call_soon_threadsafe(stop.set)
        thread.join()
        running.run_until_complete(running.shutdown_default_executor())
        running.close()
