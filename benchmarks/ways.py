"""Four ways of keeping the same table up to date: ours on Kafka, ours on the event store, bare, and naive.

All write the same rows into `usage` of the landscape, synchronously committed. The bare loop is what somebody who wants
speed writes without a runtime: no positions, no parking, no gaps. The naive way is what a framework's first page shows.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from pydantic import TypeAdapter
from sqlalchemy import insert, select

from benchmarks.workload import TYPE
from consumers.landscape.consumer import LANDSCAPE
from consumers.landscape.tables import USAGE
from consumers.runtime.apply import Applied, Applier
from consumers.runtime.embedded import pages
from consumers.runtime.kafka import KafkaLoop
from consumers.runtime.ledger import Ledger
from consumers.runtime.projections import create_version, drop_version, schema_name, use_version
from consumers.runtime.states import state_row
from consumers.runtime.tables import PROJECTION
from kernel.clock import SystemClock
from producers.topics import Topics
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from schemas.transport import event_of_record
from storage.copying import copy_rows
from storage.database import Database
from tests.support.wait import until

BATCH = 4_000
SCHEMA = schema_name(LANDSCAPE.name, 1)


def fresh(database: Database) -> None:
    """Empty tables, as on a new hub."""
    known = select(PROJECTION.c.version).where(PROJECTION.c.consumer == LANDSCAPE.name)
    with database.worker.begin() as connection:
        for version in list(connection.execute(known).scalars()):
            drop_version(connection, LANDSCAPE.name, version)
        create_version(connection, LANDSCAPE, 1, state="active")


def ours_on_store(database: Database, count: int) -> float:
    """Events a second through the runtime, read from the event store."""
    fresh(database)
    applier = _Timed(database, LANDSCAPE, CATALOGUE, SystemClock())
    for page in pages(applier, BATCH):
        applier.apply(page)
    return applier.rate(count)


def ours_on_kafka(database: Database, broker: str, topics: Topics, count: int) -> float:
    """Events a second through the runtime, read from Kafka."""
    fresh(database)
    return asyncio.run(_ours_on_kafka(database, broker, topics, count))


async def _ours_on_kafka(database: Database, broker: str, topics: Topics, count: int) -> float:
    applier = _Timed(database, LANDSCAPE, CATALOGUE, SystemClock())
    loop = KafkaLoop(applier, broker, topics, max_records=BATCH, group=uuid4().hex)
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    await asyncio.to_thread(until, lambda: applier.events >= count, 300, "every event to be applied")
    stop.set()
    await running
    return applier.rate(count)


@dataclass
class _Timed(Applier):
    """Notes when the first batch came and when the last was committed: as the bare loop is timed."""

    started: float = 0.0
    ended: float = 0.0
    events: int = 0

    def apply(self, ledger: Ledger) -> Applied:
        self.started = self.started or time.perf_counter()
        applied = super().apply(ledger)
        self.ended = time.perf_counter()
        self.events += applied.events
        return applied

    def rate(self, count: int) -> float:
        """Events a second, when there were so many."""
        return count / (self.ended - self.started)


def bare_loop(database: Database, broker: str, topics: Topics, count: int) -> float:
    """Events a second with aiokafka, the model's validate_json, and the same COPY; offsets committed per batch."""
    fresh(database)
    return asyncio.run(_bare_loop(database, broker, topics, count))


async def _bare_loop(database: Database, broker: str, topics: Topics, count: int) -> float:
    validate = TypeAdapter(TYPE.model).validate_json
    consumer = AIOKafkaConsumer(
        topics.of("system"), bootstrap_servers=broker, group_id=uuid4().hex, auto_offset_reset="earliest",
        enable_auto_commit=False, max_partition_fetch_bytes=4 * 1024 * 1024,
    )  # fmt: skip
    await consumer.start()
    done, start = 0, 0.0

    def write(records: list[Any]) -> None:
        rows = []
        for record in records:
            validate(record.value)
            rows.append(_row(event_of_record(dict(record.headers), record.value)))
        with database.worker.begin() as connection:
            use_version(connection, LANDSCAPE.name, 1)
            copy_rows(connection, USAGE, rows)

    try:
        while done < count:
            fetched = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
            records = [record for part in fetched.values() for record in part]
            start = start or (time.perf_counter() if records else 0.0)
            if records:
                await asyncio.to_thread(write, records)
                await consumer.commit()
            done += len(records)
        return count / (time.perf_counter() - start)
    finally:
        await consumer.stop()


def naive(database: Database, broker: str, topics: Topics, count: int) -> float:
    """Events a second with FastStream's defaults: one message, one pydantic model, one pooled transaction."""
    fresh(database)
    return asyncio.run(_naive(database, broker, topics, count))


async def _naive(database: Database, broker: str, topics: Topics, count: int) -> float:
    kafka = KafkaBroker(broker, logger=None)
    times: list[float] = []
    finished = asyncio.Event()
    columns = [column.name for column in USAGE.columns]

    @kafka.subscriber(
        topics.of("system"), group_id=uuid4().hex, auto_offset_reset="earliest", ack_policy=AckPolicy.ACK_FIRST
    )
    async def take(body: TYPE.model, message: KafkaMessage) -> None:  # type: ignore[name-defined]
        del body
        times.append(time.perf_counter())
        if len(times) > count:
            finished.set()
            return
        raw = message.raw_message
        row = dict(zip(columns, _row(event_of_record(dict(raw.headers), raw.value)), strict=True))
        _insert(database, row | {"document": orjson.loads(raw.value)})

    await kafka.start()
    await finished.wait()
    await kafka.stop()
    return count / (times[count] - times[0])


def _insert(database: Database, row: dict[str, Any]) -> None:
    with database.worker.begin() as connection:
        connection.execute(insert(USAGE).values(row), execution_options={"schema_translate_map": {None: SCHEMA}})


def _row(event: Event) -> tuple[Any, ...]:
    return state_row(event, event.payload.decode())
