"""The alarm of a contract, the re-tender it starts, its project and the next contract: one whole, on a running hub."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from access.agreements import local_principal
from access.principals import HUB
from consumers.alerts.consumer import ALERTS
from consumers.alerts.queries import alerts, open_alerts
from consumers.contracts.consumer import CONTRACTS
from consumers.contracts.queries import contracts
from consumers.invoice_control.consumer import INVOICE_CONTROL
from consumers.portfolio.consumer import PORTFOLIO
from consumers.portfolio.queries import overview
from consumers.runtime.projections import use_active
from consumers.workflows.consumer import LIBRARY, WORKFLOWS
from consumers.workflows.desk import Desk
from consumers.workflows.queries import instances, tasks
from hub.daybreak import day_started
from hub.opening import open_hub
from hub.running import Running, consuming_store
from hub.settings import Settings
from kernel.clock import FixedClock
from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from tests.support.command import home_of_its_own
from tests.support.invoice_control import (
    AUTHORITY,
    contract,
    credit_note,
    invoice,
    item,
    line,
    of,
    supplier,
    unit,
)
from tests.support.retendering import WITH_ONE_REJECTION

CONTRACT, UNIT = (str(UUID(int=number)) for number in range(1, 3))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BODIES = ("central-unit", "digitalisation-council", "portfolio-board", "procurement")


@pytest.fixture
def running() -> Iterator[Running]:
    """A hub on which contracts, invoices, workflows, the portfolio and alerts are at work."""
    with ExitStack() as stack:
        home = stack.enter_context(home_of_its_own())
        hub = stack.enter_context(open_hub(Settings(home), FixedClock(NOON)))
        consumers = [CONTRACTS, INVOICE_CONTROL, WORKFLOWS, PORTFOLIO, ALERTS]
        yield stack.enter_context(consuming_store(hub, consumers))


def stated(family: str, subject: str, data: Json, effective: date = date(2026, 1, 1)) -> CloudEvent:
    return CloudEvent(
        id=f"{family}:{subject}",
        source="urn:test",
        type=CATALOGUE.latest(family).name,
        subject=subject,
        authority=AUTHORITY,
        time=NOON,
        effective=effective,
        data=data,
    )


def holds(role: str, person: str, kind: str = "unit", what: str = UNIT) -> CloudEvent:
    data = {"role": role, "holder": {"name": person, "id": person}, "kind": kind, "responsible_for": {"id": what}}
    return stated("organisation.role-stated", f"{role}-{person}", data)


def tell(running: Running, *events: CloudEvent) -> None:
    running.hub.acceptor.accept(list(events), HUB)
    running.wait(60)


def do(running: Running, step: str, values: Json, by: str) -> None:
    """A person completes the open task at a step."""
    database = running.hub.database
    with database.worker.begin() as connection:
        principal = local_principal(connection, AUTHORITY)
    with database.reading((AUTHORITY,)) as connection:
        use_active(connection, "workflows")
        (task,) = (task for task in tasks(connection, AUTHORITY) if task.step == step)
    desk = Desk(running.hub.acceptor, database, running.hub.clock)
    desk.complete(principal, AUTHORITY, task.id, values, by=Actor(id=by, name=by))
    running.wait(60)


def test_a_retender_from_alarm_to_next_contract(running: Running) -> None:
    """The alarm starts it and is over then; project and next contract are there once, and the portfolio finds nothing
    to object to."""
    data = {
        "local_id": "K-1",
        "title": "OmsorgNær",
        "supplier": {"id": str(UUID(int=3))},
        "responsible_unit": {"id": UNIT},
        "terms": {"starts_on": "2024-01-01", "ends_on": "2027-12-31"},
    }
    roles = [holds(role, role) for role in BODIES]
    owner = holds("contract-owner", "kali", "contract", CONTRACT)
    day = day_started(AUTHORITY, NOON.date())
    tell(running, stated("contract.contract-stated", CONTRACT, data), *roles, owner, day)
    for step, values in WITH_ONE_REJECTION:
        do(running, step, values, person_for(step))
    with running.hub.database.reading((AUTHORITY,)) as connection:
        use_active(connection, "workflows")
        (instance,) = instances(connection, AUTHORITY, ("running", "ended"))
        use_active(connection, "portfolio")
        (project,) = overview(connection, AUTHORITY, NOON.date())
        use_active(connection, "contracts")
        register = contracts(connection, AUTHORITY, NOON.date())
        use_active(connection, "alerts")
        standing = [(alert.rule, alert.status) for alert in alerts(connection, AUTHORITY)]
    assert (instance.status, instance.outcome) == ("ended", "NextContractRuns")
    assert (project.title, project.phase) == ("Genudbud af OmsorgNær", "benefit-realisation")
    assert [(row.local_id, row.ends_on) for row in register] == [
        ("K-1", date(2027, 12, 31)),
        ("K-2", date(2031, 12, 31)),
    ]
    assert standing == [("cw02", "resolved")]


def person_for(step: str) -> str:
    """Somebody who may do the task of a step: bodies are called by their role, the project manager mho, owners kali."""
    roles = LIBRARY.latest("retender").definition.tasks[step].roles
    body = next((role for role in BODIES if role in roles), None)
    return body or ("mho" if "project-manager" in roles else "kali")


def test_a_discrepancy_is_resolved_by_a_credit_note(running: Running) -> None:
    """The supplier is asked; the credit note takes away what was found, and the workflow ends with the alert."""
    attestant = holds("attestant", "atte", what=str(of("unit")))
    world = (supplier(), contract(), item(), unit())
    tell(running, *world, attestant, invoice("100", line("1300"), contract_refs=["K-1"]))
    do(running, "Assess", {"answer": "ask", "reason": "Uklar pris"}, "atte")
    do(running, "AskSupplier", {"question": "Hvorfor?", "asked_on": "2026-03-02"}, "atte")
    tell(running, credit_note("K1", "300", "100", contract_refs=["K-1"]))
    with running.hub.database.reading((AUTHORITY,)) as connection:
        use_active(connection, "workflows")
        (instance,) = instances(connection, AUTHORITY, ("running", "ended"))
        use_active(connection, "alerts")
        left = open_alerts(connection, AUTHORITY)
    assert (instance.outcome, left) == ("Resolved", ())
