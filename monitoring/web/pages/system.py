"""One system on one page: what it is, how it hangs together, its cost, when to buy anew, its owner, its conformity."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, Response
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from consumers.contracts import queries as contracts
from consumers.contracts.rows import PriceRow
from consumers.contracts.watch_facts import Begun
from consumers.landscape import queries
from consumers.landscape.graph import graph_of
from consumers.landscape.impact import Loss, impact
from consumers.landscape.rows import (
    ConformityRow,
    CostRow,
    OwnerRow,
    RelationRow,
    RetenderRow,
    SystemRow,
    UsageStated,
)
from consumers.runtime.links import by_name
from monitoring.web.frame import Here
from monitoring.web.paging import SIZE, Page, offset

from .asof import AsOfDay, OnDay
from .buying import Standing, begun_on, standing

router = APIRouter()


@dataclass(frozen=True)
class Answers:
    """What the landscape says of one usage. `paid_by` are the contracts that are for it, its main contract first."""

    row: SystemRow
    stated: UsageStated
    relations: tuple[RelationRow, ...]
    losses: tuple[Loss, ...]
    costs: tuple[CostRow, ...]
    retendering: tuple[RetenderRow, ...]
    owners: tuple[OwnerRow, ...]
    conformity: tuple[ConformityRow, ...]

    @property
    def losers(self) -> int:
        return len({loss.taker.id for loss in self.losses})


@router.get("/system/{usage}")
def system(visit: Here, usage: str, day: OnDay, page: Page = 1) -> Response:
    """The six questions about one usage. 404 for one that is not known on that day."""
    answers = visit.ask("landscape", lambda asked: answers_on(asked, visit.cvr, usage, day), None)
    if answers is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    served = {row.id for row in answers.retendering}
    prices = visit.ask("contracts", lambda asked: _prices(asked, visit.cvr, served, day), ())
    return visit.page(
        "system.html",
        day=day,
        section="landscape",
        answers=answers,
        row=answers.row,
        stated=answers.stated.usage,
        catalogue=answers.stated.system,
        relations=answers.relations[offset(page) : offset(page) + SIZE],
        prices=prices,
        buying=partial(_buying, begun_on(visit, day), day),
        page=page,
        size=SIZE,
    )


def answers_on(connection: Connection, authority: str, usage: str, day: AsOfDay) -> Answers | None:
    """What the landscape says of a usage on a day; None for one it does not know then."""
    asked = (connection, authority, day.valid_at, day.known_at)
    stated = queries.usage(connection, authority, usage, day.valid_at, day.known_at)
    if stated is None:
        return None
    systems, relations = queries.systems(*asked), queries.relations(*asked)
    paying = queries.paying(connection, authority, usage, day.valid_at, day.known_at)
    return Answers(
        row=next(row for row in systems if row.id == usage),
        stated=stated,
        relations=tuple(sorted(_of(usage, relations), key=lambda row: _order(usage, row))),
        losses=impact(graph_of(systems, relations), {usage}),
        costs=tuple(row for row in queries.costs(*asked) if row.of.named.id in {usage, *paying}),
        retendering=tuple(row for row in queries.retendering(*asked) if row.id in paying),
        owners=tuple(row for row in queries.owners(*asked) if row.usage.id == usage),
        conformity=tuple(row for row in queries.conformity(*asked) if row.usage.id == usage),
    )


def _buying(begun: Begun, day: AsOfDay, row: RetenderRow) -> Standing | None:
    return standing(row.id, row, begun, day.valid_at)


def _of(usage: str, relations: Iterable[RelationRow]) -> Iterator[RelationRow]:
    return (row for row in relations if usage in (row.user.id, row.provider.id))


def _order(usage: str, relation: RelationRow) -> tuple[tuple[str, str], str]:
    """By the name of the other one, as the page shows it."""
    return by_name(relation.provider if relation.user.id == usage else relation.user), relation.id


def _prices(connection: Connection, authority: str, served: set[str], day: AsOfDay) -> tuple[PriceRow, ...]:
    rows = contracts.prices(connection, authority, day.valid_at, day.known_at)
    return tuple(row for row in rows if row.contract.id in served and row.contract_runs)
