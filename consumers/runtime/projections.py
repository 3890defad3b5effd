"""A projection's versions: each lives in a PostgreSQL schema of its own (`landscape_v3`); one is active."""

from sqlalchemy import Connection, func, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from kernel.errors import Fatal
from storage.database import WEB, Database
from storage.policies import policies

from .consumer import Consumer
from .tables import PROJECTION


def schema_name(consumer: str, version: int) -> str:
    return f"{consumer}_v{version}"


def ensure_active(database: Database, consumer: Consumer) -> int:
    """The active version, made empty at position 0 on a fresh store.

    Raises Fatal when the tables were made by another version of the code.
    """
    with database.worker.begin() as connection:
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"projection {consumer.name}"}
        )
        row = connection.execute(
            select(PROJECTION.c.version, PROJECTION.c.code_version).where(
                PROJECTION.c.consumer == consumer.name, PROJECTION.c.state == "active"
            )
        ).first()
        if row is None:
            create_version(connection, consumer, 1, state="active")
            return 1
        if row.code_version != consumer.version:
            raise other_code(consumer, row.code_version)
        return int(row.version)


def other_code(consumer: Consumer, code_version: int) -> Fatal:
    """What is said when the active version's tables are not those of this code."""
    return Fatal(
        f"{consumer.name} was built by version {code_version} of its code, this is {consumer.version}",
        hint=f"build it anew beside the old one (`samspil rebuild {consumer.name}`), or run the newer release",
    )


def create_version(connection: Connection, consumer: Consumer, version: int, *, state: str) -> None:
    """Make the schema and the empty tables of a version, open to the worker and, row by row, to the web."""
    create_bare(connection, consumer, version, state=state)
    complete(connection, consumer, version)


def create_bare(connection: Connection, consumer: Consumer, version: int, *, state: str = "building") -> None:
    """Make a version's tables, without keys and policies where rows are only added, so that COPY may fill them."""
    connection.execute(text(f'CREATE SCHEMA "{schema_name(consumer.name, version)}"'))
    use_version(connection, consumer.name, version)
    for table in consumer.tables.sorted_tables:
        connection.execute(CreateTable(table))
        if table.info["write"] == "append":
            connection.execute(text(f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{table.name}_pkey"'))
    connection.execute(
        PROJECTION.insert().values(
            consumer=consumer.name, version=version, code_version=consumer.version, state=state, position=0
        )
    )


def complete(connection: Connection, consumer: Consumer, version: int) -> None:
    """Add what `create_bare` left out."""
    schema = schema_name(consumer.name, version)
    connection.execute(text(f'GRANT USAGE ON SCHEMA "{schema}" TO {WEB}'))
    for table in consumer.tables.sorted_tables:
        if table.info["write"] == "append":
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


def drop_version(connection: Connection, consumer: str, version: int) -> None:
    """Take a retired or unfinished version away."""
    connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema_name(consumer, version)}" CASCADE'))
    for table in ("projection", "position"):
        connection.execute(
            text(f"DELETE FROM hub.{table} WHERE consumer = :consumer AND version = :version"),
            {"consumer": consumer, "version": version},
        )


def build_anew(connection: Connection, consumer: str, position: int) -> None:
    """An unfinished version that has passed `position` without what stands there is given up, and begun again.

    It is held until the commit, so that it does not pass meanwhile.
    """
    mine = (PROJECTION.c.consumer == consumer, PROJECTION.c.state == "building")
    connection.execute(select(PROJECTION.c.version).where(*mine).with_for_update())
    connection.execute(PROJECTION.update().where(*mine, PROJECTION.c.position >= position).values(state="retired"))


def use_version(connection: Connection, consumer: str, version: int) -> None:
    """Let unqualified table names mean this version's tables until the transaction ends."""
    connection.execute(
        text("SELECT set_config('search_path', :path, true)"), {"path": f'"{schema_name(consumer, version)}"'}
    )


def use_active(connection: Connection, consumer: str) -> int | None:
    """Let unqualified names mean the active version's tables; None when the consumer has never run."""
    version = active_version(connection, consumer)
    if version is not None:
        use_version(connection, consumer, version)
    return version


def active_version(connection: Connection, consumer: str) -> int | None:
    version: int | None = connection.execute(
        select(PROJECTION.c.version).where(PROJECTION.c.consumer == consumer, PROJECTION.c.state == "active")
    ).scalar()
    return version


def last_version(connection: Connection, consumer: str) -> int:
    """The highest version number there is, 0 when there is none."""
    highest = connection.execute(
        select(func.max(PROJECTION.c.version)).where(PROJECTION.c.consumer == consumer)
    ).scalar()
    return highest or 0
