"""Events: the log as it grows, searched by type and subject, and the whole way of one event."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, or_, select
from starlette.exceptions import HTTPException

from monitoring.tracing import Step, way_of
from monitoring.web.frame import Here
from monitoring.web.paging import SIZE
from producers.tables import EVENT
from schemas.envelope import family_of

from .numbers import subjects_numbered

router = APIRouter()

PERSONAL = ("personal", "sensitive")
"""What events so classified say is shown to those with an agreement about them."""
_COLUMNS = (
    EVENT.c.position, EVENT.c.id, EVENT.c.type, EVENT.c.subject, EVENT.c.source, EVENT.c.recorded, EVENT.c.shared,
    EVENT.c.authority,
)  # fmt: skip


class EventRow(NamedTuple):
    """An event on one line of a listing."""

    position: int
    id: str
    family: str
    subject: str
    source: str
    recorded: datetime
    shared: bool


@router.get("/events")
def listing(visit: Here, family: str = "", about: str = "", before: int | None = None) -> HTMLResponse:
    """The newest events first. `about` is an event's id, a subject, a source, or the number of an invoice, a contract
    or a case, whole; `before` a position.
    """
    wanted = about.strip()
    subjects = subjects_numbered(visit, wanted)

    def question(connection: Connection) -> list[EventRow]:
        return newest(connection, family=family, about=wanted, subjects=subjects, before=before, limit=SIZE + 1)

    found = visit.ask(None, question, [])
    return visit.page(
        "events.html",
        events=found[:SIZE],
        older=found[SIZE - 1].position if len(found) > SIZE else None,
        families=sorted({kind.family for kind in visit.web.catalogue}, key=visit.language.event),
        chosen={"family": family, "about": about},
        before=before,
        filtered=bool(family or wanted),
    )


@router.get("/events/{position}")
def one(visit: Here, position: int) -> HTMLResponse:
    """One event: its envelope, its data, and its way."""

    def question(connection: Connection) -> tuple[Any, list[Step]]:
        event = connection.execute(select(EVENT).where(EVENT.c.position == position)).first()
        return event, way_of(connection, visit.web.consumers, visit.web.catalogue, position=position)

    event, way = visit.ask(None, question, (None, []))
    if event is None:
        raise HTTPException(404)
    family = family_of(event.type)
    hidden = event.classification in PERSONAL and not visit.may_read(family, event.classification)
    shown = event.payload if not hidden else None
    return visit.page(
        "event.html",
        event=event,
        family=family,
        hidden=hidden,
        family_of=family_of,
        way=way,
        data=orjson.dumps(orjson.loads(shown), option=orjson.OPT_INDENT_2).decode() if shown else None,
    )


def newest(
    connection: Connection,
    *,
    family: str = "",
    about: str = "",
    subjects: Collection[str] = (),
    before: int | None = None,
    limit: int,
) -> list[EventRow]:
    """Events the reader may see, the newest first; `subjects` are what `about` may mean besides."""
    query = select(*_COLUMNS).order_by(EVENT.c.position.desc()).limit(limit)
    if family:
        query = query.where(EVENT.c.type.startswith(f"dk.samspil.{family}.", autoescape=True))
    if about:
        query = query.where(or_(EVENT.c.subject.in_([about, *subjects]), EVENT.c.id == about, EVENT.c.source == about))
    if before is not None:
        query = query.where(EVENT.c.position < before)
    return [
        EventRow(row.position, row.id, family_of(row.type), row.subject, row.source, row.recorded, row.shared)
        for row in connection.execute(query)
    ]
