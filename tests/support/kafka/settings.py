"""What every test broker is told, however it runs."""

from pathlib import Path

VERSION = "4.1.0"
"""The Kafka of `docker-compose.yml` and of `tests/broker/pom.xml`."""

START_S = 60
"""A broker that fetched all it needs is up in about three seconds; a loaded machine gets twenty times that."""


STARTED = "Kafka Server started"
"""What a broker writes to its log when clients may come."""


class NoBroker(Exception):
    """This way to a broker is closed on this machine; the message says why."""


def node(*, port: int, controller_port: int, host: str, bind: str) -> dict[str, str]:
    """Server properties of one KRaft node that is broker and controller, listening on `bind`, known as `host`."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{bind}:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{host}:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "group.coordinator.append.linger.ms": "0",
        "group.min.session.timeout.ms": "500",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
    }


def repository() -> Path:
    """The root of the work tree."""
    return Path(__file__).parents[3]
