"""The dashboard as an application of its own, which the hub mounts beside its API."""

from http import HTTPStatus
from pathlib import Path

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, StreamingResponse
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from adapters.http.api import Bounded, unstorable
from kernel.errors import Conflict, Forbidden, Invalid, Retryable, SamspilError

from . import login
from .frame import Somewhere, Web, plain_visit, visit_of
from .gate import BASE, HEADERS, Gate, unforged
from .pages import PAGES

STATIC = Path(__file__).with_name("static")
_STATUSES: tuple[tuple[type[SamspilError], HTTPStatus], ...] = (
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Retryable, HTTPStatus.SERVICE_UNAVAILABLE),
)
MOST_OF_A_FORM = 1_000_000
"""Bytes of a form that are read; the longest texts of the longest form are far fewer."""
_WORDED = frozenset({403, 404, 409, 422, 503})
"""The statuses that have words of their own on the page; every other is told as a fault."""


def install(app: FastAPI, web: Web) -> None:
    """Put the dashboard under `/web` of the hub's application, with its assets under `/static`; `/` leads to it."""

    @app.get("/", include_in_schema=False)
    def root() -> Response:
        return RedirectResponse(f"{BASE}/", HTTPStatus.SEE_OTHER)

    app.mount("/static", StaticFiles(directory=STATIC))
    app.mount(BASE, dashboard(web))


def dashboard(web: Web) -> FastAPI:
    """Every page; each, also one added later, is behind the gate and, where it changes something, behind the token."""
    made = FastAPI(title="Samspil", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(unforged)])
    made.state.web = web
    made.include_router(login.router)

    @made.get("/changes")
    async def changes(request: Request, visit: Somewhere, seen: str = "") -> Response:
        """The stream that tells open pages to look again."""
        told = request.headers.get("last-event-id") or seen
        assert visit.session is not None
        stream = visit.web.signals.stream(told, visit.session.key)
        return StreamingResponse(stream, media_type="text/event-stream")

    for router in PAGES:
        made.include_router(router, prefix="/{authority}", dependencies=[Depends(visit_of)])
    made.add_middleware(Bounded, most=MOST_OF_A_FORM)
    made.add_middleware(Gate, sessions=web.sessions)
    made.add_exception_handler(SamspilError, _refused)
    made.add_exception_handler(HTTPException, _framework)
    made.add_exception_handler(RequestValidationError, _unfit)
    made.add_exception_handler(DataError, _unstorable)
    made.add_exception_handler(Exception, _fault)
    return made


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, SamspilError)
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.SERVICE_UNAVAILABLE)
    problems = [str(problem) for problem in error.problems] if isinstance(error, Invalid) else []
    return _told(request, status, "\n".join(filter(None, [error.message, error.hint, *problems])))


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _told(request, error.status_code, "")


async def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return _told(request, HTTPStatus.UNPROCESSABLE_ENTITY, "\n".join(found))


async def _unstorable(request: Request, error: Exception) -> Response:
    assert isinstance(error, DataError)
    return await _refused(request, unstorable(error))


async def _fault(request: Request, error: Exception) -> Response:
    answer = _told(request, HTTPStatus.INTERNAL_SERVER_ERROR, type(error).__name__)
    answer.headers.update(HEADERS)  # the framework answers a fault before the gate
    return answer


def _told(request: Request, status: int, detail: str) -> Response:
    worded = status if status in _WORDED else 500
    call = request.scope["state"].get("call_id", "")
    visit = plain_visit(request)
    return visit.page("error.html", http_status=status, code=int(status), worded=worded, detail=detail, call=call)
