"""The loop on Kafka: FastStream hands over batches, our own decoder reads them, SQL commits before offsets.

The position in SQL decides what is applied; the Kafka offset only says where to seek. Offsets are committed about once
a second and when partitions are taken away, never per batch. When the database is away the partitions are paused and
polled on, so the group does not rebalance.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from sqlalchemy import text

from kernel.errors import Fatal, Retryable
from producers.connecting import listens
from producers.topics import Topics
from schemas.envelope import Event
from schemas.transport import event_of_record, link_of

from .apply import Applier
from .gaps import Gaps
from .ledger import KafkaLedger, Place, Relayed
from .projections import ensure_active
from .settle import settle, tell_progress

MAX_RECORDS = 4_000
COMMIT_EVERY_S = 1.0
LONGEST_PAUSE_S = 5.0
SESSION_S = 10.0
"""A member of the group that is not heard of for this long loses its partitions to the others."""
log = structlog.get_logger()


@dataclass
class KafkaLoop:
    """Carries one consumer over its topics, as a member of `group` (default: the consumer's own)."""

    applier: Applier
    bootstrap: str
    topics: Topics
    max_records: int = MAX_RECORDS
    group: str = ""
    session_s: float = SESSION_S
    gaps: Gaps = field(default_factory=Gaps)
    failure: Exception | None = None
    rebalances: int = 0
    _offsets: dict[TopicPartition, int] = field(default_factory=dict)
    _store: bytes = b""
    _types: frozenset[str] = frozenset()
    _resuming: asyncio.Task[None] | None = None
    _paused: bool = False
    _stopping: bool = False
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _consumer: AIOKafkaConsumer | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set: the batch at hand is finished and offsets are committed.

        Raises Fatal, or Retryable when the database is away at the start; `failure` then says it too.
        """
        try:
            await self._run(stop)
        except Exception as error:
            self.failure = error
            raise

    async def _run(self, stop: asyncio.Event) -> None:
        consumer = self.applier.consumer
        await asyncio.to_thread(ensure_active, self.applier.database, consumer)
        self._store = (await asyncio.to_thread(self._store_id)).encode()
        self._types = consumer.types(self.applier.catalogue)
        if not await self._reached(stop):
            return
        broker = KafkaBroker(self.bootstrap, apply_types=False, logger=None)
        subscriber = broker.subscriber(
            *(self.topics.of(domain) for domain in sorted(consumer.domains)),
            batch=True,
            group_id=self.group or f"{self.topics.prefix}.{consumer.name}",
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(RangePartitionAssignor,),
            listener=_Listener(self),
            session_timeout_ms=int(self.session_s * 1000),
            heartbeat_interval_ms=int(self.session_s * 300),
            max_records=self.max_records,
            batch_timeout_ms=2,
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            parser=_parse,
            decoder=_decode,
        )
        subscriber(self._handle)
        await broker.start()
        self._consumer = subscriber.consumer
        committing = asyncio.create_task(self._tend_by_time())
        stopping = asyncio.create_task(stop.wait())
        ending = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait([stopping, ending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (committing, stopping, ending):
                task.cancel()
            async with self._busy:
                self._stopping = True
                await self._commit()
            await broker.stop()
        if self.failure:
            raise self.failure

    async def _reached(self, stop: asyncio.Event) -> bool:
        """Wait until a broker listens; False when `stop` is set before one does."""
        while not stop.is_set():
            if await listens(self.bootstrap):
                return True
            log.warning("waiting for Kafka", consumer=self.name, at=self.bootstrap)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LONGEST_PAUSE_S)
        return False

    @property
    def name(self) -> str:
        return self.applier.consumer.name

    @property
    def waits_for(self) -> str:
        """The records that do not come, for the health check; empty when none is missing."""
        places = [f"{domain}/{number} after position {at}" for (domain, number), at in self.missing.items()]
        return f"{self.name} waits for {', '.join(places)}" if places else ""

    @property
    def missing(self) -> dict[Place, int]:
        """Places whose next record has not come for too long, with the last position before the gap."""
        return {place: gap.known for place, gap in self.gaps.overdue.items()}

    async def release(self, partitions: "set[TopicPartition]") -> None:
        """Partitions are about to go: let the batch at hand finish, and commit where the next owner shall begin."""
        self.rebalances += bool(partitions)
        async with self._busy:
            await self._commit()

    def take(self, partitions: "set[TopicPartition]") -> None:
        """Partitions have come: they are paused too while the database is away."""
        if self._paused and self._consumer is not None and partitions:
            self._consumer.pause(*partitions)

    async def _handle(self, records: Sequence[ConsumerRecord]) -> None:
        async with self._busy:
            if self._stopping:
                return
            if self._paused:
                self._seek_back(records)
                return
            try:
                ledger = KafkaLedger(self._relayed(records), self._read)
                await asyncio.to_thread(self._apply, ledger, full=len(records) >= self.max_records)
            except Retryable as error:
                log.warning("waiting for the database", consumer=self.applier.consumer.name, error=error.message)
                self._pause(records)
            except Exception as error:
                log.exception("the consumer stopped", consumer=self.applier.consumer.name)
                self._end(error)
                self._pause(records)
            else:
                self.gaps.note(ledger)
                for record in records:
                    self._offsets[TopicPartition(record.topic, record.partition)] = record.offset + 1

    def _end(self, error: Exception) -> None:
        self.failure = error if isinstance(error, Fatal) else Fatal(f"the consumer stopped: {error!r}")
        self._ended.set()

    def _apply(self, ledger: KafkaLedger, *, full: bool) -> None:
        if ledger.records:
            self.applier.apply(ledger)
        settle(self.applier)
        if not full:
            tell_progress(self.applier.database, self.applier.consumer)

    def _relayed(self, records: Sequence[ConsumerRecord]) -> list[Relayed]:
        relayed = []
        for record in records:
            link = link_of(dict(record.headers))
            if link is not None and link.store == self._store:
                place = (self.topics.domain(record.topic), record.partition)
                relayed.append(Relayed(place, link.position, link.previous, record))
        return relayed

    def _read(self, record: ConsumerRecord) -> Event | None:
        headers = dict(record.headers)
        if record.value is None or headers["ce_type"].decode() not in self._types:
            return None
        return event_of_record(headers, record.value)

    def _pause(self, records: Sequence[ConsumerRecord]) -> None:
        """Stop fetching, go back to the first record of the batch, and look for the database in the background."""
        assert self._consumer is not None
        self._paused = True
        self._consumer.pause(*self._consumer.assignment())
        self._seek_back(records)
        self._resuming = asyncio.create_task(self._resume_when_back())

    def _seek_back(self, records: Sequence[ConsumerRecord]) -> None:
        assert self._consumer is not None
        first: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            first[place] = min(record.offset, first.get(place, record.offset))
        for place, offset in first.items():
            if place in self._consumer.assignment():
                self._consumer.seek(place, offset)

    async def _resume_when_back(self) -> None:
        pause = 0.1
        while not self._ended.is_set():
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            try:
                await asyncio.to_thread(self._store_id)
            except Retryable:
                continue
            self._paused = False
            if self._consumer is not None:
                self._consumer.resume(*self._consumer.assignment())
            return

    def _store_id(self) -> str:
        with self.applier.database.worker.connect() as connection:
            return str(connection.execute(text("SELECT id FROM hub.store")).scalar_one())

    async def _tend_by_time(self) -> None:
        """About once a second: commit offsets, and do what no record brings about."""
        while True:
            await asyncio.sleep(COMMIT_EVERY_S)
            await self._commit()
            async with self._busy:
                if not self._paused and not self._ended.is_set():
                    await self._tend()

    async def _tend(self) -> None:
        try:
            await asyncio.to_thread(self._tend_now)
        except Retryable as error:
            log.warning("waiting for the database", consumer=self.applier.consumer.name, error=error.message)
        except Exception as error:
            log.exception("the consumer stopped", consumer=self.applier.consumer.name)
            self._end(error)

    def _tend_now(self) -> None:
        """Close gaps that have lasted too long, and tell what may be told, such as after a rebuild."""
        closed = self.gaps.close_overdue(self.applier)
        if settle(self.applier) or closed:
            tell_progress(self.applier.database, self.applier.consumer)

    async def _commit(self) -> None:
        """Commit where to seek. A failed commit costs only records that are read and skipped again."""
        if not self._offsets or self._consumer is None:
            return
        assigned = self._consumer.assignment()
        offsets = {place: offset for place, offset in self._offsets.items() if place in assigned}
        self._offsets.clear()
        if offsets:
            try:
                await self._consumer.commit(offsets)
            except KafkaError as error:
                log.warning("offsets were not committed", error=str(error))


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the loop what the group decided."""

    def __init__(self, loop: KafkaLoop) -> None:
        self._loop = loop

    async def on_partitions_revoked(self, revoked: "set[TopicPartition]") -> None:
        await self._loop.release(revoked)

    async def on_partitions_assigned(self, assigned: "set[TopicPartition]") -> None:
        self._loop.take(assigned)


async def _parse(records: "tuple[ConsumerRecord, ...]") -> "KafkaMessage":
    """The batch as it is: no record is decoded before it is known to be new."""
    return KafkaMessage(body=b"", raw_message=records, consumer=FAKE_CONSUMER)


async def _decode(message: "KafkaMessage") -> Any:
    return message.raw_message
