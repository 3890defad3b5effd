"""Repair by people: replay what was parked, or discard it. Both are events, and a rebuild honours them."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from kernel.errors import Invalid, SamspilError
from kernel.ids import new_id
from producers.store import append_one, read_at
from schemas.catalogue import canonical_json
from schemas.envelope import Event
from schemas.hub import Actor, ParkedDiscarded, ParkedReplayed
from storage.database import is_passing

from .apply import Applier
from .ledger import lock_active
from .projections import active_version, build_anew, use_version
from .tables import PARKED


def replay(applier: Applier, authority: str, subject: str, by: Actor) -> int:
    """Apply a subject's parked events in their order; returns how many. Raises Invalid when one still fails."""
    consumer = applier.consumer
    with applier.database.worker.begin() as connection:
        use_version(connection, consumer.name, _alone(connection, consumer.name))
        positions = _parked(connection, consumer.name, authority, subject)
        events = [event for event in read_at(connection, positions) if event.payload]
        try:
            told = applier.write(connection, events)
        except SamspilError:
            raise
        except Exception as error:
            if is_passing(error):
                raise
            raise Invalid(
                f"{subject} still cannot be applied by {consumer.name}: {error}",
                hint="nothing has changed; mend the cause first, or discard the event",
            ) from error
        _mark(connection, consumer.name, positions, "replayed")
        build_anew(connection, consumer.name, positions[0])
        fact = ParkedReplayed(consumer=consumer.name, positions=tuple(positions), subject=subject, by=by)
        _tell(connection, applier, authority, subject, "parked-replayed", canonical_json(fact), told)
    return len(events)


def discard(
    applier: Applier, authority: str, subject: str, by: Actor, reason: str, positions: Sequence[int] = ()
) -> int:
    """Never apply these parked events of a subject (all of them when no position is named); returns how many."""
    consumer = applier.consumer.name
    with applier.database.worker.begin() as connection:
        _alone(connection, consumer)
        parked = _parked(connection, consumer, authority, subject)
        chosen = [position for position in parked if not positions or position in positions]
        if not chosen:
            raise Invalid("none of these positions is parked for this subject", hint="`samspil parked list` shows them")
        _mark(connection, consumer, chosen, "discarded")
        fact = ParkedDiscarded(consumer=consumer, positions=tuple(chosen), subject=subject, reason=reason, by=by)
        _tell(connection, applier, authority, subject, "parked-discarded", canonical_json(fact))
    return len(chosen)


def _alone(connection: Connection, consumer: str) -> int:
    """Hold back every batch of the consumer until the commit; returns the active version."""
    if active_version(connection, consumer) is None:
        raise Invalid(f"{consumer} has never run here")
    return lock_active(connection, consumer, alone=True).version


def _parked(connection: Connection, consumer: str, authority: str, subject: str) -> list[int]:
    found = connection.execute(
        select(PARKED.c.position)
        .where(
            PARKED.c.consumer == consumer,
            PARKED.c.authority == authority,
            PARKED.c.subject == subject,
            PARKED.c.status == "parked",
        )
        .order_by(PARKED.c.position)
    )
    positions = list(found.scalars())
    if not positions:
        raise Invalid(f"nothing of {subject} is parked for {consumer}", hint="`samspil parked list` shows what is")
    return positions


def _mark(connection: Connection, consumer: str, positions: Sequence[int], status: str) -> None:
    connection.execute(
        update(PARKED).where(PARKED.c.consumer == consumer, PARKED.c.position.in_(positions)).values(status=status)
    )


def _tell(
    connection: Connection,
    applier: Applier,
    authority: str,
    subject: str,
    fact: str,
    payload: bytes,
    others: Sequence[Event] = (),
) -> None:
    """Tell the repair, and `others` that follow from it, in one append: the last thing before the commit."""
    now = applier.clock.now()
    event = Event(
        authority=authority,
        source=f"urn:samspil:{applier.consumer.name}",
        id=new_id(),
        type=f"dk.samspil.hub.{fact}.v1",
        subject=subject,
        time=now,
        payload=payload,
    )
    append_one(connection, [*others, event], catalogue=applier.catalogue, now=now)
