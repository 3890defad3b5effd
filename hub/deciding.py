"""Decisions about alerts: events like all others, refused when the alert has changed since it was read."""

from typing import Any

from access.agreements import local_principal
from consumers.alerts.queries import one_alert
from consumers.alerts.rows import AlertRow
from consumers.runtime.projections import use_active
from kernel.errors import Invalid
from kernel.ids import new_id
from producers.store import stands_at
from schemas.envelope import CloudEvent

from .opening import Hub
from .repairing import local_actor

SOURCE = "urn:samspil:command-line"


def acknowledge(hub: Hub, authority: str, alert: str, note: str | None) -> None:
    """Say that somebody has taken the alert on."""
    found, position = _read(hub, authority, alert)
    _decide(hub, found, position, "acknowledged", {"note": note} if note else {})


def close(hub: Hub, authority: str, alert: str, outcome: str, reason: str) -> None:
    """Close the alert for the values it has. Raises Conflict when they have changed meanwhile."""
    found, position = _read(hub, authority, alert)
    decided = {"outcome": outcome, "reason": reason, "values_hash": found.values_hash}
    _decide(hub, found, position, "decided", decided)


def _read(hub: Hub, authority: str, alert: str) -> tuple[AlertRow, int]:
    """The alert as it stands, and the position of its last event."""
    with hub.database.reading((authority,)) as connection:
        if use_active(connection, "alerts") is None:
            raise Invalid("no alert has been told yet", hint="start `samspil serve --embedded` or `samspil consume`")
        position = stands_at(connection, authority, alert)
        return one_alert(connection, authority, alert), position


def _decide(hub: Hub, alert: AlertRow, position: int, fact: str, data: dict[str, Any]) -> None:
    with hub.database.worker.begin() as connection:
        principal = local_principal(connection, alert.authority)
    by = local_actor()
    event = CloudEvent(
        id=new_id(),
        source=SOURCE,
        type=f"dk.samspil.alert.{fact}.v1",
        subject=alert.id,
        authority=alert.authority,
        time=hub.clock.now(),
        data={"by": by.model_dump(mode="json", exclude_none=True), **data},
    )
    hub.acceptor.accept([event], principal, expect={alert.id: position})
