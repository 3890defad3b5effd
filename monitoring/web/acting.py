"""What a person does, as events like all others; the page they come back to shows it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from consumers.runtime.coverage import covered
from kernel.ids import new_id
from producers.tables import EVENT
from schemas.envelope import CloudEvent

from .frame import Visit, Web
from .session import principal_for

PATIENCE_S = 5.0
"""A page waits at most so long until what was done can be seen on it."""
LOOK_AGAIN_S = 0.25


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a person says about a subject; `by` is filled in."""

    family: str
    subject: str
    data: Mapping[str, Any]


def position_of(connection: Connection, authority: str, subject: str) -> int:
    """The position of a subject's last event, 0 when there is none: what a person sees when they decide."""
    query = select(func.coalesce(func.max(EVENT.c.position), 0))
    return int(connection.execute(query.where(EVENT.c.authority == authority, EVENT.c.subject == subject)).scalar_one())


def act(visit: Visit, facts: Sequence[Fact], expect: Mapping[str, int]) -> int:
    """Store what a person says, all or nothing; returns the last position.

    Raises Conflict when a subject has moved past the position in `expect`, Forbidden without an agreement.
    """
    assert visit.session is not None
    principal = principal_for(visit.web.database, visit.session, visit.cvr)
    by = {"id": visit.session.principal, "name": visit.session.name}
    events = [
        CloudEvent(
            id=new_id(),
            source=f"urn:person:{visit.session.principal}",
            type=visit.web.catalogue.latest(fact.family).name,
            subject=fact.subject,
            authority=visit.cvr,
            time=visit.web.clock.now(),
            data={"by": by, **fact.data},
        )
        for fact in facts
    ]
    outcomes = visit.web.acceptor.accept(events, principal, expect=expect)
    return max(outcome.position or 0 for outcome in outcomes)


def shown_by(web: Web, consumer: str, authority: str, position: int) -> bool:
    """Wait until a consumer has applied all of the authority up to a position; False when it takes too long."""
    declared = next(each for each in web.consumers if each.name == consumer)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with web.database.worker.connect() as connection:
            if covered(connection, declared, [authority])[authority] >= position:
                return True
        if time.monotonic() > deadline:
            return False
        web.signals.wait(LOOK_AGAIN_S)
