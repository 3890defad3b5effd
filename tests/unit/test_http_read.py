"""What the reader of HTTP requests takes, and what it says of the rest."""

import orjson
import pytest

from adapters.http.problems import MAX_FINDINGS, answer_to
from adapters.http.read import MAX_EVENTS, Unsupported, read_events
from kernel.errors import Fatal, Invalid, Problem, Retryable
from schemas.coding import TooLarge, Unreadable
from schemas.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, CloudEvent

BODY = b'{"name": "Kulturhuset"}'
ATTRIBUTES = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "urn:a",
    "ce-type": "dk.samspil.organisation.unit-stated.v1",
    "ce-subject": "s",
    "ce-authority": "99000007",
    "ce-time": "2026-01-01T09:00:00Z",
    "content-type": "application/json",
}


def binary(**changed: str) -> CloudEvent:
    """The event that these headers give; `ce_id` stands for ce-id."""
    headers = ATTRIBUTES | {name.replace("_", "-"): value for name, value in changed.items()}
    (event,) = read_events(headers.items(), BODY)
    return event


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("%e2%82%ac", "€"),
        ("unneeded%41", "unneededA"),
        ("a%2525b", "a%25b"),
        ('"in quotes"', "in quotes"),
        (r'"a \"b\" \\ c"', r'a "b" \ c'),
        ('"%22"', '"'),
        ("with space", "with space"),
        ("100%", "100%"),
    ],
)
def test_headers_are_decoded_once(header: str, meant: str) -> None:
    """Quotes are undone, then one round of percent-decoding (HTTP binding, section 3.1.3.2)."""
    assert binary(ce_subject=header).subject == meant


@pytest.mark.parametrize("header", ["%C0%A0", "%FF", "bl\xe5b\xe6r", "a\x00b"])
def test_headers_that_are_no_text_are_refused(header: str) -> None:
    """Overlong and broken UTF-8 must be rejected, and raw bytes beyond ASCII are no header."""
    with pytest.raises(Unreadable, match="ce-subject"):
        binary(ce_subject=header)


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
def test_json_data_is_known_by_its_media_type(media_type: str) -> None:
    """Case and charset do not matter."""
    assert binary(content_type=media_type).data == {"name": "Kulturhuset"}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("content-type", "")],
        [("content-type", "text/plain")],
        [("content-type", "application/xml")],
        [("content-type", "application/cloudevents+avro")],
        [("content-type", f"{CONTENT_TYPE}; charset=iso-8859-1")],
        [("content-type", CONTENT_TYPE), ("content-encoding", "gzip")],
    ],
)
def test_formats_that_nobody_reads_are_unsupported(headers: list[tuple[str, str]]) -> None:
    """They are refused before the body is looked at."""
    with pytest.raises(Unsupported):
        read_events(headers, b"\xff")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b"{}"),
        (CONTENT_TYPE, b"{"),
        (CONTENT_TYPE, b""),
        (CONTENT_TYPE, b"\xff"),
        (CONTENT_TYPE, b"[" * 1000),
        (BATCH_CONTENT_TYPE, b"{}"),
    ],
)
def test_what_is_no_event_is_unreadable(media_type: str, body: bytes) -> None:
    """Broken JSON, JSON without an envelope, one event where a batch was said."""
    with pytest.raises(Unreadable):
        read_events([("content-type", media_type)], body)


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("ce-id", "", "event.id"),
        ("ce-id", "a%00b", "event.id"),
        ("ce-id", "cpr:010190-1234", "event.id"),
        ("ce-specversion", "0.3", "event.specversion"),
        ("ce-time", "yesterday", "event.time"),
        ("ce-time", "2026-01-01T09:00:00", "event.time"),
        ("ce-time", "9999-12-31T23:59:59-12:00", "event.time"),
        ("ce-authority", "12345678", "event.authority"),
        ("ce-recordedtime", "2026-01-01T09:00:00Z", "event.recordedtime"),
        ("ce-depth", "0", "event.depth"),
    ],
)
def test_an_envelope_that_does_not_fit_says_where(name: str, value: str, where: str) -> None:
    """Attributes that nothing could hold, that only the hub sets, or that are no such thing."""
    with pytest.raises(Invalid) as refused:
        read_events((ATTRIBUTES | {name: value}).items(), BODY)
    assert [problem.where for problem in refused.value.problems] == [where]


def test_data_is_not_an_attribute() -> None:
    """A header may not stand in for the body, nor the content type be said twice."""
    for name in ("ce-data", "ce-datacontenttype"):
        with pytest.raises(Unreadable):
            read_events((ATTRIBUTES | {name: "application/json"}).items(), BODY)


def test_a_header_that_comes_twice_must_say_the_same() -> None:
    """Two proxies that disagree are not guessed between."""
    assert read_events([*ATTRIBUTES.items(), ("ce-id", "1")], BODY)
    with pytest.raises(Unreadable, match="twice"):
        read_events([*ATTRIBUTES.items(), ("ce-id", "2")], BODY)


def test_a_batch_has_a_limit() -> None:
    """It is seen before any event is looked at."""
    with pytest.raises(TooLarge):
        read_events([("content-type", BATCH_CONTENT_TYPE)], orjson.dumps([0] * (MAX_EVENTS + 1)))


def test_an_answer_lists_a_bounded_number_of_findings() -> None:
    """And says how many there are."""
    problems = tuple(Problem(f"event {number}", "Field required") for number in range(MAX_FINDINGS + 5))
    body = answer_to(Invalid("no", problems=problems), "call").body
    assert (len(body["problems"]), body["problem_count"]) == (MAX_FINDINGS, MAX_FINDINGS + 5)


def test_an_answer_repeats_no_value() -> None:
    """A finding is its place and its message; what stood there stays out."""
    answer = answer_to(
        Invalid("no", problems=(Problem("data.name", "Input should be a string", "010190-1234"),)), "call"
    )
    assert answer.body["problems"] == [{"where": "data.name", "message": "Input should be a string"}]


def test_numbers_of_persons_are_masked_wherever_they_stand() -> None:
    """Also glued to other text, as in the name of a field."""
    body = answer_to(
        Invalid("see x010190-1234y", hint="0101901234", problems=(Problem("a.b010190-1234", "m"),)), "c"
    ).body
    assert (body["detail"], body["hint"]) == ("see x010190-****y", "010190****")
    assert body["problems"][0]["where"] == "a.b010190-****"


@pytest.mark.parametrize("error", [Retryable("the database is away"), Fatal("a consumer has stopped")])
def test_what_may_pass_says_when_to_come_again(error: Retryable | Fatal) -> None:
    """503 carries Retry-After in seconds."""
    answer = answer_to(error, "call")
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
