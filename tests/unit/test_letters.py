"""Letters of the inbox: who signed them, what they hold, and what is told when they are refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from access.principals import Grant, Keyholder, Principal, key_hash
from access.signature import SIGNATURE_HEADER, signature, signed_headers
from kernel.errors import Forbidden, Invalid, Unauthenticated
from producers.letters import Judged, Letter, judge, refusal
from schemas.coding import Unreadable
from schemas.envelope import CONTENT_TYPE, CloudEvent, Event
from schemas.registry import CATALOGUE
from tests.support.sample import AUTHORITIES, unit

KEY, OPERATOR = "samspil_test", "99000023"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = Principal("id", "kilde", "system", grants=(Grant(AUTHORITIES[0], "send", ("organisation.*",)),))
KNOWN = {"kilde": Keyholder(key_hash(KEY), SOURCE)}
STRUCTURED = {"content-type": CONTENT_TYPE.encode()}
CPR = "010190-1234"


def letter(headers: Mapping[str, bytes | None], value: bytes | None, *, offset: int = 7) -> Letter:
    record = SimpleNamespace(
        topic="samspil.inbox", partition=2, offset=offset, headers=list(headers.items()), value=value
    )
    return Letter.of(record)  # type: ignore[arg-type]


def signed(headers: Mapping[str, bytes], value: bytes, *, key: str = KEY) -> Letter:
    return letter(signed_headers("kilde", key, headers, value), value)


def structured(event: CloudEvent) -> Letter:
    return signed(STRUCTURED, event.model_dump_json(exclude_none=True).encode())


def binary(event: CloudEvent) -> dict[str, bytes]:
    told = event.model_dump(mode="json", exclude_none=True, exclude={"data", "datacontenttype", "shared"})
    return {f"ce_{name}": value.encode() for name, value in told.items()} | {"content-type": b"application/json"}


def judged(one: Letter) -> Judged:
    return judge(one, KNOWN, CATALOGUE)


def told(one: Judged) -> tuple[Event, dict[str, Any]]:
    """The fact that a letter was refused, and its data."""
    assert one.refused is not None
    fact = refusal(one, one.refused, inbox="samspil.inbox", operator=OPERATOR, now=NOW)
    return fact, orjson.loads(fact.payload)


def test_both_modes_bring_the_same_event() -> None:
    """Attributes in headers, or all in the value."""
    event = unit(1)
    in_value, in_headers = judged(structured(event)), judged(signed(binary(event), orjson.dumps(event.data)))
    assert in_value.event == in_headers.event
    assert in_value.event is not None
    assert in_value.event.id == event.id


def test_the_signature_is_what_is_documented() -> None:
    """A source system in another language can make it: HMAC-SHA-256 over lengths and parts."""
    import hashlib
    import hmac

    parts = [
        b"samspil-record-1",
        b"ce_id",
        b"7",
        b"content-type",
        b"application/json",
        b"samspil_principal",
        b"kilde",
        b"{}",
    ]
    written = b"".join(str(len(part)).encode() + b":" + part for part in parts)
    headers = {
        "ce_id": b"7",
        "content-type": b"application/json",
        "samspil_principal": b"kilde",
        "trace": b"not signed",
    }
    expected = hmac.new(hashlib.sha256(KEY.encode()).digest(), written, hashlib.sha256).hexdigest()
    assert signature(key_hash(KEY), headers, b"{}") == expected


@pytest.mark.parametrize(
    "changed", ["ce_subject", "ce_authority", "content-type", "samspil_principal", "ce_new", "value"]
)
def test_nothing_that_means_something_can_be_changed(changed: str) -> None:
    """Any header of the event, the writer's name, and the value are under the signature."""
    event = unit(1)
    value = orjson.dumps(event.data)
    headers = signed_headers("kilde", KEY, binary(event), value)
    if changed == "value":
        value = value.replace(b"Enhed 1", b"Enhed 2")
    else:
        headers[changed] = headers.get(changed, b"") + b"0"
    assert isinstance(judged(letter(headers, value)).refused, Unauthenticated)


