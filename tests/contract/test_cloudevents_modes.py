"""One event, however it comes: binary, structured or batched, on HTTP or as attributes beside data."""

import re
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.http.read import read_events
from schemas.catalogue import EventType
from schemas.coding import parse_binary
from schemas.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, CloudEvent
from schemas.registry import CATALOGUE

TEXT = some.text(
    some.characters(exclude_categories=("Cc", "Cs"), include_characters='"%\\ æøå€😀'), min_size=1, max_size=20
).filter(lambda text: not re.search(r"\d{6}-\d{4}", text))
JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(10**12), 10**12)
    | some.text(some.characters(exclude_categories=("Cs",))),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
EVENTS = some.builds(
    CloudEvent,
    id=TEXT,
    source=TEXT,
    subject=TEXT,
    type=some.sampled_from([kind.name for kind in CATALOGUE]),
    authority=some.sampled_from(["99000007", "99000015"]),
    time=some.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=some.just(UTC)),  # noqa: DTZ001
    data=JSON,
    effective=some.none() | some.dates(date(1900, 1, 1), date(2200, 1, 1)),
    correlationid=some.none() | TEXT,
    causationid=some.none() | TEXT,
    dataclassification=some.none() | some.sampled_from(["public", "internal", "personal", "sensitive"]),
    shared=some.booleans(),
    sequence=some.none() | TEXT,
)


def written(event: CloudEvent) -> dict[str, Any]:
    """The event as JSON says it."""
    return event.model_dump(mode="json", exclude_none=True) | {"data": event.data}


def attributes_of(event: CloudEvent) -> dict[str, str]:
    """The attributes as text, in CloudEvents' canonical form."""
    told = {name: value for name, value in written(event).items() if name not in ("data", "datacontenttype")}
    return {name: orjson.dumps(value).decode() if isinstance(value, bool) else value for name, value in told.items()}


def percent_encoded(text: str) -> str:
    """As the HTTP binding writes a header: space, quote, percent and all that is not printable ASCII."""
    return re.sub(r'[^\x21-\x7e]|["%]', lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def binary(event: CloudEvent) -> tuple[list[tuple[str, str]], bytes]:
    headers = [(f"ce-{name}", percent_encoded(value)) for name, value in attributes_of(event).items()]
    return [*headers, ("content-type", "application/json")], orjson.dumps(event.data)


@given(EVENTS)
def test_every_mode_gives_the_same_event(event: CloudEvent) -> None:
    """Binary, structured, a batch of one, and attributes beside data as Kafka carries them."""
    assert read_events(*binary(event)) == [event]
    assert read_events([("content-type", CONTENT_TYPE)], orjson.dumps(written(event))) == [event]
    assert read_events([("content-type", BATCH_CONTENT_TYPE)], orjson.dumps([written(event)])) == [event]
    assert parse_binary(attributes_of(event), orjson.dumps(event.data)) == event


@given(some.lists(EVENTS, max_size=5))
def test_a_batch_keeps_its_order(events: list[CloudEvent]) -> None:
    """What was written in order is read in order."""
    body = orjson.dumps([written(event) for event in events])
    assert read_events([("content-type", BATCH_CONTENT_TYPE)], body) == events


@pytest.mark.parametrize("kind", list(CATALOGUE), ids=lambda kind: kind.name)
def test_the_samples_of_the_catalogue_come_through(kind: EventType) -> None:
    """The data of every type is the same in both modes, to the byte of its canonical form."""
    event = CloudEvent(
        id="1", source="urn:a", type=kind.name, subject="s", authority="99000007",
        time=datetime(2026, 1, 1, tzinfo=UTC), data=orjson.loads(orjson.dumps(kind.sample)),
    )  # fmt: skip
    (in_binary,) = read_events(*binary(event))
    (structured,) = read_events([("content-type", CONTENT_TYPE)], orjson.dumps(written(event)))
    canonical = {CATALOGUE.canonical(kind.name, each.data) for each in (event, in_binary, structured)}
    assert len(canonical) == 1
