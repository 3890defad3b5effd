"""The client for source systems that speak Kafka: as `producers.client`, by way of the hub's inbox topic.

Kafka's answer says that the record is in the topic. What the hub then refuses it tells as `hub.inbox-refused`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from access.signature import signed_headers
from schemas.envelope import CONTENT_TYPE

from .buffer import Waiting
from .client import Later, Sender
from .connecting import connected, disconnect
from .topics import Topics

DELIVERY_S = 10
_HEADERS = {"content-type": f"{CONTENT_TYPE}; charset=UTF-8".encode()}


class KafkaClient(Sender):
    """Writes to the inbox of the hub whose topics these are, signed with the key of the principal called `name`.

    `connection` holds further settings of kafka-python's producer, such as those of TLS and SASL.
    """

    def __init__(
        self,
        bootstrap: str,
        name: str,
        key: str,
        buffer: Path | None = None,
        *,
        topics: Topics | None = None,
        connection: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(buffer)
        self._name, self._key = name, key
        self._topic = (topics or Topics()).inbox
        self._settings = {"bootstrap_servers": bootstrap, **(connection or {})}
        self._producer: KafkaProducer | None = None
        self._thread.start()

    def _deliver(self, batch: Sequence[Waiting]) -> Mapping[int, str]:
        """The first event of each subject only: the next one goes when Kafka has said that it has this one, so that no
        failure in between can turn them round."""
        firsts: dict[str, Waiting] = {}
        for each in batch:
            firsts.setdefault(each.subject, each)
        sent: dict[int, Any] = {}
        answers: dict[int, str] = {}
        try:
            for each in firsts.values():
                try:
                    sent[each.number] = self._send(each)
                except MessageSizeTooLargeError as error:
                    answers[each.number] = _too_large(error)
            for number, future in sent.items():
                try:
                    future.get(timeout=DELIVERY_S)
                    answers[number] = ""
                except MessageSizeTooLargeError as error:
                    answers[number] = _too_large(error)
        except KafkaError as error:
            self._end()
            raise Later(f"Kafka did not take the events: {error!r}") from error
        return answers

    def _send(self, event: Waiting) -> Any:
        if self._producer is None:
            self._producer = connected(
                KafkaProducer,
                acks="all",
                linger_ms=2,
                delivery_timeout_ms=DELIVERY_S * 1000,
                request_timeout_ms=DELIVERY_S * 500,
                max_block_ms=DELIVERY_S * 1000,
                **self._settings,
            )
        headers = signed_headers(self._name, self._key, _HEADERS, event.body)
        return self._producer.send(
            self._topic, key=event.subject.encode(), value=event.body, headers=list(headers.items())
        )

    def _end(self) -> None:
        if self._producer is not None:
            disconnect(self._producer)
            self._producer = None


def _too_large(error: MessageSizeTooLargeError) -> str:
    return f"the event is larger than the topic allows: {error}"
