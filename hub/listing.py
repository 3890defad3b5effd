"""What the hub holds and how it is: rows for the listings and the status."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from consumers.runtime.consumer import Consumer
from consumers.runtime.tables import PARKED
from kernel.errors import Invalid
from monitoring.tracing import Step, way_of
from producers.tables import EVENT
from schemas.catalogue import Catalogue
from storage.database import Database

Row = dict[str, Any]


def event_rows(
    database: Database,
    *,
    authority: str | None = None,
    subject: str | None = None,
    family: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[Row]:
    """Events in store order, without their data."""
    query = (
        select(
            EVENT.c.position, EVENT.c.time, EVENT.c.authority, EVENT.c.type, EVENT.c.subject, EVENT.c.source,
            EVENT.c.id, EVENT.c.effective, EVENT.c.classification, EVENT.c.payload.is_(None).label("redacted"),
        )
        .where(EVENT.c.position > after)
        .order_by(EVENT.c.position)
        .limit(limit)
    )  # fmt: skip
    if authority:
        query = query.where(EVENT.c.authority == authority)
    if subject:
        query = query.where(EVENT.c.subject == subject)
    if family:
        query = query.where(EVENT.c.type.startswith(f"dk.samspil.{family}."))
    with database.worker.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def trace_rows(database: Database, consumers: Collection[Consumer], catalogue: Catalogue, event_id: str) -> list[Row]:
    """What caused an event, the event, who applied or parked it, and what followed from it."""
    with database.worker.connect() as connection:
        steps = way_of(connection, consumers, catalogue, event_id=event_id)
    if not steps:
        raise Invalid(f"there is no event {event_id}", hint="`samspil events` lists them with their ids")
    return [_row(step) for step in steps]


def _row(step: Step) -> Row:
    """A step of an event's way as a listing has it."""
    if step.consumer:
        return {"step": f"{step.consumer}: {step.state}", "position": step.position}
    row = {"step": step.kind, "position": step.position, "at": step.at, "type": step.type, "subject": step.subject,
           "id": step.id}  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def parked_rows(database: Database) -> list[Row]:
    """What is parked or discarded, oldest first."""
    query = select(PARKED).where(PARKED.c.status != "replayed").order_by(PARKED.c.consumer, PARKED.c.position)
    with database.worker.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def parked_one(database: Database, consumer: str, position: int) -> Row:
    """A parked event with its reason and data. Raises Invalid when there is none."""
    query = (
        select(PARKED, EVENT.c.id, EVENT.c.payload.label("data"))
        .join(EVENT, EVENT.c.position == PARKED.c.position)
        .where(PARKED.c.consumer == consumer, PARKED.c.position == position)
    )
    with database.worker.connect() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        raise Invalid(
            f"{consumer} has nothing parked at position {position}", hint="`samspil parked list` shows what is"
        )
    return dict(row)
