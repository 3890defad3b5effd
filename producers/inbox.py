"""The inbox: source systems that speak Kafka write CloudEvents to a topic; they go through the same accept.

A record holds one event, signed by the principal that wrote it; the topic's own access list says who may write at all.

Records are stored in the order of their partition, each for itself, many in one transaction; offsets are committed
after it. What is refused stays in the topic for 29 days, and `hub.inbox-refused` tells why and where it lies. To
have it read again, set the group's offsets back: what was taken before is known as a duplicate.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from access.principals import Principal
from access.signature import writer_of, writers
from access.sources import Named, claim, strange
from kernel.clock import Clock
from kernel.errors import Conflict, Fatal, Forbidden, Invalid, Retryable
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.pseudonyms import Pseudonyms
from storage.database import Database

from .accept import conflict_facts
from .backoff import Backoff
from .connecting import connected
from .letters import Judged, Letter, judge, refusal
from .store import Outcome, Refused, Request, append
from .topics import Topics

PAGE = 500
POLL_MS = 500
CLOSE_MS = 5_000
STOP_AFTER = 25
"""When so many records meet a fault of ours and none is read, the fault is not in the records."""
log = structlog.get_logger()


@dataclass
class Inbox:
    """Takes what stands in the inbox until it is told to stop. Several may run; Kafka shares the partitions out.

    `operator` is the CVR of the authority that runs the hub: it is told of what belongs to nobody else.
    """

    database: Database
    bootstrap: str
    topics: Topics
    catalogue: Catalogue
    clock: Clock
    operator: str
    pseudonyms: Pseudonyms | None = None
    page: int = PAGE
    stopped: threading.Event = field(default_factory=threading.Event)
    taken: int = 0
    refused: int = 0
    _backoff: Backoff = field(default_factory=Backoff)

    def run(self) -> None:
        """Take records until `stopped` is set. Kafka or the database away: back off, and go on where it was.

        Raises Fatal when nothing can be read for a fault of ours.
        """
        while not self.stopped.is_set():
            try:
                self._serve()
            except (Retryable, KafkaError) as error:
                pause = self._backoff.pause()
                log.warning("the inbox waits", error=str(error), seconds=round(pause, 1))
                self.stopped.wait(pause)

    def stop(self) -> None:
        self.stopped.set()

    def _serve(self) -> None:
        """One turn: from joining the group to stopping, or the first error."""
        consumer = connected(
            KafkaConsumer,
            self.topics.inbox,
            bootstrap_servers=self.bootstrap,
            group_id=self.topics.inbox,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
        )
        try:
            while not self.stopped.is_set():
                found = consumer.poll(timeout_ms=POLL_MS, max_records=self.page)
                if records := [record for of_one in found.values() for record in of_one]:
                    self.take(records)
                    consumer.commit()
                    self._backoff.reset()
        finally:
            consumer.close(autocommit=False, timeout_ms=CLOSE_MS)

    def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Store what the records bring, or that they are refused. Raises Retryable or Fatal; then nothing is lost."""
        letters = [Letter.of(record) for record in records]
        names = {name for letter in letters if (name := writer_of(letter.headers))}
        with self.database.worker.connect() as connection:
            known = writers(connection, names)
        judged = [judge(letter, known, self.catalogue, self.pseudonyms) for letter in letters]
        faults = [each.refused for each in judged if each.refused and not isinstance(each.refused, Invalid)]
        if len(faults) == len(judged) >= STOP_AFTER:
            raise Fatal("the inbox stopped: no record can be read; a new release is the likely cause") from faults[0]
        self._keep_names(judged)
        self._store(judged)

    def _keep_names(self, judged: Sequence[Judged]) -> None:
        """Refuse what somebody sends under another's name; names that nobody owns become the senders'."""
        answers = dict[tuple[str, Named], Forbidden | None]()
        for each in judged:
            if each.event is None or each.sender is None:
                continue
            for name in strange(each.sender, [(each.event.authority, each.event.source)]):
                asked = (each.sender.id, name)
                if asked not in answers:
                    answers[asked] = self._claimed(each.sender, name)
                if (refused := answers[asked]) is not None:
                    each.event, each.refused = None, refused

    def _claimed(self, sender: Principal, name: Named) -> Forbidden | None:
        try:
            claim(self.database, sender, [name])
        except Forbidden as refused:
            return refused
        return None

    def _store(self, judged: Sequence[Judged]) -> None:
        """All in one transaction; when the database cannot take that, one by one, and what it cannot take is told."""
        try:
            answers = self._append([each.event or self._refusal(each) for each in judged])
        except Retryable:
            raise
        except Exception as error:
            if len(judged) > 1:
                for each in judged:
                    self._store([each])
                return
            (one,) = judged
            if one.event is None:
                raise
            one.event, one.refused = None, error
            self._store([one])
            return
        pairs = list(zip(judged, answers, strict=True))
        self._tell_conflicts(pairs)
        refused = sum(each.event is None or isinstance(answer, Refused) for each, answer in pairs)
        self.refused += refused
        self.taken += len(judged) - refused

    def _tell_conflicts(self, pairs: "Sequence[tuple[Judged, list[Outcome] | Refused]]") -> None:
        """A refusal that was told before in other words is not told again; an event with a used id is."""
        facts = []
        for each, answer in pairs:
            if each.event and each.sender and isinstance(answer, Refused):
                facts += conflict_facts([each.event], answer.verdict, each.sender)
                each.refused = Conflict("the event's id was already used with another body")
                facts.append(self._refusal(each))
        if facts:
            self._append(facts)

    def _append(self, events: Sequence[Event]) -> "list[list[Outcome] | Refused]":
        with self.database.worker.begin() as connection:
            return append(
                connection, [Request([event]) for event in events], catalogue=self.catalogue, now=self.clock.now()
            )

    def _refusal(self, judged: Judged) -> Event:
        assert judged.refused is not None
        log.warning("a record was refused", place=judged.letter.place, fault=type(judged.refused).__name__)
        return refusal(judged, judged.refused, inbox=self.topics.inbox, operator=self.operator, now=self.clock.now())
