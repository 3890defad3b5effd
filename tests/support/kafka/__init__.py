"""A real Kafka broker for tests, benchmarks and the demo: one node, gone when whoever asked for it is gone.

Looked for in this order: the address in SAMSPIL_TEST_KAFKA; Docker, when it answers; the broker's jars, when there
is Java 17 or newer (Maven fetches them once into the user's cache).
"""

from tests.support.kafka.process import ADDRESS, SwitchableBroker, broker_process, switchable_broker
from tests.support.kafka.settings import NoBroker

__all__ = ["ADDRESS", "NoBroker", "SwitchableBroker", "broker_process", "switchable_broker"]
