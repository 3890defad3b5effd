"""Erasure in projections: `hub.redacted` takes the rows of a subject out of every table that knows subjects."""

from collections.abc import Callable, Sequence

import orjson
from sqlalchemy import Connection, delete

from schemas.envelope import Event

from .consumer import Consumer

REDACTED = "dk.samspil.hub.redacted.v1"


def apply_in_parts(
    connection: Connection, consumer: Consumer, events: Sequence[Event], write: Callable[[Sequence[Event]], None]
) -> None:
    """Call `write` for the events between redactions, and erase at each redaction, in order."""
    part: list[Event] = []
    for event in events:
        if event.type == REDACTED and "hub.redacted" not in consumer.families:
            if part:
                write(part)
            part = []
            erase(connection, consumer, event)
        else:
            part.append(event)
    if part:
        write(part)


def erase(connection: Connection, consumer: Consumer, redaction: Event) -> None:
    """Delete the subject's rows, and the findings about it."""
    subject = orjson.loads(redaction.payload)["subject"]
    for table in consumer.tables.sorted_tables:
        if "subject" in table.columns:
            connection.execute(
                delete(table).where(table.c.authority == redaction.authority, table.c.subject == subject)
            )
    if consumer.findings is not None:
        connection.execute(
            delete(consumer.findings).where(
                consumer.findings.c.authority == redaction.authority,
                consumer.findings.c.data["subject"]["id"].astext == subject,
            )
        )
