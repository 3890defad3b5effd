"""Register files against what the store already holds: only what changed, and what is gone."""

from collections import defaultdict

from sqlalchemy import Connection, text

from adapters.register.complete import Stored, Told, changes, corrections
from adapters.register.read import Origin, read
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
        stored: Stored = {family: _told(connection, origin, family) for family in reading.families}
    corrected = corrections(stored, reading, origin, complete=complete, force=force)
    return [*changes(reading.events, stored), *corrected]


def _told(connection: Connection, origin: Origin, family: str) -> dict[str, list[Told]]:
    """All that this source has told of a family, by subject, in the order it was told.

    What has no date holds from the day it was told, in Denmark; a state that has been emptied says nothing that a
    register could repeat.
    """
    removal = removal_of(CATALOGUE.latest(family)).name
    versions = [kind.name for kind in CATALOGUE if kind.family == family]
    rows = connection.execute(
        text(
            "SELECT subject, type, payload, effective IS NOT NULL AS dated, effective_to, "
            "coalesce(effective, (time AT TIME ZONE 'Europe/Copenhagen')::date) AS start FROM hub.event "
            "WHERE authority = :authority AND source = :source AND type = ANY(:types) ORDER BY position"
        ),
        {"authority": origin.authority, "source": origin.source, "types": [*versions, removal]},
    )
    told = defaultdict[str, list[Told]](list)
    for row in rows:
        payload = None if row.type == removal else (row.payload or "").encode()
        told[row.subject].append(Told(row.type, payload, row.start, row.effective_to, row.dated))
    return dict(told)
