"""Who reads `/metrics` over HTTP: whoever has its key; without one, this machine alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from hub.server import api, health, listening
from tests.support.dashboard import Served, served
from tests.support.events import AUTHORITY
from tests.support.serving import free_port

KEY = "a-key-of-metrics-nobody-else-knows"
MEDIA_TYPE = "application/problem+json"


@pytest.fixture(scope="module")
def place() -> Iterator[Served]:
    """A hub whose authority has an alert."""
    with served() as made:
        made.invoice("EGE-1")
        yield made


@contextmanager
def set_to(place: Served, **settings: Any) -> Iterator[httpx.Client]:
    """Calls of the hub with other settings; it is reached on the loopback address whatever they say."""
    hub = replace(place.hub, settings=replace(place.hub.settings, **settings))
    port = free_port()
    with (
        listening(api(hub, lambda: None, place.web), "127.0.0.1", port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


def test_the_key_is_needed_where_it_is_set(place: Served) -> None:
    """No key, a wrong one and a person's API key get 401 and no metric; the right one gets them all."""
    with set_to(place, metrics_key=KEY.encode()) as client:
        for wrong in ({}, bearer(KEY[::-1]), bearer(place.person("Grethe Nabo", [AUTHORITY], ["*"]))):
            answer = client.get("/metrics", headers=wrong)
            assert (answer.status_code, answer.headers["content-type"]) == (401, MEDIA_TYPE)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "samspil_" not in answer.text
        told = client.get("/metrics", headers=bearer(KEY))
        assert told.status_code == 200
        assert f'samspil_alerts{{authority="{AUTHORITY}"' in told.text


def test_without_a_key_this_machine_reads_them(place: Served) -> None:
    """As Prometheus beside the embedded hub and the demo does."""
    with set_to(place) as client:
        assert "samspil_consumer_lag_events" in client.get("/metrics").text


def test_without_a_key_nobody_else_does(place: Served) -> None:
    """Where the hub listens on another address, and where a proxy brings the call; the answer names the setting."""
    with set_to(place, host="0.0.0.0") as client:  # noqa: S104 - told, not bound
        refused(client.get("/metrics"))
        refused(client.get("/metrics", headers=bearer(KEY)))
    with set_to(place) as client:
        refused(client.get("/metrics", headers={"x-forwarded-proto": "https"}))


def test_health_is_open_and_tells_no_content(place: Served) -> None:
    """With the key set and on any address; on the health port of other processes there are no metrics at all."""
    with set_to(place, metrics_key=KEY.encode(), host="0.0.0.0") as client:  # noqa: S104 - told, not bound
        assert client.get("/health/live").json() == {"status": "alive"}
        assert client.get("/health/ready").json() == {"status": "ready"}
    port = free_port()
    with listening(health(place.hub, lambda: None), "127.0.0.1", port):
        assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 404


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (403, MEDIA_TYPE)
    assert "SAMSPIL_METRICS_KEY" in answer.json()["detail"]
    assert "samspil_" not in answer.text
