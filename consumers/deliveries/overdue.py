"""Whether anybody delivers at all: what could be delivered and is not taken up, whatever receivers answer.

A subscription is overdue since the latest of three moments: when the first event after its position was recorded (for
mails also when a mail was to go out), when its next attempt is due, and until when a turn is held. So one that waits
for its receiver by the schedule is not, nor one that is worked off however old its events are, nor one that no active
agreement covers.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from access.principals import Grant
from schemas.subscriptions import Way

PUSHED: tuple[Way, ...] = ("webhook", "email")
"""The ways in which the hub itself delivers; by the others a subscriber comes for what it gets."""


def overdue(connection: Connection, now: datetime) -> Mapping[Way, Mapping[str, float]]:
    """For each way the subscriptions that are overdue, by id, each with for how many seconds.

    One statement with a few look-ups for each subscription, however far behind it is.
    """
    found: dict[Way, dict[str, float]] = {way: {} for way in PUSHED}
    for row in connection.execute(_OVERDUE, {"ways": list(PUSHED)}):
        seconds = (now - row.since).total_seconds()
        if seconds > 0 and _overlap(row.authority, row.types, row.agreed):
            found[row.way][row.id] = seconds
    return found


def longest(found: Mapping[Way, Mapping[str, float]], ways: Collection[Way] = PUSHED) -> float:
    """The seconds of what is overdue the longest in these ways, 0 when nothing is."""
    return max((seconds for way in ways for seconds in found[way].values()), default=0.0)


def _overlap(authority: str, types: list[str], agreed: list[str]) -> bool:
    """Whether any event type is both subscribed to and agreed on; each is a family, `contract.*` or `*`."""
    one, other = Grant(authority, "receive", tuple(types)), Grant(authority, "receive", tuple(agreed))
    return any(one.covers("receive", authority, each) for each in agreed) or any(
        other.covers("receive", authority, each) for each in types
    )


_OVERDUE = text("""
SELECT subscription.id::text AS id, way, subscription.authority AS authority, subscription.types AS types,
    greatest(least(next.recorded, mail.due), delivery.due, held_until) AS since,
    ARRAY(
        SELECT unnest(agreement.types) FROM hub.agreement JOIN hub.principal ON principal.id = agreement.principal
        WHERE agreement.principal = subscription.principal AND agreement.authority = subscription.authority
            AND agreement.direction = 'receive' AND agreement.status = 'active' AND principal.ended IS NULL
    ) AS agreed
FROM hub.subscription JOIN hub.delivery ON delivery.subscription = subscription.id
LEFT JOIN LATERAL (
    SELECT recorded FROM hub.event WHERE event.position > delivery.position ORDER BY event.position LIMIT 1
) AS next ON true
LEFT JOIN LATERAL (
    SELECT min(due) AS due FROM hub.mail_group WHERE mail_group.subscription = subscription.id
) AS mail ON true
WHERE subscription.status = 'active' AND way = ANY(:ways) AND (next.recorded IS NOT NULL OR mail.due IS NOT NULL)
""")
