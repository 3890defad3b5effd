"""One attempt to deliver by webhook: the event as structured CloudEvents JSON, signed over these very bytes."""

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpcore
import httpx

from kernel.clock import Clock
from kernel.errors import Invalid
from schemas.envelope import CONTENT_TYPE, Event

from .guard import Guard, GuardedNetwork, Resolver
from .names import SystemResolver
from .reading import written
from .schedule import retry_after, verdict
from .signing import secrets_at, signed_headers, webhook_id
from .subscriptions import Subscription
from .turns import WINDOW, Result, Turn

TIMEOUT_S = 15.0
"""From the first packet to the answer's status; Standard Webhooks recommends 15 to 30 s."""
KEPT_S = 15.0
"""How long a connection is used again."""
MOST_OF_AN_ANSWER = 64 * 1024
"""Bytes of an answer that are read, so that the connection can be used again; beyond it the connection is closed."""


class Webhooks:
    """Sends to subscribers' addresses. One for an event loop; `close` when done.

    A subscription has lanes of its own, a connection each: a pool for many looks through all its connections at every
    request (measured: 1.9 ms instead of 0.6 ms of processor time with sixteen), those of the dead too.
    """

    def __init__(
        self,
        guard: Guard,
        key: bytes,
        clock: Clock,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._guard, self._key, self._clock = guard, key, clock
        self._resolver = resolver or SystemResolver()
        self._tls = tls or ssl.create_default_context()
        self._lanes: dict[str, dict[int, httpcore.AsyncConnectionPool]] = {}
        self._answering = set[str]()

    async def close(self) -> None:
        for id_ in list(self._lanes):
            await self.forget(id_)

    async def forget(self, subscription: str) -> None:
        """Close the connections of a subscription; those that a cancellation leaves open are `close`d later."""
        self._answering.discard(subscription)
        lanes = self._lanes.get(subscription, {})
        while lanes:
            await lanes.popitem()[1].aclose()
        self._lanes.pop(subscription, None)

    def window(self, subscription: str) -> int:
        """How many requests may go out at the same time: one alone until the receiver has answered one."""
        return WINDOW if subscription in self._answering else 1

    async def deliver(self, turn: Turn) -> list[Result]:
        """Every event of the turn at the same time: they are of different subjects."""
        one, lanes = turn.subscription, enumerate(turn.events)
        results = await asyncio.gather(*(self._attempt(one, event, lane) for lane, event in lanes))
        if all(result.status is not None for result in results):
            self._answering.add(one.id)
        else:
            self._answering.discard(one.id)
        return list(results)

    async def _attempt(self, one: Subscription, event: Event, lane: int) -> Result:
        now, began, body = self._clock.now(), time.monotonic(), written(event)
        secrets = secrets_at(self._key, one.id, one.secret_number, one.rotated, now)
        signed = signed_headers(webhook_id(event), now, body, secrets)
        status, wait, note = await self._post(one, lane, signed, body)
        return Result(
            event,
            delivered=status is not None and verdict(status) == "delivered",
            status=status,
            ms=round((time.monotonic() - began) * 1000),
            note=note,
            gone=status is not None and verdict(status) == "gone",
            retry_after=wait,
        )

    async def _post(
        self, one: Subscription, lane: int, signed: Mapping[str, str], body: bytes
    ) -> tuple[int | None, timedelta | None, str]:
        """The answer's status, how long the receiver wants to be left alone, and words about what went wrong."""
        try:
            url = self._guard.url(one.address or "")
            async with asyncio.timeout(TIMEOUT_S):
                status, wait = await _exchange(self._lane(one.id, lane, url), url, signed, body)
        except TimeoutError:
            return None, None, f"no answer within {TIMEOUT_S:g} s"
        except Invalid as error:
            return None, None, error.message
        except (httpcore.ConnectError, OSError, UnicodeError) as error:
            return None, None, f"cannot connect: {type(error).__name__}"
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            return None, None, f"the connection broke: {type(error).__name__}"
        when = retry_after(status, wait, self._clock.now())
        return status, when, "" if verdict(status) == "delivered" else f"the receiver answered {status}"

    def _lane(self, subscription: str, lane: int, url: httpx.URL) -> httpcore.AsyncConnectionPool:
        lanes = self._lanes.setdefault(subscription, {})
        if lane not in lanes:
            lanes[lane] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=1,
                keepalive_expiry=KEPT_S,
                network_backend=GuardedNetwork(self._guard, self._resolver, plain=url.scheme == "http"),
            )
        return lanes[lane]


async def _exchange(
    lane: httpcore.AsyncConnectionPool, url: httpx.URL, signed: Mapping[str, str], body: bytes
) -> tuple[int, str | None]:
    """The status of the answer, and its Retry-After."""
    headers: dict[bytes | str, bytes | str] = {
        "host": url.netloc.decode(),
        "user-agent": "samspil",
        "content-type": f"{CONTENT_TYPE}; charset=UTF-8",
        "content-length": str(len(body)),
    }
    headers.update(signed.items())
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    async with lane.stream("POST", target, headers=headers, content=body) as response:
        read = 0
        async for part in response.aiter_stream():
            read += len(part)
            if read > MOST_OF_AN_ANSWER:
                break
        return response.status, _header(response.headers, b"retry-after")


def _header(headers: Sequence[tuple[bytes, bytes]] | Any, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), None)
