"""Topics and partitions: a topic per domain, all with the same number of partitions, chosen by authority.

So one process has all of an authority's domains, and an authority's events keep their order.
"""

from dataclasses import dataclass
from zlib import crc32

from sqlalchemy import Connection, text

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
