"""A real Prometheus with the hub's rules, shortened so that a test can wait for them."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.support.command import home_of_its_own
from tests.support.kafka.settings import repository
from tests.support.needs import missing
from tests.support.serving import free_port
from tests.support.wait import until

FOLDER = repository() / "monitoring" / "prometheus"
RULES = FOLDER / "rules" / "samspil.yml"
KEY = "the-key-of-metrics-in-tests-of-prometheus"
"""What it sends as `SAMSPIL_METRICS_KEY`."""
LONGEST_S = 6.0
"""No duration is longer than this once it is shortened."""


def program(name: str) -> str:
    """Where `prometheus` or `promtool` is; without it the test is skipped."""
    return shutil.which(name) or missing(f"there is no {name} here: apt-get install prometheus")


def alert_rules() -> list[dict[str, Any]]:
    """Every alert as it is written."""
    written = yaml.safe_load(RULES.read_text())
    return [rule for group in written["groups"] for rule in group["rules"]]


def shortened(rules: str) -> str:
    """The rules with each duration and each threshold in seconds a tenth as long, and at most `LONGEST_S`."""

    def short(seconds: float) -> str:
        return f"{min(seconds / 10, LONGEST_S):g}"

    def duration(found: re.Match[str]) -> str:
        return short(int(found[1]) * {"s": 1, "m": 60}[found[2]]) + "s"

    def threshold(found: re.Match[str]) -> str:
        return found[1] + short(int(found[2]))

    durations = re.sub(r"(?:(?<=for: )|(?<=\[))(\d+)([sm])\b", duration, rules)
    return re.sub(r"(_seconds\).*> )(\d+)$", threshold, durations, flags=re.MULTILINE)


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus, asked by `client`."""

    client: httpx.Client

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an expression now."""
        answer = self.client.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", (expression, answer)
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def up(self) -> bool:
        """Whether the hub was reached at the last scrape."""
        return [sample["value"][1] for sample in self.query("up")] == ["1"]

    def metrics(self) -> set[str]:
        """The names of the hub's metrics that have a value now."""
        return {sample["metric"]["__name__"] for sample in self.query('{__name__=~"samspil_.+"}')}

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert that is pending or fires."""
        found: list[dict[str, Any]] = self.client.get("/api/v1/alerts").json()["data"]["alerts"]
        return found

    def firing(self) -> dict[str, str]:
        """The alerts that fire, by name, each with its summary."""
        fire = [alert for alert in self.alerts() if alert["state"] == "firing"]
        return {alert["labels"]["alertname"]: alert["annotations"]["summary"] for alert in fire}

    def fired(self) -> set[str]:
        """The alerts that have ever fired."""
        return {one["metric"]["alertname"] for one in self.query('last_over_time(ALERTS{alertstate="firing"}[1h])')}


@contextmanager
def scraping(port: int) -> Iterator[Prometheus]:
    """Scrape the hub at this port every two seconds, until the end of the block."""
    command, own = program("prometheus"), free_port()
    with home_of_its_own() as home:
        (home / "key").write_text(KEY)
        (home / "prometheus.yml").write_text(_configuration(home, port))
        (home / "rules.yml").write_text(shortened(RULES.read_text()))
        arguments = [
            f"--config.file={home / 'prometheus.yml'}", f"--storage.tsdb.path={home / 'data'}",
            f"--web.listen-address=127.0.0.1:{own}", "--log.level=error",
        ]  # fmt: skip
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{own}", timeout=10) as client,
            subprocess.Popen([command, *arguments], cwd=home) as process,
        ):
            try:
                until(lambda: _ready(client), 30, "Prometheus to be ready")
                yield Prometheus(client)
            finally:
                process.terminate()


def _configuration(home: Path, port: int) -> str:
    """Ours, with the test's target, key, pace and rules."""
    stated = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    stated["global"] = {"scrape_interval": "2s", "evaluation_interval": "1s"}
    stated["rule_files"] = [str(home / "rules.yml")]
    (job,) = stated["scrape_configs"]
    job["authorization"]["credentials_file"] = str(home / "key")
    job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    return yaml.safe_dump(stated)


def _ready(client: httpx.Client) -> bool:
    with suppress(httpx.HTTPError):
        return client.get("/-/ready").status_code == httpx.codes.OK
    return False
