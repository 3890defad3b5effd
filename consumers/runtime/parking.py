"""Parking: an event that cannot be applied waits with its reason, and so does every later event of its subject."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from kernel.ids import derived_id
from kernel.masking import mask_message
from schemas.catalogue import canonical_json
from schemas.envelope import Event
from schemas.hub import EventParked
from storage.database import cursor_of

from .tables import PARKED

PARKED_TYPE = "dk.samspil.hub.event-parked.v1"


class Failure(NamedTuple):
    """An event that waits. `first` is the one that failed; the others wait behind it."""

    event: Event
    reason: str
    first: bool


HELD: LiteralString = "SELECT DISTINCT authority, subject FROM hub.parked WHERE consumer = %s AND status = 'parked'"
"""The subjects of a consumer that have parked events."""


def held_subjects(connection: Connection, consumer: str) -> frozenset[str]:
    """The subjects that have parked events, as event keys."""
    with cursor_of(connection) as cursor:
        return held_keys(cursor.execute(HELD, (consumer,)))


def held_keys(rows: Iterable[Sequence[Any]]) -> frozenset[str]:
    """The rows of `HELD` as event keys."""
    return frozenset(f"{authority}:{subject}" for authority, subject in rows)


def park(connection: Connection, consumer: str, failures: Sequence[Failure]) -> None:
    """Set events aside; their bytes stay in the event store."""
    if failures:
        connection.execute(
            insert(PARKED)
            .values(
                [
                    {
                        "consumer": consumer,
                        "position": event.position,
                        "authority": event.authority,
                        "subject": event.subject,
                        "type": event.type,
                        "reason": reason_shown(reason),
                        "status": "parked",
                    }
                    for event, reason, _ in failures
                ]
            )
            .on_conflict_do_nothing()
        )


def parked_fact(consumer: str, failure: Failure) -> Event:
    """`hub.event-parked`: the cause of an alert."""
    event = failure.event
    fact = EventParked(
        consumer=consumer,
        position=event.position,
        type=event.type,
        subject=event.subject,
        reason=reason_shown(failure.reason),
    )
    return Event(
        authority=event.authority,
        source=f"urn:samspil:{consumer}",
        id=derived_id(consumer, event.id, PARKED_TYPE, event.subject, event.position),
        type=PARKED_TYPE,
        subject=event.subject,
        time=event.time,
        payload=canonical_json(fact),
        causation_id=event.id,
        correlation_id=event.correlation_id,
        depth=event.depth + 1,
    )


def reason_shown(reason: str) -> str:
    """A reason as people may read it: masked, never empty, never endless."""
    return mask_message(reason.strip())[:1000] or "no reason given"
