"""Facts of alerts, and of trouble in the hub, to rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import ValidationError

from consumers.runtime.consumer import Rows
from kernel.errors import Invalid
from schemas.alerts import Acknowledged, Decided, Finding, Judged, Silenced, values_hash
from schemas.catalogue import Catalogue, problems_of
from schemas.envelope import Event
from schemas.values import Value

from .hub_facts import hub_finding
from .tables import ALERT_EVENT

FAMILIES = frozenset(
    [
        *(f"alert.{fact}" for fact in ("opened", "changed", "resolved", "acknowledged", "decided", "silenced")),
        *(f"hub.{fact}" for fact in ("subscription-paused", "subscription-resumed")),
        *(f"hub.{fact}" for fact in ("event-parked", "parked-replayed", "parked-discarded")),
        *(f"hub.{fact}" for fact in ("consumer-stopped", "consumer-resumed", "conflict", "inbox-refused")),
    ]
)


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    """A row per fact. Raises Invalid for a payload that is not of its type."""
    return {ALERT_EVENT: [_row(event, catalogue) for event in events]}


def _row(event: Event, catalogue: Catalogue) -> tuple[Any, ...]:
    fact = event.type.split(".")[3]
    told = _told(event, catalogue)
    match told:
        case Finding():
            return _fact_row(event, event.subject, fact, orjson.loads(event.payload), values_hash(told))
        case Decided():
            return _people_row(event, fact, told.values_hash)
        case Acknowledged() | Silenced():
            return _people_row(event, fact, None)
    alert, fact, data = hub_finding(event, told)
    judged = Judged(expected=data.get("expected"), found=data.get("found"))
    return _fact_row(event, alert, fact, data, values_hash(judged))


def _told(event: Event, catalogue: Catalogue) -> Value:
    try:
        newest, data = catalogue.upcast(event.type, event.payload)
        value = newest.model.model_validate(data)
    except ValidationError as error:
        raise Invalid(f"the payload is not a {event.type}", problems=problems_of(error)) from None
    except orjson.JSONDecodeError as error:
        raise Invalid(f"the payload of {event.type} is not JSON: {error}") from None
    assert isinstance(value, Value)
    return value


def _fact_row(event: Event, alert: str, fact: str, data: Mapping[str, Any], values: str) -> tuple[Any, ...]:
    stake = data.get("amount_at_stake") or {}
    return (
        event.authority,
        alert,
        event.position,
        fact,
        data["rule"],
        data["severity"],
        data["subject"]["id"],
        stake.get("amount"),
        stake.get("currency"),
        values,
        orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode(),
        event.source,
        event.id,
        event.recorded,
    )


def _people_row(event: Event, fact: str, values: str | None) -> tuple[Any, ...]:
    return (
        event.authority, event.subject, event.position, fact, None, None, None, None, None, values,
        event.payload.decode(), event.source, event.id, event.recorded,
    )  # fmt: skip
