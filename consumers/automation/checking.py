"""What can be known to be wrong with a rule before it is adopted: names that are none, data that cannot fit; pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import orjson
from pydantic import BaseModel

from access.principals import DECISIONS, HUB_ONLY
from kernel.errors import Invalid, Problem
from schemas.automation import PATH, Emit, Rule, Start, Tell, rule_id
from schemas.catalogue import Catalogue, EventType
from schemas.envelope import Event

from .consequences import consequences
from .templates import paths
from .view import View

_IS_PATH = re.compile(PATH)
_SUBJECT = "6b2a0000-0000-4000-8000-000000000001"
_CLOSED = ("automation", "workflow", "hub", "alert", "time")
"""Domains whose facts only their own consumers tell; processes are asked for by the action `start`."""


def rule_problems(rule: Rule, catalogue: Catalogue) -> list[Problem]:
    """Everything that is wrong with a rule, by its place; nothing when it may be adopted."""
    trigger = next((kind for kind in catalogue if kind.family == rule.when.event), None)
    if trigger is None or trigger.family == "hub.redacted":
        return [Problem("when.event", "is no event type that rules read", rule.when.event)]
    kind = catalogue.latest(trigger.family)
    found = [
        Problem(f"when.conditions.{number}.path", f"leads nowhere in {kind.name}", condition.path)
        for number, condition in enumerate(rule.when.conditions)
        if condition.path.startswith("derived.") or not _leads(condition.path, kind)
    ]
    for number, action in enumerate(rule.then):
        found += _action_problems(action, f"then.{number}", kind, catalogue)
    return found or list(_sample_problems(rule, kind, catalogue))


def _action_problems(
    action: Emit | Start | Tell, where: str, trigger: EventType, catalogue: Catalogue
) -> Iterator[Problem]:
    for path in paths(action.model_dump(mode="json")):
        if not _leads(path, trigger):
            yield Problem(where, f"${{{path}}} leads nowhere in {trigger.name}")
    if _family_made(action, catalogue) == trigger.family:
        yield Problem(where, "is what sets the rule off: it would go round in circles", trigger.family)
    if isinstance(action, Emit):
        yield from _type_problems(action, where, catalogue)


def _family_made(action: Emit | Start | Tell, catalogue: Catalogue) -> str | None:
    """The family of what the action tells; None for a type that there is not."""
    match action:
        case Emit():
            return next((kind.family for kind in catalogue if kind.name == action.type), None)
        case Start():
            return "workflow.start-requested"
        case Tell():
            return "automation.notice"


def _type_problems(action: Emit, where: str, catalogue: Catalogue) -> Iterator[Problem]:
    try:
        kind = catalogue.get(action.type)
    except Invalid as unknown:
        yield Problem(f"{where}.type", unknown.message)
        return
    own = any(each in (kind.family, f"{kind.domain}.*") for each in (*HUB_ONLY, *DECISIONS))
    if own or kind.domain in _CLOSED or "by" in kind.model.model_fields:
        yield Problem(f"{where}.type", "is told by the hub's own consumers or by a person, not by a rule", kind.name)
    for name in action.data.keys() - kind.model.model_fields.keys():
        yield Problem(f"{where}.data.{name}", f"is no field of {kind.name}")


def _sample_problems(rule: Rule, trigger: EventType, catalogue: Catalogue) -> Iterator[Problem]:
    """What cannot be told of the sample of the trigger, where the sample has all that the templates ask for."""
    view = View.of(_sample(trigger), catalogue)
    code = rule_id("99000007", rule.code)
    for number, (action, made) in enumerate(zip(rule.then, consequences(rule, code, view, catalogue), strict=True)):
        asked = paths(action.model_dump(mode="json"))
        if ".action-failed." in made.type and all(view.at(path, code) for path in asked):
            reason = orjson.loads(made.payload)["reason"]
            yield Problem(f"then.{number}", f"of the sample of {trigger.name} it makes what cannot be told: {reason}")


def _sample(kind: EventType) -> Event:
    return Event(
        authority="99000007",
        source="urn:sample",
        id="sample",
        type=kind.name,
        subject=_SUBJECT,
        time=datetime(2026, 3, 2, 12, tzinfo=UTC),
        payload=orjson.dumps(kind.sample),
    )


def _leads(path: str, kind: EventType) -> bool:
    """Whether there can be anything at a path in events of this type."""
    if not _IS_PATH.fullmatch(path):
        return False
    first, *steps = path.split(".")
    match first:
        case "data":
            return _reaches(kind.model, steps)
        case "reference":
            return "references" in kind.model.model_fields
        case _:
            return True


def _reaches(annotation: Any, steps: list[str]) -> bool:
    """Whether a value of this type can hold something at `steps`."""
    if not steps or annotation is Any:
        return True
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _reaches(arguments[0], steps)
    if origin in (Union, UnionType):
        return any(_reaches(each, steps) for each in arguments if each is not NoneType)
    if origin in (tuple, list, set, frozenset):
        rest = steps[1:] if steps[0].isdecimal() else steps
        return any(_reaches(each, rest) for each in arguments if each is not Ellipsis)
    if origin is dict:
        return _reaches(arguments[1], steps[1:])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(steps[0])
        return field is not None and _reaches(field.annotation, steps[1:])
    return False
