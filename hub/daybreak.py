"""Time comes in as an event: each authority is told of each day that begins in Denmark, missed days in their order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial

import structlog
from sqlalchemy import select, text

from access.principals import HUB
from access.tables import AUTHORITY
from kernel.clock import COPENHAGEN
from kernel.errors import Retryable
from kernel.ids import derived_id
from schemas.days import DayStarted
from schemas.envelope import CloudEvent

from .opening import Hub
from .workers import Worker, working

TYPE = "dk.samspil.time.day-started.v1"
LOOK_EVERY_S = 30.0
MOST_AT_ONCE = 400
"""Days told in one call; more than a year of absence takes several."""
log = structlog.get_logger()


@contextmanager
def telling_days(hub: Hub) -> Iterator[Worker]:
    """Tell the days that have begun, now and as they begin."""
    stop = threading.Event()
    with working("daybreak", partial(_run, hub, stop), stop.set) as worker:
        yield worker


def tell_days(hub: Hub) -> int:
    """Tell every authority each day that has begun since the last one it was told of; returns how many were told.

    An authority that was never told of a day begins with today. Telling a day again is harmless: its id is the same.
    """
    today = hub.clock.now().astimezone(COPENHAGEN).date()
    with hub.database.worker.connect() as connection:
        authorities = list(connection.execute(select(AUTHORITY.c.authority).order_by(AUTHORITY.c.authority)).scalars())
        last = {
            authority: connection.execute(
                text("SELECT max(effective) FROM hub.event WHERE authority = :authority AND subject = :subject"),
                {"authority": authority, "subject": _subject(authority)},
            ).scalar()
            for authority in authorities
        }
    told = 0
    for authority in authorities:
        days = missed_days(last[authority], today)[:MOST_AT_ONCE]
        if days:
            hub.acceptor.accept([day_started(authority, day) for day in days], HUB)
            told += len(days)
    return told


def missed_days(last: date | None, today: date) -> list[date]:
    """The days after `last` up to and including today; today alone when there was none."""
    first = today if last is None else last + timedelta(days=1)
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]


def day_started(authority: str, day: date) -> CloudEvent:
    """That `day` has begun for an authority."""
    return CloudEvent(
        id=f"day:{authority}:{day}",
        source="urn:samspil:time",
        type=TYPE,
        subject=_subject(authority),
        authority=authority,
        time=datetime.combine(day, time(), COPENHAGEN),
        data=DayStarted(date=day).model_dump(mode="json"),
        effective=day,
    )


def _subject(authority: str) -> str:
    return derived_id("calendar", authority)


def _run(hub: Hub, stop: threading.Event) -> None:
    while True:
        try:
            tell_days(hub)
        except Retryable as error:
            log.warning("the days wait", error=error.message)
        if stop.wait(LOOK_EVERY_S):
            return
