"""CloudEvents out of an HTTP request: binary, structured and batched mode.

Source: CloudEvents 1.0, HTTP protocol binding, section 3. The media type says which mode it is; whatever does not begin
with `application/cloudevents` is binary mode, where each header `ce-<name>` is an attribute and the body is the data.
"""

import re
from collections.abc import Iterable
from email.message import Message
from urllib.parse import unquote

from kernel.errors import Invalid
from schemas.coding import Unreadable, parse_binary, parse_body
from schemas.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, CloudEvent

DATA_CONTENT_TYPE = "application/json"
MEDIA_TYPES = (CONTENT_TYPE, BATCH_CONTENT_TYPE, DATA_CONTENT_TYPE)
MAX_EVENTS = 10_000
"""A batch holds no more; its transaction stays far below five seconds."""
_PREFIX = "ce-"
_SENDABLE = re.compile(r"[\x20-\x7e\t]*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class Unsupported(Invalid):
    """The body is in a format that nobody here reads."""


def read_events(headers: Iterable[tuple[str, str]], body: bytes) -> list[CloudEvent]:
    """The events of a request, with every envelope checked; header names in lower case.

    Raises Unsupported for the media type, Unreadable for what is no event, TooLarge for too many, and Invalid with
    every finding for an envelope that does not fit.
    """
    attributes, content_type = dict[str, str](), ""
    for name, value in headers:
        if name.startswith(_PREFIX):
            if attributes.setdefault(name.removeprefix(_PREFIX), value) != value:
                raise Unreadable(f"the header {name} comes twice with different values")
        elif name == "content-type":
            content_type = value
        elif name == "content-encoding" and value.lower() != "identity":
            raise Unsupported(f"the body is encoded as {value}", hint="send it as it is, without Content-Encoding")
    media_type = _media_type(content_type)
    if media_type == CONTENT_TYPE:
        return parse_body(body, batch=False)
    if media_type == BATCH_CONTENT_TYPE:
        return parse_body(body, batch=True, limit=MAX_EVENTS)
    return [_binary(attributes, content_type, body)]


def _media_type(content_type: str) -> str:
    """The media type, in lower case. Raises Unsupported unless it is one that is read here, in UTF-8."""
    stated = Message()
    stated["content-type"] = content_type or "none"
    media_type, charset = stated.get_content_type(), str(stated.get_param("charset", "utf-8"))
    if not content_type or media_type not in MEDIA_TYPES:
        raise Unsupported(
            f"the content type is {content_type or 'not stated'}", hint=f"this hub reads {', '.join(MEDIA_TYPES)}"
        )
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Unsupported(f"the charset is {charset}", hint="send UTF-8")
    return media_type


def _binary(attributes: dict[str, str], content_type: str, body: bytes) -> CloudEvent:
    if "specversion" not in attributes:
        raise Unreadable(
            "the request carries no event: there is no header ce-specversion",
            hint=f"send the attributes as ce- headers, or the whole event as {CONTENT_TYPE}",
        )
    if "datacontenttype" in attributes:
        raise Unreadable("ce-datacontenttype is not allowed", hint="in binary mode Content-Type says it")
    read = {name: _decoded(name, value) for name, value in attributes.items()}
    return parse_binary(read | {"datacontenttype": content_type.lower()}, body)


def _decoded(name: str, value: str) -> str:
    """An attribute's text: quotes undone first, then one round of percent-decoding (section 3.1.3.2)."""
    if not _SENDABLE.fullmatch(value):
        raise Unreadable(f"the header ce-{name} holds characters that no header may", hint="percent-encode them")
    if _QUOTED.fullmatch(value):
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise Unreadable(f"the header ce-{name} is not percent-encoded UTF-8") from None
