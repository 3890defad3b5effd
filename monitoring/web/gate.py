"""The gate before every page: without a session nothing but the login answers, and every answer has its headers."""

import hmac
from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.errors import Forbidden

from .session import Session, Sessions

BASE = "/web"
"""Where the pages live; the cookies reach no further."""
COOKIE = "samspil_session"
CSRF_FIELD = "csrf"
OPEN = frozenset({f"{BASE}/login"})
"""What answers without a session."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Gate:
    """Finds the session of each call, turns away what has none, and what another site's page sends."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        session = self._sessions.get(request.cookies.get(COOKIE))
        scope.setdefault("state", {})["session"] = session

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if request.url.scheme == "https":
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        answer = _turned_away(request, session) or self._app
        await answer(scope, receive, send_guarded)


def _turned_away(request: Request, session: Session | None) -> Response | None:
    """The answer to a call that comes no further."""
    if request.method not in SAFE and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return PlainTextResponse("another site's page sent this", HTTPStatus.FORBIDDEN)
    if session or request.url.path in OPEN:
        return None
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"{BASE}/login", HTTPStatus.SEE_OTHER)
    return PlainTextResponse("log in first", HTTPStatus.UNAUTHORIZED)


async def unforged(request: Request) -> None:
    """What changes something carries the session's token. Raises Forbidden."""
    session = session_of(request)
    if request.method in SAFE or session is None:
        return
    sent = (await request.form()).get(CSRF_FIELD)
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), session.csrf.encode()):
        raise Forbidden("the form is not of this session", hint="load the page again and send the form once more")


def session_of(request: Request) -> Session | None:
    found: Session | None = request.scope["state"]["session"]
    return found
