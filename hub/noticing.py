"""What a listing does not show yet: a line beside it says that its consumer has never run, or is behind the store."""

from collections.abc import Sequence

from consumers.alerts.consumer import ALERTS
from consumers.runtime.coverage import observe, waiting
from storage.database import Database

from .consumers import CONSUMERS, consumers_named
from .opening import Hub
from .output import errors

COUNTED = 10_000
"""No more events than this are counted."""
TELLING = (*(consumer for consumer in CONSUMERS if consumer.findings is not None), ALERTS)
"""The consumers that alerts come from, and the one that keeps them."""


def tell_lack(hub: Hub, name: str) -> None:
    """Say on standard error what the listing of a consumer lacks, if anything."""
    if lack := lack_of(hub.database, name):
        errors.print(lack, markup=False)


def lack_of(database: Database, name: str) -> str | None:
    """What the listing of a consumer lacks and what to do about it; None when it has all that the store holds."""
    read = TELLING if name == ALERTS.name else consumers_named([name])
    with database.worker.connect() as connection:
        observed = observe(connection)
        if never := [one.name for one in read if one.name not in observed.progress]:
            return _never_run(never)
        left = {one.name: waiting(connection, one, observed, COUNTED).events for one in read}
    return _behind({each: events for each, events in left.items() if events})


def _never_run(names: Sequence[str]) -> str:
    has, it = ("has", "it") if len(names) == 1 else ("have", "they")
    return (
        f"{', '.join(names)} {has} never run, so nothing that {it} would show is listed: start "
        f"`samspil serve --embedded`, or on Kafka `samspil consume {' '.join(names)}`"
    )


def _behind(left: dict[str, int]) -> str | None:
    if not left:
        return None
    counted = {name: f"{events}{' or more' if events == COUNTED else ''}" for name, events in left.items()}
    told = ", ".join(f"{name} is {events} events behind" for name, events in counted.items())
    return f"{told}: what is listed is older than the store; `samspil status` shows whether it moves"
