"""CloudEvents in Kafka's binary mode: attributes as `ce_` headers, the data as the value, and the relay's own headers.

Source: CloudEvents Kafka protocol binding 1.0, section 3.2. The relay adds which store the record is of, its position
there, and the position of the record before it in its partition.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from .envelope import Event, attributes

STORE, POSITION, PREVIOUS = "samspil_store", "samspil_position", "samspil_previous"
Headers = Sequence[tuple[str, bytes]]


class Link(NamedTuple):
    """What the relay says of a record."""

    store: bytes
    position: int
    previous: int


def headers_of(event: Event, store: str, previous: int) -> list[tuple[str, bytes]]:
    """The headers a stored event travels with."""
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes(event).items() if name != "datacontenttype"]
    headers += [
        ("content-type", b"application/json"),
        (STORE, store.encode()),
        (POSITION, b"%d" % event.position),
        (PREVIOUS, b"%d" % previous),
    ]
    return headers


def link_of(headers: Mapping[str, bytes]) -> Link | None:
    """What the relay said of a record, None for a record that is not the relay's."""
    try:
        return Link(headers[STORE], int(headers[POSITION]), int(headers[PREVIOUS]))
    except (KeyError, ValueError):
        return None


def event_of_record(headers: Mapping[str, bytes], value: bytes) -> Event:
    """The stored event a record carries. Raises KeyError or ValueError when it is not whole."""
    get = headers.get
    return Event(
        authority=headers["ce_authority"].decode(),
        source=headers["ce_source"].decode(),
        id=headers["ce_id"].decode(),
        type=headers["ce_type"].decode(),
        subject=headers["ce_subject"].decode(),
        time=datetime.fromisoformat(headers["ce_time"].decode()),
        payload=value,
        effective=_date(get("ce_effective")),
        effective_to=_date(get("ce_effectiveto")),
        correlation_id=_text(get("ce_correlationid")),
        causation_id=_text(get("ce_causationid")),
        classification=headers["ce_dataclassification"].decode(),
        shared=get("ce_shared") == b"true",
        sequence=_text(get("ce_sequence")),
        traceparent=_text(get("ce_traceparent")),
        depth=int(get("ce_depth") or 0),
        position=int(headers[POSITION]),
        recorded=datetime.fromisoformat(headers["ce_recordedtime"].decode()),
    )


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode()


def _date(raw: bytes | None) -> date | None:
    return None if raw is None else date.fromisoformat(raw.decode())
