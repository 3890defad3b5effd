"""What a subscriber may have, looked up at every delivery, and the next of it in store order."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple, get_args

import orjson
from sqlalchemy import Connection, select

from access.principals import Grant
from access.tables import AGREEMENT, PRINCIPAL
from producers.store import head, read_at
from schemas.catalogue import Catalogue
from schemas.envelope import Event, attributes
from schemas.values import Sensitivity
from storage.database import cursor_of

REDACTED = "dk.samspil.hub.redacted.v1"
STRETCH = 20_000
"""Positions that one look into the store passes at most, so that it is short however rare the types are."""
_CLASSES: tuple[Sensitivity, ...] = get_args(Sensitivity)


class Wanted(NamedTuple):
    """What of an authority's events is to be delivered: pairs of an event type's name and a sensitivity."""

    authority: str
    pairs: frozenset[tuple[str, str]]


class Allowed(NamedTuple):
    """What one active agreement to receive allows, and how closely kept the data may be."""

    grant: Grant
    max_sensitivity: Sensitivity

    def covers(self, family: str, kept: Sensitivity) -> bool:
        """Whether it covers events of a family that are `kept` so closely."""
        near_enough = _CLASSES.index(kept) <= _CLASSES.index(self.max_sensitivity)
        return near_enough and self.grant.covers("receive", self.grant.authority, family)


class Page(NamedTuple):
    """The next events, and the position up to which there are no others."""

    events: tuple[Event, ...]
    reached: int


def allowed(connection: Connection, principal: str, authority: str) -> tuple[Allowed, ...]:
    """What the principal's active agreements to receive with the authority allow; nothing once its key has ended."""
    rows = connection.execute(
        select(AGREEMENT.c.types, AGREEMENT.c.max_sensitivity)
        .join(PRINCIPAL, PRINCIPAL.c.id == AGREEMENT.c.principal)
        .where(
            AGREEMENT.c.principal == principal,
            AGREEMENT.c.authority == authority,
            AGREEMENT.c.direction == "receive",
            AGREEMENT.c.status == "active",
            PRINCIPAL.c.ended.is_(None),
        )
    )
    return tuple(Allowed(Grant(authority, "receive", tuple(row.types)), row.max_sensitivity) for row in rows)


def wanted(agreed: Iterable[Allowed], authority: str, types: Sequence[str], catalogue: Catalogue) -> Wanted:
    """What was subscribed to, as far as the agreements cover it: event types and how closely kept they may be."""
    asked = Grant(authority, "receive", tuple(types))
    pairs = {
        pair
        for grant, most in agreed
        for kind in catalogue
        if asked.covers("receive", authority, kind.family) and grant.covers("receive", authority, kind.family)
        for pair in product([kind.name], _CLASSES[: _CLASSES.index(most) + 1])
    }
    return Wanted(authority, frozenset(pairs))


def next_events(connection: Connection, what: Wanted, after: int, limit: int) -> Page:
    """The next events after a position. What the law has emptied is passed over.

    That a subject was emptied is told to whoever had an event of it, whatever the agreement says of `hub.redacted`.
    """
    upto = min(head(connection), after + STRETCH)
    if not what.pairs or upto <= after:
        return Page((), max(after, upto) if what.pairs else after)
    types, classes = map(list, zip(*sorted(what.pairs), strict=True))
    values = {
        "after": after, "upto": upto, "authority": what.authority, "limit": limit,
        "types": types, "classes": classes, "redacted": REDACTED,
    }  # fmt: skip
    with cursor_of(connection) as cursor:
        positions = [row[0] for row in cursor.execute(_NEXT, values)]
    events = tuple(read_at(connection, positions)) if positions else ()
    return Page(events, events[-1].position if len(events) == limit else upto)


def written(event: Event) -> bytes:
    """The event as subscribers get it: CloudEvents 1.0 structured JSON, with its position in the store."""
    named: dict[str, object] = {**attributes(event), "position": str(event.position)}
    if event.shared:
        named["shared"] = True
    if event.depth:
        named["depth"] = event.depth
    return orjson.dumps(named | {"data": orjson.Fragment(event.payload)})


_PAIRS = "(SELECT * FROM unnest(%(types)s::text[], %(classes)s::text[]))"
_NEXT = f"""
SELECT position FROM hub.event AS event
WHERE position > %(after)s AND position <= %(upto)s AND authority = %(authority)s AND payload IS NOT NULL
    AND ((type, classification) IN {_PAIRS} OR (type = %(redacted)s AND EXISTS (
        SELECT FROM hub.event AS had
        WHERE had.authority = event.authority AND had.subject = event.subject AND had.position < event.position
            AND (had.type, had.classification) IN {_PAIRS}
    )))
ORDER BY position LIMIT %(limit)s
"""
