"""What a person does, as events like all others; the page they come back to shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consumers.runtime.coverage import wait_for
from kernel.ids import new_id
from schemas.envelope import CloudEvent

from .frame import Visit, Web
from .session import principal_for

LOOK_AGAIN_S = 0.25


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a person says about a subject; `by` is filled in: here for whoever started the hub, else by accept."""

    family: str
    subject: str
    data: Mapping[str, Any]


def act(visit: Visit, facts: Sequence[Fact], expect: Mapping[str, int]) -> int:
    """Store what a person says, all or nothing; returns the last position.

    Raises Conflict when a subject has moved past the position in `expect`, Forbidden without an agreement.
    """
    assert visit.session is not None
    principal = principal_for(visit.web.database, visit.session, visit.cvr)
    by = {"by": {"id": visit.session.principal, "name": visit.session.name}} if visit.session.local else {}
    events = [
        CloudEvent(
            id=new_id(),
            source=f"urn:person:{visit.session.principal}",
            type=visit.web.catalogue.latest(fact.family).name,
            subject=fact.subject,
            authority=visit.cvr,
            time=visit.web.clock.now(),
            data={**by, **fact.data},
        )
        for fact in facts
    ]
    outcomes = visit.web.acceptor.accept(events, principal, expect=expect)
    return max(outcome.position or 0 for outcome in outcomes)


def shown_by(web: Web, consumer: str, authority: str, position: int) -> bool:
    """Wait until a consumer has applied all of the authority up to a position; False when it takes too long."""
    declared = next(each for each in web.consumers if each.name == consumer)
    return wait_for(web.database, declared, authority, position, lambda _: web.signals.wait(LOOK_AGAIN_S))
