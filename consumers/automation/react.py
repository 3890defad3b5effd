"""Every event against the rules that were in force when it was recorded; what follows is told with the batch.

Which rules those are is asked of the event store, not of this consumer's own table: on Kafka, automation's topic may be
read later than the topic of the event. Positions are handed out in commit order, so that whoever sees an event finds
every rule with a lower position in the store.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from pydantic import ValidationError
from sqlalchemy import Connection, text

from consumers.runtime.redaction import REDACTED
from consumers.runtime.timeline import Statement, holding
from kernel.clock import COPENHAGEN
from schemas.automation import Rule
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.registry import CATALOGUE

from .checking import rule_problems
from .conditions import sets_off
from .consequences import consequences
from .view import View

Adopted = Mapping[str, Mapping[str, Sequence[Statement]]]
"""What was adopted and withdrawn, by authority and the rule's id."""
_ADOPTED = text(
    "SELECT authority, subject, position, type, payload, time, effective, effective_to, recorded FROM hub.event "
    "WHERE type LIKE 'dk.samspil.automation.rule-%' AND authority = ANY(:authorities) AND position < :before "
    "AND payload IS NOT NULL ORDER BY position"
)


def react(connection: Connection, events: Sequence[Event]) -> list[Event]:
    """What the rules make of the events, in their order."""
    events = [event for event in events if event.type != REDACTED]
    if not events:
        return []
    adopted = _adopted(connection, {event.authority for event in events}, max(event.position for event in events))
    return [made for event in events for made in followed(event, adopted, CATALOGUE)] if adopted else []


def followed(event: Event, adopted: Adopted, catalogue: Catalogue) -> list[Event]:
    """What follows from one event by the rules in force at its position, rule by rule."""
    told = list[Event]()
    view: View | None = None
    for subject, rule in sorted(_in_force(event, adopted).items()):
        if rule.when.event == catalogue.get(event.type).family:
            view = view or View.of(event, catalogue)
            if sets_off(rule.when, view):
                told += consequences(rule, subject, view, catalogue)
    return told


def _in_force(event: Event, adopted: Adopted) -> dict[str, Rule]:
    """The rules that were adopted before the event was recorded and hold on the day of its time."""
    day = event.time.astimezone(COPENHAGEN).date()
    found = dict[str, Rule]()
    for subject, statements in adopted.get(event.authority, {}).items():
        held = holding([each for each in statements if each.position < event.position], day)
        if held is not None and held.document is not None:
            found[subject] = held.document
    return found


def _adopted(connection: Connection, authorities: Collection[str], before: int) -> Adopted:
    rows = connection.execute(_ADOPTED, {"authorities": sorted(authorities), "before": before})
    found = defaultdict[str, dict[str, list[Statement]]](dict)
    for row in rows:
        rule = _rule(row.payload) if ".rule-adopted." in row.type else None
        start = row.effective or _day(row.time)
        stated = Statement(row.position, start, row.effective_to, row.recorded, rule)
        found[row.authority].setdefault(row.subject, []).append(stated)
    return found


@lru_cache(maxsize=1_000)
def _rule(payload: str) -> Rule | None:
    """The rule that was adopted; None when it is none that this code could follow, and then it does nothing."""
    try:
        rule = Rule.model_validate_json(payload)
    except ValidationError:
        return None
    return None if rule_problems(rule, CATALOGUE) else rule


def _day(moment: datetime) -> date:
    return moment.astimezone(COPENHAGEN).date()
