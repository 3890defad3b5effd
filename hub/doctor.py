"""The doctor: looks the hub over and says, for each finding, what to do about it."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import text

from consumers.runtime.projections import active_version
from kernel.errors import SamspilError
from monitoring.status import status_of
from producers.topics import Topics, topic_names
from storage.database import Database

from .consumers import CONSUMERS
from .opening import Hub, open_hub
from .settings import Settings

Row = dict[str, Any]


def examine(settings: Settings) -> list[Row]:
    """A row per check: whether it is well, what was found, and the remedy."""
    try:
        with open_hub(settings) as hub:
            return [row for check in CHECKS for row in check(hub)]
    except SamspilError as error:
        return [_row("database", False, error.message, error.hint)]


def _database(hub: Hub) -> Iterator[Row]:
    with hub.database.worker.connect() as connection:
        version = connection.execute(text("SHOW server_version")).scalar_one()
        durable = connection.execute(text("SHOW fsync")).scalar_one() == "on"
    yield _row("database", True, f"PostgreSQL {version} answers", "")
    yield _row(
        "durability", durable, "fsync is on" if durable else "fsync is off: a crash loses data", "set fsync = on"
    )


def _roles(hub: Hub) -> Iterator[Row]:
    with hub.database.worker.connect() as connection:
        powerful = connection.execute(
            text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'samspil_%' AND (rolsuper OR rolbypassrls)")
        ).scalars()
        names = ", ".join(powerful)
    yield _row(
        "roles", not names, f"{names} bypasses row-level security" if names else "both roles are bound by policies",
        "ALTER ROLE ... NOSUPERUSER NOBYPASSRLS",
    )  # fmt: skip


def _isolation(hub: Hub) -> Iterator[Row]:
    seen = unprotected_tables(hub.database)
    yield _row(
        "isolation", not seen, f"open to all: {', '.join(seen)}" if seen else "every authority's rows are its own",
        "rebuild the projection, or run the migrations",
    )  # fmt: skip


def unprotected_tables(database: Database) -> list[str]:
    """Tables with an authority in which the web sees a row although no authority is named."""
    with database.web.connect() as connection:
        tables = connection.execute(
            text(
                "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.columns "
                "WHERE column_name = 'authority' AND table_schema NOT LIKE 'pg_%' ORDER BY 1"
            )
        ).scalars()
        return [table for table in list(tables) if connection.execute(text(f"SELECT 1 FROM {table} LIMIT 1")).first()]


def _consumers(hub: Hub) -> Iterator[Row]:
    status = status_of(hub.database, CONSUMERS)
    with hub.database.worker.connect() as connection:
        for consumer, row in zip(CONSUMERS, status.consumers, strict=True):
            if active_version(connection, consumer.name) is None:
                yield _row(
                    consumer.name, False, "has never run", "start `samspil serve --embedded` or `samspil consume`"
                )
                continue
            well = not row.parked
            found = f"version {row.version}, {row.lag} events behind, {row.parked} parked"
            yield _row(consumer.name, well, found, "`samspil parked list` shows them with their reasons")


def _kafka(hub: Hub) -> Iterator[Row]:
    if not hub.settings.kafka:
        yield _row("kafka", True, "not used: consumers read the event store", "")
        return
    topics: Topics = hub.settings.topics
    try:
        missing = {topics.of(kind.domain) for kind in hub.catalogue} - set(topic_names(hub.settings.kafka))
    except SamspilError as error:
        yield _row("kafka", False, error.message, error.hint)
        return
    found = f"topics are missing: {', '.join(sorted(missing))}" if missing else f"{hub.settings.kafka} has every topic"
    yield _row("kafka", not missing, found, "`samspil topics create`")


def _row(check: str, ok: bool, finding: str, fix: str) -> Row:
    return {"check": check, "ok": ok, "finding": finding, "fix": "" if ok else fix}


CHECKS: tuple[Callable[[Hub], Iterator[Row]], ...] = (_database, _roles, _isolation, _consumers, _kafka)
