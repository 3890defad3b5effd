"""Today: what needs a person now. Alerts by what they ask for, deadlines, and what has just happened."""

from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from consumers.alerts.overview import alerts_page, counts_by_severity
from consumers.alerts.rows import AlertFilter
from consumers.automation.queries import NoticeRow, notices
from consumers.contracts.queries import contracts
from consumers.contracts.rows import ContractRow
from consumers.workflows.desk import Desk
from consumers.workflows.people import People, called
from consumers.workflows.queries import people, tasks
from monitoring.web.findings import told
from monitoring.web.frame import Here

from .events import newest
from .processes import Names
from .subjects import Subjects

router = APIRouter()

FIRST_ALERTS = 8
FIRST_DEADLINES = 8
FIRST_EVENTS = 8
FIRST_TASKS = 6
FIRST_NOTICES = 5
NOTICE = "automation.notice"
AHEAD = timedelta(days=365)
"""How far ahead deadlines are shown; one that has passed in the last `BEHIND` is shown too."""
BEHIND = timedelta(days=14)


class Deadline(NamedTuple):
    """A day by which something is to be done about a contract. `kind` is notice, option or end."""

    on: date
    kind: str
    contract: ContractRow


@router.get("/today")
def today(visit: Here) -> HTMLResponse:
    """The first page of the day."""
    cvr, day = visit.cvr, visit.today
    severities = visit.ask("alerts", lambda connection: counts_by_severity(connection, cvr, day), ())
    wanted = AlertFilter(silenced=False, on=day)
    first, total = visit.ask("alerts", lambda each: alerts_page(each, cvr, wanted, limit=FIRST_ALERTS), ((), 0))
    ending = visit.ask("contracts", lambda connection: deadlines(contracts(connection, cvr, day), day), [])
    waiting = visit.ask("workflows", lambda connection: tasks(connection, cvr), ())
    return visit.page(
        "today.html",
        severities=severities,
        alerts=[told(visit.language, alert, day) for alert in first],
        alert_total=total,
        deadlines=ending[:FIRST_DEADLINES],
        deadline_total=len(ending),
        recent=visit.ask(None, partial(newest, limit=FIRST_EVENTS), []),
        tasks=waiting[:FIRST_TASKS],
        task_total=len(waiting),
        notices=_notices(visit),
        names=Names(visit, Desk(visit.web.acceptor, visit.web.database, visit.web.clock)),
        subjects=Subjects(visit),
        day=day,
    )


def _notices(visit: Here) -> tuple[NoticeRow, ...]:
    """What rules told the person, by name or by a role they hold; whoever started the hub sees everybody's."""
    assert visit.session is not None
    if visit.session.local:
        return visit.ask("automation", lambda each: notices(each, visit.cvr, limit=FIRST_NOTICES), ())
    if not visit.may_read(NOTICE, visit.web.catalogue.latest(NOTICE).sensitivity):
        return ()
    person = visit.session.name
    held = visit.ask("workflows", lambda each: people(each, visit.cvr, visit.today).only(person), People(()))
    to_me = partial(notices, roles=[called(each) for each in held.held], person=person, limit=FIRST_NOTICES)
    return visit.ask("automation", lambda each: to_me(each, visit.cvr), ())


def deadlines(rows: tuple[ContractRow, ...], day: date) -> list[Deadline]:
    """The days ahead, the nearest first, of contracts that have not ended."""
    found = []
    for row in rows:
        if row.status == "ended":
            continue
        dated = (("notice", row.latest_notice), ("option", row.option_use_by), ("end", row.ends_on))
        found += [Deadline(on, kind, row) for kind, on in dated if on and day - BEHIND <= on <= day + AHEAD]
    return sorted(found, key=lambda each: (each.on, each.contract.title, each.kind))
