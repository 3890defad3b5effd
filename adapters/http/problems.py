"""What went wrong, as RFC 9457 problem details: a status, words for people, and every finding with its place.

Nothing here repeats a value that was sent; CPR numbers that stand in names and paths are masked.
"""

from http import HTTPStatus
from typing import Any, NamedTuple

from kernel.errors import Conflict, Forbidden, Invalid, Retryable, SamspilError, Unauthenticated
from kernel.masking import mask_message
from schemas.coding import TooLarge, Unreadable

from .read import Unsupported

MEDIA_TYPE = "application/problem+json"
CALL_ID = "samspil-call-id"
"""The header that names a call; whoever asks for help quotes it, and the log has it."""
RETRY_AFTER_S = 2
MAX_FINDINGS = 1_000
"""An answer lists no more findings than this, and says how many there are."""

_KINDS: tuple[tuple[type[SamspilError], str, HTTPStatus], ...] = (
    (Unauthenticated, "unauthenticated", HTTPStatus.UNAUTHORIZED),
    (Forbidden, "forbidden", HTTPStatus.FORBIDDEN),
    (Conflict, "conflict", HTTPStatus.CONFLICT),
    (TooLarge, "too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (Unsupported, "unsupported", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (Unreadable, "unreadable", HTTPStatus.BAD_REQUEST),
    (Invalid, "invalid", HTTPStatus.UNPROCESSABLE_ENTITY),
    (Retryable, "away", HTTPStatus.SERVICE_UNAVAILABLE),
    (SamspilError, "stopped", HTTPStatus.SERVICE_UNAVAILABLE),
)
"""The first kind an error is of decides."""


class Answer(NamedTuple):
    """An answer that says what is wrong."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


def answer_to(error: SamspilError, call_id: str) -> Answer:
    """How an error is answered."""
    name, status = next((name, status) for kind, name, status in _KINDS if isinstance(error, kind))
    body = _details(name, status, error.message, call_id)
    if error.hint:
        body["hint"] = mask_message(error.hint)
    if isinstance(error, Invalid) and error.problems:
        body["problems"] = [
            {"where": mask_message(each.where), "message": mask_message(each.message)}
            for each in error.problems[:MAX_FINDINGS]
        ]
        body["problem_count"] = len(error.problems)
    headers = {CALL_ID: call_id}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = str(RETRY_AFTER_S)
    return Answer(status, headers, body)


def answer_with(status: HTTPStatus, detail: str, call_id: str) -> Answer:
    """An answer that says no more than its status does: no such path, not this method, a fault of our own."""
    return Answer(status, {CALL_ID: call_id}, _details(None, status, detail, call_id))


def _details(name: str | None, status: HTTPStatus, detail: str, call_id: str) -> dict[str, Any]:
    return {
        "type": f"urn:samspil:problem:{name}" if name else "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": mask_message(detail),
        "instance": f"urn:uuid:{call_id}",
        "call_id": call_id,
    }
