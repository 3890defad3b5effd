"""When everything fails, the fault is not in the events: the consumer stops, and says so to whom it concerns.

It says too when it has passed that place, so that nobody need close what is over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from kernel.errors import Fatal
from kernel.ids import derived_id
from producers.store import Request, append, append_one
from schemas.catalogue import Catalogue, canonical_json
from schemas.envelope import Event
from schemas.hub import ConsumerResumed, ConsumerStopped

STOPPED_TYPE = "dk.samspil.hub.consumer-stopped.v1"
RESUMED_TYPE = "dk.samspil.hub.consumer-resumed.v1"


@dataclass(frozen=True)
class Stop:
    """Where a consumer stopped: at which event, and every event that was tried and could not be applied."""

    consumer: str
    at: Event
    reason: str
    failed: Sequence[Event]


class Standstill(NamedTuple):
    """A stop that an authority was told of and that nobody has said to be over.

    `position` is where the consumer stopped, `owner` whose event stands there.
    """

    authority: str
    position: int
    owner: str


class Stopped(Fatal):
    """Nothing of a batch could be applied, and enough distinct subjects were tried."""

    def __init__(self, stop: Stop, message: str) -> None:
        super().__init__(
            message,
            hint="nothing was parked and the position has not moved; mend or roll back the release, then start it",
        )
        self.stop = stop


def spread(events: Sequence[Event], tried: Collection[str], most: int) -> Sequence[Event]:
    """The first events of at most `most` further subjects (as event keys), spread over all of `events`."""
    firsts = dict[str, Event]()
    for event in events:
        if event.key not in tried:
            firsts.setdefault(event.key, event)
    chosen = list(firsts.values())
    return chosen[:: max(1, -(-len(chosen) // most))]


def tell_stopped(connection: Connection, stop: Stop, *, catalogue: Catalogue, now: datetime) -> None:
    """`hub.consumer-stopped` for every authority whose events failed; once for each place where it stops."""
    facts = [_fact(stop, authority) for authority in sorted({event.authority for event in stop.failed})]
    append(connection, [Request([fact]) for fact in facts], catalogue=catalogue, now=now)


def standstills(connection: Connection, consumer: str) -> tuple[Standstill, ...]:
    """The stops of the consumer that are not over, as far as anybody has said."""
    rows = connection.execute(
        _STANDSTILLS, {"consumer": consumer, "stopped": STOPPED_TYPE, "types": [STOPPED_TYPE, RESUMED_TYPE]}
    )
    return tuple(Standstill(*row) for row in rows)


def tell_resumed(
    connection: Connection, consumer: str, over: Sequence[Standstill], *, catalogue: Catalogue, now: datetime
) -> None:
    """`hub.consumer-resumed` for every authority that was told of the stop; once, whoever tells it."""
    facts = [
        Event(
            authority=stop.authority,
            source=f"urn:samspil:{consumer}",
            id=derived_id(consumer, "resumed", stop.position),
            type=RESUMED_TYPE,
            subject=consumer,
            time=now,
            payload=canonical_json(ConsumerResumed(consumer=consumer, position=stop.position)),
        )
        for stop in over
    ]
    append_one(connection, facts, catalogue=catalogue, now=now)


def _fact(stop: Stop, authority: str) -> Event:
    subjects = len({event.key for event in stop.failed})
    fact = ConsumerStopped(
        consumer=stop.consumer, position=stop.at.position, reason=stop.reason, tried=subjects, failed=subjects
    )
    return Event(
        authority=authority,
        source=f"urn:samspil:{stop.consumer}",
        id=derived_id(stop.consumer, "stopped", stop.at.position),
        type=STOPPED_TYPE,
        subject=stop.consumer,
        time=stop.at.time,
        payload=canonical_json(fact),
    )


_STANDSTILLS = text("""
SELECT told.authority, told.at, there.authority AS owner
FROM (
    SELECT DISTINCT ON (event.authority)
        event.authority, event.type, (event.payload::jsonb ->> 'position')::bigint AS at
    FROM hub.head JOIN hub.event USING (authority)
    WHERE head.domain = 'hub' AND event.subject = :consumer AND event.type = ANY(:types)
    ORDER BY event.authority, event.position DESC
) AS told
JOIN hub.event AS there ON there.position = told.at
WHERE told.type = :stopped
ORDER BY told.authority
""")
