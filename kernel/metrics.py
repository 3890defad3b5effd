"""Every metric of the hub, declared once: name, kind, labels, and what it means. Dashboards are checked against it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric in Prometheus' sense; names carry their unit."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...] = ()


HEAD = Metric("samspil_store_position", "gauge", "Position of the last event in the store")
RELAY_LAG = Metric("samspil_relay_lag_events", "gauge", "Positions the relay has yet to bring to Kafka")
RELAY_SENT = Metric("samspil_relay_sent_total", "counter", "Records the relay has sent, those sent again included")
CONSUMER_LAG = Metric(
    "samspil_consumer_lag_positions",
    "gauge",
    "Positions between the last event a consumer is to apply and what it has applied; not counted, so quick",
    ("consumer",),
)
CONSUMER_VERSION = Metric("samspil_consumer_version", "gauge", "The active version of a projection", ("consumer",))
PARKED = Metric("samspil_parked_events", "gauge", "Events that wait because they could not be applied", ("consumer",))
PENDING = Metric("samspil_pending_findings", "gauge", "Findings that changed and are not told yet", ("consumer",))
CAUGHT_UP = Metric("samspil_caught_up", "gauge", "1 when everything in the store is applied and told, else 0")

METRICS = (
    HEAD,
    RELAY_LAG,
    RELAY_SENT,
    CONSUMER_LAG,
    CONSUMER_VERSION,
    PARKED,
    PENDING,
    CAUGHT_UP,
)
