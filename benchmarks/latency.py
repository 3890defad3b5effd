"""From the answer 202 to a row that a reader sees, at 200 events a second, beside Kafka alone."""

import asyncio
import threading
import time
from statistics import median, quantiles
from uuid import uuid4

import httpx
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.report import progress, tell
from benchmarks.serving import Served, event_json
from producers.topics import Topics, create_topics

RATE, COUNT, WARM_UP = 200, 1_500, 200


def measure_hub(served: Served, name: str) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds; the clock starts when the 202 has come back."""
    answered: dict[str, float] = {}
    seen: dict[str, float] = {}
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(served, seen, done))
    watcher.start()
    headers = {"authorization": f"Bearer {served.key}", "content-type": "application/cloudevents+json"}
    progress(f"latency, {name}: {COUNT} events at {RATE} a second")
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        start = time.perf_counter()
        for number in range(COUNT):
            body = event_json(10_000_000 + number)
            _sleep_until(start + number / RATE)
            client.post("/events", content=orjson.dumps(body)).raise_for_status()
            answered[body["data"]["local_id"]] = time.perf_counter()
    deadline = time.perf_counter() + 30
    while len(seen) < COUNT and time.perf_counter() < deadline:
        time.sleep(0.01)
    done.set()
    watcher.join()
    waits = [max(0.0, seen[one] - at) * 1000 for one, at in answered.items() if one in seen]
    return _figures(waits[WARM_UP:])


def measure_kafka(broker: str) -> tuple[float, float]:
    """The same for a record that is sent and read with a plain client, nothing stored."""
    progress("latency, Kafka alone")
    return asyncio.run(_raw(broker))


def report(embedded: tuple[float, float], kafka: tuple[float, float], raw: tuple[float, float]) -> None:
    tell("raw_kafka_p50", raw[0], "ms")
    tell("raw_kafka_p99", raw[1], "ms")
    for name, figures in (("embedded", embedded), ("kafka", kafka)):
        for place, kind in enumerate(("p50", "p99")):
            tell(
                f"latency_{name}_{kind}", figures[place], "ms", against=f"raw_kafka_{kind}",
                ratio=figures[place] / raw[place],
            )  # fmt: skip


def _watch(served: Served, seen: dict[str, float], done: threading.Event) -> None:
    """Look for new rows as fast as the database answers, by the driver alone: who looks takes the hub's time."""
    last = 0
    query = "SELECT position, document ->> 'local_id' FROM landscape_v1.usage WHERE position > %s ORDER BY position"
    with served.database.driver("worker") as driver:
        while not done.is_set():
            rows = driver.execute(query, (last,)).fetchall()
            now = time.perf_counter()
            for position, local_id in rows:
                seen.setdefault(local_id, now)
                last = position
            time.sleep(0.0005)


async def _raw(broker: str) -> tuple[float, float]:
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
    return _figures(waits[WARM_UP:])


def _figures(waits: list[float]) -> tuple[float, float]:
    return median(waits), quantiles(waits, n=100)[98]


def _sleep_until(moment: float) -> None:
    remaining = moment - time.perf_counter()
    if remaining > 0:
        time.sleep(remaining)
