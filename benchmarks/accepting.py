"""Taking events in over HTTP: in batches of 500 against one at a time on one connection that is kept open."""

import time
from statistics import median

import httpx
import orjson

from benchmarks.report import median_ratio, paired, progress, tell
from benchmarks.serving import Served, event_json

BATCHES, BATCH, SINGLES, RUNS = 40, 500, 1_000, 5


def measure(served: Served) -> None:
    """`accept_http_batch` against `accept_http_single`; a run is 20,000 events in batches and 1,000 alone."""
    numbers = iter(range(10**9))
    headers = {"authorization": f"Bearer {served.key}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=60) as client:

        def batches() -> float:
            bodies = [orjson.dumps([event_json(next(numbers)) for _ in range(BATCH)]) for _ in range(BATCHES)]
            return _timed(client, bodies, "application/cloudevents-batch+json", BATCHES * BATCH)

        def singles() -> float:
            bodies = [orjson.dumps(event_json(next(numbers))) for _ in range(SINGLES)]
            return _timed(client, bodies, "application/cloudevents+json", SINGLES)

        progress("accepting over HTTP")
        batch, single = paired(RUNS, (batches, singles))
    tell(
        "accept_http_batch", median(batch), "events/s", against="accept_http_single",
        ratio=median_ratio(batch, single), at_least=15, single=median(single),
    )  # fmt: skip


def _timed(client: httpx.Client, bodies: list[bytes], content_type: str, events: int) -> float:
    start = time.perf_counter()
    for body in bodies:
        answer = client.post("/events", content=body, headers={"content-type": content_type})
        answer.raise_for_status()
    return events / (time.perf_counter() - start)
