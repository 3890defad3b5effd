"""Backup and restore with PostgreSQL's own tools, under load, also from an embedded server to another."""

import os
import subprocess
from pathlib import Path

from sqlalchemy import text

from kernel.errors import Fatal, Invalid

from .database import Database
from .embedded import tools
from .migrate import make_roles, migrate


def backup(database: Database, file: Path) -> None:
    """Write everything as of one moment to `file`; writers go on. Raises Fatal when pg_dump does not succeed."""
    _run("pg_dump", "--format=custom", f"--file={file}", database=database)


def restore(database: Database, file: Path) -> None:
    """Fill an empty database from `file`; the store gets a new id, so that nobody mixes it up with the old one.

    Records that were relayed under the old id are nobody's any more, so the relay begins anew.

    Raises Invalid when the database already holds a hub or the file is missing, Fatal when pg_restore fails.
    """
    if not file.exists():
        raise Invalid(f"there is no backup {file}")
    with database.owner.connect() as connection:
        if connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = 'hub'")).first():
            raise Invalid("the database already holds a hub", hint="restore into an empty database or SAMSPIL_DATA_DIR")
    make_roles(database)
    _run("pg_restore", "--exit-on-error", "--single-transaction", str(file), database=database)
    with database.owner.begin() as connection:
        connection.execute(text("UPDATE hub.store SET id = gen_random_uuid()"))
        connection.execute(text("DELETE FROM hub.lease"))
        connection.execute(text("UPDATE hub.relay SET position = 0"))
        connection.execute(text("DELETE FROM hub.relay_partition"))
    migrate(database)


def _run(tool: str, *arguments: str, database: Database) -> None:
    url = database.url.set(drivername="postgresql", password=None).render_as_string()
    password = database.url.password
    done = subprocess.run(  # noqa: S603 - our own tool, arguments as a list
        [str(tools() / tool), "--dbname", url, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PGAPPNAME": tool, **({"PGPASSWORD": password} if password else {})},
    )
    if done.returncode:
        raise Fatal(f"{tool} failed: {done.stderr.strip()[-2000:]}")
