"""The events that workflows tell: made of their cause, so that the same cause tells the same, as often as it comes."""

from datetime import datetime
from typing import Any

from kernel.clock import COPENHAGEN
from schemas.envelope import Event, stricter
from schemas.registry import CATALOGUE

SOURCE = "urn:samspil:workflows"
_COPIES = frozenset({"workflow.start-requested", "workflow.started"})
"""Facts with what their cause said in them: they are kept as closely."""


def event_of(
    cause: Event, family: str, subject: str, data: dict[str, Any], *, event_id: str, time: datetime | None = None
) -> Event:
    """An event that follows from `cause`. A state holds from its day on. Raises Invalid when the data does not fit."""
    kind, moment = CATALOGUE.latest(family), time or cause.time
    said: Any = cause.classification
    return Event(
        authority=cause.authority,
        source=SOURCE,
        id=event_id,
        type=kind.name,
        subject=subject,
        time=moment,
        payload=CATALOGUE.canonical(kind.name, data),
        effective=moment.astimezone(COPENHAGEN).date() if kind.state else None,
        correlation_id=cause.correlation_id or cause.subject,
        causation_id=cause.id,
        classification=stricter(kind.sensitivity, said) if family in _COPIES else kind.sensitivity,
        depth=cause.depth + 1,
    )
