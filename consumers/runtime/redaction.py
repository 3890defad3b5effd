"""Erasure in projections: `hub.redacted` takes the rows of a subject out of every table that knows subjects."""

from collections.abc import Callable, Sequence

import orjson
from sqlalchemy import Connection, delete, or_

from schemas.envelope import Event

from .consumer import Consumer

REDACTED = "dk.samspil.hub.redacted.v1"


def apply_in_parts(
    connection: Connection, consumer: Consumer, events: Sequence[Event], write: Callable[[Sequence[Event]], None]
) -> None:
    """Call `write` for the events between redactions, and erase at each redaction, in order."""
    part: list[Event] = []
    for event in events:
        if is_redaction(consumer, event):
            if part:
                write(part)
            part = []
            erase(connection, consumer, event)
        else:
            part.append(event)
    if part:
        write(part)


def is_redaction(consumer: Consumer, event: Event) -> bool:
    """Whether the event erases rows; a consumer that reads redactions itself does with them what it will."""
    return event.type == REDACTED and "hub.redacted" not in consumer.families


def erase(connection: Connection, consumer: Consumer, redaction: Event) -> None:
    """Delete the subject's rows that came before, and the findings about it.

    A table whose rows are about other subjects than its column `subject` says so by `table.info["subjects"]`.
    """
    subject = orjson.loads(redaction.payload)["subject"]
    for table in consumer.tables.sorted_tables:
        columns = [table.c[name] for name in table.info.get("subjects", ("subject",)) if name in table.c]
        if columns:
            query = delete(table).where(
                table.c.authority == redaction.authority, or_(*(column == subject for column in columns))
            )
            if "position" in table.c:
                query = query.where(table.c.position < redaction.position)
            connection.execute(query)
    if consumer.findings is not None:
        connection.execute(
            delete(consumer.findings).where(
                consumer.findings.c.authority == redaction.authority,
                consumer.findings.c.data["subject"]["id"].astext == subject,
            )
        )
