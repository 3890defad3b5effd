"""What the hub tells about itself: what it refused, parked and emptied, and who may do what.

Nothing here repeats the body of another event: keys, hashes and reasons only.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .catalogue import EventType
from .envelope import Key
from .values import Cvr, FreeText, LocalId, Name, PersonId, Sensitivity, Value

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32,128}$")]
"""A hash in lower-case hexadecimal."""
Position = Annotated[int, Field(ge=0)]
"""An event's number in the store, in commit order; 0 is before the first."""
Reason = Annotated[FreeText, StringConstraints(min_length=1)]
"""Why, in words for people; never empty."""


class EventKey(Value):
    """What identifies an event: the authority that owns it, its source, and the id the source gave it."""

    authority: Cvr
    source: Key
    id: Key


class Actor(Value):
    """Who did it: the principal's id, and the name people know it by."""

    id: PersonId
    name: Name | None = None


class Conflict(Value):
    """An event came again with the same key and another body; the first one stands."""

    event: EventKey
    type: Key
    stored_hash: Hash
    received_hash: Hash
    sent_by: Actor | None = None


class Refusal(Value):
    """One thing wrong in what was refused: the field and what was expected, never the value that stood there."""

    where: LocalId
    message: FreeText


class InboxRefused(Value):
    """Something put into an inbox was refused. `place` is the partition and offset, or the file and line."""

    inbox: Name
    place: Name
    reason: Reason
    event: EventKey | None = None
    type: Key | None = None
    problems: tuple[Refusal, ...] = ()


class EventParked(Value):
    """A consumer could not apply an event; it and every later event of the same subject wait."""

    consumer: LocalId
    position: Position
    type: Key
    subject: Key
    reason: Reason


class ParkedReplayed(Value):
    """Parked events of one subject were applied in their order after all."""

    consumer: LocalId
    positions: tuple[Position, ...] = Field(min_length=1)
    subject: Key
    by: Actor


class ParkedDiscarded(Value):
    """A person decided that a consumer shall never apply these events; a rebuild honours it."""

    consumer: LocalId
    positions: tuple[Position, ...] = Field(min_length=1)
    subject: Key
    reason: Reason
    by: Actor


class Redacted(Value):
    """The payloads of a subject were emptied by law or duty.

    `keyed_hash` is made with the hub's secret key, so that a copy can be recognised but the content not guessed.
    """

    subject: Key
    reason: Reason
    keyed_hash: Hash
    by: Actor


class AuthorityRegistered(Value):
    """A public body was taken into the hub. `municipality_code` is the three-digit code of its municipality."""

    cvr: Cvr
    name: Name
    kind: Literal["municipality", "region", "state", "joint-authority", "operator"] = "municipality"
    municipality_code: Annotated[str, StringConstraints(pattern=r"^\d{3}$")] | None = None


class AgreementChanged(Value):
    """An agreement as it now is: which system may send or receive which event types for the envelope's authority.

    `event_types` are families such as `invoice.received`, or a whole domain as `invoice.*`. `max_sensitivity` is the
    most closely kept data the agreement covers.
    """

    local_id: LocalId | None = None
    principal: Actor
    direction: Literal["send", "receive"]
    event_types: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]+\.(\*|[a-z]+(-[a-z]+)*)$")], ...] = Field(
        min_length=1
    )
    status: Literal["requested", "approved", "active", "ended"]
    max_sensitivity: Sensitivity = "internal"
    purpose: FreeText | None = None
    by: Actor


class ConsumerStopped(Value):
    """A consumer stopped instead of parking the log: of `tried` distinct subjects, `failed` could not be applied."""

    consumer: LocalId
    position: Position
    reason: Reason
    tried: Annotated[int, Field(ge=0)]
    failed: Annotated[int, Field(ge=0)]


class ConsumerResumed(Value):
    """A consumer has passed the position at which it had stopped."""

    consumer: LocalId
    position: Position


class PrincipalChanged(Value):
    """A person or system that may use the hub, as it now is; never its key."""

    principal: Actor
    kind: Literal["person", "system"]
    roles: tuple[LocalId, ...] = ()
    status: Literal["active", "disabled"]
    by: Actor


_OPERATOR = {"id": "drift", "name": "Driftsvagten"}
_EGESOE = {"authority": "99000007", "source": "urn:egesoe:kitos"}


