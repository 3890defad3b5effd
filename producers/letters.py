"""Letters: the records of the inbox, read and judged, apart from where they come from and where they go.

A letter holds one event, in structured mode or in binary mode (CloudEvents 1.0, Kafka protocol binding, section 3),
signed by the principal that wrote it (`access.signature`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from kafka.consumer.fetcher import ConsumerRecord

from access.principals import IN_A_ROLE, Keyholder, Principal
from access.signature import signer_of
from kernel.errors import Forbidden, Invalid
from kernel.ids import derived_id
from kernel.masking import mask_message
from schemas.catalogue import Catalogue, canonical_json
from schemas.coding import Unreadable, parse_binary, parse_body
from schemas.envelope import CONTENT_TYPE, CloudEvent, Event
from schemas.hub import EventKey, InboxRefused, Refusal
from schemas.pseudonyms import Pseudonyms

from .check import check

MAX_FINDINGS = 100
"""A refusal lists no more findings than this."""


@dataclass(frozen=True)
class Letter:
    """A record with its headers' names in lower case; a missing value is an empty one."""

    record: ConsumerRecord
    headers: Mapping[str, bytes]
    value: bytes

    @classmethod
    def of(cls, record: ConsumerRecord) -> "Letter":
        headers = {name.lower(): value or b"" for name, value in record.headers}
        return cls(record, headers, record.value or b"")

    @property
    def place(self) -> str:
        return f"partition {self.record.partition}, offset {self.record.offset}"

    @property
    def digest(self) -> str:
        """Tells this record from another at the same place of a topic that was made anew."""
        told = sha256(self.value)
        for name, value in sorted(self.headers.items()):
            told.update(b"%d:%b%d:%b" % (len(name), name.encode(), len(value), value))
        return told.hexdigest()


@dataclass
class Judged:
    """What is known of a letter: who signed it, what it says, the event it brings, or why it is refused."""

    letter: Letter
    sender: Principal | None = None
    sent: CloudEvent | None = None
    event: Event | None = None
    refused: Exception | None = None


def event_in(letter: Letter) -> CloudEvent:
    """The event of a record, its envelope checked. Raises Unreadable, or Invalid with every finding."""
    try:
        text = {name: value.decode() for name, value in letter.headers.items() if name.startswith(("ce_", "content-"))}
    except UnicodeDecodeError:
        raise Unreadable("a header of the event is not UTF-8") from None
    content_type = text.pop("content-type", "").lower()
    if content_type.startswith(CONTENT_TYPE):
        return parse_body(letter.value, batch=False)[0]
    if content_type.startswith("application/cloudevents"):
        raise Unreadable(f"a record holds one event as {CONTENT_TYPE}, or its data beside ce_ headers")
    if "ce_specversion" not in text:
        raise Unreadable("the record carries no event: there is no header ce_specversion")
    attributes = {name.removeprefix("ce_"): value for name, value in text.items() if name.startswith("ce_")}
    return parse_binary(attributes | ({"datacontenttype": content_type} if content_type else {}), letter.value)


def judge(
    letter: Letter, known: Mapping[str, Keyholder], catalogue: Catalogue, pseudonyms: Pseudonyms | None = None
) -> Judged:
    """Who sent the letter and what it brings, or why it is refused."""
    judged = Judged(letter)
    try:
        judged.sender = signer_of(letter.headers, letter.value, known)
        judged.sent = event_in(letter)
        (event,) = check([judged.sent], judged.sender, catalogue, pseudonyms)
        if judged.sender.kind == "person" and catalogue.get(event.type).family in IN_A_ROLE:
            raise Forbidden(f"{event.type} of a person depends on its role: send it over HTTP, where it is looked up")
        judged.event = event
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one record, the others go on and it is told
        judged.refused = error
    return judged


def refusal(judged: Judged, error: Exception, *, inbox: str, operator: str, now: datetime) -> Event:
    """`hub.inbox-refused`: told to the authority whose event it is when the signer has an agreement with it, else to
    the operator, so that nobody can write into the log of an authority that has not let them in."""
    sender, sent = judged.sender, judged.sent
    mine = sender is not None and sent is not None and sent.authority in sender.authorities("send")
    message = error.message if isinstance(error, Invalid) else f"it could not be read: {type(error).__name__}"
    problems = error.problems if isinstance(error, Invalid) else ()
    fact = InboxRefused(
        inbox=inbox,
        place=judged.letter.place,
        reason=mask_message(message),
        event=EventKey(authority=sent.authority, source=sent.source, id=sent.id) if sent else None,
        type=sent.type if sent else None,
        problems=tuple(
            Refusal(where=mask_message(each.where)[:200], message=mask_message(each.message))
            for each in problems[:MAX_FINDINGS]
        ),
    )
    record = judged.letter.record
    return Event(
        authority=sent.authority if sent and mine else operator,
        source="urn:samspil:inbox",
        id=derived_id("inbox-refused", record.topic, record.partition, record.offset, judged.letter.digest),
        type="dk.samspil.hub.inbox-refused.v1",
        subject=inbox,
        time=now,
        payload=canonical_json(fact),
        causation_id=sent.id if sent else None,
    )
