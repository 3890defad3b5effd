"""What the hub holds and how it is: rows for the listings and the status."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, text

from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import observe
from consumers.runtime.tables import PARKED
from kernel.errors import Invalid
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
    columns = (EVENT.c.position, EVENT.c.time, EVENT.c.type, EVENT.c.subject, EVENT.c.id, EVENT.c.causation_id)
    with database.worker.connect() as connection:
        found = connection.execute(
            select(*columns, EVENT.c.authority, EVENT.c.recorded).where(EVENT.c.id == event_id)
        ).first()
        if found is None:
            raise Invalid(f"there is no event {event_id}", hint="`samspil events` lists them with their ids")
        causes = connection.execute(select(*columns).where(EVENT.c.id == found.causation_id)).all()
        effects = connection.execute(
            select(*columns).where(EVENT.c.causation_id == event_id).order_by(EVENT.c.position)
        ).all()
        rows = [_step("caused by", row) for row in causes]
        rows.append(_step("sent", found))
        rows.append({"step": "stored", "position": found.position, "at": found.recorded})
        relayed = connection.execute(text("SELECT position FROM hub.relay")).scalar_one()
        if relayed >= found.position:
            rows.append({"step": "relayed to Kafka", "position": found.position})
        readers = [consumer for consumer in consumers if found.type in consumer.types(catalogue)]
        rows += [_applied(connection, consumer, found) for consumer in readers]
        return [*rows, *(_step("led to", row) for row in effects)]


def _applied(connection: Any, consumer: Consumer, event: Any) -> Row:
    parked = connection.execute(
        select(PARKED.c.status).where(PARKED.c.consumer == consumer.name, PARKED.c.position == event.position)
    ).scalar()
    done = observe(connection).progress.get(consumer.name)
    applied = done is not None and done.at(event.type.split(".")[2], event.authority) >= event.position
    state = parked or ("applied" if applied else "waiting")
    return {"step": f"{consumer.name}: {state}", "position": event.position}


def _step(step: str, row: Any) -> Row:
    return {
        "step": step, "position": row.position, "at": row.time, "type": row.type, "subject": row.subject, "id": row.id,
    }  # fmt: skip


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
