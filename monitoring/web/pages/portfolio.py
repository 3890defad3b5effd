"""The portfolio: every project as it stands, their order and why, people's time, benefits, and one project."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from http import HTTPStatus
from itertools import groupby
from typing import Any, Literal

from fastapi import APIRouter, Response
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from consumers.portfolio import queries
from consumers.portfolio.dossier import Dossier, missing_evidence
from consumers.portfolio.rows import BenefitRow, ProjectRow, RelationRow, ResourceRow, StatusRow
from monitoring.web.frame import Here, Visit
from monitoring.web.paging import SIZE, Page, offset
from schemas.project_model import Gate, ProjectModel, standard_model

from .asof import AsOfDay, OnDay

router = APIRouter()

Part = Literal["overview", "priorities", "status", "resources", "benefits", "relations"]
PARTS: tuple[Part, ...] = ("overview", "priorities", "status", "resources", "benefits", "relations")
LIGHTS = {"green": "#006600", "yellow": "#b26b00", "red": "#cc0000"}
"""The lights, with their colours."""
NOT_OPEN = frozenset({"rejected", "completed", "stopped"})


@dataclass(frozen=True)
class MonthRow:
    """All roles' hours in a month."""

    month: str
    capacity: Decimal
    planned: Decimal
    allocated: Decimal


@dataclass(frozen=True)
class GateRow:
    """A gate of the model and how the project stands to it; `passed_on` is None for one that is ahead."""

    gate: Gate
    passed_on: date | None
    by: str | None
    missing: tuple[str, ...]


@router.get("/portfolio")
def portfolio(
    visit: Here,
    day: OnDay,
    show: Part = "overview",
    q: str = "",
    page: Page = 1,
) -> Response:
    """One part of the portfolio; `q` is sought in the projects' titles."""
    rows = [row for row in _asked(visit, day, show) if _named(row, q)]
    model = visit.ask("portfolio", lambda asked: queries.model(asked, visit.cvr, day.valid_at, day.known_at), None)
    return visit.page(
        "portfolio.html",
        day=day,
        q=q,
        show=show,
        parts=PARTS,
        words=Words(visit, model.model if model else standard_model()),
        adopted=model,
        chart=_chart(visit, show, rows),
        summary=summary(rows) if show == "overview" else None,
        months=months(rows) if show == "resources" else (),
        rows=rows[offset(page) : offset(page) + SIZE],
        total=len(rows),
        page=page,
        size=SIZE,
    )


