"""The catalogue keeps its promises to everybody who sends or reads events."""

import re
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from kernel.errors import Invalid
from schemas import alerts
from schemas.catalogue import EventType, Json
from schemas.envelope import CloudEvent, Event, attributes
from schemas.publish import asyncapi, json_schema, topic
from schemas.registry import CATALOGUE

KINDS = pytest.mark.parametrize("kind", list(CATALOGUE), ids=lambda kind: kind.name)
DOCUMENT = asyncapi(CATALOGUE, version="0.1.0")


def written(value: Any) -> Any:
    """A value as it is after a way through JSON."""
    return orjson.loads(orjson.dumps(value))


def schema_problems(kind: EventType, data: Any) -> list[str]:
    """What the type's JSON Schema finds wrong in `data`."""
    validator = Draft202012Validator(json_schema(kind), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(data)]


@KINDS
def test_sample_validates_and_its_canonical_form_is_stable(kind: EventType) -> None:
    """A sample is accepted, and what is stored of it is stored the same when it comes again."""
    once = CATALOGUE.canonical(kind.name, written(kind.sample))
    assert CATALOGUE.canonical(kind.name, orjson.loads(once)) == once


@KINDS
def test_sample_fits_in_an_envelope(kind: EventType) -> None:
    """The type's name and data stand in a CloudEvent as sources send it."""
    sent = CloudEvent(
        id="1",
        source="urn:test",
        type=kind.name,
        subject="6b2a0000-0000-4000-8000-000000000001",
        authority="99000007",
        time=datetime(2026, 3, 2, tzinfo=UTC),
        data=kind.sample,
    )
    assert sent.type.split(".")[2] == kind.domain


@KINDS
def test_type_says_who_owns_it_and_what_its_subject_is(kind: EventType) -> None:
    """Owner and key are words for people, and the model says what it means."""
    assert kind.owner
    assert kind.key
    assert kind.model.__doc__


@KINDS
def test_valid_time_is_on_the_envelope_only(kind: EventType) -> None:
    """Data never repeats the envelope's `effective` and `effectiveto`."""
    assert not {"effective", "effective_to", "effectiveto"} & set(kind.model.model_fields)


@KINDS
def test_what_is_stated_can_be_removed(kind: EventType) -> None:
    """Every `-stated` type is a state and has a `-removed` of the same subject."""
    if not kind.fact.endswith("-stated"):
        return
    removed = CATALOGUE.latest(f"{kind.domain}.{kind.fact.removesuffix('-stated')}-removed")
    assert kind.state
    assert removed.state
    assert removed.key == kind.key


@KINDS
def test_sample_is_carried_to_the_newest_version(kind: EventType) -> None:
    """The data of any version, upcast step by step, is data of the newest."""
    newest, data = CATALOGUE.upcast(kind.name, CATALOGUE.canonical(kind.name, written(kind.sample)))
    assert newest == CATALOGUE.latest(kind.family)
    assert CATALOGUE.canonical(newest.name, data)


@KINDS
def test_sample_and_stored_form_satisfy_the_published_schema(kind: EventType) -> None:
    """What the schema tells senders and receivers is true of what they send and receive."""
    Draft202012Validator.check_schema(json_schema(kind))
    assert schema_problems(kind, written(kind.sample)) == []
    stored = CATALOGUE.canonical(kind.name, written(kind.sample))
    assert schema_problems(kind, orjson.loads(stored)) == []


@KINDS
def test_unknown_field_is_refused_by_model_and_schema(kind: EventType) -> None:
    """A field that nobody knows is a mistake, not an extension."""
    data = {**written(kind.sample), "no_such_field": 1}
    with pytest.raises(Invalid, match="no_such_field"):
        CATALOGUE.canonical(kind.name, data)
    assert schema_problems(kind, data)


def test_amount_with_a_decimal_point_is_refused_by_model_and_schema() -> None:
    """Money is never a binary fraction, and the schema says so too."""
    kind = CATALOGUE.latest("organisation.budget-stated")
    data = {**kind.sample, "amount": {"amount": 12.5, "currency": "DKK"}}
    with pytest.raises(Invalid, match=r"amount\.amount"):
        CATALOGUE.canonical(kind.name, data)
    assert schema_problems(kind, data)


def references(value: Any) -> list[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for part in value.values() for ref in references(part)]
    return [ref for part in value for ref in references(part)] if isinstance(value, list) else []


