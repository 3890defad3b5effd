"""A version of a projection while it is built: how far it has come, and how it takes the live one's place."""

from sqlalchemy import Connection, text

from .coverage import Progress
from .tables import PROJECTION


class BegunAnew(Exception):
    """The version was given up, because what was parked when it passed has been replayed since."""


def move(connection: Connection, consumer: str, version: int, position: int) -> None:
    """Write how far the version has come, and hold it until the commit. Raises BegunAnew when it was given up."""
    mine = (PROJECTION.c.consumer == consumer, PROJECTION.c.version == version, PROJECTION.c.state == "building")
    if not connection.execute(PROJECTION.update().where(*mine).values(position=position)).rowcount:
        raise BegunAnew


def take_place(connection: Connection, consumer: str, version: int, live: Progress | None, head: int) -> None:
    """Let the version be the active one, exactly where the live one stood."""
    move(connection, consumer, version, live.floor if live else head)
    if live:
        connection.execute(
            text(
                "INSERT INTO hub.position SELECT consumer, :version, topic, partition, position FROM hub.position "
                "WHERE consumer = :consumer AND version = :live"
            ),
            {"consumer": consumer, "version": version, "live": live.version},
        )
        _set_state(connection, consumer, live.version, "retired")
    _set_state(connection, consumer, version, "active")


def _set_state(connection: Connection, consumer: str, version: int, state: str) -> None:
    connection.execute(
        PROJECTION.update()
        .where(PROJECTION.c.consumer == consumer, PROJECTION.c.version == version)
        .values(state=state)
    )
