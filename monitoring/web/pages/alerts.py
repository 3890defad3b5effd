"""Alerts: the list through filters, and one alert with its invoice, the calculation, and what can be done."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection

from consumers.alerts.overview import alerts_page, rules_in_use
from consumers.alerts.queries import alert_history, one_alert
from consumers.alerts.rows import AlertFilter, AlertRow, FactRow
from consumers.alerts.rules import Status
from consumers.invoice_control.queries import documents
from consumers.workflows.consumer import LIBRARY
from consumers.workflows.deciding import INVOICES, decides, is_discrepancy
from consumers.workflows.desk import Desk
from consumers.workflows.queries import people, tasks
from consumers.workflows.rows import TaskRow
from kernel.errors import Forbidden, Invalid
from monitoring.web.acting import Fact, act, shown_by
from monitoring.web.findings import details, told
from monitoring.web.frame import Here, Visit
from monitoring.web.invoice_drawing import draw, party_number
from monitoring.web.paging import SIZE, Page, offset
from producers.store import stands_at
from schemas.alerts import Severity
from schemas.invoices import Received

from .processes import Names

router = APIRouter()

Wanted = Literal["open", "acknowledged", "unresolved", "resolved", "all"]
STATUSES: dict[Wanted, tuple[Status, ...]] = {
    "unresolved": ("open", "acknowledged"),
    "open": ("open",),
    "acknowledged": ("acknowledged",),
    "resolved": ("resolved",),
    "all": ("open", "acknowledged", "resolved"),
}
Action = Literal["acknowledge", "accept", "false-alarm", "reject", "return", "hold", "silence"]
OF_ALERTS: tuple[Action, ...] = ("acknowledge", "accept", "false-alarm", "silence")
OF_INVOICES: tuple[Action, ...] = ("acknowledge", "accept", "reject", "return", "hold", "false-alarm", "silence")
STOPPING: tuple[Action, ...] = ("reject", "return", "hold")
"""What is done with an invoice, by the attestant or the payment authoriser of its unit."""
CLOSING: tuple[Action, ...] = ("accept", "false-alarm")
"""What closes an alert; where it keeps an invoice from being paid, by the same."""


@router.get("/alerts")
def listing(
    visit: Here,
    severity: Severity | Literal[""] = "",
    rule: str = "",
    status: Wanted = "unresolved",
    about: str = "",
    silenced: bool = False,
    page: Page = 1,
) -> HTMLResponse:
    """The alerts that the filters leave, a page at a time."""
    wanted = AlertFilter(
        statuses=STATUSES[status],
        severity=severity or None,
        rule=rule or None,
        about=about.strip() or None,
        silenced=True if silenced else None,
        on=visit.today,
    )

    def question(connection: Connection) -> tuple[tuple[AlertRow, ...], int]:
        return alerts_page(connection, visit.cvr, wanted, limit=SIZE, offset=offset(page))

    found, total = visit.ask("alerts", question, ((), 0))
    return visit.page(
        "alerts.html",
        alerts=[told(visit.language, alert, visit.today) for alert in found],
        total=total,
        page=page,
        size=SIZE,
        rules=visit.ask("alerts", lambda connection: rules_in_use(connection, visit.cvr), ()),
        statuses=tuple(STATUSES),
        chosen={"severity": severity, "rule": rule, "status": status, "about": about, "silenced": silenced},
        filtered=bool(severity or rule or about.strip() or silenced or status != "unresolved"),
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """An alert as a person sees it, the others about the same subject, and the position it stood at."""

    alert: AlertRow
    beside: tuple[AlertRow, ...]
    history: tuple[FactRow, ...]
    position: int


def _seen(visit: Visit, alert: UUID) -> Seen:
    """Raises Invalid when the authority has no such alert."""

    def question(connection: Connection) -> Seen:
        position = stands_at(connection, visit.cvr, str(alert))
        found = one_alert(connection, visit.cvr, str(alert))
        same = AlertFilter(subject=found.subject)
        beside, _ = alerts_page(connection, visit.cvr, same, limit=SIZE)
        return Seen(found, beside, alert_history(connection, visit.cvr, str(alert)), position)

    seen = visit.ask("alerts", question, None)
    if seen is None:
        raise Invalid("no alert has been told yet")
    return seen


@router.get("/alerts/{alert}")
def one(visit: Here, alert: UUID, done: str = "") -> HTMLResponse:
    """One alert."""
    seen = _seen(visit, alert)
    finding = seen.alert.finding
    received = _documents(visit, seen.alert.subject) if finding["subject_kind"] in INVOICES else []
    this = told(visit.language, seen.alert, visit.today)
    waiting, denied = _tasks(visit, seen.alert)
    others = [told(visit.language, each, visit.today) for each in seen.beside if each.id != seen.alert.id]
    return visit.page(
        "alert.html",
        this=this,
        others=others,
        details=details(visit.language, finding),
        drawings=draw(received, [this, *others]),
        party_number=party_number,
        history=[_step(fact) for fact in seen.history],
        position=seen.position,
        actions=_actions(seen.alert, denied),
        tasks=waiting,
        names=Names(visit, Desk(visit.web.acceptor, visit.web.database, visit.web.clock)),
        reference=next((each for each in finding.get("references", ()) if each["kind"] == "contract"), None),
        done=done if done in (*OF_INVOICES, "slow") else "",
        section="alerts",
    )


@router.post("/alerts/{alert}")
def decide(
    visit: Here,
    alert: UUID,
    action: Annotated[Action, Form()],
    position: Annotated[int, Form(ge=0)],
    reason: Annotated[str, Form(max_length=2_000)] = "",
    until: Annotated[date | Literal[""] | None, Form()] = None,
) -> RedirectResponse:
    """Do what the person chose, about what they saw. Raises Conflict when the alert has changed since."""
    seen = _seen(visit, alert)
    if action in _tasks(visit, seen.alert)[1]:
        raise Forbidden("the decision is a task of somebody else's role", hint="recommend it on the task's page")
    facts = facts_of(visit, seen.alert, action, reason.strip(), until or None)
    stored = act(visit, facts, {str(alert): position})
    shown = shown_by(visit.web, "alerts", visit.cvr, stored)
    return RedirectResponse(visit.url("alerts", alert, done=action if shown else "slow"), HTTPStatus.SEE_OTHER)


def facts_of(visit: Visit, alert: AlertRow, action: Action, reason: str, until: date | None) -> list[Fact]:
    """The facts that an action is. Raises Invalid when a reason or a day is missing, or the action does not fit."""
    if action in ("reject", "return", "hold") and alert.finding["subject_kind"] not in INVOICES:
        raise Invalid("the alert is not about an invoice")
    if action != "acknowledge" and not reason:
        raise Invalid("a decision needs a reason", hint="say why; others read it later")
    noted: dict[str, Any] = {"note": reason} if reason else {}
    acknowledged = Fact("alert.acknowledged", alert.id, noted)
    step = {"at": visit.web.clock.now().isoformat(), "reason": reason}
    match action:
        case "acknowledge":
            return [acknowledged]
        case "accept":
            return [_decided(alert, "accepted", reason)]
        case "false-alarm":
            return [_decided(alert, "false-alarm", reason)]
        case "reject":
            return [Fact("invoice.rejected", alert.subject, step), _decided(alert, "handled", reason)]
        case "return":
            return [Fact("invoice.returned", alert.subject, step), acknowledged]
        case "hold":
            waits = {"until": until.isoformat()} if until else {}
            return [Fact("invoice.held", alert.subject, step | waits), acknowledged]
        case "silence":
            if until is None or until < visit.today:
                raise Invalid("silence needs a day it ends on, today or later")
            return [Fact("alert.silenced", alert.id, {"reason": reason, "until": until.isoformat()})]


def _decided(alert: AlertRow, outcome: str, reason: str) -> Fact:
    return Fact("alert.decided", alert.id, {"outcome": outcome, "reason": reason, "values_hash": alert.values_hash})


def _actions(alert: AlertRow, denied: Collection[Action]) -> tuple[Action, ...]:
    """What can be done about an alert by this person now; of a closed one nothing but silence is asked."""
    if alert.status == "resolved":
        return ("silence",)
    fitting = OF_INVOICES if alert.finding["subject_kind"] in INVOICES else OF_ALERTS
    return tuple(action for action in fitting if action not in denied)


def _tasks(visit: Visit, alert: AlertRow) -> tuple[tuple[TaskRow, ...], Collection[Action]]:
    """The open tasks about an alert, and what the person may not do about it for want of a role."""
    assert visit.session is not None
    person = visit.session.name
    bound = (*STOPPING, *CLOSING) if is_discrepancy(alert.finding) else STOPPING

    def question(connection: Connection) -> tuple[tuple[TaskRow, ...], bool]:
        held = people(connection, visit.cvr, visit.today)
        may = decides(LIBRARY, held, person, [alert.finding])
        return tasks(connection, visit.cvr, business_key=alert.id), may

    about, may = visit.ask("workflows", question, ((), False))
    return about, () if may or visit.session.local else bound


def _documents(visit: Visit, subject: str) -> list[Received]:
    def question(connection: Connection) -> list[Received]:
        return documents(connection, authority=visit.cvr, subject=UUID(subject))

    return visit.ask("invoice_control", question, [])


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an alert: what, when, by whom and why."""

    fact: str
    at: object
    by: str | None
    said: str | None


def _step(fact: FactRow) -> Step:
    by = fact.data.get("by") or {}
    name = fact.fact if fact.fact != "decided" else f"decided.{fact.data['outcome']}"
    return Step(name, fact.at, by.get("name") or by.get("id"), fact.data.get("reason") or fact.data.get("note"))
