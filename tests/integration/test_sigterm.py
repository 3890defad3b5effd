"""SIGTERM finishes the batch: a process that is told to end inside a transaction commits it and ends with 0."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from consumers.landscape.consumer import LANDSCAPE
from consumers.runtime.coverage import caught_up
from storage.database import Database
from storage.embedded import EmbeddedPostgres
from tests.crash.processes import holding
from tests.support.command import Command, commanding
from tests.support.sample import unit
from tests.support.serving import free_port, is_ready
from tests.support.wait import until

TABLE = "landscape_v1.unit"
"""What the landscape writes a unit to."""
STAYS_S = 6.0
"""A process that did not wait for its batch would have ended by then."""


@contextmanager
def hub() -> Iterator[tuple[Command, Database]]:
    """The command line on a fresh hub, and its database."""
    with commanding() as command:
        postgres = EmbeddedPostgres(command.home)
        database = postgres.start()
        try:
            yield command, database
        finally:
            database.dispose()
            postgres.stop()


def waits(database: Database) -> bool:
    """Whether a transaction of the landscape waits for its table."""
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST(:table AS regclass)")
    with database.owner.connect() as connection:
        return bool(connection.execute(query, {"table": TABLE}).scalar_one())


def is_applied(database: Database) -> bool:
    with database.worker.connect() as connection:
        return caught_up(connection, [LANDSCAPE])


def units(database: Database) -> int:
    with database.owner.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {TABLE}")).scalar_one())


def is_shut(port: int) -> bool:
    """Whether nobody listens: the first thing a process does that was told to end."""
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) != 0


def terminate_in_the_batch(process: "subprocess.Popen[str]", port: int, database: Database) -> None:
    """While the process waits inside its transaction, tell it to end, and see that it goes on waiting."""
    until(lambda: waits(database), 60, "the landscape to be inside its batch")
    process.terminate()
    until(lambda: is_shut(port), 60, "the process to hear of it")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(STAYS_S)
    assert waits(database)
    assert not is_applied(database)


def finishes_its_batch(samspil: Command, database: Database, command: Sequence[str], port: int, folder: Path) -> None:
    """An event comes while the landscape's table is held; the process is told to end, and the table is let go."""
    file = folder / "unit.json"
    file.write_text(unit(1).model_dump_json(exclude_none=True))
    with samspil.running(*command) as process:
        until(lambda: is_ready(port), 60, "the process to be ready")
        with holding(database, TABLE):
            assert samspil("ingest", file).code == 0
            terminate_in_the_batch(process, port, database)
        assert process.wait(60) == 0
    assert is_applied(database)
    assert units(database) == 1


def test_the_embedded_hub_finishes_its_batch(tmp_path: Path) -> None:
    """On the event store: the position has moved and the rows are there when the process has ended."""
    with hub() as (samspil, database):
        port = free_port()
        told = replace(samspil, environment={"SAMSPIL_PORT": str(port)})
        finishes_its_batch(told, database, ("serve", "--embedded"), port, tmp_path)


@pytest.mark.kafka
def test_a_consumer_on_kafka_finishes_its_batch(kafka_broker: str, tmp_path: Path) -> None:
    """As a member of its group: the same, while the relay is a process of its own."""
    with hub() as (samspil, database), ExitStack() as stack:
        kafka = {"SAMSPIL_KAFKA": kafka_broker, "SAMSPIL_TOPIC_PREFIX": f"sigterm-{uuid4().hex[:8]}"}
        told = replace(samspil, environment=kafka)
        assert told("topics", "create").code == 0
        stack.enter_context(told.running("relay"))
        port = free_port()
        consumer = replace(told, environment=kafka | {"SAMSPIL_HEALTH_PORT": str(port)})
        finishes_its_batch(consumer, database, ("consume", "landscape"), port, tmp_path)
