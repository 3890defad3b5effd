"""What is measured on: system usages of many authorities, 5 % of them stated out of valid order."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from kernel.ids import derived_id
from producers.store import Request, append
from schemas.catalogue import canonical_json
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from schemas.values import valid_cvr
from storage.database import Database

TYPE = CATALOGUE.latest("system.usage-stated")
SUBJECTS = 5_000
OUT_OF_ORDER = 0.05
AUTHORITIES = tuple(str(n) for n in range(99_000_000, 99_001_000) if valid_cvr(str(n)))[:12]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def events(count: int, seed: int = 1) -> Iterator[Event]:
    """`count` statements about 5,000 usages; each usage's starts go forward, but for 5 % that lie before the last."""
    chance = random.Random(seed)
    sample = TYPE.model.model_validate(TYPE.sample)
    for number in range(count):
        subject = number % SUBJECTS
        day = date(2020, 1, 1) + timedelta(days=number // SUBJECTS)
        if chance.random() < OUT_OF_ORDER:
            day -= timedelta(days=chance.randrange(1, 400))
        data = sample.model_copy(update={"local_id": f"anvendelse-{number}"})
        yield Event(
            authority=AUTHORITIES[subject % len(AUTHORITIES)],
            source="urn:samspil:bench",
            id=str(number),
            type=TYPE.name,
            subject=derived_id("bench", subject),
            time=NOW,
            payload=canonical_json(data),
            effective=day,
        )


def fill(database: Database, count: int, batch: int = 5_000) -> None:
    """Put the workload into the event store."""
    waiting: list[Event] = []
    for event in events(count):
        waiting.append(event)
        if len(waiting) == batch:
            _store(database, waiting)
            waiting = []
    if waiting:
        _store(database, waiting)


def _store(database: Database, batch: list[Event]) -> None:
    with database.worker.begin() as connection:
        append(connection, [Request(batch)], catalogue=CATALOGUE, now=NOW)
