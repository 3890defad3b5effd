"""Alerts of Prometheus: the rules by themselves, and a real one that scrapes real hubs in which something stops."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import httpx
import pytest
import typer.main

from access.agreements import approve_agreement, request_agreement
from access.principals import add_principal
from consumers.runtime.coverage import caught_up
from hub.cli import app
from hub.consumers import CONSUMERS
from kernel.metrics import METRICS
from storage.database import Database
from storage.embedded import EmbeddedPostgres
from storage.migrate import migrate
from tests.support.command import Command, commanding, home_of_its_own
from tests.support.kafka.settings import repository
from tests.support.prometheus import FOLDER, KEY, Prometheus, alert_rules, program, scraping
from tests.support.promql import names_in
from tests.support.receiver import Receiver, receiving
from tests.support.sample import unit
from tests.support.serving import AUTHORITY, free_port, is_ready, key_of
from tests.support.wait import until

OPERATIONS = (repository() / "docs" / "operations.md").read_text()


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "--syntax-only", "prometheus.yml"), ("check", "rules", "rules/samspil.yml")],
    ids=["prometheus.yml", "rules"],
)
def test_promtool_finds_nothing_wrong(arguments: tuple[str, ...]) -> None:
    """In what Prometheus is started with; the file with the key is there in the container alone."""
    promtool(*arguments)


def test_each_rule_fires_in_its_case_alone_and_never_without_reason() -> None:
    """The cases of monitoring/prometheus/tests: what is a fault, and idleness, a backlog, a restart, a rebuild."""
    promtool("test", "rules", *(str(path) for path in sorted((FOLDER / "tests").glob("*.yml"))))


@pytest.mark.parametrize("rule", alert_rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    """In words of labels that it has, with commands that exist; and the docs explain it."""
    said = " ".join(rule["annotations"].values())
    assert set(re.findall(r"\$labels\.(\w+)", said)) <= names_in(str(rule["expr"])).grouped | {"instance"}
    commands = re.findall(r"`samspil ([^`]+)`", said)
    assert commands
    assert [command for command in commands if not exists(command)] == []
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert f"`{rule['alert']}`" in OPERATIONS


def test_a_prometheus_scrapes_the_running_demo() -> None:
    """With its key every metric has a value; nothing fires while it plays days dated years back, only at its end."""
    declared = {metric.name for metric in METRICS}
    with ExitStack() as stack:
        port = free_port()
        with home_of_its_own() as home:
            demo = Command(home, {"SAMSPIL_PORT": str(port), "SAMSPIL_METRICS_KEY": KEY})
            with demo.running("demo"):
                until(lambda: is_ready(port), 60, "the demo to be ready")
                prometheus = stack.enter_context(scraping(port))
                until(lambda: prometheus.metrics() >= declared, 120, "a value of every declared metric")
                assert prometheus.fired() == set()
        fires_alone(prometheus, "HubDown", f"The hub at 127.0.0.1:{port} does not answer")


def test_a_subscriber_that_fails_is_told_of() -> None:
    """Its receiver answers 500 to everything; the hub itself is well."""
    with commanding() as home, receiving() as receiver, ExitStack() as stack:
        port = free_port()
        receiver.answer(500)
        samspil = Command(home.home, {"SAMSPIL_PORT": str(port), "SAMSPIL_WEBHOOK_ALLOW": "127.0.0.0/8"})
        with inside(samspil) as database:
            key = agreed(database)
        subscribe(samspil, receiver)
        with samspil.running("serve", "--embedded"):
            until(lambda: is_ready(port), 60, "the hub to be ready")
            prometheus = stack.enter_context(scraping(port))
            until(prometheus.up, 30, "the hub to be scraped")
            send(port, key, 1)
            fires_alone(prometheus, "SubscriberNotReached", "Subscriptions that are tried again and again: 1")
        assert receiver.log
        assert receiver.accepted == []


@pytest.mark.kafka
def test_a_consumer_a_relay_or_a_deliverer_that_stops_is_told_of(kafka_broker: str) -> None:
    """Each frozen in its turn while an event waits for it: the alert is about it, and over when it goes on."""
    with a_hub_on_kafka(kafka_broker) as (samspil, port), receiving() as receiver, ExitStack() as stack:
        database = stack.enter_context(inside(samspil))
        key = agreed(database)
        subscribe(samspil, receiver)
        deliverer = stack.enter_context(samspil.running("deliver"))
        landscape = stack.enter_context(samspil.running("consume", "landscape"))
        relay = stack.enter_context(samspil.running("relay"))
        others = [consumer.name for consumer in CONSUMERS if consumer.name != "landscape"]
        stack.enter_context(samspil.running("consume", *others))
        send(port, key, 1)
        until(lambda: settled(database), 60, "every consumer to be at work")
        until(lambda: receiver.accepted, 60, "the deliverer to be at work")
        prometheus = stack.enter_context(scraping(port))
        until(prometheus.up, 30, "the hub to be scraped")
        with frozen(landscape):
            send(port, key, 2)
            fires_alone(prometheus, "ConsumerStandsStill", "The consumer landscape stands still")
        until(lambda: prometheus.alerts() == [], 30, "the alert to be over")
        with frozen(relay):
            send(port, key, 3)
            fires_alone(prometheus, "RelayStandsStill", "The relay to Kafka stands still")
        until(lambda: prometheus.alerts() == [], 30, "the alert to be over")
        with frozen(deliverer):
            send(port, key, 4)
            fires_alone(prometheus, "DeliveriesStandStill", "Nobody delivers to subscribers by webhook")
        until(lambda: len(receiver.accepted) == 4, 30, "what waited to be delivered")
        assert prometheus.fired() == {"ConsumerStandsStill", "RelayStandsStill", "DeliveriesStandStill"}


def promtool(*arguments: str) -> None:
    done = subprocess.run([program("promtool"), *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def exists(command: str) -> bool:
    """Whether the command line knows these words, and options after them."""
    at = typer.main.get_command(app)
    for word in command.split():
        commands = getattr(at, "commands", None)
        if commands is None:
            return word.startswith("--") or not word.startswith("-")
        if word not in commands:
            return False
        at = commands[word]
    return not hasattr(at, "commands")


def fires_alone(prometheus: Prometheus, name: str, summary: str) -> None:
    """Wait until the alert fires, and see that no other does meanwhile."""

    def fires() -> bool:
        firing = prometheus.firing()
        assert firing.keys() <= {name}, firing
        return firing == {name: summary}

    until(fires, 60, f"{name} to fire")


@contextmanager
def a_hub_on_kafka(broker: str) -> Iterator[tuple[Command, int]]:
    """The API of a fresh hub with topics of its own, at a port."""
    port = free_port()
    kafka = {"SAMSPIL_KAFKA": broker, "SAMSPIL_TOPIC_PREFIX": f"watched-{uuid4().hex[:8]}", "SAMSPIL_PORT": str(port)}
    with commanding() as home:
        samspil = Command(home.home, {**kafka, "SAMSPIL_WEBHOOK_ALLOW": "127.0.0.0/8"})
        assert samspil("topics", "create").code == 0
        with samspil.running("serve"):
            until(lambda: is_ready(port), 60, "the API to be ready")
            yield samspil, port


@contextmanager
def inside(samspil: Command) -> Iterator[Database]:
    """The hub's own database."""
    database = EmbeddedPostgres(samspil.home).start()
    try:
        migrate(database)
        yield database
    finally:
        database.dispose()


