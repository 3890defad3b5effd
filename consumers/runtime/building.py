"""A version of a projection while it is built: bare tables first, then keys and policies, then the live one's place."""

from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateIndex, CreateTable

from storage.database import WEB
from storage.policies import policies

from .apply import write_mode
from .consumer import Consumer
from .coverage import Progress
from .projections import schema_name, use_version
from .tables import PROJECTION


class BegunAnew(Exception):
    """The version was given up, because what was parked when it passed has been replayed since."""


def create_bare(connection: Connection, consumer: Consumer, version: int) -> None:
    """Make a version's tables, without keys and policies where rows are only added, so that COPY may fill them."""
    schema = schema_name(consumer.name, version)
    connection.execute(text(f'CREATE SCHEMA "{schema}"'))
    use_version(connection, consumer.name, version)
    for table in consumer.tables.sorted_tables:
        connection.execute(CreateTable(table))
        if write_mode(table) == "append":
            connection.execute(text(f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{table.name}_pkey"'))
    connection.execute(
        PROJECTION.insert().values(
            consumer=consumer.name, version=version, code_version=consumer.version, state="building", position=0
        )
    )


def complete(connection: Connection, consumer: Consumer, version: int) -> None:
    """Add what `create_bare` left out."""
    schema = schema_name(consumer.name, version)
    connection.execute(text(f'GRANT USAGE ON SCHEMA "{schema}" TO {WEB}'))
    for table in consumer.tables.sorted_tables:
        if write_mode(table) == "append":
            keys = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
            connection.execute(text(f'ALTER TABLE "{table.name}" ADD PRIMARY KEY ({keys})'))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            connection.execute(CreateIndex(index))
        for statement in policies(schema, table):
            connection.execute(text(statement))


def is_bare(connection: Connection, consumer: str, version: int) -> bool:
    """Whether the version has yet to be completed."""
    found = text("SELECT FROM pg_policies WHERE schemaname = :schema LIMIT 1")
    return connection.execute(found, {"schema": schema_name(consumer, version)}).first() is None


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
