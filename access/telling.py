"""How the layers that keep who may what tell of it: through a port that the wiring fills with the event store."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from schemas.values import Value


class Fact(NamedTuple):
    """Something that happened: whose it is, the event family, what it is about, and the data."""

    authority: str
    family: str
    subject: str
    data: Value


class Tell(Protocol):
    """Appends facts as events in the caller's transaction; the last thing it does before it commits."""

    def __call__(self, connection: Connection, facts: Sequence[Fact]) -> None: ...
