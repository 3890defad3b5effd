"""The envelope: CloudEvents 1.0 with the extensions that a hub of many authorities needs.

| attribute | meaning |
|---|---|
| id, source, type, subject, time | as CloudEvents 1.0; (authority, source, id) identifies the event |
| authority | CVR of the public body that owns the event |
| effective, effectiveto | valid time (virkning), dates in Denmark; `effectiveto` is the first day it no longer holds |
| recordedtime | known time (registrering): when the hub stored it; only the hub sets it |
| sequence | the source's own order number for the subject, for people who trace |
| correlationid, causationid | the case or flow it belongs to; the event that caused it |
| dataclassification | public, internal, personal, sensitive |
| shared | a fact for all authorities, published by a registrar |
| traceparent | W3C Trace Context |
| depth | how many derivations lie between the event and what came from outside; only the hub sets it |
| partitionkey | `<authority>:<subject>`, what order is kept by; derived |
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from kernel.masking import holds_written_cpr, names_cpr

from .values import Cvr, Sensitivity

SPECVERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"
BATCH_CONTENT_TYPE = "application/cloudevents-batch+json"
_CLASSES: tuple[Sensitivity, ...] = get_args(Sensitivity)


class Event(NamedTuple):
    """A fact, checked and in its canonical form. `position` and `recorded` are 0 and None until it is stored."""

    authority: str
    source: str
    id: str
    type: str
    subject: str
    time: datetime
    payload: bytes
    effective: date | None = None
    effective_to: date | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    classification: str = "internal"
    shared: bool = False
    sequence: str | None = None
    traceparent: str | None = None
    depth: int = 0
    position: int = 0
    recorded: datetime | None = None

    @property
    def key(self) -> str:
        """What order is kept by: `<authority>:<subject>`."""
        return event_key(self.authority, self.subject)

    @property
    def domain(self) -> str:
        """The domain the type belongs to; Kafka has a topic per domain."""
        return self.type.split(".", 3)[2]

    @property
    def family(self) -> str:
        """The type without its version."""
        return family_of(self.type)


def family_of(event_type: str) -> str:
    """An event type without its version: `contract.contract-stated`."""
    return event_type.removeprefix("dk.samspil.").rpartition(".v")[0]


def _no_cpr(text: str) -> str:
    if holds_written_cpr(text):
        raise ValueError("a CPR number may not be part of a key; use a UUID or a keyed pseudonym")
    return text


Key = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"),
    AfterValidator(_no_cpr),
]
"""Text that identifies. Control characters are refused, as CloudEvents 1.0 does in its type String: no database and
no header could carry them."""


def _no_person(name: str) -> str:
    if names_cpr(name):
        raise ValueError(
            "a source is called by a system's name, and ten digits that begin with a date read as a CPR number; "
            "write a production unit's number with a letter: `p1003403123`"
        )
    return name


Source = Annotated[Key, AfterValidator(_no_person)]
"""What a sender calls itself. Ten plain digits are refused here: in other keys they may be an order's number."""
Time = Annotated[AwareDatetime, Field(ge=datetime(1000, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC))]
"""A moment with its offset from UTC, within what every reader can hold in every time zone."""
TraceParent = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]
"""W3C Trace Context: version, trace id, parent id, flags."""


class CloudEvent(BaseModel):
    """What a source sends: structured-mode JSON. Attribute names are CloudEvents' own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    specversion: Annotated[str, StringConstraints(pattern=r"^1\.0$")] = SPECVERSION
    id: Key
    source: Source
    type: Annotated[str, StringConstraints(pattern=r"^dk\.samspil\.[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]\d*$")]
    subject: Key
    authority: Cvr
    time: Time
    data: Any
    datacontenttype: Annotated[str, StringConstraints(pattern=r"^application/json")] = "application/json"
    dataschema: str | None = None
    effective: date | None = None
    effectiveto: date | None = None
    correlationid: Key | None = None
    causationid: Key | None = None
    dataclassification: Sensitivity | None = None
    shared: bool = False
    sequence: Key | None = None
    traceparent: TraceParent | None = None
    partitionkey: str | None = None


def event_key(authority: str, subject: str) -> str:
    """What the order of an authority's events about a subject is kept by."""
    return f"{authority}:{subject}"


def attributes(event: Event) -> dict[str, str]:
    """The CloudEvents attributes of a stored event as text, as both modes and the listing write them."""
    named: Mapping[str, object | None] = {
        "specversion": SPECVERSION,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": event.time.isoformat(),
        "datacontenttype": "application/json",
        "authority": event.authority,
        "partitionkey": event.key,
        "effective": event.effective,
        "effectiveto": event.effective_to,
        "recordedtime": event.recorded.isoformat() if event.recorded else None,
        "sequence": event.sequence,
        "correlationid": event.correlation_id,
        "causationid": event.causation_id,
        "dataclassification": event.classification,
        "shared": "true" if event.shared else None,
        "traceparent": event.traceparent,
        "depth": event.depth or None,
    }
    return {name: str(value) for name, value in named.items() if value is not None}


def stricter(one: Sensitivity, other: Sensitivity) -> Sensitivity:
    """Whichever of the two classes is kept more closely."""
    return max(one, other, key=_CLASSES.index)
