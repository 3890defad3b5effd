"""Register files against what the store already holds: only what changed, and what is gone."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Connection, text

from adapters.register.complete import Said, changes, removals
from adapters.register.read import Origin, Reading, read
from schemas.catalogue import removal_of
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from storage.database import Database


def register_events(
    database: Database, content: bytes, file_name: str, origin: Origin, *, complete: bool, force: bool
) -> list[CloudEvent]:
    """What a register file says anew. With `complete` also that what it no longer holds is gone.

    Raises Invalid with everything that is wrong in the file, or when too much is gone.
    """
    reading = read(content, file_name, origin)
    with database.worker.connect() as connection:
        present = {family: _present(connection, origin, family) for family in reading.families}
        gone = removals(present, reading, origin, force=force) if complete else []
        known = {subject for subjects in present.values() for subject in subjects}
        said = _said(connection, origin, known & {event.subject for event in reading.events}, _types(reading))
    return [*changes(reading.events, said), *gone]


def _types(reading: Reading) -> list[str]:
    return [CATALOGUE.latest(family).name for family in reading.families]


def _present(connection: Connection, origin: Origin, family: str) -> set[str]:
    """The subjects of a family that this source has stated and not removed."""
    stated = CATALOGUE.latest(family)
    versions = [kind.name for kind in CATALOGUE if kind.family == family]
    rows = connection.execute(
        text(
            "SELECT DISTINCT ON (subject) subject, type FROM hub.event "
            "WHERE authority = :authority AND source = :source AND type = ANY(:types) ORDER BY subject, position DESC"
        ),
        {"authority": origin.authority, "source": origin.source, "types": [*versions, removal_of(stated).name]},
    )
    return {row.subject for row in rows if row.type in versions}


def _said(
    connection: Connection, origin: Origin, subjects: Collection[str], types: Iterable[str]
) -> dict[tuple[str, str, date], Said]:
    """What was last stored of these subjects, by type, subject and the day it holds from."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT ON (type, subject, effective) type, subject, effective, effective_to, payload "
            "FROM hub.event WHERE authority = :authority AND subject = ANY(:subjects) AND source = :source "
            "AND type = ANY(:types) AND effective IS NOT NULL AND payload IS NOT NULL "
            "ORDER BY type, subject, effective, position DESC"
        ),
        {
            "authority": origin.authority,
            "source": origin.source,
            "subjects": sorted(subjects),
            "types": list(types),
        },
    )
    return {(row.type, row.subject, row.effective): Said(row.payload.encode(), row.effective_to) for row in rows}
