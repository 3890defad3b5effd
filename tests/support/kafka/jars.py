"""The broker as a Java process, from jars that Maven fetches once into the user's cache."""

import os
import re
import shutil
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.kafka.ports import free
from tests.support.kafka.settings import START_S, STARTED, VERSION, NoBroker, node, repository
from tests.support.wait import until

FETCH_S = 300
JAVA = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]


@contextmanager
def broker() -> Iterator[str]:
    """The address of a broker process that lives as long as the block; its data goes with it.

    Raises:
        NoBroker: no Java 17 or newer, no jars and no Maven to fetch them, or the broker did not start.
    """
    with switchable() as server:
        yield server.address


@contextmanager
def switchable() -> "Iterator[Server]":
    """A started broker process that can be killed and started again with its port and its data. Raises as `broker`."""
    _check_java()
    java = [*JAVA, "-cp", f"{_jars()}/*"]
    port, controller_port = free(2)
    with tempfile.TemporaryDirectory(prefix="samspil-kafka-") as place:
        folder = Path(place)
        properties = node(port=port, controller_port=controller_port, host="127.0.0.1", bind="127.0.0.1")
        properties["log.dirs"] = str(folder / "data")
        config = folder / "server.properties"
        config.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
        _format(java, config)
        server = Server(f"127.0.0.1:{port}", java, config)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _check_java() -> None:
    if not shutil.which("java"):
        raise NoBroker("there is no java (17 or newer)")
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if not version or int(version[1]) < 17:
        raise NoBroker(f"java must be 17 or newer ({told.splitlines()[0] if told else 'it does not say its version'})")


def _jars() -> Path:
    """The folder of the broker's jars, fetched on first use and moved into place whole."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    jars = cache / "samspil" / f"kafka-{VERSION}"
    if jars.is_dir():
        return jars
    if not shutil.which("mvn"):
        raise NoBroker(f"there is no mvn to fetch the broker's jars into {jars}")
    jars.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix=f"{jars.name}-") as place:
        fetched = Path(place) / "jars"
        pom = repository() / "tests" / "broker" / "pom.xml"
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_S)
        if done.returncode:
            raise NoBroker(f"mvn could not fetch the broker's jars: {done.stdout.strip()[:1000]}")
        if not jars.is_dir():
            fetched.rename(jars)
    return jars


def _format(java: list[str], config: Path) -> None:
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoBroker(f"the broker's storage could not be formatted: {(done.stdout + done.stderr)[-2000:]}")


@dataclass
class Server:
    """A broker process at `address`."""

    address: str
    java: list[str]
    config: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it and wait until clients may come. Raises NoBroker when it ends instead."""
        said = self.config.parent / "server.log"
        with said.open("wb") as log:
            command = [*self.java, "kafka.Kafka", str(self.config)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        process = self.process
        until(lambda: process.poll() is not None or STARTED in said.read_text(), START_S, "the broker to start")
        if process.poll() is not None:
            raise NoBroker(f"the broker did not start: {said.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it at once: at the end of a test its data is thrown away, so there is nothing to close in order."""
        if self.process:
            self.process.kill()
            self.process.wait()
