"""Topics and partitions: a topic per domain, all with the same number of partitions, chosen by authority.

So one process has all of an authority's domains, and an authority's events keep their order.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError
from sqlalchemy import Connection, text

from kernel.errors import Invalid, Retryable

from .connecting import connected

_AWAY = "is the broker running, and is the address right?"
LARGEST_RECORD = 32 * 1024 * 1024
"""Bytes; more than accept takes in one request, so that no event that was accepted stops the relay."""
DAY_MS = 24 * 3600 * 1000
KEPT = {
    "segment.ms": str(DAY_MS),
    "retention.ms": str(29 * DAY_MS),
    "max.message.bytes": str(LARGEST_RECORD),
}
"""A segment goes when its youngest record is 29 days old; it holds records of one day, so none is kept more than 30."""

INBOX = "inbox"
"""The topic that source systems write CloudEvents to."""


@dataclass(frozen=True)
class Topics:
    """The names of a hub's topics; hubs that share a broker differ by their prefix."""

    prefix: str = "samspil"

    def of(self, domain: str) -> str:
        return f"{self.prefix}.{domain}"

    def domain(self, topic: str) -> str:
        return topic.removeprefix(f"{self.prefix}.")

    @property
    def inbox(self) -> str:
        return self.of(INBOX)


def partition_of(authority: str, partitions: int) -> int:
    """The partition of every event of an authority, in every topic."""
    return crc32(authority.encode()) % partitions


def partition_count(connection: Connection) -> int:
    """How many partitions each topic of this store has."""
    return int(connection.execute(text("SELECT partitions FROM hub.store")).scalar_one())


def note_partitions(connection: Connection, partitions: int) -> None:
    """Remember how many partitions the topics have. Raises Invalid when records were already sent by another number."""
    sent = connection.execute(text("SELECT sent FROM hub.relay")).scalar_one()
    if sent and partition_count(connection) != partitions:
        raise Invalid(
            f"this store was relayed to {partition_count(connection)} partitions, not {partitions}",
            hint="the order of an authority's events hangs on it; keep SAMSPIL_PARTITIONS as it was",
        )
    connection.execute(text("UPDATE hub.store SET partitions = :partitions"), {"partitions": partitions})


def create_topics(bootstrap: str, topics: Topics, domains: Iterable[str], partitions: int) -> list[str]:
    """Make the topics that are missing; returns their names. Records stay for at most 30 days: a rebuild needs none.

    Raises Retryable when the broker does not answer.
    """
    wanted = [topics.of(domain) for domain in sorted(domains)] + [topics.inbox]
    with _admin(bootstrap) as admin:
        missing = sorted(set(wanted) - set(admin.list_topics()))
        if missing:
            admin.create_topics(
                [
                    NewTopic(name, num_partitions=partitions, replication_factor=-1, topic_configs=KEPT)
                    for name in missing
                ]
            )
            admin.wait_for_topics(missing)
    return missing


def topic_names(bootstrap: str) -> list[str]:
    """Every topic on the broker. Raises Retryable when it does not answer."""
    with _admin(bootstrap) as admin:
        return list(admin.list_topics())


def delete_topics(bootstrap: str, topics: Topics) -> None:
    """Take every topic of this prefix away. Raises Retryable when the broker does not answer."""
    with _admin(bootstrap) as admin:
        if mine := [name for name in admin.list_topics() if name.startswith(f"{topics.prefix}.")]:
            admin.delete_topics(mine)


@contextmanager
def _admin(bootstrap: str) -> Iterator[KafkaAdminClient]:
    """A client that has reached the broker. Raises Retryable when it does not answer, then or later."""
    try:
        admin = connected(KafkaAdminClient, bootstrap_servers=bootstrap)
        try:
            yield admin
        finally:
            admin.close()
    except KafkaError as error:
        raise Retryable(f"Kafka at {bootstrap} does not answer: {error}", hint=_AWAY) from error