def resolved(ref: str) -> Any:
    """What a reference within the AsyncAPI document points to."""
    found: Any = DOCUMENT
    for step in ref.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_asyncapi_has_a_topic_for_every_domain_and_an_inbox() -> None:
    """Channels are the domains' topics and the inbox, and Kafka's binding says the same."""
    expected = {kind.domain: topic(kind.domain) for kind in CATALOGUE} | {"inbox": "samspil.inbox"}
    assert {name: channel["address"] for name, channel in DOCUMENT["channels"].items()} == expected
    assert all(channel["bindings"]["kafka"]["topic"] == channel["address"] for channel in DOCUMENT["channels"].values())


def test_asyncapi_lists_every_type_on_its_own_domain_only() -> None:
    """A message stands on the channel of its domain, by its CloudEvents type."""
    listed = {
        name for domain, channel in DOCUMENT["channels"].items() if domain != "inbox" for name in channel["messages"]
    }
    assert listed == {kind.name for kind in CATALOGUE}
    assert all(kind.name in DOCUMENT["channels"][kind.domain]["messages"] for kind in CATALOGUE)


def test_asyncapi_operations_are_seen_from_the_hub() -> None:
    """The hub sends on every domain's channel and receives on its inbox."""
    actions = {resolved(each["channel"]["$ref"])["address"]: each["action"] for each in DOCUMENT["operations"].values()}
    assert actions.pop("samspil.inbox") == "receive"
    assert set(actions.values()) == {"send"}
    assert len(actions) == len(DOCUMENT["channels"]) - 1


def test_asyncapi_references_lead_somewhere() -> None:
    """The document stands alone: every reference is inside it and finds something."""
    refs = references(DOCUMENT)
    assert refs
    assert all(resolved(ref) for ref in refs)


def test_asyncapi_names_are_allowed() -> None:
    """Names of components use the characters that AsyncAPI allows."""
    names = [name for part in DOCUMENT["components"].values() for name in part]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)


@KINDS
def test_asyncapi_payload_takes_the_sample(kind: EventType) -> None:
    """The payload schema within the document means the same as the type's own schema."""
    message = DOCUMENT["components"]["messages"][kind.name]
    schema = {**message["payload"], "components": DOCUMENT["components"]}
    assert list(Draft202012Validator(schema).iter_errors(written(kind.sample))) == []


def test_asyncapi_headers_are_the_attributes_of_the_envelope() -> None:
    """Every attribute the hub writes is described, and nothing else is."""
    full = Event(
        authority="99000007",
        source="urn:test",
        id="1",
        type="dk.samspil.time.day-started.v1",
        subject="day",
        time=datetime(2026, 3, 2, tzinfo=UTC),
        payload=b"{}",
        effective=date(2026, 3, 2),
        effective_to=date(2026, 3, 3),
        correlation_id="c",
        causation_id="d",
        shared=True,
        sequence="7",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        position=1,
        recorded=datetime(2026, 3, 2, tzinfo=UTC),
    )
    headers: Json = {f"ce_{name}": value for name, value in attributes(full).items()}
    headers["content-type"] = headers.pop("ce_datacontenttype")
    schema = DOCUMENT["components"]["schemas"]["headers"]
    assert set(schema["properties"]) == set(headers)
    assert list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(headers)) == []


def test_a_finding_is_one_alert_however_often_it_is_found() -> None:
    """The alert's id follows from authority, rule, subject and line, and from each of them."""
    first = alerts.alert_id("99000007", "price.above-agreed", "a1", "2")
    assert first == alerts.alert_id("99000007", "price.above-agreed", "a1", "2")
    others = {
        alerts.alert_id("99000015", "price.above-agreed", "a1", "2"),
        alerts.alert_id("99000007", "price.not-agreed", "a1", "2"),
        alerts.alert_id("99000007", "price.above-agreed", "a2", "2"),
        alerts.alert_id("99000007", "price.above-agreed", "a1"),
    }
    assert len(others | {first}) == 5


def test_a_decision_answers_to_the_values_and_to_nothing_else() -> None:
    """The hash moves with what was found, not with severity, rule version or causes."""
    finding = alerts.Finding.model_validate(CATALOGUE.latest("alert.opened").sample)
    same = finding.model_copy(update={"severity": "info", "rule_version": 9, "causes": ()})
    assert alerts.values_hash(same) == alerts.values_hash(finding)
    assert alerts.values_hash(finding.model_copy(update={"found": "1301.26"})) != alerts.values_hash(finding)
