"""What accept asks of an event before it may be stored. Pure; every finding of a request is said at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError

from access.principals import DECISIONS, SIGNED, Principal
from kernel.errors import Forbidden, Invalid, Problem
from kernel.masking import mask_digits, names_cpr
from schemas.catalogue import Catalogue, EventType, canonical_json, problems_of, without_nul
from schemas.envelope import CloudEvent, Event, stricter
from schemas.hub import Actor
from schemas.pseudonyms import Pseudonyms

LARGEST_PAYLOAD = 20_000_000
"""Bytes of an event's canonical data: an invoice of some hundred thousand lines. The hub's topics take records of
32 MiB (`producers.topics`), so that no event that was accepted can stop the relay."""
_NUL = b"\\u0000"
_UUID = "is a UUID in lower case with hyphens: UUIDv5 of authority, source and what the source calls it"


def check(
    sent: Sequence[CloudEvent], principal: Principal, catalogue: Catalogue, pseudonyms: Pseudonyms | None = None
) -> list[Event]:
    """Events in their canonical form. Raises Invalid with every finding, Forbidden for what the principal may not.

    Numbers of persons and companies become `pseudonyms` here, before the event exists; without those they are refused.
    """
    events, problems = [], list[Problem]()
    allowed = set[tuple[str, str]]()
    for number, one in enumerate(sent, 1):
        where = f"event {number} ({one.id})"
        try:
            kind = catalogue.get(one.type)
            if (one.authority, kind.family) not in allowed:
                principal.require("send", one.authority, kind.family)
                allowed.add((one.authority, kind.family))
            _require_allowed(one, principal)
            payload = canonical_json(_value(one, kind, principal, pseudonyms))
        except ValidationError as error:
            problems += problems_of(error, f"{where} data")
        except Forbidden:
            raise
        except Invalid as error:
            told = [replace(each, where=f"{where} {each.where}") for each in error.problems]
            problems += told or [Problem(where, error.message)]
        else:
            found = [*_envelope_problems(one, kind, where), *_payload_problems(payload, f"{where} data")]
            problems += found
            if not found:
                events.append(_event(one, payload, kind))
    if problems:
        raise Invalid("nothing was taken: the data does not fit", problems=tuple(problems))
    return events


def _require_allowed(sent: CloudEvent, principal: Principal) -> None:
    if sent.shared and not principal.may_share(sent.authority):
        raise Forbidden(
            f"{principal.name} does not publish facts of {sent.authority} for all authorities",
            hint="a registrar does, in the operator's name (SAMSPIL_OPERATOR); send it without `shared`",
        )
    if not principal.may_call(sent.source):
        raise Forbidden(
            f"the source {sent.source} is the hub's own", hint="begin it with something else than `urn:samspil:`"
        )


def _value(sent: CloudEvent, kind: EventType, principal: Principal, pseudonyms: Pseudonyms | None) -> BaseModel:
    """The data by its model; a decision is that of the person who sends it. Raises ValidationError, Invalid."""
    sender = _sender_of_decision(principal, kind.family)
    data: Any = sent.data
    if sender and isinstance(data, Mapping) and data.get("by") is None:
        data = {**data, "by": {"id": sender}}
    value = kind.model.model_validate(data, context=pseudonyms.context(sent.authority) if pseudonyms else None)
    return _by(principal, value, sender) if sender else value


def _sender_of_decision(principal: Principal, family: str) -> str | None:
    """What the sender is called in a decision that must be its own; None for what it may tell of others."""
    if family in DECISIONS and principal.kind != "hub":
        return principal.id
    return principal.name if family in SIGNED and principal.kind == "person" else None


def _by(principal: Principal, decision: Any, sender: str) -> BaseModel:
    """The decision as the principal's own. The local command line says whom it writes for. Raises Invalid."""
    if decision.by.id != sender:
        message = "is who sends the decision; leave `by` out, and it is filled in"
        raise Invalid("a decision is its sender's", problems=(Problem("data.by.id", message, decision.by.id),))
    name = (decision.by.name if principal.local else None) or principal.name
    stated: BaseModel = decision.model_copy(update={"by": Actor(id=sender, name=name)})
    return stated


def _envelope_problems(sent: CloudEvent, kind: EventType, where: str) -> Iterator[Problem]:
    if sent.effectiveto and (sent.effective is None or sent.effectiveto <= sent.effective):
        yield Problem(f"{where} effectiveto", "lies after effective", str(sent.effectiveto))
    if kind.uuid_subject and not _is_uuid(sent.subject):
        yield Problem(f"{where} subject", _UUID, sent.subject)
    if kind.person_subject and names_cpr(sent.subject):
        yield Problem(f"{where} subject", "holds what reads as a CPR number; use a UUID", mask_digits(sent.subject))


def _is_uuid(text: str) -> bool:
    """Whether it is a UUID as everybody compares it: as text."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _payload_problems(payload: bytes, where: str) -> Iterator[Problem]:
    if len(payload) > LARGEST_PAYLOAD:
        yield Problem(where, f"is {len(payload)} bytes; an event carries at most {LARGEST_PAYLOAD}")
    if _NUL in payload:
        for path in _with_nul(orjson.loads(payload)):
            yield Problem(".".join([where, *path]), "holds the character U+0000, which no database takes; leave it out")


def _with_nul(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where in a JSON value U+0000 stands, in texts and in names."""
    match value:
        case str() if "\0" in value:
            yield path
        case dict():
            for name, inner in value.items():
                if "\0" in name:
                    yield (*path, without_nul(name))
                yield from _with_nul(inner, (*path, without_nul(name)))
        case list():
            for number, inner in enumerate(value):
                yield from _with_nul(inner, (*path, str(number)))


def _event(sent: CloudEvent, payload: bytes, kind: EventType) -> Event:
    return Event(
        authority=sent.authority,
        source=sent.source,
        id=sent.id,
        type=sent.type,
        subject=sent.subject,
        time=sent.time,
        payload=payload,
        effective=sent.effective,
        effective_to=sent.effectiveto,
        correlation_id=sent.correlationid,
        causation_id=sent.causationid,
        classification=stricter(sent.dataclassification or kind.sensitivity, kind.sensitivity),
        shared=sent.shared,
        sequence=sent.sequence,
        traceparent=sent.traceparent,
    )
