"""Erasure in projections: `hub.redacted` takes the rows of a subject out of every table that knows subjects."""

from collections.abc import Callable, Sequence

import orjson
from sqlalchemy import Connection, Table, delete, or_, select, update

from producers.tables import EVENT
from schemas.envelope import Event

from .consumer import Consumer
from .findings import tell_again
from .tables import PARKED

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


def pass_over_redacted(connection: Connection, consumer: Consumer, events: Sequence[Event]) -> Sequence[Event]:
    """The batch without what it erases itself; what of the erased subjects was parked before waits no longer."""
    until = {event.key: event.position for event in events if event.type == REDACTED}
    for redaction in events:
        if redaction.type == REDACTED:
            connection.execute(
                update(PARKED)
                .where(
                    PARKED.c.consumer == consumer.name,
                    PARKED.c.authority == redaction.authority,
                    PARKED.c.subject == redaction.subject,
                    PARKED.c.position < redaction.position,
                    PARKED.c.status == "parked",
                )
                .values(status="discarded", reason="redacted")
            )
    if not until:
        return events
    return [event for event in events if event.type == REDACTED or event.position > until.get(event.key, 0)]


def is_redaction(consumer: Consumer, event: Event) -> bool:
    """Whether the event erases rows; a consumer that reads redactions itself does with them what it will."""
    return event.type == REDACTED and "hub.redacted" not in consumer.families


def erase(connection: Connection, consumer: Consumer, redaction: Event) -> None:
    """Delete the rows about the subject and those made of its events, as far as they came before, and its findings.

    When the subject is an alert about another one, its finding may still stand: then it is told anew.
    """
    subject = orjson.loads(redaction.payload)["subject"]
    for table in consumer.tables.sorted_tables:
        _erase_rows(connection, table, redaction, subject)
    if consumer.findings is not None:
        connection.execute(
            delete(consumer.findings).where(
                consumer.findings.c.authority == redaction.authority,
                consumer.findings.c.data["subject"]["id"].astext == subject,
            )
        )
        tell_again(connection, consumer.name, consumer.findings, redaction.authority, subject)


def _erase_rows(connection: Connection, table: Table, redaction: Event, subject: str) -> None:
    about = [table.c.subject == subject] if "subject" in table.c else []
    if "position" not in table.c:
        if about:
            connection.execute(delete(table).where(table.c.authority == redaction.authority, *about))
        return
    emptied = select(EVENT.c.position).where(EVENT.c.authority == redaction.authority, EVENT.c.subject == subject)
    connection.execute(
        delete(table).where(
            table.c.authority == redaction.authority,
            table.c.position < redaction.position,
            or_(*about, table.c.position.in_(emptied)),
        )
    )
