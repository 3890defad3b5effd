"""What follows from a rule that an event has set off: derived events, the same in every run; pure."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from consumers.runtime.states import starts_on
from kernel.errors import Invalid
from kernel.ids import derived_id
from kernel.masking import mask_message
from schemas.automation import ActionFailed, Emit, Notice, OfRule, Rule, Start, Tell
from schemas.catalogue import Catalogue, EventType, canonical_json, problems_of
from schemas.envelope import Event, Key, stricter
from schemas.hub import EventKey
from schemas.values import Reference, Sensitivity
from schemas.workflows import StartRequested

from .templates import filled, written
from .view import View

SOURCE = "urn:samspil:automation"
_KEY = TypeAdapter[str](Key)


def consequences(rule: Rule, subject: str, view: View, catalogue: Catalogue) -> list[Event]:
    """An event for each action of the rule whose id is `subject`; for one that cannot be, that it failed."""
    return [
        _consequence(action, of, view, catalogue)
        for action, of in zip(rule.then, _each(rule, subject, view), strict=True)
    ]


def _each(rule: Rule, subject: str, view: View) -> Iterator[OfRule]:
    """What the actions of a rule share, and which each is."""
    cause = view.event
    for ordinal in range(1, len(rule.then) + 1):
        yield OfRule(
            rule=Reference(id=UUID(subject), name=rule.title),
            version=rule.version,
            action=ordinal,
            cause=EventKey(authority=cause.authority, source=cause.source, id=cause.id),
        )


def _consequence(action: Emit | Start | Tell, of: OfRule, view: View, catalogue: Catalogue) -> Event:
    try:
        match action:
            case Emit():
                kind = catalogue.get(action.type)
                about = _about(action.subject, kind, of, view)
                payload = catalogue.canonical(action.type, filled(action.data, view, str(of.rule.id)))
            case Start():
                kind = catalogue.latest("workflow.start-requested")
                about = _about(action.business_key, kind, of, view)
                values = filled(action.values, view, str(of.rule.id))
                requested = StartRequested(process=action.process, business_key=about, values=values, cause=of.cause)
                payload = canonical_json(requested)
            case Tell():
                kind, about = catalogue.latest("automation.notice"), view.event.subject
                payload = canonical_json(_notice(action, of, view))
    except ValidationError as error:
        return _failed(of, view, catalogue, [f"{each.where}: {each.message}" for each in problems_of(error)])
    except Invalid as error:
        said = [f"{each.where}: {each.message}" for each in error.problems]
        return _failed(of, view, catalogue, said or [error.message])
    return _event(kind, about, payload, of, view)


def _notice(action: Tell, of: OfRule, view: View) -> Notice:
    rule = str(of.rule.id)
    return Notice(
        **dict(of),
        role=action.role,
        person=action.person,
        title=written(action.title, view, rule)[:300],
        text=written(action.text, view, rule)[:20_000],
    )


def _about(template: str, kind: EventType, of: OfRule, view: View) -> str:
    """The subject that a template makes. Raises ValidationError, or Invalid where it must be a UUID and is none."""
    about = _KEY.validate_python(written(template, view, str(of.rule.id)))
    if kind.uuid_subject and not _is_uuid(about):
        raise Invalid(f"the subject of {kind.name} is a UUID in lower case with hyphens")
    return about


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _failed(of: OfRule, view: View, catalogue: Catalogue, reasons: Sequence[str]) -> Event:
    """That the action failed; values are not repeated."""
    failed = ActionFailed(**dict(of), reason=mask_message("; ".join(reasons))[:2_000])
    kind = catalogue.latest("automation.action-failed")
    return _event(kind, view.event.subject, canonical_json(failed), of, view)


def _event(kind: EventType, about: str, payload: bytes, of: OfRule, view: View) -> Event:
    """A derived event, of the cause's time and kept at least as closely.

    A process is asked for when the hub knew of the cause: deadlines do not run while a source keeps it to itself.
    """
    cause = view.event
    known = cause.recorded or cause.time
    made_from: Any = cause.classification
    classification: Sensitivity = kind.sensitivity
    if made_from in get_args(Sensitivity):
        classification = stricter(kind.sensitivity, made_from)
    return Event(
        authority=cause.authority,
        source=SOURCE,
        id=derived_id(
            "automation", cause.authority, cause.source, cause.id, of.rule.id, of.version, kind.name, about, of.action
        ),
        type=kind.name,
        subject=about,
        time=known if kind.family == "workflow.start-requested" else cause.time,
        payload=payload,
        effective=starts_on(cause) if kind.state else None,
        correlation_id=cause.correlation_id,
        causation_id=cause.id,
        classification=classification,
        traceparent=cause.traceparent,
        depth=cause.depth + 1,
    )
