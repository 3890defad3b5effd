"""Building a projection anew from a million events, against applying them as they come."""

from benchmarks.report import progress, tell
from benchmarks.ways import ours_on_store
from benchmarks.workload import fill
from consumers.landscape.consumer import LANDSCAPE
from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from schemas.registry import CATALOGUE
from storage.database import Database

COUNT = 1_000_000


def measure(database: Database) -> None:
    """`rebuild` against `projection_embedded`, both on the same million events, with equal digests."""
    progress(f"storing {COUNT:,} events")
    fill(database, COUNT)
    progress("applying them as they come")
    applied = ours_on_store(database, COUNT)
    before = _digest(database)
    progress(f"  {applied:,.0f} events/s; building anew")
    rebuilt = Rebuild(database, LANDSCAPE, CATALOGUE).run()
    if _digest(database) != before:
        raise AssertionError("the rebuild gave other rows")
    rate = COUNT / rebuilt.seconds
    tell("rebuild", rate, "events/s", against="projection_embedded", ratio=rate / applied, embedded=applied)


def _digest(database: Database) -> dict[str, str]:
    with database.worker.begin() as connection:
        return digests(connection, [LANDSCAPE])