def _fact(fact: str, model: type[Value], key: str, sensitivity: Sensitivity, sample: dict[str, object]) -> EventType:
    return EventType(domain="hub", fact=fact, model=model, owner="hub", key=key, sensitivity=sensitivity, sample=sample)


EVENTS: tuple[EventType, ...] = (
    _fact(
        "conflict",
        Conflict,
        "the subject of the event that came twice",
        "internal",
        {
            "event": {**_EGESOE, "id": "usage-5a1f-17"},
            "type": "dk.samspil.system.usage-stated.v1",
            "stored_hash": "0cc175b9c0f1b6a831c399e269772661",
            "received_hash": "92eb5ffee6ae2fec3ad71c777531578f",
            "sent_by": {"id": "kitos-egesoe"},
        },
    ),
    _fact(
        "inbox-refused",
        InboxRefused,
        "the inbox",
        "internal",
        {
            "inbox": "samspil.inbox",
            "place": "partition 2, offset 10417",
            "reason": "the data is not a dk.samspil.system.usage-stated.v1",
            "event": {**_EGESOE, "id": "usage-5a1f-18"},
            "type": "dk.samspil.system.usage-stated.v1",
            "problems": [{"where": "data.life_cycle", "message": "Input should be 'operational' or another phase"}],
        },
    ),
    _fact(
        "event-parked",
        EventParked,
        "the subject that waits",
        "internal",
        {
            "consumer": "landscape",
            "position": 48213,
            "type": "dk.samspil.system.relation-stated.v1",
            "subject": "6b2a0000-0000-4000-8000-0000000000d1",
            "reason": "the relation leads from a usage to itself",
        },
    ),
    _fact(
        "parked-replayed",
        ParkedReplayed,
        "the subject that waited",
        "personal",
        {
            "consumer": "landscape",
            "positions": [48213, 48290],
            "subject": "6b2a0000-0000-4000-8000-0000000000d1",
            "by": _OPERATOR,
        },
    ),
    _fact(
        "parked-discarded",
        ParkedDiscarded,
        "the subject that waited",
        "personal",
        {
            "consumer": "landscape",
            "positions": [48213],
            "subject": "6b2a0000-0000-4000-8000-0000000000d1",
            "reason": "registered by mistake; the source has stated the relation anew",
            "by": _OPERATOR,
        },
    ),
    _fact(
        "redacted",
        Redacted,
        "the subject that was emptied",
        "personal",
        {
            "subject": "9d5c0000-0000-4000-8000-000000000044",
            "reason": "erasure asked for and granted, GDPR article 17(1)(b)",
            "keyed_hash": "4a8a08f09d37b73795649038408b5f33e8b1d0f1c3d0f4a2b8c9e7d6a5b4c3d2",
            "by": _OPERATOR,
        },
    ),
    _fact(
        "authority-registered",
        AuthorityRegistered,
        "the authority",
        "public",
        {"cvr": "99000007", "name": "Egesø Kommune", "kind": "municipality", "municipality_code": "901"},
    ),
    _fact(
        "agreement-changed",
        AgreementChanged,
        "the agreement",
        "personal",
        {
            "local_id": "A-2026-014",
            "principal": {"id": "kitos-egesoe", "name": "KITOS, Egesø Kommune"},
            "direction": "send",
            "event_types": ["system.*", "organisation.unit-stated", "organisation.unit-removed"],
            "status": "active",
            "max_sensitivity": "internal",
            "purpose": "The landscape is kept from the municipality's own register of systems",
            "by": {"id": "mette.holm", "name": "Mette Holm"},
        },
    ),
    _fact(
        "consumer-stopped",
        ConsumerStopped,
        "the consumer",
        "internal",
        {
            "consumer": "invoice-control",
            "position": 51007,
            "reason": "every subject that was tried failed; a new release is the likely cause",
            "tried": 25,
            "failed": 25,
        },
    ),
    _fact(
        "consumer-resumed", ConsumerResumed, "the consumer", "internal", {"consumer": "contracts", "position": 51007}
    ),
    _fact(
        "principal-changed",
        PrincipalChanged,
        "the principal",
        "personal",
        {
            "principal": {"id": "mette.holm", "name": "Mette Holm"},
            "kind": "person",
            "roles": ["reader", "decider"],
            "status": "active",
            "by": _OPERATOR,
        },
    ),
)
