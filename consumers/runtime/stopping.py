"""When everything fails, the fault is not in the events: the consumer stops, and says so to whom it concerns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from kernel.errors import Fatal
from kernel.ids import derived_id
from producers.store import Request, append
from schemas.catalogue import Catalogue, canonical_json
from schemas.envelope import Event
from schemas.hub import ConsumerStopped

STOPPED_TYPE = "dk.samspil.hub.consumer-stopped.v1"


@dataclass(frozen=True)
class Stop:
    """Where a consumer stopped: at which event, and every event that was tried and could not be applied."""

    consumer: str
    at: Event
    reason: str
    failed: Sequence[Event]


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
