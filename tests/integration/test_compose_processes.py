"""The processes of docker-compose.yml, each command line run as a plain process, on a real broker."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import httpx
import pytest

from storage.database import WORKER, Database
from storage.embedded import EmbeddedPostgres
from tests.support.command import Command, commanding
from tests.support.compose import compose_commands
from tests.support.sample import AUTHORITIES, unit
from tests.support.serving import free_port, is_ready, key_of
from tests.support.wait import until

pytestmark = pytest.mark.kafka


@pytest.fixture
def samspil(kafka_broker: str) -> Iterator[Command]:
    """The command line on a fresh hub with topics of its own."""
    with commanding() as command:
        kafka = {"SAMSPIL_KAFKA": kafka_broker, "SAMSPIL_TOPIC_PREFIX": f"compose-{uuid4().hex[:8]}"}
        yield Command(command.home, kafka)


def test_the_processes_carry_an_event_from_http_to_the_landscape(samspil: Command) -> None:
    """Every service's command starts, tells its health, and ends with exit code 0 on SIGTERM; the event arrives.

    The first makes the tables as their owner, the others work as who may not change them.
    """
    services = compose_commands()
    postgres = EmbeddedPostgres(samspil.home)
    database = postgres.start()
    owner, worker = (_url(database, name) for name in (database.url.username, WORKER))
    assert Command(samspil.home, samspil.environment | owner)(*services.pop("topics")).code == 0
    samspil = Command(samspil.home, samspil.environment | worker)
    with ExitStack() as stack:
        stack.callback(postgres.stop)
        stack.callback(database.dispose)
        key = key_of(database, "source")
        ports = {name: free_port() for name in services}
        for name, command in services.items():
            listens = {"SAMSPIL_PORT" if name == "api" else "SAMSPIL_HEALTH_PORT": str(ports[name])}
            stack.enter_context(Command(samspil.home, samspil.environment | listens).running(*command))
        for name, port in ports.items():
            until(lambda at=port: is_ready(at), 60, f"{name} to be ready")  # type: ignore[misc]
        sent = httpx.post(
            f"http://127.0.0.1:{ports['api']}/events",
            content=unit(1, authority=AUTHORITIES[0]).model_dump_json(exclude_none=True),
            headers={"authorization": f"Bearer {key}", "content-type": "application/cloudevents+json"},
        )
        assert sent.status_code == 202, sent.text
        until(lambda: samspil("status", "--json").lines[0]["caught_up"], 60, "the consumers to catch up")
        (status,) = samspil("status", "--json").lines
        assert status["sent"] >= 1
        landscape = next(one for one in status["consumers"] if one["name"] == "landscape")
        assert landscape["position"] >= 1


def _url(database: Database, name: str | None) -> dict[str, str]:
    url = database.url.set(drivername="postgresql", username=name)
    return {"SAMSPIL_DATABASE_URL": url.render_as_string(hide_password=False)}
