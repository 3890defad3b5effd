"""Coming and going: the one-time link, a person's key, and the way out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from kernel.errors import Forbidden, Unauthenticated

from .frame import Somewhere, Visit
from .gate import BASE, COOKIE
from .session import authorities, key_login

router = APIRouter()


@router.get("/login")
def login(visit: Somewhere, token: str = "") -> Response:
    """Take the one-time link, or ask for a key."""
    if token:
        cookie = visit.web.sessions.redeem(token)
        if cookie is None:
            return visit.page("login.html", http_status=HTTPStatus.UNAUTHORIZED, wrong="login.link-used")
        # A page of our own goes on: the cookie is not sent along a redirect that another program's link began.
        return _with_cookie(visit, visit.page("entered.html"), cookie)
    if visit.session:
        return RedirectResponse(f"{BASE}/", HTTPStatus.SEE_OTHER)
    return visit.page("login.html", wrong=None)


@router.post("/login")
def login_with_key(visit: Somewhere, key: Annotated[str, Form(max_length=200)]) -> Response:
    """A person's own key opens a session for what the agreements allow."""
    try:
        person = key_login(visit.web.database, key)
    except (Unauthenticated, Forbidden) as refused:
        wrong = "login.key-unknown" if isinstance(refused, Unauthenticated) else "login.key-of-system"
        return visit.page("login.html", http_status=HTTPStatus.UNAUTHORIZED, wrong=wrong)
    cookie = visit.web.sessions.open(person.id, person.name)
    return _with_cookie(visit, RedirectResponse(f"{BASE}/", HTTPStatus.SEE_OTHER), cookie)


@router.post("/logout")
def logout(visit: Somewhere) -> Response:
    if visit.session:
        visit.web.sessions.end(visit.session)
    answer = RedirectResponse(f"{BASE}/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE, path=BASE)
    return answer


@router.get("/")
def begin(visit: Somewhere) -> Response:
    """The first page of the first authority; a word of welcome when there is none to see yet."""
    assert visit.session is not None
    may_see = authorities(visit.web.database, visit.session)
    if may_see:
        return RedirectResponse(f"{BASE}/{may_see[0].cvr}/today", HTTPStatus.SEE_OTHER)
    return visit.page("welcome.html")


def _with_cookie(visit: Visit, answer: Response, cookie: str) -> Response:
    answer.set_cookie(
        COOKIE, cookie, path=BASE, httponly=True, samesite="strict", secure=visit.request.url.scheme == "https"
    )
    return answer
