"""Cases: the case index through its questions, and one case with how it stood from day to day and its journal."""

from typing import Literal, get_args

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from consumers.cases.queries import Wanted, cases, one_case
from consumers.cases.rows import CaseDetail, CaseRow
from kernel.errors import Forbidden
from monitoring.web.frame import Here, Visit
from monitoring.web.paging import SIZE, Page, offset
from schemas.cases import CaseState

router = APIRouter()

STATES: tuple[CaseState, ...] = get_args(CaseState)
FAMILY = "case.case-stated"


@router.get("/cases")
def listing(
    visit: Here,
    number: str = "",
    kle: str = "",
    state: CaseState | Literal["", "all"] = "",
    unit: str = "",
    page: Page = 1,
) -> HTMLResponse:
    """The cases that fit, by number, a page at a time; without a state those that are not closed."""
    _require_agreement(visit)
    wanted = Wanted(
        number=number.strip() or None,
        kle=kle.strip().rstrip(".") or None,
        state=state if state and state != "all" else None,
        unit=unit.strip() or None,
    )

    def question(connection: Connection) -> list[CaseRow]:
        found = cases(connection, visit.cvr, visit.today, wanted=wanted)
        open_only = not state and wanted.number is None
        return [row for row in found if not (open_only and row.state == "closed")]

    found = visit.ask("cases", question, [])
    return visit.page(
        "cases.html",
        cases=found[offset(page) : offset(page) + SIZE],
        total=len(found),
        page=page,
        size=SIZE,
        states=STATES,
        chosen={"number": number, "kle": kle, "state": state, "unit": unit},
        filtered=bool(number.strip() or kle.strip() or state or unit.strip()),
    )


@router.get("/cases/{case}")
def one(visit: Here, case: str) -> HTMLResponse:
    """One case in full. Raises Invalid when the authority has none with this id or number."""
    _require_agreement(visit)

    def question(connection: Connection) -> CaseDetail:
        return one_case(connection, visit.cvr, case, visit.today)

    found = visit.ask("cases", question, None)
    return visit.page("case.html", detail=found, states=STATES)


def _require_agreement(visit: Visit) -> None:
    """Raises Forbidden without an agreement about cases: they tell of people."""
    if not visit.may_read(FAMILY, "sensitive"):
        raise Forbidden("you have no agreement about cases", hint="the authority approves agreements")
