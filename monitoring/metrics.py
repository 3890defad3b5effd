"""The hub's state as Prometheus reads it."""

from collections.abc import Collection, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from consumers.runtime.consumer import Consumer
from kernel import metrics
from storage.database import Database

from .status import Status, status_of

Family = GaugeMetricFamily | CounterMetricFamily


class HubCollector(Collector):
    """Reads the database when it is scraped; keeps nothing."""

    def __init__(self, database: Database, consumers: Collection[Consumer]) -> None:
        self._database, self._consumers = database, consumers

    def collect(self) -> Iterator[Metric]:
        return families(status_of(self._database, self._consumers, counting=False))


def exposition(database: Database, consumers: Collection[Consumer]) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(HubCollector(database, consumers))
    return generate_latest(registry)


def families(status: Status) -> Iterator[Metric]:
    """One family per declared metric."""
    yield _one(metrics.HEAD, status.position)
    yield _one(metrics.RELAY_LAG, status.position - status.relayed)
    yield _one(metrics.RELAY_SENT, status.sent)
    yield _one(metrics.CAUGHT_UP, int(status.caught_up))
    yield _each(metrics.CONSUMER_LAG, {one.name: one.behind for one in status.consumers})
    yield _each(metrics.CONSUMER_VERSION, {one.name: one.version or 0 for one in status.consumers})
    yield _each(metrics.PARKED, {one.name: one.parked for one in status.consumers})
    yield _each(metrics.PENDING, {one.name: one.pending for one in status.consumers})


def _family(declared: metrics.Metric) -> Family:
    kind = CounterMetricFamily if declared.kind == "counter" else GaugeMetricFamily
    return kind(declared.name, declared.help, labels=declared.labels)


def _one(declared: metrics.Metric, value: float) -> Metric:
    family = _family(declared)
    family.add_metric([], value)
    return family


def _each(declared: metrics.Metric, values: dict[str, int]) -> Metric:
    family = _family(declared)
    for name, value in values.items():
        family.add_metric([name], value)
    return family
