"""Opening and closing kafka-python's clients so that a broker that is away leaves nothing behind.

kafka-python 3.0 starts a thread and opens sockets before it looks for the broker, and keeps them when it gives up; and
a producer that still holds records does not close but raises. With a broker that is away for a night, an attempt every
few seconds would use up the process's files.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

Made = TypeVar("Made")

BOOTSTRAP_MS = 5_000
"""How long a broker may take to answer at first."""


def connected(kind: Callable[..., Made], *topics: str, **settings: Any) -> Made:
    """A `KafkaConsumer` of `topics`, a `KafkaProducer` or a `KafkaAdminClient` that has reached its broker.

    Raises KafkaError when no broker answers.
    """
    opened: list[Any] = []

    def remembered(**given: Any) -> Any:
        opened.append(KafkaNetClient(**given))
        return opened[-1]

    try:
        return kind(*topics, **{"bootstrap_timeout_ms": BOOTSTRAP_MS, **settings}, kafka_client=remembered)
    except BaseException:
        for client in opened:
            client.close()
        raise


async def listens(bootstrap: str) -> bool:
    """Whether any of the brokers (`host:port,host:port`) takes a connection; whatever is opened is closed again."""
    for address in bootstrap.split(","):
        host, _, port = address.rpartition(":")
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            await writer.wait_closed()
            return True
    return False


def disconnect(producer: KafkaProducer, timeout_s: float = 0.0) -> None:
    """Close the producer; what it could not send within the time it drops."""
    try:
        producer.close(timeout=timeout_s)
    except KafkaError:
        producer._sender.force_close()  # noqa: SLF001 - there is no other way to make it give up what it holds
        producer._sender.join(timeout=1)  # noqa: SLF001
        with suppress(KafkaError):
            producer.close(timeout=0)
