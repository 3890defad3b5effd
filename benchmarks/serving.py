"""A hub of its own for a measurement: processes of `samspil` on an embedded PostgreSQL, with or without Kafka."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from access.agreements import approve_agreement, request_agreement
from access.principals import add_principal, register_authority
from benchmarks.workload import AUTHORITIES, TYPE
from kernel.ids import derived_id
from storage.database import Database
from storage.embedded import EmbeddedPostgres
from storage.migrate import migrate
from tests.support.serving import free_port, is_ready
from tests.support.wait import until

AUTHORITY = AUTHORITIES[0]


@dataclass(frozen=True)
class Served:
    """Where it listens, with which key, and on which database."""

    url: str
    key: str
    database: Database


def event_json(number: int) -> dict[str, Any]:
    """One statement about one of 5,000 usages, as a source system sends it."""
    return {
        "specversion": "1.0",
        "id": f"http-{number}",
        "source": "urn:bench",
        "type": TYPE.name,
        "subject": derived_id("bench", number % 5_000),
        "authority": AUTHORITY,
        "time": "2026-01-01T00:00:00Z",
        "effective": "2026-01-01",
        "data": {**TYPE.sample, "local_id": f"anvendelse-{number}"},
    }


@contextmanager
def served(home: Path, kafka: str = "", prefix: str = "samspil") -> Iterator[Served]:
    """`samspil serve --embedded`, or with `kafka` serve, relay and consume as processes."""
    port = free_port()
    environment = {**os.environ, "SAMSPIL_DATA_DIR": str(home), "SAMSPIL_PORT": str(port)}
    if kafka:
        environment |= {"SAMSPIL_KAFKA": kafka, "SAMSPIL_TOPIC_PREFIX": prefix}
    postgres = EmbeddedPostgres(home)
    with ExitStack() as stack:
        database = postgres.start()
        stack.callback(postgres.stop)
        migrate(database)
        stack.callback(database.dispose)
        key = _allowed(database)
        if kafka:
            _run(environment, "topics", "create")
            stack.enter_context(_process(environment, "relay"))
            stack.enter_context(_process(environment, "consume", "landscape"))
        stack.enter_context(_process(environment, "serve", *([] if kafka else ["--embedded"])))
        until(lambda: is_ready(port), 60, "the hub to answer")
        yield Served(f"http://127.0.0.1:{port}", key, database)


def _allowed(database: Database) -> str:
    with database.worker.begin() as connection:
        key = add_principal(connection, "bench", "system")
        register_authority(connection, AUTHORITY, "Bench", "bench")
        agreement = request_agreement(connection, AUTHORITY, "bench", "send", ["*"], by="one")
        approve_agreement(connection, agreement, by="another")
    return key


def _run(environment: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "-m", "hub.cli", *command], env=environment, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _process(environment: dict[str, str], *command: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "hub.cli", *command], env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
