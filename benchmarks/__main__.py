"""`python -m benchmarks [projection] [accept] [latency] [rebuild] [delivery]`: all of them without a name."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import accepting, delivering, latency, projection, rebuilding
from benchmarks.report import progress
from benchmarks.serving import served
from hub.memory import calm_garbage_collector
from storage.database import Database
from storage.embedded import EmbeddedPostgres
from storage.migrate import migrate
from tests.support.kafka import NoBroker, broker_process

NAMES = ("projection", "accept", "latency", "rebuild", "delivery")


def main() -> int:
    chosen = sys.argv[1:] or NAMES
    if unknown := set(chosen) - set(NAMES):
        progress(f"there is no measurement {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
        return 2
    calm_garbage_collector()
    try:
        with broker_process() as broker:
            _run(chosen, broker)
    except NoBroker as none:
        progress(f"the measurements need a Kafka broker: {none}")
        return 1
    return 0


def _run(chosen: "list[str] | tuple[str, ...]", broker: str) -> None:
    if "projection" in chosen:
        with _database() as database:
            projection.measure(database, broker)
    if "accept" in chosen or "latency" in chosen:
        with _home() as home, served(home) as hub:
            if "latency" in chosen:
                embedded = latency.measure(hub, broker, "event store")
            if "accept" in chosen:
                accepting.measure(hub)
    if "latency" in chosen:
        with _home() as home, served(home, broker, "bench-latency") as hub:
            kafka = latency.measure(hub, broker, "Kafka")
        latency.report(embedded, kafka)
    if "rebuild" in chosen:
        with _database() as database:
            rebuilding.measure(database)
    if "delivery" in chosen:
        with _database() as database:
            delivering.measure(database)


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="samspil-bench-") as name:
        home = Path(name)
        home.chmod(0o755)
        yield home


@contextmanager
def _database() -> Iterator[Database]:
    """A PostgreSQL of its own, migrated and empty, gone afterwards."""
    with _home() as home:
        postgres = EmbeddedPostgres(home)
        database = postgres.start()
        try:
            migrate(database)
            yield database
        finally:
            database.dispose()
            postgres.stop()


if __name__ == "__main__":
    sys.exit(main())
