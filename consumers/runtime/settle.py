"""Found is not announced: a finding is told when all that the store held when it was made has been applied.

So an invoice that overtakes its contract raises no alert, and what is told does not depend on the order of arrival.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from kernel.ids import derived_id
from producers.store import append_one
from schemas.alerts import Finding, Resolved
from schemas.catalogue import canonical_json
from schemas.envelope import Event
from storage.bell import PROGRESS, ring
from storage.database import Database

from .apply import Applier
from .consumer import Consumer
from .coverage import covered
from .findings import lock_authorities
from .ledger import lock_active
from .projections import use_version
from .stopping import standstills, tell_resumed
from .tables import ANNOUNCED, PENDING

AT_ONCE = 2_000
"""Findings told in one transaction."""


def settle(applier: Applier) -> int:
    """Tell every finding whose moment has come, and what stop is over; returns how many findings were told."""
    consumer = applier.consumer
    if applier.standstills != ():
        _leave_standstills(applier)
    if consumer.findings is None:
        return 0
    told = 0
    with applier.database.glance() as connection:
        waiting = connection.execute(
            select(PENDING.c.authority).where(PENDING.c.consumer == consumer.name).distinct()
        ).scalars()
        authorities = sorted(waiting)
    for authority in authorities:
        while True:
            with applier.database.worker.begin() as connection:
                version = lock_active(connection, consumer.name, alone=False).version
                use_version(connection, consumer.name, version)
                lock_authorities(connection, consumer.name, [authority], shared_facts=False)
                count = _settle_authority(connection, applier, consumer.findings, authority)
            told += count
            if count < AT_ONCE:
                break
    return told


def _leave_standstills(applier: Applier) -> None:
    """Say of each stop that the consumer has passed the place. Once none is left, nobody looks again."""
    consumer = applier.consumer
    with applier.database.worker.begin() as connection:
        stops = standstills(connection, consumer.name) if applier.standstills is None else applier.standstills
        upto = covered(connection, consumer, {stop.owner for stop in stops}) if stops else {}
        over = [stop for stop in stops if upto[stop.owner] >= stop.position]
        tell_resumed(connection, consumer.name, over, catalogue=applier.catalogue, now=applier.clock.now())
    applier.standstills = tuple(stop for stop in stops if stop not in over)


def tell_progress(database: Database, consumer: Consumer) -> None:
    """Ring for those who wait until the hub has settled."""
    with database.glance() as connection:
        ring(connection, PROGRESS, [consumer.name])


def _settle_authority(connection: Connection, applier: Applier, table: Table, authority: str) -> int:
    consumer = applier.consumer
    upto = covered(connection, consumer, [authority])[authority]
    due = (
        connection.execute(
            select(PENDING.c.fingerprint)
            .where(PENDING.c.consumer == consumer.name, PENDING.c.authority == authority, PENDING.c.position <= upto)
            .order_by(PENDING.c.fingerprint)
            .limit(AT_ONCE)
        )
        .scalars()
        .all()
    )
    if not due:
        return 0
    found = _by_fingerprint(connection, table, table.c.authority == authority, due)
    told = _by_fingerprint(
        connection, ANNOUNCED, (ANNOUNCED.c.consumer == consumer.name) & (ANNOUNCED.c.authority == authority), due
    )
    now = applier.clock.now()
    events = list(_differences(consumer, authority, due, found, told, now))
    _remember(connection, consumer.name, authority, due, found, told)
    connection.execute(
        delete(PENDING).where(
            PENDING.c.consumer == consumer.name, PENDING.c.authority == authority, PENDING.c.fingerprint.in_(due)
        )
    )
    append_one(connection, events, catalogue=applier.catalogue, now=now)
    return len(due)


def _by_fingerprint(connection: Connection, table: Table, mine: Any, due: Any) -> dict[UUID, Row[Any]]:
    rows = connection.execute(select(table).where(mine, table.c.fingerprint.in_(due)))
    return {row.fingerprint: row for row in rows}


def _differences(
    consumer: Consumer,
    authority: str,
    due: Any,
    found: Mapping[UUID, Row[Any]],
    told: Mapping[UUID, Row[Any]],
    now: datetime,
) -> Iterator[Event]:
    """The alert events that make what was told equal to what is found."""
    for fingerprint in due:
        new, old = found.get(fingerprint), told.get(fingerprint)
        if new is not None and (old is None or old.data is None):
            fact, finding = "opened", Finding.model_validate(new.data)
        elif new is not None and old is not None and new.hash != old.hash:
            fact, finding = "changed", Finding.model_validate(new.data)
        elif new is None and old is not None and old.data is not None:
            fact, finding = "resolved", Resolved(**old.data, resolution="no-longer-found")
        else:
            continue
        ordinal = 1 + (old.ordinal if old is not None else 0)
        yield Event(
            authority=authority,
            source=f"urn:samspil:{consumer.name}",
            id=derived_id(consumer.name, fingerprint, fact, ordinal),
            type=f"dk.samspil.alert.{fact}.v1",
            subject=str(fingerprint),
            time=now,
            payload=canonical_json(finding),
            causation_id=finding.causes[0].id if finding.causes else None,
            depth=1,
        )


def _remember(
    connection: Connection,
    consumer: str,
    authority: str,
    due: Any,
    found: Mapping[UUID, Row[Any]],
    told: Mapping[UUID, Row[Any]],
) -> None:
    """Keep what was told last per fingerprint; a resolved one keeps its ordinal, so that its next event is another."""
    rows = []
    for fingerprint in due:
        new, old = found.get(fingerprint), told.get(fingerprint)
        if new is None and old is None:
            continue
        if new is not None and old is not None and old.data is not None and new.hash == old.hash:
            continue
        if new is None and (old is None or old.data is None):
            continue
        rows.append(
            {
                "consumer": consumer,
                "authority": authority,
                "fingerprint": fingerprint,
                "hash": new.hash if new is not None else b"",
                "data": new.data if new is not None else None,
                "ordinal": 1 + (old.ordinal if old is not None else 0),
            }
        )
    if rows:
        statement = insert(ANNOUNCED).values(rows)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["consumer", "authority", "fingerprint"],
                set_={name: statement.excluded[name] for name in ("hash", "data", "ordinal")},
            )
        )
