"""The demo: two municipalities, two years, day by day, on a hub of its own; and what the alerts are worth."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from access.principals import HUB, register_authority
from adapters.ubl.events import invoice_events
from consumers.alerts.queries import open_alerts
from consumers.runtime.consumer import Consumer
from consumers.runtime.digest import digests
from consumers.runtime.projections import use_active
from examples.municipalities import MUNICIPALITIES, OPERATOR
from examples.play import Day, Demo, Share
from examples.truth import Key, alert_key, compare
from kernel.clock import COPENHAGEN, FixedClock
from monitoring.status import status_of
from producers.topics import Topics, delete_topics
from schemas.alerts import Finding
from schemas.envelope import CloudEvent

from .consumers import CONSUMERS
from .opening import Hub, open_hub
from .running import Running, consuming_kafka, consuming_store, make_topics, relaying
from .settings import Settings

SOURCE = "urn:samspil:ubl"
COUNTED = {
    "systems": ("landscape", "SELECT count(DISTINCT subject) FROM system"),
    "usages": ("landscape", "SELECT count(DISTINCT subject) FROM usage"),
    "relations": ("landscape", "SELECT count(DISTINCT subject) FROM relation"),
    "contracts": ("contracts", "SELECT count(DISTINCT subject) FROM contract"),
    "invoices": ("invoice_control", "SELECT count(*) FROM invoice"),
}
"""What the summary counts, each with the consumer that knows; what has ended is counted too."""
Told = Callable[[Day], None]


@dataclass(frozen=True)
class Play:
    """A hub on which the demo has been, or is being, played."""

    hub: Hub
    running: Running
    demo: Demo
    clock: FixedClock

    def day(self, day: Day) -> None:
        """One day: the operator's share, then every authority's at once, each in one call; then wait until settled."""
        self.clock.set(datetime.combine(day.date, clock_time(6), COPENHAGEN))
        self._take([share for share in day.shares if share.authority == OPERATOR])
        self._take([share for share in day.shares if share.authority != OPERATOR])

    def _take(self, shares: list[Share]) -> None:
        if shares:
            answers = [self.hub.acceptor.submit(self._events(share), HUB) for share in shares]
            for answer in answers:
                answer.result()
            self.running.wait()

    def _events(self, share: Share) -> list[CloudEvent]:
        now = self.clock.now()
        events = list(share.events)
        for document in share.documents:
            events += invoice_events(
                document.content,
                authority=share.authority,
                source=SOURCE,
                received_at=now,
                file_name=document.name,
            )
        return events


@contextmanager
def stage(settings: Settings, seed: int, consumers: tuple[Consumer, ...] = CONSUMERS) -> Iterator[Play]:
    """An empty hub of its own for one play, with its own topics; both are gone afterwards."""
    demo = Demo(seed)
    clock = FixedClock(datetime(2023, 12, 31, 6, tzinfo=COPENHAGEN))
    with _own_place(settings) as own, open_hub(own, clock) as hub:
        with hub.database.worker.begin() as connection:
            for municipality in MUNICIPALITIES:
                register_authority(connection, municipality.cvr, municipality.name, "demo")
        if own.kafka:
            make_topics(hub)
            with relaying(hub), consuming_kafka(hub, consumers) as running:
                yield Play(hub, running, demo, clock)
        else:
            with consuming_store(hub, consumers) as running:
                yield Play(hub, running, demo, clock)


def play_all(play: Play, told: Told = lambda _: None) -> float:
    """Play every day; returns the seconds it took, waiting included."""
    start = time.monotonic()
    for day in play.demo.days():
        play.day(day)
        told(day)
    return time.monotonic() - start


def summary(play: Play, seconds: float) -> dict[str, Any]:
    """What there is at the end, and the open alerts one by one against the truth."""
    database = play.hub.database
    status = status_of(database, play.running.consumers)
    found = list(alerts_of(play))
    comparison = compare(play.demo.truth, [key for key in found if key.rule in play.demo.judged])
    with database.worker.begin() as connection:
        counted = {}
        for name, (consumer, query) in COUNTED.items():
            use_active(connection, consumer)
            counted[name] = connection.execute(text(query)).scalar_one()
        hashes = digests(connection, play.running.consumers)
    return {
        "events": status.events,
        **counted,
        "alerts": dict(sorted(Counter(key.rule.upper() for key in found).items())),
        "precision": comparison.precision,
        "recall": comparison.recall,
        "missing": [key._asdict() for key in comparison.missing[:20]],
        "unexpected": [key._asdict() for key in comparison.unexpected[:20]],
        "parked": status.parked,
        "caught_up": status.caught_up,
        "digests": hashes,
        "seconds": round(seconds, 1),
    }


def alerts_of(play: Play) -> Iterator[Key]:
    """Every open alert, as it is compared with the truth."""
    for municipality in MUNICIPALITIES:
        with play.hub.database.reading((municipality.cvr,)) as connection:
            use_active(connection, "alerts")
            for alert in open_alerts(connection, municipality.cvr):
                yield alert_key(municipality.cvr, Finding.model_validate(alert.finding))


@contextmanager
def _own_place(settings: Settings) -> Iterator[Settings]:
    """A data directory and a topic prefix that nobody else has."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="demo-", dir=settings.data_dir))
    home.chmod(0o755)
    own = replace(settings, data_dir=home, database_url=None, topics=Topics(f"samspil-demo-{uuid4().hex[:8]}"))
    try:
        yield own
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if own.kafka:
            delete_topics(own.kafka, own.topics)
