"""Rules from the command line: read, tried over what has happened, adopted and withdrawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy import select

from access.agreements import local_principal
from consumers.automation.checking import rule_problems
from consumers.automation.conditions import sets_off
from consumers.automation.consequences import consequences
from consumers.automation.view import View
from kernel.clock import COPENHAGEN
from kernel.errors import Conflict, Invalid
from kernel.ids import new_id
from producers.store import head, read_types
from producers.tables import EVENT
from schemas.automation import Rule, Withdrawn, rule_id
from schemas.catalogue import canonical_json, problems_of
from schemas.envelope import CloudEvent, Event
from schemas.hub import Actor
from schemas.registry import CATALOGUE

from .opening import Hub
from .repairing import local_actor

SOURCE = "urn:samspil:command-line"
ADOPTED, WITHDRAWN = "dk.samspil.automation.rule-adopted.v1", "dk.samspil.automation.rule-withdrawn.v1"
PAGE = 2_000


@dataclass(frozen=True, slots=True)
class WouldBe:
    """An event that a rule would have told, and the event that would have set it off."""

    position: int
    time: datetime
    cause: str
    action: str
    type: str
    subject: str
    data: dict[str, Any]


def read_rule(content: bytes, by: Actor) -> Rule:
    """The rule in a JSON file, as a person would adopt it. Raises Invalid with everything that is wrong with it."""
    try:
        stated = orjson.loads(content)
        rule = Rule.model_validate({**stated, "by": by.model_dump(mode="json", exclude_none=True)})
    except (orjson.JSONDecodeError, TypeError) as error:
        raise Invalid(f"the file is no JSON object: {error}") from None
    except ValidationError as error:
        raise Invalid("the file is no rule", problems=problems_of(error, "rule")) from None
    if problems := rule_problems(rule, CATALOGUE):
        raise Invalid("the rule cannot be followed", problems=tuple(problems))
    return rule


def tried(hub: Hub, authority: str, rule: Rule, first: date, last: date) -> Iterator[WouldBe]:
    """What the rule would have told of the events recorded from `first` to `last`, days in Denmark; nothing is told."""
    types = sorted(kind.name for kind in CATALOGUE if kind.family == rule.when.event)
    subject = rule_id(authority, rule.code)
    for event in _recorded(hub, authority, types, first, last):
        view = View.of(event, CATALOGUE)
        if sets_off(rule.when, view):
            for action, made in zip(rule.then, consequences(rule, subject, view, CATALOGUE), strict=True):
                data = orjson.loads(made.payload)
                yield WouldBe(event.position, event.time, event.id, action.action, made.type, made.subject, data)


def adopt(hub: Hub, authority: str, rule: Rule, effective: date | None) -> str:
    """Adopt the rule from `effective`, today without one; returns its id.

    Raises Conflict unless its version is above the last one's.
    """
    subject = rule_id(authority, rule.code)
    position, last = _last(hub, authority, subject)
    if last is not None and rule.version <= last:
        raise Conflict(
            f"version {rule.version} of {rule.code} is not above version {last}, which was adopted before",
            hint="a changed rule is a new version",
        )
    _decide(hub, authority, subject, ADOPTED, rule, position, effective)
    return subject


def withdraw(hub: Hub, authority: str, code: str, reason: str, effective: date | None) -> None:
    """Let a rule hold no longer from `effective` on, today without one. Raises Invalid for one that nobody adopted."""
    subject = rule_id(authority, code)
    position, last = _last(hub, authority, subject)
    if last is None:
        raise Invalid(f"{authority} has no rule {code}", hint="`samspil automation rules` lists them")
    _decide(hub, authority, subject, WITHDRAWN, Withdrawn(reason=reason, by=local_actor()), position, effective)


def _decide(
    hub: Hub, authority: str, subject: str, name: str, said: Rule | Withdrawn, position: int, effective: date | None
) -> None:
    with hub.database.worker.begin() as connection:
        principal = local_principal(connection, authority)
    event = CloudEvent(
        id=new_id(),
        source=SOURCE,
        type=name,
        subject=subject,
        authority=authority,
        time=hub.clock.now(),
        data=orjson.loads(canonical_json(said)),
        effective=effective or hub.clock.now().astimezone(COPENHAGEN).date(),
    )
    hub.acceptor.accept([event], principal, expect={subject: position})


def _last(hub: Hub, authority: str, subject: str) -> tuple[int, int | None]:
    """The position of the last event about the rule, 0 for none, and the highest version that was ever adopted."""
    query = (
        select(EVENT.c.position, EVENT.c.type, EVENT.c.payload)
        .where(EVENT.c.authority == authority, EVENT.c.subject == subject)
        .order_by(EVENT.c.position)
    )
    with hub.database.worker.connect() as connection:
        rows = connection.execute(query).all()
    versions = [orjson.loads(row.payload)["version"] for row in rows if row.type == ADOPTED and row.payload]
    return (rows[-1].position if rows else 0), max(versions, default=None)


def _recorded(hub: Hub, authority: str, types: list[str], first: date, last: date) -> Iterator[Event]:
    """The authority's events of these types that were recorded on these days, page by page."""
    with hub.database.worker.connect() as connection:
        end, position = head(connection), 0
        while position < end:
            events, position = read_types(connection, types, position, end, PAGE)
            for event in events:
                assert event.recorded is not None
                if event.authority == authority and first <= event.recorded.astimezone(COPENHAGEN).date() <= last:
                    yield event
