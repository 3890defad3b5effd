"""The demo: two municipalities, two years, day by day, on a hub of its own; and what the alerts are worth.

What is told on a day settles first. Then people act: they do the tasks that are theirs, and that settles too.
"""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from access.agreements import local_principal
from access.principals import HUB, register_authority
from adapters.ubl.events import invoice_events
from consumers.alerts.queries import open_alerts
from consumers.runtime.consumer import Consumer
from consumers.runtime.digest import digests
from consumers.runtime.projections import use_active
from consumers.workflows.desk import Desk
from consumers.workflows.people import People
from consumers.workflows.queries import tasks
from consumers.workflows.rows import TaskRow
from examples.cast import Act
from examples.municipalities import MUNICIPALITIES, OPERATOR
from examples.play import Day, Demo, Share
from examples.truth import Key, Start, alert_key, compare
from kernel.clock import COPENHAGEN, FixedClock
from kernel.errors import Fatal
from monitoring.status import status_of
from producers.topics import Topics, delete_topics
from schemas.alerts import Finding
from schemas.envelope import CloudEvent
from schemas.hub import Actor

from .consumers import CONSUMERS
from .demo_receiving import LOOPBACK, Deliveries, subscribed_receiver
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
    "cases": ("cases", 'SELECT count(DISTINCT subject) FROM "case"'),
    "projects": ("portfolio", "SELECT count(DISTINCT subject) FROM fact WHERE fact = 'proposed'"),
    "workflow_instances": ("workflows", "SELECT count(*) FROM instance"),
    "tasks": ("workflows", "SELECT count(*) FROM task"),
}
"""What the summary counts, each with the consumer that knows; what has ended is counted too."""
STARTS = "SELECT authority, process, business_key FROM instance"
Told = Callable[[Day], None]


@dataclass(frozen=True)
class Play:
    """A hub on which the demo has been, or is being, played."""

    hub: Hub
    running: Running
    demo: Demo
    clock: FixedClock
    deliveries: Deliveries
    acts: Mapping[date, Sequence[Act]] = field(default_factory=dict)

    def day(self, day: Day) -> None:
        """One day: the operator's share, then every authority's at once, each in one call; then what people do. After
        each of these, wait until the hub has settled.
        """
        self.clock.set(datetime.combine(day.date, clock_time(6), COPENHAGEN))
        self._take([share for share in day.shares if share.authority == OPERATOR])
        self._take([share for share in day.shares if share.authority != OPERATOR])
        if acts := self.acts.get(day.date):
            for act in acts:
                self._act(act)
            self.running.wait()

    def _act(self, act: Act) -> None:
        """Do a task as one of those who hold the role for it. Raises Fatal when nobody is asked for it."""
        database, desk = self.hub.database, Desk(self.hub.acceptor, self.hub.database, self.clock)
        with database.reading((act.authority,)) as connection:
            use_active(connection, "workflows")
            task = _task_of(act, tasks(connection, act.authority, business_key=act.business_key))
        with database.worker.begin() as connection:
            office = local_principal(connection, act.authority)
        by = _holder(task, desk.look(act.authority, task.id).people)
        desk.complete(office, act.authority, task.id, act.form, by=by)

    def _take(self, shares: list[Share]) -> None:
        if shares:
            told = [self._events(share) for share in shares]
            for answer in [self.hub.acceptor.submit(events, HUB) for events in told]:
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


def _holder(task: TaskRow, people: People) -> Actor:
    """The first by id of those who may do a task. Raises Fatal when nobody may."""
    holders = {each.holder.id: each.holder.name for each in people.held if each.holder.id and each.role in task.roles}
    for id_, name in sorted(holders.items()):
        if people.may(id_, task.roles, task.responsible):
            return Actor(id=id_, name=name)
    raise Fatal(f"nobody holds a role for {task.step} of {task.process} {task.business_key}")


def _task_of(act: Act, asked: Sequence[TaskRow]) -> TaskRow:
    found = [task for task in asked if (task.process, task.step) == (act.process, act.step)]
    if len(found) != 1:
        raise Fatal(f"{act.day}: {act.step} of {act.process} {act.business_key} is open {len(found)} times, not once")
    return found[0]


@contextmanager
def stage(settings: Settings, seed: int, consumers: tuple[Consumer, ...] = CONSUMERS) -> Iterator[Play]:
    """An empty hub of its own for one play, with its own topics; both are gone afterwards. People act only where
    workflows are at work.
    """
    demo = Demo(seed)
    clock = FixedClock(datetime(2023, 12, 31, 6, tzinfo=COPENHAGEN))
    with _own_place(settings) as own, open_hub(own, clock) as hub:
        with hub.database.worker.begin() as connection:
            for municipality in MUNICIPALITIES:
                register_authority(connection, municipality.cvr, municipality.name, "demo")
        acts = demo.acts() if any(each.name == "workflows" for each in consumers) else {}
        with _consuming(hub, consumers) as running, subscribed_receiver(hub) as deliveries:
            yield Play(hub, running, demo, clock, deliveries, acts)


@contextmanager
def _consuming(hub: Hub, consumers: tuple[Consumer, ...]) -> Iterator[Running]:
    if hub.settings.kafka:
        make_topics(hub)
        with relaying(hub), consuming_kafka(hub, consumers) as running:
            yield running
    else:
        with consuming_store(hub, consumers) as running:
            yield running


def play_all(play: Play, told: Told = lambda _: None) -> float:
    """Play every day; returns the seconds it took, waiting included."""
    start = time.monotonic()
    for day in play.demo.days():
        play.day(day)
        told(day)
        if is_half_year_end(day.date):
            play.deliveries.catch_up()
    return time.monotonic() - start


def is_half_year_end(day: date) -> bool:
    """Whether what waits to be delivered is delivered after this day."""
    return (day.month, day.day) in {(6, 30), (12, 31)}


def summary(play: Play, seconds: float) -> dict[str, Any]:
    """What there is at the end; open alerts and started workflows one by one against the truth."""
    database = play.hub.database
    status = status_of(database, play.running.consumers)
    found = list(alerts_of(play))
    with database.worker.begin() as connection:
        counted = {}
        for name, (consumer, query) in COUNTED.items():
            use_active(connection, consumer)
            counted[name] = connection.execute(text(query)).scalar_one()
        use_active(connection, "workflows")
        starts = Counter(Start(*row) for row in connection.execute(text(STARTS)))
        hashes = digests(connection, play.running.consumers)
    comparison = compare(
        [*play.demo.truth, *play.demo.starts],
        [*(key for key in found if key.rule in play.demo.judged), *starts.elements()],
    )
    return {
        "events": status.events,
        **counted,
        "deliveries": play.deliveries.delivered(),
        "deliveries_without_agreement": play.deliveries.uninvited(),
        "alerts": dict(sorted(Counter(key.rule.upper() for key in found).items())),
        "workflow_starts": dict(sorted(Counter(start.process for start in starts.elements()).items())),
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
    own = replace(
        settings,
        data_dir=home,
        database_url=None,
        topics=Topics(f"samspil-demo-{uuid4().hex[:8]}"),
        webhook_allow=(*settings.webhook_allow, LOOPBACK),
    )
    try:
        yield own
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if own.kafka:
            delete_topics(own.kafka, own.topics)
