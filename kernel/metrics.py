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
TAKEN = Metric(
    "samspil_accepted_events_total",
    "counter",
    "Events this process took since it started, by what became of them: accepted, duplicate, unchanged",
    ("outcome",),
)
REFUSED = Metric(
    "samspil_refused_events_total",
    "counter",
    "Events this process refused since it started: invalid, forbidden, conflict",
    ("reason",),
)
RELAY_LAG = Metric("samspil_relay_lag_events", "gauge", "Events the relay has yet to bring to Kafka; 0 without Kafka")
RELAY_LAG_SECONDS = Metric(
    "samspil_relay_lag_seconds", "gauge", "Age of the oldest event the relay has yet to bring to Kafka"
)
RELAY_SENT = Metric("samspil_relay_sent_total", "counter", "Records the relay has sent, those sent again included")
CONSUMER_LAG = Metric(
    "samspil_consumer_lag_events", "gauge", "Events a consumer has yet to apply, counted to 10,000", ("consumer",)
)
CONSUMER_LAG_SECONDS = Metric(
    "samspil_consumer_lag_seconds", "gauge", "Age of the oldest event a consumer has yet to apply", ("consumer",)
)
COMMIT_AGE = Metric(
    "samspil_consumer_commit_age_seconds",
    "gauge",
    "Time since a consumer last applied anything; large is well when nothing waits",
    ("consumer",),
)
CONSUMER_VERSION = Metric("samspil_consumer_version", "gauge", "The active version of a projection", ("consumer",))
PARKED = Metric("samspil_parked_events", "gauge", "Events that wait because they could not be applied", ("consumer",))
PENDING = Metric("samspil_pending_findings", "gauge", "Findings that changed and are not told yet", ("consumer",))
CAUGHT_UP = Metric("samspil_caught_up", "gauge", "1 when everything in the store is applied and told, else 0")
ALERTS = Metric(
    "samspil_alerts", "gauge", "Alerts that are open or acknowledged, by rule", ("authority", "rule", "status")
)
AT_STAKE = Metric(
    "samspil_amount_at_stake",
    "gauge",
    "What the alerts that are not resolved may cost, in the currency named",
    ("authority", "rule", "currency"),
)
INSTANCES = Metric("samspil_workflow_instances", "gauge", "Workflows that run", ("authority",))
TASKS = Metric("samspil_tasks_open", "gauge", "Tasks that wait for a person", ("authority",))
TASKS_OVERDUE = Metric("samspil_tasks_overdue", "gauge", "Tasks that are past their deadline", ("authority",))
DELIVERED = Metric("samspil_deliveries_total", "counter", "Deliveries to subscribers that were taken")
DELIVERIES_FAILED = Metric("samspil_deliveries_failed_total", "counter", "Attempts to deliver that failed")
DELIVERIES_OVERDUE = Metric(
    "samspil_deliveries_overdue_seconds",
    "gauge",
    "For how long something could have been delivered and nobody took it up; attempts that fail do not count",
    ("way",),
)
SUBSCRIPTIONS = Metric(
    "samspil_subscriptions",
    "gauge",
    "Subscriptions: active, of them those that are being retried, and paused",
    ("status",),
)

METRICS = tuple(declared for declared in tuple(globals().values()) if isinstance(declared, Metric))
"""All of them, in the order in which they stand here."""
