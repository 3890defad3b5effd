"""A hub with rows of every kind: the samples of the catalogue, in the name of several authorities, applied by all."""

from collections.abc import Collection

from consumers.runtime.consumer import Consumer
from hub import consumers as hub_consumers
from kernel.clock import SystemClock
from kernel.ids import subject_id
from producers.store import append_one
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.events import event
from tests.support.sample import applier, drain
from tests.support.workflows import CONSUMER, ERRAND, UNIT

OPERATOR = "99000023"
"""Publishes facts for all authorities."""
CONSUMERS = tuple(CONSUMER if each.name == CONSUMER.name else each for each in hub_consumers.CONSUMERS)
"""The hub's, with the process `errand` in place of the real ones."""
_VALUES: Json = {"unit": UNIT, "needed_by": "2026-06-30"}
OTHERWISE: dict[str, Json] = {
    "time.day-started": {"date": "2026-04-01"},
    "workflow.start-requested": {"process": "errand", "business_key": "asked for", "values": _VALUES},
    "workflow.started": {
        "process": "errand",
        "version": ERRAND.version,
        "fingerprint": ERRAND.fingerprint,
        "business_key": "begun",
        "values": _VALUES,
    },
}
"""Where the sample of the catalogue alone would make no row: a process that is not there, a day too early."""


def samples(authority: str) -> list[Event]:
    """One event of every type, each about a subject of its own; the operator's are for everybody."""
    return [
        event(
            kind.family,
            str(subject_id(authority, "sample", kind.name)),
            position=number,
            version=kind.version,
            data=OTHERWISE.get(kind.family),
            authority=authority,
            shared=authority == OPERATOR,
        )
        for number, kind in enumerate(CATALOGUE)
        if kind.family != "hub.redacted"
    ]


def fill(database: Database, consumers: Collection[Consumer], authorities: Collection[str]) -> None:
    """Store the samples of every authority, and let every consumer apply them."""
    with database.worker.begin() as connection:
        events = [event for authority in authorities for event in samples(authority)]
        append_one(connection, events, catalogue=CATALOGUE, now=SystemClock().now())
    for consumer in consumers:
        drain(applier(database, consumer))
