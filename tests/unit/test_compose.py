"""The Compose file is well formed, starts the same each time, and exposes nothing by itself."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support.compose import compose, compose_commands
from tests.support.kafka.settings import VERSION
from tests.support.prometheus import FOLDER

SERVICES: dict[str, dict[str, Any]] = compose()["services"]


def test_it_is_a_compose_file() -> None:
    """The Compose specification's own schema finds nothing wrong."""
    schema = files("check_jsonschema.builtin_schemas") / "vendor" / "compose-spec.json"
    found = Draft202012Validator(json.loads(schema.read_text())).iter_errors(compose())
    assert [f"{error.json_path}: {error.message}" for error in found] == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_an_exact_version(name: str) -> None:
    """A tag with at least three numbers, or two for PostgreSQL, which has no third; never `latest`."""
    parts = 2 if name == "postgres" else 3
    assert re.search(rf":v?\d+(\.\d+){{{parts - 1}}}(-[a-z]+)?$", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    """A port that leaves the network of the services is bound to 127.0.0.1."""
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", SERVICES)
def test_passwords_come_from_outside(name: str) -> None:
    """No password and no key stands in the file, and none has a default: without it nothing starts."""
    told = SERVICES[name].get("environment", {})
    secrets = [
        value for key, value in told.items() if re.search("PASSWORD|_KEY", key) or re.search(r"://[^/]*:[^/]*@", value)
    ]
    assert all(re.search(r"\$\{[A-Z_]+:\?", value) for value in secrets)


def test_only_who_makes_the_tables_is_their_owner() -> None:
    """The others work as the role that may not change them, and only who serves the web knows its password."""
    knowing = {name: str(SERVICES[name]["environment"]) for name in compose_commands()}
    assert [name for name, told in knowing.items() if "SAMSPIL_DATABASE_PASSWORD" in told] == ["topics"]
    assert [name for name, told in knowing.items() if "samspil_worker@" not in told] == ["topics"]
    assert [name for name, told in knowing.items() if "SAMSPIL_WEB_PASSWORD" in told] == ["topics", "api"]


def test_only_who_has_metrics_and_who_reads_them_get_their_key() -> None:
    """The API as a variable, Prometheus as the file that its configuration names."""
    assert [name for name, told in SERVICES.items() if "METRICS_KEY" in str(told.get("environment"))] == ["api"]
    given = {name: [one["source"] for one in told["secrets"]] for name, told in SERVICES.items() if "secrets" in told}
    assert given == {"prometheus": ["metrics_key"]}
    assert compose()["secrets"] == {"metrics_key": {"environment": "SAMSPIL_METRICS_KEY"}}
    (job,) = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    assert job["authorization"] == {"type": "Bearer", "credentials_file": "/run/secrets/metrics_key"}


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in compose_commands()])
def test_what_the_hub_stands_on_is_checked_for_health(name: str) -> None:
    """Others wait for health, not for a started process; the hub's own check is in its image."""
    assert "test" in SERVICES[name]["healthcheck"]


def test_tests_run_on_the_same_kafka() -> None:
    """The broker of the tests and the broker of the set-up are one version."""
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{VERSION}"


def test_the_processes_of_the_hub_are_all_there() -> None:
    """One service each for the API, the relay, the consumers, deliveries and the set-up of topics."""
    assert {arguments[0] for arguments in compose_commands().values()} == {
        "serve",
        "relay",
        "consume",
        "deliver",
        "topics",
    }
