"""Whether a process could go on with what a person is about to say: tried before it is stored."""

from datetime import datetime

from sqlalchemy import Connection

from consumers.runtime.coverage import EVERYTHING
from kernel.errors import Invalid
from schemas.catalogue import Json
from schemas.envelope import Event

from .instance import Fact, begin
from .library import Library
from .store import facts_of
from .telling import SOURCE, event_of


def require_possible(
    connection: Connection, authority: str, instance: str, completed: Json, now: datetime, *, library: Library
) -> None:
    """Raises Invalid, with what does not fit, when the events that follow from the completed task cannot be told.

    Once it is stored it cannot be said otherwise, and the instance would stand still.
    """
    started, *others = facts_of(connection, {(authority, instance): EVERYTHING})[authority, instance]
    tried, _ = begin(library, authority, instance, started)
    for fact in others:
        tried.feed(fact)
    cause = Event(authority, SOURCE, "", "dk.samspil.workflow.task-completed.v1", instance, now, b"")
    try:
        for each in tried.feed(Fact(EVERYTHING, "task-completed", now, "", completed)):
            event_of(cause, each.family, each.subject, each.data, event_id="")
    except Invalid as error:
        raise Invalid(
            f"the workflow cannot go on with this: {error.message}",
            hint="say it otherwise; texts may be too long for what is made of them",
            problems=error.problems,
        ) from None
