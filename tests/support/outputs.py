"""All that comes out of a hub: tables, dump, PostgreSQL's log, records, metrics, and what listing commands print."""

import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from typer.testing import CliRunner

from access.tables import AUTHORITY as KNOWN
from consumers.cases.tables import CASE
from consumers.runtime.projections import use_active
from hub.cli import app
from hub.consumers import CONSUMERS
from hub.questions import QUESTIONS
from monitoring.metrics import exposition
from producers.store import read
from producers.tally import Tally
from schemas.transport import headers_of
from storage.backup import backup
from storage.database import Database
from storage.embedded import tools
from tests.support.events import AUTHORITY

_LISTS: tuple[tuple[str, ...], ...] = (
    ("events", "--limit", "100000"),
    ("cases",),
    ("alerts",),
    ("parked", "list"),
    ("automation", "rules"),
    *((consumer, each) for consumer, asked in QUESTIONS.items() if consumer != "automation" for each in asked),
)


def rows(database: Database) -> dict[str, str]:
    """Every row of every table of the hub and of every projection, as text."""
    with database.owner.connect() as connection:
        names = connection.execute(
            text(
                "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables "
                "WHERE table_schema <> 'information_schema' AND table_schema !~ '^pg_'"
            )
        ).scalars()
        return {
            name: "\n".join(connection.execute(text(f"SELECT t::text FROM {name} AS t")).scalars())
            for name in list(names)
        }


def dump(database: Database, file: Path) -> str:
    """A backup, as plain SQL."""
    backup(database, file)
    done = subprocess.run(
        [str(tools() / "pg_restore"), "-f", "-", str(file)], capture_output=True, text=True, check=True
    )
    return done.stdout


def server_log(database: Database) -> str:
    """What PostgreSQL itself has written down, where its log can be read."""
    with database.owner.connect() as connection:
        folder = Path(str(connection.execute(text("SHOW data_directory")).scalar()))
    file = folder / "log"
    return file.read_text(errors="replace") if file.is_file() else ""


def listings(database: Database, traced: Collection[str]) -> dict[str, str]:
    """What each listing command prints as JSON, by its arguments; `traced` are the ids whose way is listed too."""
    make_known(database)
    cases = [("cases", each, "--authority", AUTHORITY) for each in _cases(database)]
    commands = [*_LISTS, *(("trace", each) for each in traced), *cases]
    return {" ".join(command): _printed(database, *command, "--json") for command in commands}


def records(database: Database) -> str:
    """What the relay sends to Kafka: the headers and the payload of every event."""
    with database.worker.connect() as connection:
        events = read(connection, 0, 100_000)
    return "\n".join(f"{headers_of(event, 'store', 0)} {event.payload.decode()}" for event in events)


def metrics(database: Database) -> str:
    """What Prometheus scrapes."""
    make_known(database)
    return exposition(database, CONSUMERS, Tally()).decode()


def make_known(database: Database) -> None:
    """Let the hub know the authority, as `samspil access` does."""
    values = {"authority": AUTHORITY, "name": "Egesø Kommune"}
    with database.owner.begin() as connection:
        connection.execute(insert(KNOWN).values(values).on_conflict_do_nothing())


def _cases(database: Database) -> Iterator[str]:
    with database.worker.connect() as connection:
        if use_active(connection, "cases") is None:
            return
        held = select(CASE.c.subject).where(CASE.c.document.is_not(None)).distinct()
        yield from connection.execute(held).scalars()


def _printed(database: Database, *command: str) -> str:
    url = database.url.render_as_string(hide_password=False)
    done = CliRunner(env={"SAMSPIL_DATABASE_URL": url}).invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0, (command, done.output)
    return done.output
