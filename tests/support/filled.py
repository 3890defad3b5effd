"""A hub with rows of every kind: the samples of the catalogue, in the name of several authorities, applied by all."""

from collections.abc import Collection

from consumers.runtime.consumer import Consumer
from kernel.clock import SystemClock
from kernel.ids import subject_id
from producers.store import append_one
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.events import event
from tests.support.sample import applier, drain

OPERATOR = "99000023"
"""Publishes facts for all authorities."""


def samples(authority: str) -> list[Event]:
    """One event of every type, each about a subject of its own; the operator's are for everybody."""
    return [
        event(
            kind.family,
            str(subject_id(authority, "sample", kind.name)),
            position=number,
            version=kind.version,
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
