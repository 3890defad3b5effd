"""The way in over HTTP: `POST /events` with an API key, answered after the commit.

202 lists each event as accepted, duplicate or unchanged. Everything else is a problem detail with the id of the call.
"""

import asyncio
import traceback
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import orjson
import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from psycopg.errors import CharacterNotInRepertoire, NumericValueOutOfRange
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access.bearer import principal_of
from access.principals import Principal
from access.sources import claim, strange
from kernel.errors import Invalid, Problem, SamspilError
from kernel.ids import new_id
from kernel.masking import mask_message
from producers.accept import Acceptor
from schemas.coding import TooLarge, Unreadable
from schemas.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE
from storage.database import Database

from .problems import CALL_ID, MEDIA_TYPE, Answer, answer_to, answer_with
from .read import DATA_CONTENT_TYPE, read_events

MAX_BYTES = 10_000_000
LARGE = 64 * 1024
"""Bodies above this many bytes are read and checked in a thread, so that other calls go on."""
LOOK_UPS = 4
"""Keys that are looked up at the same time; measured with 50 callers: 708 calls/s with 4, 276 with 40 at a time."""
Result = TypeVar("Result")
log = structlog.get_logger()


def router(acceptor: Acceptor, database: Database) -> APIRouter:
    """The endpoints of source systems; each of them, also one added later, needs a key."""

    # Look-ups beyond the connections that the pool keeps would each open and close one of their own.
    looking_up = CapacityLimiter(LOOK_UPS)

    async def caller(request: Request) -> Principal:
        stated = request.headers.get("authorization")
        return await to_thread.run_sync(principal_of, database, stated, limiter=looking_up)

    made = APIRouter(tags=["events"], dependencies=[Depends(HTTPBearer(auto_error=False)), Depends(caller)])

    @made.post("/events", status_code=202, responses=_RESPONSES, openapi_extra=_REQUEST)
    async def post_events(request: Request, principal: Annotated[Principal, Depends(caller)]) -> Response:
        """Take one event or a batch, whole or not at all. What is answered with 202 is stored."""
        body = await _body(request)
        large = len(body) > LARGE
        sent = await _aside(large, partial(read_events, request.headers.items(), body))
        if names := strange(principal, ((event.authority, event.source) for event in sent)):
            await to_thread.run_sync(claim, database, principal, names)
        # What people decide may have to be looked up: whether they hold the role.
        slow = large or principal.kind == "person"
        stored = await _aside(slow, partial(acceptor.submit, sent, principal))
        # Shielded: a caller that hangs up does not undo what other threads are storing.
        outcomes = await asyncio.shield(asyncio.wrap_future(stored))
        taken = [{"id": event.id, **outcome._asdict()} for event, outcome in zip(sent, outcomes, strict=True)]
        return Response(orjson.dumps({"events": taken}), HTTPStatus.ACCEPTED, media_type="application/json")

    return made


_OF_THE_CALLER = frozenset({None, NumericValueOutOfRange.sqlstate, CharacterNotInRepertoire.sqlstate})
"""What the database, or its driver before it, says of texts and numbers that no field holds."""


def unstorable(error: DataError) -> Invalid:
    """What to tell a caller of a text or number that no field of the database holds. Raises any other fault of data
    again: it is the hub's own.
    """
    if getattr(error.orig, "sqlstate", None) not in _OF_THE_CALLER:
        raise error
    return Invalid(
        "the request asks with a text or number that no field of the database holds",
        hint="leave out NUL characters, and numbers beyond 64 bits",
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Give every call an id and every body its bound, and answer every error, of whichever router, with problem
    details.
    """

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, SamspilError)
        return _response(request.scope, answer_to(error, _call_id(request.scope)))

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = answer_with(HTTPStatus(error.status_code), str(error.detail), _call_id(request.scope))
        return _response(request.scope, answer._replace(headers={**answer.headers, **(error.headers or {})}))

    async def parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problems = tuple(Problem(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors())
        found = Invalid("the request does not fit", problems=problems)
        return _response(request.scope, answer_to(found, _call_id(request.scope)))

    async def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, DataError)
        return _response(request.scope, answer_to(unstorable(error), _call_id(request.scope)))

    app.add_middleware(Bounded, most=MAX_BYTES)
    app.add_middleware(_Calls)
    app.add_exception_handler(SamspilError, ours)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RequestValidationError, parameters)
    app.add_exception_handler(DataError, unfit)


class _Calls:
    """Names each call, and answers what nobody expected; the fault is logged here and nowhere else, masked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call_id, answered = new_id(), False
        scope.setdefault("state", {})["call_id"] = call_id

        async def send_named(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                named = (CALL_ID.encode(), call_id.encode())
                message["headers"] = [*(each for each in message["headers"] if each[0] != named[0]), named]
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        except Exception:  # noqa: BLE001 - the outermost place: the caller gets an answer, the log gets the fault
            log.critical("a call failed", call_id=call_id, fault=mask_message(traceback.format_exc()))
            if not answered:
                fault = answer_with(
                    HTTPStatus.INTERNAL_SERVER_ERROR, "this is a fault of the hub; quote the call id", call_id
                )
                await _response(scope, fault)(scope, receive, send_named)


class Bounded:
    """Reads no body without end, whichever endpoint asks for it, and though no key has been asked for yet: once more
    than `most` bytes have come, the answer is 413.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0

        async def bounded() -> Message:
            nonlocal read
            if read > self._most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {self._most} bytes")
            message = await receive()
            read += len(message.get("body", b""))
            return message

        await self._app(scope, bounded, send)


def _call_id(scope: Scope) -> str:
    return str(scope["state"]["call_id"])


def _response(scope: Scope, answer: Answer) -> Response:
    log.info(
        "a call was refused",
        call_id=_call_id(scope),
        method=scope["method"],
        status=int(answer.status),
        detail=answer.body["detail"],
    )
    return Response(orjson.dumps(answer.body), answer.status, answer.headers, MEDIA_TYPE)


async def _aside(large: bool, work: Callable[[], Result]) -> Result:
    """What takes long is done in a thread."""
    return await to_thread.run_sync(work) if large else work()


async def _body(request: Request) -> bytes:
    """The body, as it comes in. Raises TooLarge as soon as it is, Unreadable when the caller hangs up."""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > MAX_BYTES:
        raise _too_large()
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BYTES:
                raise _too_large()
    except ClientDisconnect:
        raise Unreadable("the caller hung up before the whole body had come") from None
    return bytes(body)


def _too_large() -> TooLarge:
    return TooLarge(f"the body is larger than {MAX_BYTES} bytes", hint="send the events in smaller batches")


_REQUEST: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            CONTENT_TYPE: {"schema": {"type": "object", "description": "a CloudEvents 1.0 event"}},
            BATCH_CONTENT_TYPE: {"schema": {"type": "array", "items": {"type": "object"}}},
            DATA_CONTENT_TYPE: {"schema": {"description": "the data of an event whose attributes are ce- headers"}},
        },
    }
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {}}}
    for status in (400, 401, 403, 409, 413, 415, 422, 503)
}
