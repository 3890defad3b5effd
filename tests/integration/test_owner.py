"""Who may change the hub's tables: the owner of the database, and no process that only works there."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from hub.opening import open_hub
from hub.settings import Settings
from kernel.errors import Fatal
from storage.database import WORKER, Database


def as_worker(database: Database) -> Settings:
    """What a process is told that knows the worker's role alone."""
    url = database.url.set(username=WORKER, password=None).render_as_string()
    return replace(Settings.from_environment({}), database_url=url)


def test_a_process_works_without_the_owners_password(database: Database) -> None:
    """On tables that are up to date it opens the hub, and what only the owner may do is refused with a word."""
    with open_hub(as_worker(database)) as hub:
        with hub.database.worker.connect() as connection:
            assert connection.execute(text("SELECT current_user")).scalar() == WORKER
        with pytest.raises(Fatal, match="only the owner"):
            hub.database.owner.connect()


def test_tables_of_another_version_are_left_as_they_are(database: Database) -> None:
    """A process that may not change them says which it needs, and who brings them there."""
    with database.owner.begin() as connection:
        connection.execute(text("UPDATE hub.alembic_version SET version_num = '0001'"))
    with pytest.raises(Fatal, match="of version 0001, this code needs"), open_hub(as_worker(database)):
        pass
