"""CloudEvents as they come in: structured and batched JSON, and binary mode, whatever carries them.

One reader for every way in, so that an event means the same on HTTP, in a topic and in a file.
Source: CloudEvents 1.0, JSON event format, sections 3 and 4; the bindings of HTTP and Kafka, section 3.1.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from kernel.errors import Invalid, Problem

from .catalogue import problems_of
from .envelope import CloudEvent


class Unreadable(Invalid):
    """What came is not what it says it is: no JSON, no event, no way to know what was meant."""


class TooLarge(Invalid):
    """More came than is taken in one go; the same in smaller parts can be taken."""


def parse_body(body: bytes, *, batch: bool, limit: int | None = None) -> list[CloudEvent]:
    """The events of structured-mode JSON: one, or a batch of at most `limit`.

    Raises Unreadable, TooLarge, or Invalid with every finding.
    """
    read = _json(body)
    if not batch:
        return _checked([read])
    if not isinstance(read, list):
        raise Unreadable("a batch is a JSON array of events", hint="a single event goes without `-batch`")
    if limit is not None and len(read) > limit:
        raise TooLarge(f"the batch holds {len(read)} events", hint=f"send at most {limit} at a time")
    return _checked(read)


def parse_binary(attributes: Mapping[str, str], data: bytes) -> CloudEvent:
    """The event whose attributes came beside its data. Raises Unreadable, or Invalid with every finding."""
    if "data" in attributes:
        raise Unreadable("`data` cannot be an attribute of an event in binary mode", hint="the body is the data")
    carried = {**attributes, "data": _json(data)} if data else attributes
    return _checked([carried])[0]


def _json(body: bytes) -> Any:
    try:
        return from_json(body)
    except ValueError as error:
        raise Unreadable(f"the body is not JSON: {error}") from None


def _checked(read: Sequence[Any]) -> list[CloudEvent]:
    events, problems = [], list[Problem]()
    for number, one in enumerate(read, 1):
        try:
            events.append(CloudEvent.model_validate(one))
        except ValidationError as error:
            problems += problems_of(error, "event" if len(read) == 1 else f"event {number}")
    if problems:
        raise Invalid("nothing was taken: not every event has a valid envelope", problems=tuple(problems))
    return events
