"""The way of one event: what caused it, that it was stored, who has applied it, and what followed from it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text

from consumers.runtime.consumer import Consumer
from consumers.runtime.coverage import Observed, observe
from consumers.runtime.tables import PARKED
from producers.tables import EVENT
from schemas.catalogue import Catalogue

_COLUMNS = (EVENT.c.position, EVENT.c.time, EVENT.c.type, EVENT.c.subject, EVENT.c.id, EVENT.c.causation_id)
MOST = 200
"""No more than so many causes or effects are named."""


class Step(NamedTuple):
    """One step of the way. `consumer` and `state` (applied, waiting, parked ...) are those of a consumer's step."""

    kind: str
    position: int
    at: datetime | None = None
    type: str | None = None
    subject: str | None = None
    id: str | None = None
    consumer: str | None = None
    state: str | None = None


def way_of(
    connection: Connection,
    consumers: Collection[Consumer],
    catalogue: Catalogue,
    *,
    event_id: str | None = None,
    position: int | None = None,
) -> list[Step]:
    """The steps of the event with this id, or at this position, as far as the reader may see it; none when there is
    no such event.
    """
    named = EVENT.c.position == position if position is not None else EVENT.c.id == event_id
    found = connection.execute(select(*_COLUMNS, EVENT.c.authority, EVENT.c.recorded).where(named)).first()
    if found is None:
        return []
    causes = connection.execute(select(*_COLUMNS).where(EVENT.c.id == found.causation_id).limit(MOST)).all()
    effects = connection.execute(
        select(*_COLUMNS).where(EVENT.c.causation_id == found.id).order_by(EVENT.c.position).limit(MOST)
    ).all()
    steps = [*(_step("caused by", row) for row in causes), _step("sent", found)]
    steps.append(Step("stored", found.position, at=found.recorded))
    if connection.execute(text("SELECT position FROM hub.relay")).scalar_one() >= found.position:
        steps.append(Step("relayed to Kafka", found.position))
    observed = observe(connection)
    readers = [consumer for consumer in consumers if found.type in consumer.types(catalogue)]
    steps += [_applied(connection, observed, consumer, found) for consumer in readers]
    return [*steps, *(_step("led to", row) for row in effects)]


def _applied(connection: Connection, observed: Observed, consumer: Consumer, event: Any) -> Step:
    parked = connection.execute(
        select(PARKED.c.status).where(PARKED.c.consumer == consumer.name, PARKED.c.position == event.position)
    ).scalar()
    done = observed.progress.get(consumer.name)
    applied = done is not None and done.at(event.type.split(".")[2], event.authority) >= event.position
    state = parked or ("applied" if applied else "waiting")
    return Step("consumer", event.position, consumer=consumer.name, state=state)


def _step(kind: str, row: Any) -> Step:
    return Step(kind, row.position, at=row.time, type=row.type, subject=row.subject, id=row.id)
