"""The catalogue written for others: a JSON Schema per event type, and an AsyncAPI 3.0 document of the hub's channels.

Both are made from the models, so that they cannot say anything else than what accept does; what a JSON Schema cannot
say (check digits, relations between fields) only the models hold.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from .catalogue import Catalogue, EventType, Json
from .envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, SPECVERSION, CloudEvent

INBOX = "samspil.inbox"
"""The topic that source systems write to; what comes in goes through accept like everything else."""
_KAFKA_BINDING = "0.5.0"
_COMPONENT = "#/components/schemas/{model}"
_TEXT = {"type": "string"}
_DATE = {"type": "string", "format": "date"}
_INSTANT = {"type": "string", "format": "date-time"}
_CVR = {"type": "string", "pattern": r"^[1-9]\d{7}$"}

_HEADERS: dict[str, tuple[Json, str]] = {
    "content-type": ({"const": "application/json"}, "the format of the body"),
    "ce_specversion": ({"const": SPECVERSION}, "version of CloudEvents"),
    "ce_id": (_TEXT, "identifies the event together with authority and source; the same event may come again"),
    "ce_source": (_TEXT, "the system the event comes from"),
    "ce_type": (_TEXT, "the event type with its version"),
    "ce_subject": (_TEXT, "what the event is about; order is kept per authority and subject"),
    "ce_time": (_INSTANT, "when it happened, by its source"),
    "ce_authority": (_CVR, "CVR of the public body that owns the event"),
    "ce_partitionkey": (_TEXT, "<authority>:<subject>, also the key of the record"),
    "ce_effective": (_DATE, "valid time (virkning): the first day it holds, in Denmark"),
    "ce_effectiveto": (_DATE, "valid time: the first day it no longer holds"),
    "ce_recordedtime": (_INSTANT, "known time (registrering): when the hub stored it"),
    "ce_sequence": (_TEXT, "the source's own order number for the subject"),
    "ce_correlationid": (_TEXT, "the case or flow it belongs to"),
    "ce_causationid": (_TEXT, "the event that caused it"),
    "ce_dataclassification": ({"enum": ["public", "internal", "personal", "sensitive"]}, "how closely it is kept"),
    "ce_shared": ({"const": "true"}, "there when the fact is for all authorities"),
    "ce_traceparent": (_TEXT, "W3C Trace Context"),
}
_WHEN_KNOWN = {"effective", "effectiveto", "sequence", "correlationid", "causationid", "shared", "traceparent"}


def topic(domain: str) -> str:
    """The Kafka topic of a domain's events."""
    return f"samspil.{domain}"


def json_schema(kind: EventType) -> Json:
    """The JSON Schema (draft 2020-12) of an event type's data, with its sample."""
    schema = kind.model.model_json_schema(schema_generator=_Schemas)
    return {
        "$schema": _Schemas.schema_dialect,
        "$id": f"urn:samspil:schema:{kind.name}",
        **schema,
        "title": kind.name,
        "examples": [kind.sample],
    }


def asyncapi(catalogue: Catalogue, *, version: str) -> Json:
    """The AsyncAPI 3.0 document of the topics the hub writes, one per domain, and of its inbox.

    `version` is the release of the hub that the document describes.
    """
    kinds = sorted(catalogue, key=lambda kind: kind.name)
    models, schemas = _component_schemas(kinds)
    domains = {domain: list(group) for domain, group in groupby(kinds, key=lambda kind: kind.domain)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Samspil",
            "version": version,
            "description": "Events of Danish municipalities' systems, contracts, invoices and projects, as CloudEvents "
            "1.0 in binary mode. Nobody sends or receives without an active agreement.",
            "license": {"name": "MPL-2.0", "url": "https://www.mozilla.org/MPL/2.0/"},
        },
        "defaultContentType": "application/json",
        "channels": {domain: _domain_channel(domain, group) for domain, group in domains.items()}
        | {"inbox": _inbox_channel()},
        "operations": {f"publish-{domain}": _operation("send", domain) for domain in domains}
        | {"receive-inbox": _operation("receive", "inbox")},
        "components": {
            "messages": {kind.name: _message(kind, models[kind.model]) for kind in kinds}
            | {"cloudevent": _inbox_message(models[CloudEvent])},
            "schemas": schemas | {"headers": _headers()},
        },
    }


class _Schemas(GenerateJsonSchema):
    """Pydantic's schemas, corrected where they promise what accept does not take or AsyncAPI does not know."""

    def decimal_schema(self, schema: Any) -> JsonSchemaValue:  # noqa: ARG002
        """A number is written as a string or a whole number; one with a decimal point in JSON is refused."""
        return {"anyOf": [{"type": "string", "pattern": r"^[+-]?\d+(\.\d+)?(E[+-]?\d+)?$"}, {"type": "integer"}]}

    def tagged_union_schema(self, schema: Any) -> JsonSchemaValue:
        """The choices without OpenAPI's discriminator object, which JSON Schema and AsyncAPI do not have."""
        union = super().tagged_union_schema(schema)
        union.pop("discriminator", None)
        return union


def _component_schemas(kinds: Iterable[EventType]) -> tuple[dict[type[BaseModel], Json], Json]:
    """References to the models' schemas by model, and the schemas by name; models of the same name get longer ones."""
    models = {kind.model: None for kind in kinds} | {CloudEvent: None}
    refs, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template=_COMPONENT, schema_generator=_Schemas
    )
    return {model: refs[model, "validation"] for model in models}, dict(schemas["$defs"])


def _domain_channel(domain: str, kinds: Iterable[EventType]) -> Json:
    return {
        "address": topic(domain),
        "title": f"Events of the domain {domain}",
        "messages": {kind.name: {"$ref": f"#/components/messages/{kind.name}"} for kind in kinds},
        "bindings": {"kafka": {"topic": topic(domain), "bindingVersion": _KAFKA_BINDING}},
    }


def _inbox_channel() -> Json:
    return {
        "address": INBOX,
        "title": "What source systems send",
        "messages": {"cloudevent": {"$ref": "#/components/messages/cloudevent"}},
        "bindings": {"kafka": {"topic": INBOX, "bindingVersion": _KAFKA_BINDING}},
    }


def _operation(action: str, channel: str) -> Json:
    """`send` and `receive` are seen from the hub."""
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _message(kind: EventType, payload: Json) -> Json:
    return {
        "name": kind.name,
        "title": kind.family,
        "summary": " ".join((kind.model.__doc__ or "").split("\n\n", 1)[0].split()),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": payload,
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "<authority>:<subject>"},
                "bindingVersion": _KAFKA_BINDING,
            }
        },
        "examples": [{"name": "sample", "payload": kind.sample}],
        "x-owner": kind.owner,
        "x-subject": kind.key,
        "x-sensitivity": kind.sensitivity,
        "x-state": kind.state,
    }


def _inbox_message(payload: Json) -> Json:
    return {
        "name": "cloudevent",
        "title": "A CloudEvent in structured mode",
        "summary": f"The event with its attributes as JSON; {BATCH_CONTENT_TYPE} is for HTTP only.",
        "contentType": CONTENT_TYPE,
        "payload": payload,
    }


def _headers() -> Json:
    """The headers of a record: the body's format and CloudEvents' attributes as the Kafka binding writes them."""
    return {
        "type": "object",
        "required": [name for name in _HEADERS if name.removeprefix("ce_") not in _WHEN_KNOWN],
        "properties": {name: {**schema, "description": meaning} for name, (schema, meaning) in _HEADERS.items()},
    }
