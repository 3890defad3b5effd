"""Events of the contract register to rows, and what else its watch needs of them."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import Table

from consumers.runtime.consumer import Rows
from consumers.runtime.documents import Kept, families_of, kept_in, state_rows
from consumers.runtime.states import state_row
from kernel.errors import Invalid
from schemas.billing import contract_refs, currency_of, net_of, order_refs, service_of, supplier_number
from schemas.catalogue import Catalogue, canonical_json, problems_of
from schemas.contracts import Contract
from schemas.days import DayStarted
from schemas.envelope import Event
from schemas.invoices import Received, normal_number
from schemas.organisation import RoleHeld
from schemas.portfolio import Project, Proposed
from schemas.workflows import Started

from .tables import BILLED, BUYING, CONTRACT, DAY, OWNER, STATES

RETENDER = "retender"
"""The process that buys anew what a contract delivers; its business key is the contract."""
_PLAIN = {name: table for name, table in STATES.items() if table is not CONTRACT}

Row = tuple[Any, ...]


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    """The rows of a batch. Raises Invalid for a payload that is not of its type."""
    plain = _kept(catalogue)
    rows = defaultdict[Table, list[Row]](list, state_rows([each for each in events if each.type in plain], plain))
    for event in events:
        if event.type not in plain:
            kind, data = catalogue.upcast(event.type, event.payload)
            table, row = _MADE[kind.family](event, _read(kind.model, data, event))
            if row is not None:
                rows[table].append(row)
    return rows


def _contract_row(event: Event, contract: Contract) -> tuple[Table, Row]:
    document = canonical_json(contract).decode()
    refs = sorted({normal_number(number) for number in (contract.local_id, *contract.order_numbers)})
    adds_to = contract.parent if contract.kind == "addendum" else None
    tied = sorted({str(each.id) for each in (contract.replaces, adds_to) if each})
    return CONTRACT, state_row(event, document, event.source, event.id, refs, tied)


def _no_contract_row(event: Event, _: BaseModel) -> tuple[Table, Row]:
    return CONTRACT, state_row(event, None, event.source, event.id, [], [])


def _owner_row(event: Event, held: RoleHeld) -> tuple[Table, Row]:
    owns = held.role == "contract-owner" and held.kind == "contract"
    return OWNER, state_row(event, "{}" if owns else None, str(held.responsible_for.id) if owns else None)


def _no_owner_row(event: Event, _: BaseModel) -> tuple[Table, Row]:
    return OWNER, state_row(event, None, None)


def _day_row(event: Event, day: DayStarted) -> tuple[Table, Row]:
    return DAY, (event.authority, event.subject, event.position, day.date)


def _billed_row(event: Event, received: Received) -> tuple[Table, Row | None]:
    refs = sorted({normal_number(each) for each in (*contract_refs(received), *order_refs(received))})
    if not refs or received.issue_date is None:
        return BILLED, None
    service = service_of(received, received.issue_date)
    return BILLED, (
        event.authority,
        event.subject,
        event.position,
        event.source,
        event.id,
        received.sha256,
        received.number,
        supplier_number(received.supplier),
        refs,
        received.issue_date,
        service.last,
        service.stated,
        net_of(received),
        currency_of(received),
    )


def _workflow_row(event: Event, started: Started) -> tuple[Table, Row | None]:
    if started.process != RETENDER:
        return BUYING, None
    return BUYING, _buying_row(event, [started.business_key], ends_on=_date(started.values.get("ends_on")))


def _project_row(event: Event, stated: Project | Proposed) -> tuple[Table, Row]:
    about = stated.project if isinstance(stated, Proposed) else stated
    contracts = {str(each.id) for each in about.contracts}
    if about.origin and about.origin.kind == "contract" and about.origin.id:
        contracts.add(str(about.origin.id))
    return BUYING, _buying_row(event, sorted(contracts), by_people=True)


def _over_row(event: Event, _: BaseModel) -> tuple[Table, Row]:
    return BUYING, _buying_row(event, [], over=True)


def _buying_row(
    event: Event, contracts: list[str], *, ends_on: date | None = None, by_people: bool = False, over: bool = False
) -> Row:
    return event.authority, event.subject, event.position, contracts, ends_on, by_people, over


def _date(stated: object) -> date | None:
    """What a workflow's value states, when it is a date."""
    try:
        return date.fromisoformat(str(stated))
    except ValueError:
        return None


_MADE: dict[str, Callable[[Event, Any], tuple[Table, Row | None]]] = {
    "contract.contract-stated": _contract_row,
    "contract.contract-removed": _no_contract_row,
    "organisation.role-stated": _owner_row,
    "organisation.role-removed": _no_owner_row,
    "time.day-started": _day_row,
    "invoice.received": _billed_row,
    "workflow.started": _workflow_row,
    "workflow.ended": _over_row,
    "portfolio.proposed": _project_row,
    "portfolio.project-stated": _project_row,
    "portfolio.project-removed": _over_row,
    "portfolio.closed": _over_row,
}
"""How a row is made of each family that is more than a statement kept as it is."""

FAMILIES = families_of(_PLAIN) | _MADE.keys()


def _read(model: type[BaseModel], data: Any, event: Event) -> Any:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(f"the stored data is not a {event.type}", problems=problems_of(error)) from None


@cache
def _kept(catalogue: Catalogue) -> dict[str, Kept]:
    return kept_in(_PLAIN, catalogue)
