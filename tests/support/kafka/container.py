"""The broker as a container, through testcontainers, whose reaper removes it even when this process is killed."""

from collections.abc import Iterator
from contextlib import contextmanager

from docker.errors import DockerException
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from tests.support.kafka.ports import free
from tests.support.kafka.settings import START_S, STARTED, VERSION, NoBroker, node


@contextmanager
def broker() -> Iterator[str]:
    """The address of a broker in a container that lives as long as the block.

    Raises:
        NoBroker: Docker does not answer, or has no way to the image.
    """
    port, controller_port = free(2)
    try:
        container = DockerContainer(f"apache/kafka:{VERSION}").with_bind_ports(port, port)
        host = container.get_container_host_ip()
        properties = node(port=port, controller_port=controller_port, host=host, bind="0.0.0.0")  # noqa: S104  inside the container
        for name, value in properties.items():
            container.with_env(f"KAFKA_{name.replace('.', '_').upper()}", value)
        container.waiting_for(LogMessageWaitStrategy(STARTED).with_startup_timeout(START_S)).start()
    except DockerException as cause:
        raise NoBroker(f"Docker gives no broker ({cause})") from cause
    try:
        yield f"{host}:{port}"
    finally:
        container.stop()
