"""Operations: how far each consumer is, what is parked and what to do about it, and what is on its way out."""

from http import HTTPStatus
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection, func, select

from access.principals import audit
from consumers.deliveries.queries import LogRow, SubscriptionRow, log, subscriptions
from consumers.runtime.apply import Applier
from consumers.runtime.repair import discard, replay
from consumers.runtime.tables import PARKED
from kernel.errors import Invalid
from monitoring.status import Status, status_of
from monitoring.web.frame import Here, Visit
from monitoring.web.paging import SIZE
from monitoring.web.session import principal_for
from schemas.hub import Actor

router = APIRouter()

LAST_ATTEMPTS = 10
REPAIR = ("hub.parked-replayed", "hub.parked-discarded")


class Waiting(NamedTuple):
    """What waits of one subject at one consumer: how many events from which position, and why the first did not go."""

    consumer: str
    subject: str
    events: int
    position: int
    type: str
    reason: str
    since: Any


@router.get("/operations")
def operations(visit: Here, done: str = "", events: int = 0) -> HTMLResponse:
    """The state of the hub, and what of this authority waits."""
    waiting = visit.ask(None, waiting_now, [])
    sent = visit.ask(None, lambda connection: _sent(connection, visit.cvr), ((), ()))
    status = status_of(visit.web.database, visit.web.consumers)
    return visit.page(
        "operations.html",
        status=status,
        subscriptions=sent[0],
        standings={row.id: _standing(row, status) for row in sent[0]},
        attempts=sent[1],
        waiting=waiting[:SIZE],
        waiting_total=len(waiting),
        may_repair=visit.session is not None and visit.session.local,
        done=done if done in ("replayed", "discarded") else "",
        done_events=events,
    )


@router.post("/operations/replay")
def replay_parked(
    visit: Here, consumer: Annotated[str, Form()], subject: Annotated[str, Form(max_length=1_000)]
) -> RedirectResponse:
    """Apply what is parked of a subject after all. Raises Invalid when it still cannot be applied."""
    applier, by = _repairing(visit, consumer, "replayed", subject)
    count = replay(applier, visit.cvr, subject, by)
    return RedirectResponse(visit.url("operations", done="replayed", events=count), HTTPStatus.SEE_OTHER)


@router.post("/operations/discard")
def discard_parked(
    visit: Here,
    consumer: Annotated[str, Form()],
    subject: Annotated[str, Form(max_length=1_000)],
    reason: Annotated[str, Form(max_length=2_000)] = "",
) -> RedirectResponse:
    """Never apply what is parked of a subject. Raises Invalid without a reason."""
    if not reason.strip():
        raise Invalid("discarding needs a reason", hint="say why; others read it later")
    applier, by = _repairing(visit, consumer, "discarded", subject)
    count = discard(applier, visit.cvr, subject, by, reason.strip())
    return RedirectResponse(visit.url("operations", done="discarded", events=count), HTTPStatus.SEE_OTHER)


def waiting_now(connection: Connection) -> list[Waiting]:
    """What is parked of the authorities that may be seen, by consumer and subject, the oldest first."""
    first = func.min(PARKED.c.position).label("first")
    groups = (
        select(PARKED.c.consumer, PARKED.c.authority, PARKED.c.subject, func.count().label("events"), first)
        .where(PARKED.c.status == "parked")
        .group_by(PARKED.c.consumer, PARKED.c.authority, PARKED.c.subject)
        .subquery()
    )
    rows = connection.execute(
        select(groups.c.consumer, groups.c.subject, groups.c.events, groups.c.first, PARKED.c.type, PARKED.c.reason,
               PARKED.c.at)
        .join(PARKED, (PARKED.c.consumer == groups.c.consumer) & (PARKED.c.position == groups.c.first))
        .order_by(groups.c.first)
    )  # fmt: skip
    return [Waiting(*row) for row in rows]


def _sent(connection: Connection, authority: str) -> tuple[tuple[SubscriptionRow, ...], tuple[LogRow, ...]]:
    """Who gets what of the authority, and the last attempts to hand it over."""
    found = tuple(row._replace(address=_place(row)) for row in subscriptions(connection, authority))
    return found, log(connection, authority, limit=LAST_ATTEMPTS)


def _standing(row: SubscriptionRow, status: Status) -> str:
    """What keeps a subscription from getting what it is to get, by the end of its text's key; empty when nothing does.

    Who comes for what it gets, and who has just not got it yet, is kept from nothing.
    """
    if status.unserved(row.id):
        return "unserved"
    if row.status != "active":
        return "stopped"
    if not row.agreed:
        return "no-agreement"
    return "retrying" if row.attempt else "put-off" if row.due else ""


def _place(row: SubscriptionRow) -> str | None:
    """Where deliveries go, as everybody may know it: a webhook's path and query can be its receiver's secret."""
    if row.way != "webhook" or row.address is None:
        return row.address
    stated = urlsplit(row.address)
    return f"{stated.scheme}://{stated.netloc}"


def _repairing(visit: Visit, consumer: str, action: str, subject: str) -> tuple[Applier, Actor]:
    """What repairs, and who does it: the person at this hub, or one whom the authority lets write what repair tells.

    Raises Invalid for a consumer that is none, Forbidden.
    """
    assert visit.session is not None
    chosen = next((each for each in visit.web.consumers if each.name == consumer), None)
    if chosen is None:
        raise Invalid(f"there is no consumer {consumer!r}")
    principal = principal_for(visit.web.database, visit.session, visit.cvr)
    if not principal.local:
        for family in REPAIR:
            principal.require("send", visit.cvr, family)
    with visit.web.database.worker.begin() as connection:
        audit(connection, visit.cvr, visit.session.name, f"parked {action}", f"{consumer} {subject}")
    web = visit.web
    by = Actor(id=visit.session.principal, name=visit.session.name)
    return Applier(web.database, chosen, web.catalogue, web.clock), by
