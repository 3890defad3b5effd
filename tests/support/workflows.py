"""The small process `errand`, its people and its events."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from access.principals import HUB
from consumers.runtime.apply import Applier
from consumers.runtime.consumer import Consumer
from consumers.workflows.consumer import make_consumer
from consumers.workflows.library import load_library
from consumers.workflows.tables import INSTANCE, TASK
from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from producers.check import check
from producers.store import append_one, read
from schemas.catalogue import Json
from schemas.envelope import CloudEvent, Event
from schemas.registry import CATALOGUE
from schemas.workflows import instance_id, task_id
from storage.database import Database
from tests.support.events import AUTHORITY, reading
from tests.support.sample import drain

LIBRARY = load_library(Path(__file__).parent / "processes")
CONSUMER: Consumer = make_consumer(LIBRARY)
ERRAND = LIBRARY.latest("errand")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When the errands of tests are started."""
UNIT = "6b2a0000-0000-4000-8000-0000000000c1"
YES: Json = {"approved": True, "amount": "1200.5", "why": "Nødvendigt"}
NO: Json = {"approved": False, "amount": "1200.5"}


def budget(number: int, *, unit: str = UNIT, at: datetime = MONDAY) -> CloudEvent:
    """The event that starts the errand with this number."""
    data = {**CATALOGUE.latest("organisation.budget-stated").sample, "unit": {"id": unit}}
    return _sent("organisation.budget-stated", errand_key(number), data, f"budget-{number}", at)


def errand_key(number: int) -> str:
    """What the errand with this number is for."""
    return derived_id("errand", number)


def instance(number: int, ordinal: int = 1) -> str:
    """The instance of the errand with this number."""
    return instance_id(AUTHORITY, "errand", errand_key(number), ordinal)


def task(number: int, step: str = "Decide", ordinal: int = 1) -> str:
    """The task of the errand with this number at a step."""
    return task_id(instance(number), step, ordinal)


def completed(
    number: int, values: Json, *, step: str = "Decide", ordinal: int = 1, at: datetime = MONDAY, by: str = "kali"
) -> CloudEvent:
    """A person has done the task of the errand with this number."""
    of_task = {"task": task(number, step, ordinal), "process": "errand", "step": step, "ordinal": ordinal}
    data = {**of_task, "by": {"id": by, "name": by}, "values": values}
    return _sent("workflow.task-completed", instance(number), data, f"done-{data['task']}", at)


def delivered(unit: str = UNIT, *, number: int = 1, at: datetime = MONDAY) -> CloudEvent:
    """The event that errands of the unit wait for."""
    return _sent(
        "organisation.unit-stated",
        unit,
        {"name": f"Levering {number}", "local_id": "leveret"},
        f"delivery-{number}",
        at,
    )


def day(on: date) -> CloudEvent:
    """That the day has begun."""
    at = datetime.combine(on, time(), COPENHAGEN)
    return _sent("time.day-started", derived_id("calendar"), {"date": on.isoformat()}, f"day-{on}", at, effective=on)


def days_after(number: int) -> date:
    return MONDAY.date() + timedelta(days=number)


def holds(role: str, person: str, *, unit: str = UNIT, kind: str = "unit", title: str | None = None) -> CloudEvent:
    """A person holds a role for a unit since the beginning of the year."""
    data = {
        "role": role,
        "title": title,
        "holder": {"name": person, "id": person},
        "kind": kind,
        "responsible_for": {"id": unit},
    }
    name = f"role-{role}-{person}-{unit}"
    return _sent("organisation.role-stated", name, data, name, MONDAY, effective=date(2026, 1, 1))


def put(database: Database, *events: CloudEvent) -> None:
    """Store events as the hub does, at the time of the last of them."""
    checked = check(list(events), HUB, CATALOGUE)
    with database.worker.begin() as connection:
        append_one(connection, checked, catalogue=CATALOGUE, now=checked[-1].time)


def carry_on(at: Applier, page: int = 100) -> None:
    """Apply everything, and what follows from it, until nothing more comes."""
    while drain(at, page):
        pass


def log(database: Database, domain: str = "workflow") -> list[Event]:
    """Every event of a domain, in store order."""
    with database.worker.connect() as connection:
        return [event for event in read(connection, 0, 100_000) if event.domain == domain]


def facts(database: Database, number: int | None = None) -> list[str]:
    """What was told of the errand with this number, of all without one."""
    return [event.type.split(".")[3] for event in log(database) if number is None or event.subject == instance(number)]


def stands(database: Database, number: int, consumer: Consumer = CONSUMER) -> tuple[str, list[str], str | None]:
    """Status, current steps and outcome of the errand with this number."""
    with reading(database, consumer) as connection:
        row = connection.execute(select(INSTANCE).where(INSTANCE.c.subject == instance(number))).one()
    return row.status, row.current, row.outcome


def task_states(connection: Connection) -> Sequence[Any]:
    """Step, ordinal and status of every task, in their order."""
    columns = (TASK.c.step, TASK.c.ordinal, TASK.c.status)
    return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def _sent(
    family: str, subject: str, data: Json, event_id: str, at: datetime, effective: date | None = None
) -> CloudEvent:
    return CloudEvent(
        id=event_id,
        source="urn:test",
        type=CATALOGUE.latest(family).name,
        subject=subject,
        authority=AUTHORITY,
        time=at,
        data={name: value for name, value in data.items() if value is not None},
        effective=effective or (date(2026, 1, 1) if CATALOGUE.latest(family).state else None),
    )
