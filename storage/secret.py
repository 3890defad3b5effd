"""Secrets of a hub's own: made at first use, kept in the database, in its backups, and seen by the worker alone."""

import secrets

from sqlalchemy import text

from .database import Database

BYTES = 32


def kept_secret(database: Database, name: str) -> bytes:
    """The secret called `name`; whoever asks first makes it, and all the hub's processes have the same."""
    with database.worker.begin() as connection:
        connection.execute(
            text("INSERT INTO hub.secret (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"),
            {"name": name, "value": secrets.token_bytes(BYTES)},
        )
        found = connection.execute(text("SELECT value FROM hub.secret WHERE name = :name"), {"name": name})
        return bytes(found.scalar_one())
