"""From the answer 202 to a row that a reader sees, at 200 events a second, beside Kafka alone."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import count
from statistics import median, quantiles
from typing import NamedTuple
from uuid import uuid4

import httpx
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.report import median_ratio, progress, tell
from benchmarks.serving import Served, event_json
from producers.topics import Topics, create_topics
from tests.support.wait import until

RATE, COUNT, WARM_UP, RUNS = 200, 1_000, 200, 3
SEEN_S = 30
"""How long the last event may take to be seen."""


class Figures(NamedTuple):
    """Median and 99th percentile, in milliseconds."""

    p50: float
    p99: float


Pairs = Sequence[tuple[Figures, Figures]]
"""Of each run, the hub's figures and those of Kafka alone beside it."""


def measure(served: Served, broker: str, name: str) -> Pairs:
    """The hub and Kafka alone in turn; the hub's clock starts when the 202 has come back."""
    numbers = count(10_000_000)
    progress(f"latency, {name} and Kafka alone in turn: {COUNT} events at {RATE} a second")
    return [(_of_hub(served, numbers), asyncio.run(_raw(broker))) for _ in range(RUNS)]


def report(embedded: Pairs, kafka: Pairs) -> None:
    """The lines of both logs, and of Kafka alone."""
    raw = [alone for _, alone in (*embedded, *kafka)]
    tell("raw_kafka_p50", median(each.p50 for each in raw), "ms")
    tell("raw_kafka_p99", median(each.p99 for each in raw), "ms")
    for name, pairs, most in (("embedded", embedded, 10), ("kafka", kafka, 20)):
        for place, kind in enumerate(Figures._fields):
            ours, theirs = [hub[place] for hub, _ in pairs], [alone[place] for _, alone in pairs]
            tell(
                f"latency_{name}_{kind}", median(ours), "ms", against=f"raw_kafka_{kind}",
                ratio=median_ratio(ours, theirs), at_most=most if kind == "p50" else None,
            )  # fmt: skip


def _of_hub(served: Served, numbers: Iterator[int]) -> Figures:
    answered: dict[str, float] = {}
    seen: dict[str, float] = {}
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(served, seen, done))
    watcher.start()
    headers = {"authorization": f"Bearer {served.key}", "content-type": "application/cloudevents+json"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        start = time.perf_counter()
        for place in range(COUNT):
            body = event_json(next(numbers))
            _sleep_until(start + place / RATE)
            client.post("/events", content=orjson.dumps(body)).raise_for_status()
            answered[body["data"]["local_id"]] = time.perf_counter()
    until(lambda: answered.keys() <= seen.keys(), SEEN_S, "every event to be seen")
    done.set()
    watcher.join()
    return _figures([max(0.0, seen[one] - at) * 1000 for one, at in answered.items()])


def _watch(served: Served, seen: dict[str, float], done: threading.Event) -> None:
    """Look for new rows as fast as the database answers, by the driver alone: who looks takes the hub's time."""
    query = "SELECT position, document ->> 'local_id' FROM landscape_v1.usage WHERE position > %s ORDER BY position"
    with served.database.driver("worker") as driver:
        ((last,),) = driver.execute("SELECT coalesce(max(position), 0) FROM landscape_v1.usage").fetchall()
        while not done.is_set():
            rows = driver.execute(query, (last,)).fetchall()
            now = time.perf_counter()
            for position, local_id in rows:
                seen.setdefault(local_id, now)
                last = position
            time.sleep(0.0005)


async def _raw(broker: str) -> Figures:
    """The same for a record that is sent and read with a plain client, nothing stored."""
    topics = Topics(f"raw-{uuid4().hex[:6]}")
    create_topics(broker, topics, {"raw"}, 1)
    producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(topics.of("raw"), bootstrap_servers=broker, auto_offset_reset="earliest")
    await producer.start()
    await consumer.start()
    waits: list[float] = []

    async def read() -> None:
        async for record in consumer:
            waits.append((time.perf_counter() - float(record.value)) * 1000)
            if len(waits) == COUNT:
                return

    reading = asyncio.create_task(read())
    start = time.perf_counter()
    for number in range(COUNT):
        await asyncio.sleep(max(0.0, start + number / RATE - time.perf_counter()))
        await producer.send(topics.of("raw"), str(time.perf_counter()).encode())
    await asyncio.wait_for(reading, 60)
    await producer.stop()
    await consumer.stop()
    return _figures(waits)


def _figures(waits: list[float]) -> Figures:
    warm = waits[WARM_UP:]
    return Figures(median(warm), quantiles(warm, n=100)[98])


def _sleep_until(moment: float) -> None:
    remaining = moment - time.perf_counter()
    if remaining > 0:
        time.sleep(remaining)