def agreed(database: Database) -> str:
    """The key of a source that may send units; and a receiver that may get them."""
    with database.worker.begin() as connection:
        add_principal(connection, "receiver", "system")
        asked = request_agreement(connection, AUTHORITY, "receiver", "receive", ("organisation.*",), by="supplier")
        approve_agreement(connection, asked, by="authority")
    return key_of(database, "source")


def subscribe(samspil: Command, receiver: Receiver) -> None:
    """The receiver's subscription to units."""
    added = samspil(
        "subscriptions", "add", "receiver", "--authority", AUTHORITY, "--type", "organisation.*",
        "--way", "webhook", "--address", receiver.url,
    )  # fmt: skip
    assert added.code == 0, added.err


def settled(database: Database) -> bool:
    """Whether every consumer has applied what the store holds."""
    with database.worker.connect() as connection:
        return caught_up(connection, CONSUMERS)


def send(port: int, key: str, number: int) -> None:
    """An event, accepted over HTTP."""
    sent = httpx.post(
        f"http://127.0.0.1:{port}/events",
        content=unit(number, authority=AUTHORITY).model_dump_json(exclude_none=True),
        headers={"authorization": f"Bearer {key}", "content-type": "application/cloudevents+json"},
    )
    assert sent.status_code == 202, sent.text


@contextmanager
def frozen(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Stopped in the middle of what it does; it goes on after the block."""
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)
