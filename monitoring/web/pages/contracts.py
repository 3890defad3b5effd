"""The contracts on one line of time: when each ends and must be bought anew; and one with all that is agreed."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter, Response
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from consumers.contracts import queries
from consumers.contracts.rows import ContractRow
from consumers.invoice_control import queries as invoice_control
from consumers.invoice_control.queries import InvoiceRow
from consumers.landscape import queries as landscape
from consumers.landscape.rows import RetenderRow
from kernel.alphabet import alphabetical
from monitoring.web.frame import Here
from monitoring.web.paging import SIZE, Page, offset
from schemas.contracts import Contract
from schemas.invoices import normal_number
from schemas.months import add_months

from .asof import AsOfDay, OnDay
from .buying import Standing, begun_on, standing

router = APIRouter()

MOST_INVOICES = 25
BEFORE_MONTHS, AFTER_MONTHS = 6, 48
"""How much of the past and of the time to come the line of time shows."""
Order = Literal["retender", "end", "title"]
Kind = Literal["current", "late", "ended", "all"]


@dataclass(frozen=True)
class Timeline:
    """A stretch of days, and where in it a day lies, in percent of its length."""

    first: date
    last: date

    def place(self, day: date) -> float:
        """0 for the first day and all before it, 100 for the last and all after."""
        share = (day - self.first).days / (self.last - self.first).days
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def holds(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    @property
    def years(self) -> tuple[date, ...]:
        """The first days of its years."""
        return tuple(date(year, 1, 1) for year in range(self.first.year + 1, self.last.year + 1))


@dataclass(frozen=True)
class Bar:
    """A contract on the line of time: in force from `start` to `end`, and with its options to `last`; in percent."""

    start: float
    end: float
    last: float


@dataclass(frozen=True)
class Listed:
    """A contract with when to buy it anew; None for one that has ended, or is part of another.

    `buying` says how that stands.
    """

    row: ContractRow
    retender: RetenderRow | None
    buying: Standing | None

    @property
    def start_by(self) -> date | None:
        return self.retender.start_by if self.retender else None

    def bar(self, line: Timeline) -> Bar | None:
        """None for one that has no day in the stretch."""
        row = self.row
        start = row.starts_on or line.first
        ends = row.ends_on or (line.last if row.open_ended else start)
        last = max(ends, row.ends_with_options or ends)
        if start > line.last or last < line.first:
            return None
        return Bar(line.place(start), line.place(ends), line.place(last))


@router.get("/contracts")
def contracts(
    visit: Here,
    day: OnDay,
    q: str = "",
    show: Kind = "current",
    order: Order = "retender",
    page: Page = 1,
) -> Response:
    """The contracts that are chosen, the one to act on first."""
    listed = _listed(visit, day)
    groups = {kind: [each for each in listed if _belongs(each, kind)] for kind in _KINDS}
    found = [each for each in groups[show] if _named(each, q)]
    found.sort(key=lambda each: _key(each, order))
    return visit.page(
        "contracts.html",
        day=day,
        q=q,
        show=show,
        order=order,
        counts={kind: len(group) for kind, group in groups.items()},
        line=timeline(day.valid_at),
        listed=found[offset(page) : offset(page) + SIZE],
        total=len(found),
        page=page,
        size=SIZE,
    )


@router.get("/contracts/{contract}")
def contract(visit: Here, contract: str, day: OnDay) -> Response:
    """One contract. 404 for one that is not known on that day."""
    asked = (visit.cvr, contract, day.valid_at, day.known_at)
    stated = visit.ask("contracts", lambda connection: queries.stated(connection, *asked), None)
    listed = next((each for each in _listed(visit, day) if each.row.id == contract), None)
    if stated is None or listed is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)

    def agreed(connection: Connection) -> dict[str, Any]:
        about = (connection, visit.cvr, day.valid_at, day.known_at)
        return {
            "prices": [row for row in queries.prices(*about) if row.contract.id == contract],
            "processing": [row for row in queries.processing(*about) if row.contract and row.contract.id == contract],
            "parts": [row for row in queries.contracts(*about) if row.parent and row.parent.id == contract],
        }

    return visit.page(
        "contract.html",
        day=day,
        each=listed,
        row=listed.row,
        stated=stated,
        line=timeline(day.valid_at),
        invoices=visit.ask("invoice_control", lambda connection: invoices(connection, visit.cvr, stated, day), []),
        most=MOST_INVOICES,
        **visit.ask("contracts", agreed, {"prices": [], "processing": [], "parts": []}),
    )


def timeline(on: date) -> Timeline:
    return Timeline(add_months(on, -BEFORE_MONTHS), add_months(on, AFTER_MONTHS))


def invoices(connection: Connection, authority: str, stated: Contract, day: AsOfDay) -> list[InvoiceRow]:
    """The latest documents that name the contract, by its number or an order number of it."""
    references = {normal_number(each) for each in (stated.local_id, *stated.order_numbers)}
    return invoice_control.invoices(
        connection, authority=authority, references=references, known_at=day.known_at, limit=MOST_INVOICES
    )


def _listed(visit: Here, day: AsOfDay) -> list[Listed]:
    about = (visit.cvr, day.valid_at, day.known_at)
    rows = visit.ask("contracts", lambda connection: queries.contracts(connection, *about), ())
    retendering = visit.ask("landscape", lambda connection: landscape.retendering(connection, *about), ())
    by_id = {row.id: row for row in retendering}
    begun = begun_on(visit, day)

    def buying(row: ContractRow) -> Standing | None:
        return standing(row.id, by_id.get(row.id), begun, day.valid_at)

    return [Listed(row, by_id.get(row.id), buying(row)) for row in rows]


_KINDS: tuple[Kind, ...] = ("current", "late", "ended", "all")


def _belongs(each: Listed, kind: Kind) -> bool:
    if kind == "late":
        return each.row.status != "ended" and each.buying == "late"
    return kind == "all" or (each.row.status == "ended") == (kind == "ended")


def _named(each: Listed, wanted: str) -> bool:
    sought = wanted.strip().casefold()
    named = (each.row.title, each.row.local_id, each.row.supplier.name or "")
    return not sought or any(sought in name.casefold() for name in named)


def _key(each: Listed, order: Order) -> tuple[object, ...]:
    first = {"retender": each.start_by or date.max, "end": each.row.ends_on or date.max, "title": date.max}[order]
    return first, alphabetical(each.row.title), each.row.id
