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

from .guard import Guard, GuardedNetwork, Resolver, system_resolver
from .reading import written
from .schedule import retry_after, verdict
from .signing import secrets_at, signed_headers, webhook_id
from .subscriptions import Subscription
from .turns import Result, Turn

TIMEOUT_S = 15.0
"""From the first packet to the answer's status; Standard Webhooks recommends 15 to 30 s."""
MOST_OF_AN_ANSWER = 64 * 1024
"""Bytes of an answer that are read, so that the connection can be used again; beyond it the connection is closed."""


class Webhooks:
    """Sends to subscribers' addresses. One for an event loop; `close` when done."""

    def __init__(self, guard: Guard, key: bytes, clock: Clock, resolver: Resolver = system_resolver) -> None:
        self._guard, self._key, self._clock = guard, key, clock
        self._pools = {
            scheme: httpcore.AsyncConnectionPool(
                ssl_context=ssl.create_default_context() if scheme == "https" else None,
                max_connections=None,
                keepalive_expiry=15,
                network_backend=GuardedNetwork(guard, resolver, plain=scheme == "http"),
            )
            for scheme in ("https", "http")
        }

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    async def deliver(self, turn: Turn) -> list[Result]:
        """Every event of the turn at the same time: they are of different subjects."""
        return list(await asyncio.gather(*(self._attempt(turn.subscription, event) for event in turn.events)))

    async def _attempt(self, one: Subscription, event: Event) -> Result:
        now, began, body = self._clock.now(), time.monotonic(), written(event)
        secrets = secrets_at(self._key, one.id, one.secret_number, one.rotated, now)
        signed = signed_headers(webhook_id(event), now, body, secrets)
        status, wait, note = await self._post(one.address or "", signed, body)
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
        self, address: str, signed: Mapping[str, str], body: bytes
    ) -> tuple[int | None, timedelta | None, str]:
        """The answer's status, how long the receiver wants to be left alone, and words about what went wrong."""
        try:
            url = self._guard.url(address)
            async with asyncio.timeout(TIMEOUT_S):
                status, wait = await self._exchange(url, signed, body)
        except TimeoutError:
            return None, None, f"no answer within {TIMEOUT_S:g} s"
        except Invalid as error:
            return None, None, error.message
        except (httpcore.ConnectError, OSError) as error:
            return None, None, f"cannot connect: {type(error).__name__}"
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            return None, None, f"the connection broke: {type(error).__name__}"
        when = retry_after(status, wait, self._clock.now())
        return status, when, "" if verdict(status) == "delivered" else f"the receiver answered {status}"

    async def _exchange(self, url: httpx.URL, signed: Mapping[str, str], body: bytes) -> tuple[int, str | None]:
        headers: dict[bytes | str, bytes | str] = {
            "host": url.netloc.decode(),
            "user-agent": "samspil",
            "content-type": f"{CONTENT_TYPE}; charset=UTF-8",
            "content-length": str(len(body)),
        }
        headers.update(signed.items())
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        async with self._pools[url.scheme].stream("POST", target, headers=headers, content=body) as response:
            read = 0
            async for part in response.aiter_stream():
                read += len(part)
                if read > MOST_OF_AN_ANSWER:
                    break
            return response.status, _header(response.headers, b"retry-after")


def _header(headers: Sequence[tuple[bytes, bytes]] | Any, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), None)
