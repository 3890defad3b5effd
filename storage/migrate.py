"""Bring the hub's tables and roles to the version this code needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from kernel.errors import Fatal

from .database import WEB, WORKER, Database, driver_of

MIGRATION_LOCK = 7_000_001
IDLE_LIMIT = "10s"
"""How long either role may sit inside a transaction; a frozen process must not stop the others."""


def migrate(database: Database) -> None:
    """Make the roles, the `hub` schema and its tables, or bring them up to date. Safe to run from many processes."""
    with database.owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        _roles(connection, database)
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS hub"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA hub TO {WORKER}, {WEB}"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.execute(text(f"GRANT SELECT ON hub.alembic_version TO {WORKER}"))


def require_current(database: Database) -> None:
    """See, as the worker, that the tables are those of this code. Raises Fatal when the owner has yet to see to it."""
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    with database.worker.connect() as connection:
        try:
            found = connection.execute(text("SELECT version_num FROM hub.alembic_version")).scalar()
        except ProgrammingError:
            found = None
    if found != wanted:
        raise Fatal(
            f"the hub's tables are of version {found or 'none'}, this code needs {wanted}",
            hint="run `samspil topics create`, or any other command, once with the URL of the database's owner",
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def make_roles(database: Database) -> None:
    """Make the two roles and let the worker make projections; safe to repeat."""
    with database.owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        _roles(connection, database)


def _roles(connection: Connection, database: Database) -> None:
    _role(connection, WORKER, database.worker_password)
    _role(connection, WEB, database.web_password)
    name = sql.Identifier(database.url.database or "postgres")
    driver_of(connection).execute(
        sql.SQL("GRANT CREATE, TEMPORARY ON DATABASE {} TO {}").format(name, sql.Identifier(WORKER))
    )


def _role(connection: Connection, name: str, password: str | None) -> None:
    """Make a login role that is no superuser and bypasses nothing, or set its password and limits anew."""
    driver = driver_of(connection)
    role = sql.Identifier(name)
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).first()
    if not known:
        driver.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE").format(role))
    if password:
        driver.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(password)))
    driver.execute(
        sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = {}").format(role, sql.Literal(IDLE_LIMIT))
    )
