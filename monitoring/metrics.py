"""The hub's state as Prometheus reads it."""

from collections.abc import Collection, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, select

from access.tables import AUTHORITY
from consumers.alerts import queries as alerts
from consumers.deliveries.overdue import longest
from consumers.runtime.consumer import Consumer
from consumers.runtime.projections import use_active
from consumers.workflows import queries as workflows
from kernel import metrics
from producers.tally import Tally
from storage.database import Database

from .status import Status, status_of

Family = GaugeMetricFamily | CounterMetricFamily
Values = Iterable[tuple[tuple[str, ...], float]]
"""Each combination of labels with its value."""


class HubCollector(Collector):
    """Reads the database when it is scraped; keeps nothing. `tally` is what this process took and refused."""

    def __init__(self, database: Database, consumers: Collection[Consumer], tally: Tally) -> None:
        self._database, self._consumers, self._tally = database, consumers, tally

    def collect(self) -> Iterator[Metric]:
        yield from hub_families(status_of(self._database, self._consumers, counting=False))
        yield from tally_families(self._tally)
        yield from work_families(self._database)


def exposition(database: Database, consumers: Collection[Consumer], tally: Tally) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(HubCollector(database, consumers, tally))
    return generate_latest(registry)


def hub_families(hub: Status) -> Iterator[Metric]:
    """How the hub does its work: positions, lag, what waits, deliveries."""
    yield _one(metrics.HEAD, hub.position)
    yield _one(metrics.RELAY_LAG, hub.position - hub.relayed if hub.relays else 0)
    yield _one(metrics.RELAY_LAG_SECONDS, hub.unsent_seconds)
    yield _one(metrics.RELAY_SENT, hub.sent)
    yield _one(metrics.CAUGHT_UP, int(hub.caught_up))
    each = hub.consumers
    yield _by(metrics.CONSUMER_LAG, (((one.name,), one.lag) for one in each))
    yield _by(metrics.CONSUMER_LAG_SECONDS, (((one.name,), one.lag_seconds) for one in each))
    yield _by(metrics.COMMIT_AGE, (((one.name,), one.commit_age) for one in each))
    yield _by(metrics.CONSUMER_VERSION, (((one.name,), one.version or 0) for one in each))
    yield _by(metrics.PARKED, (((one.name,), one.parked) for one in each))
    yield _by(metrics.PENDING, (((one.name,), one.pending) for one in each))
    sent = hub.deliveries
    yield _one(metrics.DELIVERED, sent.delivered)
    yield _one(metrics.DELIVERIES_FAILED, sent.failed)
    yield _by(metrics.DELIVERIES_OVERDUE, (((way,), longest(hub.overdue, [way])) for way in hub.overdue))
    standing = (("active", sent.active), ("retrying", sent.retrying), ("paused", sent.paused))
    yield _by(metrics.SUBSCRIPTIONS, (((status,), count) for status, count in standing))


def tally_families(tally: Tally) -> Iterator[Metric]:
    """What this process took in and refused."""
    yield _by(metrics.TAKEN, (((outcome,), events) for outcome, events in tally.taken.items()))
    yield _by(metrics.REFUSED, (((reason,), events) for reason, events in tally.refused.items()))


def work_families(database: Database) -> Iterator[Metric]:
    """What waits for people, authority by authority: alerts, what they may cost, workflows and tasks."""
    with database.worker.connect() as connection:
        known = tuple(connection.execute(select(AUTHORITY.c.authority).order_by(AUTHORITY.c.authority)).scalars())
        if use_active(connection, "alerts") is not None:
            yield _by(metrics.ALERTS, _alerts(connection, known))
            yield _by(metrics.AT_STAKE, _at_stake(connection, known))
        if use_active(connection, "workflows") is not None:
            counted = {authority: workflows.counts(connection, authority) for authority in known}
            for declared, kind in _TASKS:
                yield _by(declared, (((authority,), counts[kind]) for authority, counts in counted.items()))


_TASKS = ((metrics.INSTANCES, "running"), (metrics.TASKS, "open"), (metrics.TASKS_OVERDUE, "overdue"))


def _alerts(connection: Connection, known: Iterable[str]) -> Iterator[tuple[tuple[str, ...], float]]:
    for authority in known:
        for rule in alerts.counts_by_rule(connection, authority):
            yield (authority, rule.rule, "open"), rule.open
            yield (authority, rule.rule, "acknowledged"), rule.acknowledged


def _at_stake(connection: Connection, known: Iterable[str]) -> Iterator[tuple[tuple[str, ...], float]]:
    for authority in known:
        for stake in alerts.amount_at_stake(connection, authority):
            yield (authority, stake.rule, stake.currency), float(stake.amount)


def _family(declared: metrics.Metric) -> Family:
    kind = CounterMetricFamily if declared.kind == "counter" else GaugeMetricFamily
    return kind(declared.name, declared.help, labels=declared.labels)


def _one(declared: metrics.Metric, value: float) -> Metric:
    return _by(declared, [((), value)])


def _by(declared: metrics.Metric, values: Values) -> Metric:
    family = _family(declared)
    for labels, value in values:
        family.add_metric(labels, value)
    return family
