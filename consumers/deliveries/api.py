"""The endpoints of subscribers: agreements to receive, subscriptions, batches to pull, and the stream.

Every call needs a key. A principal sees and changes its own subscriptions. An agreement is approved or ended by a
person of the authority (`asking.may_decide`).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Connection, Text, cast

from access.agreements import Agreement, agreements, approve_agreement, end_agreement, request_agreement
from access.bearer import principal_of
from access.principals import Principal
from access.tables import AGREEMENT
from kernel.errors import Conflict, Forbidden
from schemas.envelope import Event
from schemas.hub import Actor

from . import queries
from .asking import DECIDES, Acknowledged, AgreementAsked, Replayed, Subscribers, SubscriptionAsked, may_decide, own
from .handing import PAGE, acknowledge, pull, started_at, stream
from .reading import written
from .subscriptions import Subscription, end, pause, replay, resume, rotate, subscribe

MOST_STREAMS = 20
"""Streams that a subscriber may have open in a process: each asks the store whenever something happens."""


def router(hub: Subscribers) -> APIRouter:
    """The endpoints; each of them needs a key."""
    bearer = HTTPBearer(auto_error=False)

    async def caller(found: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Principal:
        stated = f"{found.scheme} {found.credentials}" if found else None
        return await asyncio.to_thread(principal_of, hub.database, stated)

    made = APIRouter(tags=["subscribers"], dependencies=[Depends(caller)])
    _agreements(made, hub, caller)
    _subscriptions(made, hub, caller)
    _changes(made, hub, caller)
    _handing(made, hub, caller)
    return made


def _agreements(made: APIRouter, hub: Subscribers, caller: Callable[..., Any]) -> None:
    @made.post("/agreements", status_code=HTTPStatus.CREATED)
    async def ask(asked: AgreementAsked, who: Annotated[Principal, Depends(caller)]) -> Response:
        """Ask for an agreement to receive; nothing moves before a person of the authority approves it."""

        def work(connection: Connection) -> Agreement:
            id_ = request_agreement(
                connection, asked.authority, who.name, "receive", asked.types, by=who.name,
                purpose=asked.purpose, max_sensitivity=asked.max_sensitivity, tell=hub.tell,
            )  # fmt: skip
            return agreements(connection, AGREEMENT.c.id == id_)[0]

        return _json(asdict(await hub.transact(work)), HTTPStatus.CREATED)

    @made.get("/agreements")
    async def listed(who: Annotated[Principal, Depends(caller)]) -> Response:
        """The caller's own agreements, and those of the authorities it decides for."""
        decides = [each for each in who.authorities("send") if may_decide(who, each)]
        mine = (AGREEMENT.c.principal == who.id) | AGREEMENT.c.authority.in_(decides)
        found = await hub.transact(lambda connection: agreements(connection, mine))
        return _json({"agreements": [asdict(each) for each in found]})

    async def decide(id_: str, who: Principal, decision: Callable[..., None], *, may_own: bool) -> Response:
        def work(connection: Connection) -> Agreement:
            found = agreements(connection, cast(AGREEMENT.c.id, Text) == id_)
            if not found or not (may_decide(who, found[0].authority) or (may_own and found[0].principal == who.id)):
                raise Forbidden(
                    "an agreement is decided on by a person of the authority",
                    hint=f"a person with an agreement to send {DECIDES} of that authority",
                )
            decision(connection, id_, by=who.name, tell=hub.tell)
            return found[0]

        await hub.transact(work)
        now = await hub.transact(lambda connection: agreements(connection, AGREEMENT.c.id == id_))
        return _json(asdict(now[0]))

    @made.post("/agreements/{id_}/approve")
    async def approve(id_: str, who: Annotated[Principal, Depends(caller)]) -> Response:
        """Approve an agreement that somebody else asked for; it is active from now on."""
        return await decide(id_, who, approve_agreement, may_own=False)

    @made.post("/agreements/{id_}/end")
    async def finish(id_: str, who: Annotated[Principal, Depends(caller)]) -> Response:
        """End an agreement: the next delivery under it does not take place. Who has it may end it too."""
        return await decide(id_, who, end_agreement, may_own=True)


