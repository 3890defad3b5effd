"""Building a projection anew, against applying its events as they come."""

from statistics import median

from benchmarks.report import median_ratio, progress, tell
from benchmarks.ways import ours_on_store
from benchmarks.workload import fill
from consumers.landscape.consumer import LANDSCAPE
from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from schemas.registry import CATALOGUE
from storage.database import Database

COUNT, RUNS = 400_000, 3


def measure(database: Database) -> None:
    """`rebuild` against `projection_embedded`, run after run on the same events, with equal digests."""
    progress(f"storing {COUNT:,} events")
    fill(database, COUNT)
    applied, rebuilt = list[float](), list[float]()
    for _ in range(RUNS):
        progress("applying them as they come, and building anew")
        applied.append(ours_on_store(database, COUNT))
        before = _digest(database)
        rebuilt.append(COUNT / Rebuild(database, LANDSCAPE, CATALOGUE).run().seconds)
        progress(f"  {applied[-1]:,.0f} and {rebuilt[-1]:,.0f} events/s")
        if _digest(database) != before:
            raise AssertionError("the rebuild gave other rows")
    tell(
        "rebuild", median(rebuilt), "events/s", against="projection_embedded", ratio=median_ratio(rebuilt, applied),
        at_least=1.2, embedded=median(applied),
    )  # fmt: skip


def _digest(database: Database) -> dict[str, str]:
    with database.worker.begin() as connection:
        return digests(connection, [LANDSCAPE])
