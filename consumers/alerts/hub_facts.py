"""What the hub tells of itself, as findings: they stand among the other alerts. Pure.

Positions in the store are left out: they say where something happened, not what.
"""

from typing import Any, Literal, NamedTuple

from schemas.alerts import Severity, alert_id
from schemas.envelope import Event
from schemas.hub import (
    Conflict,
    ConsumerResumed,
    ConsumerStopped,
    EventParked,
    InboxRefused,
    ParkedDiscarded,
    ParkedReplayed,
)
from schemas.subscriptions import SubscriptionPaused, SubscriptionResumed
from schemas.values import Value

PARKED, STOPPED, CONFLICT, REFUSED = "hub.parked", "hub.consumer-stopped", "hub.conflict", "hub.inbox-refused"
PAUSED = "hub.subscription-paused"


class HubFinding(NamedTuple):
    """An alert of the hub: its id, what is told of it, and a document of the same shape as a rule's finding."""

    alert: str
    fact: Literal["opened", "resolved"]
    data: dict[str, Any]


def hub_finding(event: Event, told: Value) -> HubFinding:
    """The alert that an event of the hub opens or resolves. Raises TypeError for a type that tells of no trouble."""
    authority, subject = event.authority, event.subject
    match told:
        case EventParked():
            data = _data(PARKED, "hold", subject, "event", found=told.reason, consumer=told.consumer, type=told.type)
            return HubFinding(alert_id(authority, PARKED, subject, told.consumer), "opened", data)
        case ParkedReplayed() | ParkedDiscarded():
            how = "replayed" if isinstance(told, ParkedReplayed) else "discarded"
            data = _data(PARKED, "hold", subject, "event", consumer=told.consumer) | {"resolution": how}
            return HubFinding(alert_id(authority, PARKED, subject, told.consumer), "resolved", data)
        case ConsumerStopped():
            data = _data(STOPPED, "block", told.consumer, "consumer", found=told.reason, consumer=told.consumer)
            return HubFinding(alert_id(authority, STOPPED, told.consumer), "opened", data)
        case ConsumerResumed():
            data = _data(STOPPED, "block", told.consumer, "consumer", consumer=told.consumer)
            return HubFinding(alert_id(authority, STOPPED, told.consumer), "resolved", data | {"resolution": "resumed"})
        case Conflict():
            key = f"{told.event.source} {told.event.id}"
            data = _data(CONFLICT, "warn", subject, "event", found=told.received_hash, event=key, type=told.type)
            return HubFinding(
                alert_id(authority, CONFLICT, subject, key), "opened", data | {"expected": told.stored_hash}
            )
        case InboxRefused():
            data = _data(REFUSED, "warn", told.inbox, "inbox", found=told.reason, place=told.place)
            return HubFinding(alert_id(authority, REFUSED, told.inbox, told.place), "opened", data)
        case SubscriptionPaused() | SubscriptionResumed():
            who = told.principal.name or told.principal.id
            found = told.reason if isinstance(told, SubscriptionPaused) else None
            data = _data(PAUSED, "warn", subject, "subscription", found=found, subscriber=who, way=told.way)
            fact: Literal["opened", "resolved"] = "opened" if found is not None else "resolved"
            resolution = {} if found is not None else {"resolution": "resumed"}
            return HubFinding(alert_id(authority, PAUSED, subject), fact, data | resolution)
    raise TypeError(f"{event.type} is not about trouble of the hub")


def _data(
    rule: str, severity: Severity, subject: str, kind: str, *, found: str | None = None, **values: str
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "consumer": "hub",
        "rule": rule,
        "rule_version": 1,
        "severity": severity,
        "subject": {"id": subject},
        "subject_kind": kind,
        "title": {"key": rule, "values": values},
    }
    return document if found is None else document | {"found": found}