def _subscriptions(made: APIRouter, hub: Subscribers, caller: Callable[..., Any]) -> None:
    @made.post("/subscriptions", status_code=HTTPStatus.CREATED)
    async def make(asked: SubscriptionAsked, who: Annotated[Principal, Depends(caller)]) -> Response:
        """Subscribe; the answer to a webhook's subscription holds its secret."""
        one = await hub.transact(
            lambda connection: subscribe(
                connection, who.id, asked.authority, asked.types, asked.way, asked.address,
                by=who.name, now=hub.clock.now(), guard=hub.guard, after=asked.after,
            )
        )  # fmt: skip
        told = {"id": one.id, "status": one.status}
        if asked.way == "webhook":
            told["secret"] = await asyncio.to_thread(hub.secret_of, one)
        return _json(told, HTTPStatus.CREATED)

    @made.get("/subscriptions")
    async def listed(who: Annotated[Principal, Depends(caller)]) -> Response:
        """The caller's subscriptions and how far they are."""
        found = await hub.transact(lambda connection: queries.subscriptions(connection, principal=who.id))
        return _json({"subscriptions": [each._asdict() for each in found]})

    @made.get("/subscriptions/{id_}/log")
    async def tried(
        id_: str,
        who: Annotated[Principal, Depends(caller)],
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> Response:
        """The last attempts, newest first."""

        def work(connection: Connection) -> tuple[queries.LogRow, ...]:
            return queries.log(connection, subscription=own(connection, id_, who).id, limit=limit)

        return _json({"log": [each._asdict() for each in await hub.transact(work)]})


def _changes(made: APIRouter, hub: Subscribers, caller: Callable[..., Any]) -> None:
    @made.post("/subscriptions/{id_}/pause", status_code=HTTPStatus.NO_CONTENT)
    async def stop(id_: str, who: Annotated[Principal, Depends(caller)]) -> None:
        """Stop deliveries until they are resumed."""
        await hub.change(
            id_, who, lambda connection, one, by: pause(
                connection, one, "paused by its subscriber", by=by, attempts=0, tell=hub.tell
            )
        )  # fmt: skip

    @made.post("/subscriptions/{id_}/resume", status_code=HTTPStatus.NO_CONTENT)
    async def go_on(id_: str, who: Annotated[Principal, Depends(caller)]) -> None:
        """Go on where deliveries stopped."""
        await hub.change(id_, who, lambda connection, one, by: resume(connection, one, by=by, tell=hub.tell))

    @made.post("/subscriptions/{id_}/replay", status_code=HTTPStatus.NO_CONTENT)
    async def again(id_: str, asked: Replayed, who: Annotated[Principal, Depends(caller)]) -> None:
        """Deliver again what is stored after a position, with the same ids."""
        await hub.change(id_, who, lambda connection, one, by: replay(connection, one, asked.after, by=by))

    @made.post("/subscriptions/{id_}/rotate")
    async def renew(id_: str, who: Annotated[Principal, Depends(caller)]) -> Response:
        """A new secret; for a day the old one signs too."""
        by = Actor(id=who.id, name=who.name)
        one = await hub.transact(
            lambda connection: rotate(connection, own(connection, id_, who), by=by, now=hub.clock.now())
        )
        return _json({"id": one.id, "secret": await asyncio.to_thread(hub.secret_of, one)})

    @made.delete("/subscriptions/{id_}", status_code=HTTPStatus.NO_CONTENT)
    async def leave(id_: str, who: Annotated[Principal, Depends(caller)]) -> None:
        """End the subscription."""
        await hub.change(id_, who, lambda connection, one, by: end(connection, one, by=by))


def _handing(made: APIRouter, hub: Subscribers, caller: Callable[..., Any]) -> None:
    streaming = Counter[str]()

    @made.get("/subscriptions/{id_}/events")
    async def next_batch(
        id_: str,
        who: Annotated[Principal, Depends(caller)],
        limit: Annotated[int, Query(ge=1, le=1_000)] = PAGE,
        lease: str | None = None,
    ) -> Response:
        """The next events, the caller's for a minute: acknowledge them, or they are handed out again."""
        batch = await hub.transact(
            lambda connection: pull(
                connection, own(connection, id_, who), limit, catalogue=hub.catalogue, now=hub.clock.now(), lease=lease
            )
        )
        events = [orjson.Fragment(written(event)) for event in batch.events]
        return _json({"events": events, "position": batch.position, "lease": batch.lease, "until": batch.until})

    @made.post("/subscriptions/{id_}/ack", status_code=HTTPStatus.NO_CONTENT)
    async def done(id_: str, said: Acknowledged, who: Annotated[Principal, Depends(caller)]) -> None:
        """Everything up to a position of the batch is done."""
        await hub.transact(
            lambda connection: acknowledge(
                connection, own(connection, id_, who), said.lease, said.position, now=hub.clock.now()
            )
        )

    @made.get("/subscriptions/{id_}/stream")
    async def streamed(
        id_: str,
        who: Annotated[Principal, Depends(caller)],
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Server-sent events as they come; `Last-Event-ID` is the position of the last one the caller has."""

        def begin(connection: Connection) -> tuple[Subscription, int]:
            one = own(connection, id_, who)
            return one, started_at(connection, one, last_event_id, hub.catalogue)

        one, after = await hub.transact(begin)
        if streaming[who.id] >= MOST_STREAMS:
            raise Conflict(f"{MOST_STREAMS} streams are open already", hint="close one of them")
        return StreamingResponse(
            _frames(stream(hub.database, hub.catalogue, hub.waking, one, after), streaming, who.id),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )


async def _frames(events: AsyncIterator[Event | None], streaming: Counter[str], principal: str) -> AsyncIterator[bytes]:
    """What goes over the wire; the stream is counted as the principal's while it lasts."""
    streaming[principal] += 1
    try:
        async for event in events:
            if event is None:
                yield b": alive\n\n"
            else:
                yield b"id: %d\nevent: %b\ndata: %b\n\n" % (event.position, event.type.encode(), written(event))
    finally:
        streaming[principal] -= 1


def _json(value: Any, status: int = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
