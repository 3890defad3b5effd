"""The dashboards for Grafana: every query asks for a metric that exists, and every metric is looked at somewhere.

Grafana itself runs in the Compose set-up alone; what it is given is checked here.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from kernel.metrics import METRICS
from tests.support.compose import compose
from tests.support.kafka.settings import repository
from tests.support.prometheus import alert_rules, program
from tests.support.promql import names_in

FOLDER = repository() / "monitoring" / "grafana"
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / "dashboards").glob("*.json"))}
SCHEMA_VERSION = 42
"""The newest form of a dashboard that Grafana 12 writes."""
OF_TARGETS = ("job", "instance")
"""The labels that Prometheus adds to each series."""
EXPOSED = {metric.name: {*metric.labels, *OF_TARGETS} for metric in METRICS}
KNOWN = EXPOSED | {"up": set(OF_TARGETS), "ALERTS": {"alertname", "alertstate", "severity"}}
"""Every metric a query may name, with its labels; the last two are Prometheus' own."""


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels that show something; rows are headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Any]:
    """Each expression of a panel or an alert, with the text that shows its labels."""
    for name, board in DASHBOARDS.items():
        for panel in panels(board):
            for target in panel["targets"]:
                label = f"{name}: {panel['title']}"
                yield pytest.param(target["expr"], target["legendFormat"], id=label)
    for rule in alert_rules():
        yield pytest.param(rule["expr"], "", id=rule["alert"])


QUERIES = tuple(queries())


@pytest.mark.parametrize(("expression", "legend"), QUERIES)
def test_every_query_names_what_exists(expression: str, legend: str) -> None:
    """Metrics as they are declared, with the labels they have; a legend shows labels that the result keeps."""
    names = names_in(expression)
    assert names.metrics
    assert names.metrics <= KNOWN.keys()
    assert {label for metric, label in names.selected if label not in KNOWN[metric]} == set()
    assert names.grouped <= set().union(*(KNOWN[metric] for metric in names.metrics))
    assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= names.grouped


@pytest.mark.parametrize(("expression", "legend"), QUERIES)
def test_counters_are_read_as_growth_and_gauges_as_they_are(expression: str, legend: str) -> None:
    """What a process counts since it started says nothing by itself."""
    grown = set(re.findall(r"(?:rate|increase)\((\w+)", expression))
    counters = {metric.name for metric in METRICS if metric.kind == "counter"}
    assert grown == names_in(expression).metrics & counters


def test_every_metric_is_looked_at() -> None:
    """In a panel or by an alert: what nobody looks at need not be measured."""
    asked = set().union(*(names_in(query.values[0]).metrics for query in QUERIES))
    assert {metric.name for metric in METRICS} - asked == set()


def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    """Each panel's expression, with what Grafana puts in for its variables, as a rule that promtool reads."""
    asked = [target["expr"] for board in DASHBOARDS.values() for panel in panels(board) for target in panel["targets"]]
    stated = [expression.replace("$__rate_interval", "1m").replace("$authority", ".*") for expression in asked]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(stated)]
    written = tmp_path / "panels.yml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    done = subprocess.run([program("promtool"), "check", "rules", written], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_is_in_grafanas_present_form(name: str) -> None:
    """Panels with an id of their own, beside one another on 24 columns, from the provisioned source, and explained."""
    board = DASHBOARDS[name]
    assert board["schemaVersion"] == SCHEMA_VERSION
    assert board["uid"] == f"samspil-{name}"
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert [one for one in board["panels"] if one["gridPos"]["x"] + one["gridPos"]["w"] > 24] == []
    assert [pair for pair in combinations(board["panels"], 2) if overlap(*(panel["gridPos"] for panel in pair))] == []
    (source,) = yaml.safe_load((FOLDER / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    for panel in panels(board):
        assert panel["title"]
        assert panel["description"]
        assert {one["datasource"]["uid"] for one in [panel, *panel["targets"]]} == {source["uid"]}


def test_grafana_finds_the_dashboards_where_they_are_mounted() -> None:
    """The provider looks in the folder that the Compose file brings into the container; links lead to one another."""
    (provider,) = yaml.safe_load((FOLDER / "provisioning/dashboards/samspil.yml").read_text())["providers"]
    mounts = compose()["services"]["grafana"]["volumes"]
    assert f"./monitoring/grafana/dashboards:{provider['options']['path']}:ro" in mounts
    linked = {link["url"] for board in DASHBOARDS.values() for link in board["links"]}
    assert linked == {f"/d/{board['uid']}" for board in DASHBOARDS.values()}


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether two panels cover a common place."""
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "w"), ("y", "h"))
    )