@router.get("/portfolio/{project}")
def one(visit: Here, project: str, day: OnDay) -> Response:
    """One project with all that is told of it. 404 for one that is not known on that day."""

    def asked(connection: Connection) -> dict[str, Any] | None:
        about = (connection, visit.cvr, project, day.valid_at, day.known_at)
        dossier, told = queries.one_project(*about), queries.told_of(*about)
        if dossier is None or told is None:
            return None
        model = queries.model(connection, visit.cvr, day.valid_at, day.known_at).model
        return {
            "dossier": dossier,
            "row": told.project,
            "words": Words(visit, model),
            "gates": gates(dossier, model),
            "priority": told.priority,
            "reports": told.reports,
            "benefits": told.benefits,
            "relations": told.relations,
        }

    found = visit.ask("portfolio", asked, None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return visit.page("project.html", day=day, section="portfolio", **found)


@dataclass(frozen=True)
class Words:
    """What the project model calls its parts; the standard model's have a wording in both languages."""

    visit: Visit
    model: ProjectModel

    def phase(self, phase: str) -> str:
        return self._word("phase", phase, {each.id: each.name for each in self.model.phases})

    def gate(self, gate: str) -> str:
        return self._word("gate", gate, {each.id: each.name for each in self.model.gates})

    def criterion(self, criterion: str, name: str) -> str:
        return self._word("criterion", criterion, {criterion: name})

    def evidence(self, word: str) -> str:
        return self.visit.language.known(f"evidence.{word}", word)

    def _word(self, kind: str, part: str, names: dict[str, str]) -> str:
        stated = names.get(part, part)
        return self.visit.language.known(f"{kind}.{part}", stated) if _STANDARD.get((kind, part)) == stated else stated


def gates(dossier: Dossier, model: ProjectModel) -> tuple[GateRow, ...]:
    """Every gate of the model, in its order."""
    passed = dossier.passed()
    rows = []
    for gate in model.gates:
        fact = passed[gate.id][0] if gate.id in passed else None
        by = fact.by if fact else None
        missing = () if fact else missing_evidence(gate, dossier, model)
        rows.append(GateRow(gate, fact.day if fact else None, (by.name or by.id) if by else None, missing))
    return tuple(rows)


def summary(rows: Iterable[ProjectRow]) -> dict[str, int]:
    """How many projects that are not over have which light."""
    lights = dict.fromkeys((*LIGHTS, "none"), 0)
    for row in rows:
        if row.standing not in NOT_OPEN:
            lights[row.light or "none"] += 1
    return lights


def months(rows: Sequence[ResourceRow]) -> tuple[MonthRow, ...]:
    """The hours of all roles together, by month."""
    found = []
    for month, group in groupby(sorted(rows, key=lambda row: row.month), key=lambda row: row.month):
        all_roles = list(group)
        found.append(
            MonthRow(
                month,
                capacity=sum((row.capacity or Decimal(0) for row in all_roles), Decimal(0)),
                planned=sum((row.planned for row in all_roles), Decimal(0)),
                allocated=sum((row.allocated for row in all_roles), Decimal(0)),
            )
        )
    return tuple(found)


_STANDARD = {
    **{("phase", each.id): each.name for each in standard_model().phases},
    **{("gate", each.id): each.name for each in standard_model().gates},
    **{("criterion", each.id): each.name for each in standard_model().criteria},
}
"""What the standard model calls its parts: another model's part with the same id and another name keeps that."""
_QUESTIONS = {part: getattr(queries, part) for part in PARTS}


def _asked(visit: Visit, day: AsOfDay, show: Part) -> tuple[Any, ...]:
    rows: tuple[Any, ...] = visit.ask(
        "portfolio", lambda asked: _QUESTIONS[show](asked, visit.cvr, day.valid_at, day.known_at), ()
    )
    return tuple(sorted(rows, key=lambda row: row.day, reverse=True)) if show == "status" else rows


def _named(row: Any, wanted: str) -> bool:
    sought = wanted.strip().casefold()
    if not sought:
        return True
    match row:
        case BenefitRow() | RelationRow():
            names = [row.project]
        case ResourceRow():
            names = [row.unit, row.role, *(share.name for share in row.projects)]
        case _:
            names = [row.title]
    return any(sought in (name or "").casefold() for name in names)


def _chart(visit: Visit, show: Part, rows: Sequence[Any]) -> dict[str, Any] | None:
    """What `assets/src/chart.js` draws, None when there is too little for a picture."""
    if show == "resources" and rows:
        return _hours_drawn(visit, months(rows))
    return _lights_drawn(visit, *lights_over_time(rows)) if show == "status" and rows else None


def _hours_drawn(visit: Visit, by_month: Sequence[MonthRow]) -> dict[str, Any]:
    text = visit.language.text
    series = [
        {"label": text("portfolio.planned"), "kind": "bars", "values": [float(row.planned) for row in by_month]},
        {"label": text("portfolio.allocated"), "values": [float(row.allocated) for row in by_month]},
        {"label": text("portfolio.capacity"), "values": [float(row.capacity) for row in by_month]},
    ]
    return _drawn(visit, [date.fromisoformat(f"{row.month}-01") for row in by_month], series)


def _lights_drawn(visit: Visit, days: Sequence[date], counts: dict[str, list[int]]) -> dict[str, Any] | None:
    series = [
        {"label": visit.language.text(f"light.{light}"), "values": counts[light], "colour": colour}
        for light, colour in LIGHTS.items()
    ]
    return _drawn(visit, days, series) if len(days) > 1 else None


def lights_over_time(rows: Sequence[StatusRow]) -> tuple[list[date], dict[str, list[int]]]:
    """How many projects' last report was green, yellow and red, on each day that one was made."""
    standing: dict[str, str] = {}
    days: list[date] = []
    counts = defaultdict[str, list[int]](list)
    for day, reports in groupby(sorted(rows, key=lambda row: row.day), key=lambda row: row.day):
        standing |= {report.id: report.overall for report in reports}
        days.append(day)
        for light in LIGHTS:
            counts[light].append(sum(each == light for each in standing.values()))
    return days, counts


def _drawn(visit: Visit, days: Iterable[date], series: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = [int(datetime.combine(day, time(), UTC).timestamp()) for day in days]
    return {"x": seconds, "series": series, "language": visit.language.code}
