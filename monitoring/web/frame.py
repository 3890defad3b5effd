"""What every page has: who looks, at whose authority, in which language, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection

from consumers.runtime.consumer import Consumer
from consumers.runtime.projections import use_active
from kernel.clock import COPENHAGEN, Clock
from kernel.errors import Forbidden
from kernel.masking import mask_written
from producers.accept import Acceptor
from schemas.catalogue import Catalogue
from schemas.values import Sensitivity
from storage.database import Database

from .gate import BASE, session_of
from .language import CODES, Language, chosen, language
from .live import Signals
from .navigation import NAVIGATION
from .session import Seen, Session, Sessions, authorities, may_read

LANGUAGE_COOKIE = "samspil_language"
YEAR_S = 365 * 24 * 3600
T = TypeVar("T")
E = TypeVar("E")


@dataclass(frozen=True)
class Web:
    """What the dashboard works with; the hub puts it together."""

    database: Database
    acceptor: Acceptor
    catalogue: Catalogue
    clock: Clock
    consumers: tuple[Consumer, ...]
    sessions: Sessions
    signals: Signals


@dataclass(frozen=True)
class Visit:
    """One call of one person: `authority` is the one they look at, None where a page is about none."""

    web: Web
    request: Request
    session: Session | None
    language: Language
    authorities: tuple[Seen, ...] = ()
    authority: Seen | None = None

    @property
    def cvr(self) -> str:
        assert self.authority is not None
        return self.authority.cvr

    @cached_property
    def today(self) -> date:
        """The day in Denmark."""
        return self.web.clock.now().astimezone(COPENHAGEN).date()

    def ask(self, consumer: str | None, question: Callable[[Connection], T], otherwise: E) -> T | E:
        """What a question answers about this authority's rows, and nobody else's; `otherwise` when the consumer has
        never run. None asks the hub's own tables.
        """
        with self.web.database.reading((self.cvr,)) as connection:
            if consumer is not None and use_active(connection, consumer) is None:
                return otherwise
            return question(connection)

    def may_read(self, family: str, kept: Sensitivity) -> bool:
        """Whether the person may see what events of a family say that are kept so closely."""
        return self.session is not None and may_read(self.web.database, self.session, self.cvr, family, kept)

    def url(self, *parts: object, **query: object) -> str:
        """The address of a page of this authority; what is None is left out of the query."""
        path = "/".join([BASE, *([self.authority.cvr] if self.authority else []), *map(str, parts)])
        stated = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{path}?{urlencode(stated)}" if stated else path

    def same(self, **query: object) -> str:
        """This page's address with other values in its query; what is None is left out."""
        stated = dict(self.request.query_params) | query
        kept = {name: value for name, value in stated.items() if value not in (None, "")}
        return f"{self.request.url.path}?{urlencode(kept)}" if kept else self.request.url.path

    def page(self, template: str, *, http_status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
        """A template of `templates/` as the answer."""
        spoken = self.language
        shown = _environment().get_template(template).render(
            visit=self, t=spoken.text, many=spoken.many, known=spoken.known, event_name=spoken.event,
            date=spoken.date, moment=spoken.moment,
            clock=spoken.clock, number=spoken.number, money=spoken.money, url=self.url, same=self.same,
            path=self.request.url.path, base=BASE, languages=CODES, **values,
        )  # fmt: skip
        answer = HTMLResponse(shown, http_status)
        if self.request.query_params.get("lang") in CODES:
            answer.set_cookie(
                LANGUAGE_COOKIE, spoken.code, max_age=YEAR_S, path=BASE, httponly=True, samesite="strict",
                secure=self.request.url.scheme == "https",
            )  # fmt: skip
        return answer


def web_of(request: Request) -> Web:
    web: Web = request.app.state.web
    return web


def plain_visit(request: Request) -> Visit:
    """A visit to a page that is about no authority."""
    spoken = chosen(
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("accept-language"),
    )
    return Visit(web_of(request), request, session_of(request), language(spoken))


def visit_of(request: Request, authority: str) -> Visit:
    """A visit to an authority's page. Raises Forbidden for one that the session may not look at."""
    visit = plain_visit(request)
    if visit.session is None:
        raise Forbidden("log in first")
    may_see = authorities(visit.web.database, visit.session)
    found = next((each for each in may_see if each.cvr == authority), None)
    if found is None:
        raise Forbidden(f"you have no agreement with {authority}", hint="the authority approves agreements")
    return Visit(visit.web, request, visit.session, visit.language, may_see, found)


Somewhere = Annotated[Visit, Depends(plain_visit)]
Here = Annotated[Visit, Depends(visit_of)]


def _shown(value: Any) -> Any:
    """What stands on a page: nothing is a dash, and no CPR number is written out, wherever it came from."""
    if value is None:
        return "–"
    return mask_written(value) if type(value) is str else value


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.globals["navigation"] = NAVIGATION
    return made