def test_a_header_that_means_nothing_may_come_on_the_way() -> None:
    """Tracing and mirroring add their own."""
    one = structured(unit(1))
    assert judged(letter({**one.headers, "x-mirrored-from": b"elsewhere"}, one.value)).event


@pytest.mark.parametrize("missing", ["samspil_principal", SIGNATURE_HEADER])
def test_an_unsigned_letter_is_refused(missing: str) -> None:
    """Whoever may write to the topic must still say and show who they are."""
    headers = {name: value for name, value in structured(unit(1)).headers.items() if name != missing}
    assert isinstance(judged(letter(headers, structured(unit(1)).value)).refused, Unauthenticated)


def test_a_foreign_key_does_not_sign() -> None:
    """The name alone is nothing."""
    value = unit(1).model_dump_json(exclude_none=True).encode()
    assert isinstance(judged(signed(STRUCTURED, value, key="samspil_other")).refused, Unauthenticated)


@pytest.mark.parametrize("name", [b"", b"\xff", b"a\x00b"])
def test_a_name_that_nobody_has_is_refused(name: bytes) -> None:
    """Whatever stands there never reaches the database."""
    headers = {**structured(unit(1)).headers, "samspil_principal": name}
    assert isinstance(judged(letter(headers, b"{}")).refused, Unauthenticated)


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ({}, b"{}"),
        (STRUCTURED, b"{"),
        (STRUCTURED, b""),
        ({"content-type": b"application/cloudevents-batch+json"}, b"[]"),
        ({"content-type": b"\xff"}, b"{}"),
        ({"ce_specversion": b"1.0", "ce_data": b"{}"}, b"{}"),
    ],
)
def test_a_letter_without_an_event_is_refused(headers: dict[str, bytes], value: bytes) -> None:
    """No attributes, broken JSON, a batch, headers that are no text."""
    assert isinstance(judged(signed(headers, value)).refused, Unreadable)


def test_a_tombstone_is_refused() -> None:
    """An event without data is none; nothing breaks on a record without a value."""
    refused = judged(signed(binary(unit(1)), b"")).refused
    assert isinstance(refused, Invalid)
    assert [problem.where for problem in refused.problems] == ["event.data"]


def test_the_agreement_decides_as_everywhere() -> None:
    """A signature does not let anybody send for another authority."""
    assert isinstance(judged(structured(unit(1, authority=AUTHORITIES[1]))).refused, Forbidden)


def test_a_refusal_is_told_to_the_authority_that_knows_the_sender() -> None:
    """With the place, the event's key and every finding, but no value."""
    fact, data = told(judged(structured(unit(1, data={"name": 7, CPR: CPR}))))
    assert (fact.authority, fact.subject) == (AUTHORITIES[0], "samspil.inbox")
    assert data["place"] == "partition 2, offset 7"
    assert data["event"] == {"authority": AUTHORITIES[0], "source": "urn:sample", "id": "event-1"}
    assert "data.name" in data["problems"][0]["where"]
    assert CPR not in fact.payload.decode()


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_a_refusal_of_an_unknown_sender_is_told_to_the_operator(authority: str) -> None:
    """Nobody writes into the log of an authority that has not let them in, not even refusals."""
    event = unit(1, authority=authority)
    unsigned = judged(letter(STRUCTURED, event.model_dump_json(exclude_none=True).encode()))
    assert told(unsigned)[0].authority == OPERATOR
    if authority == AUTHORITIES[1]:
        assert told(judged(structured(event)))[0].authority == OPERATOR


def test_a_refusal_is_the_same_fact_when_the_record_is_read_again() -> None:
    """Its id follows from the record, not from the time; another record at the same place is another fact."""
    one, again = (told(judged(signed(STRUCTURED, b"{")))[0] for _ in range(2))
    other = told(judged(signed(STRUCTURED, b"[")))[0]
    assert one.id == again.id
    assert one.id != other.id


def test_a_fault_of_ours_is_told_without_its_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever one record does to us, it is told, and no more than the kind of fault."""
    monkeypatch.setattr("producers.letters.check", lambda *_: 1 / 0)
    assert told(judged(structured(unit(1))))[1]["reason"] == "it could not be read: ZeroDivisionError"
