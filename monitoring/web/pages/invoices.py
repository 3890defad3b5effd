"""Invoices: every document that came, and one of them drawn as an invoice with what is wrong in it."""

from typing import Literal, NamedTuple
from uuid import UUID

import orjson
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException

from consumers.alerts.overview import alerts_page
from consumers.alerts.rows import AlertFilter, AlertRow
from consumers.invoice_control.listing import InvoiceFilter, Listed, invoice_page
from consumers.invoice_control.queries import documents
from monitoring.web.findings import told
from monitoring.web.frame import Here
from monitoring.web.invoice_drawing import draw, party_number
from monitoring.web.paging import SIZE, Page, offset
from producers.tables import EVENT
from schemas.envelope import family_of
from schemas.invoices import Received

router = APIRouter()


@router.get("/invoices")
def listing(
    visit: Here,
    about: str = "",
    doc_type: Literal["invoice", "credit-note", ""] = "",
    wrong: bool = False,
    page: Page = 1,
) -> HTMLResponse:
    """The documents that the filters leave, the latest first, a page at a time."""
    wanted = InvoiceFilter(about=about.strip() or None, doc_type=doc_type or None, with_findings=wrong)

    def question(connection: Connection) -> tuple[list[Listed], int]:
        return invoice_page(connection, visit.cvr, wanted, limit=SIZE, offset=offset(page))

    found, total = visit.ask("invoice_control", question, ([], 0))
    return visit.page(
        "invoices.html",
        invoices=found,
        total=total,
        page=page,
        size=SIZE,
        chosen={"about": about, "doc_type": doc_type, "wrong": wrong},
        filtered=bool(about.strip() or doc_type or wrong),
        section="alerts",
    )


class Step(NamedTuple):
    """One event about the invoice: what, when, by whom and why."""

    family: str
    at: object
    by: str | None
    said: str | None
    position: int


@router.get("/invoices/{subject}")
def one(visit: Here, subject: UUID) -> HTMLResponse:
    """One invoice with everything that is open about it and all that was done with it."""

    def question(connection: Connection) -> list[Received]:
        return documents(connection, authority=visit.cvr, subject=subject)

    def about(connection: Connection) -> tuple[AlertRow, ...]:
        return alerts_page(connection, visit.cvr, AlertFilter(subject=str(subject)), limit=SIZE)[0]

    received = visit.ask("invoice_control", question, [])
    if not received:
        raise HTTPException(404)
    alerts = [told(visit.language, alert, visit.today) for alert in visit.ask("alerts", about, ())]
    return visit.page(
        "invoice.html",
        subject=subject,
        drawings=draw(received, alerts),
        alerts=alerts,
        party_number=party_number,
        history=visit.ask(None, lambda connection: history(connection, visit.cvr, str(subject)), []),
        section="alerts",
    )


def history(connection: Connection, authority: str, subject: str) -> list[Step]:
    """What was told of an invoice, in its order."""
    rows = connection.execute(
        select(EVENT.c.type, EVENT.c.recorded, EVENT.c.payload, EVENT.c.position)
        .where(EVENT.c.authority == authority, EVENT.c.subject == subject)
        .order_by(EVENT.c.position)
    )
    found = []
    for row in rows:
        data = orjson.loads(row.payload) if row.payload else {}
        by = data.get("by") or {}
        family = family_of(row.type)
        said = data.get("reason")
        found.append(Step(family, row.recorded, by.get("name") or by.get("id"), said, row.position))
    return found
