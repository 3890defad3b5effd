"""State events as rows: a statement's payload is its document, byte for byte, unless its type has a newer version."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Table

from kernel.errors import Invalid
from schemas.catalogue import Catalogue, EventType
from schemas.envelope import Event

from .states import state_row


class Kept(NamedTuple):
    """The table that keeps the statements of one event type, and how the document is made of an event."""

    table: Table
    document: Callable[[Event], str | None]


def families_of(tables: Mapping[str, Table]) -> frozenset[str]:
    """The families that state and remove what `tables` keeps: `system.usage` is `-stated` and `-removed`."""
    return frozenset(f"{name}-{fact}" for name in tables for fact in ("stated", "removed"))


def kept_in(tables: Mapping[str, Table], catalogue: Catalogue) -> dict[str, Kept]:
    """For every version of every event type that states or removes what `tables` keeps, where it goes."""
    kept = {}
    for kind in catalogue:
        name, _, fact = kind.family.rpartition("-")
        if name in tables and fact in {"stated", "removed"}:
            kept[kind.name] = Kept(tables[name], _document_maker(kind, catalogue))
    return kept


def state_rows(events: Iterable[Event], kept: Mapping[str, Kept]) -> "dict[Table, list[tuple[Any, ...]]]":
    """The rows of `events`, each in the table of its type. Raises Invalid for a payload that is not of its type."""
    rows = defaultdict[Table, list[tuple[Any, ...]]](list)
    for event in events:
        table, document = kept[event.type]
        rows[table].append(state_row(event, document(event)))
    return rows


def loaded(event: Event, required: frozenset[str]) -> dict[str, Any]:
    """The payload as an object with at least the `required` fields. Raises Invalid when it is not.

    Accept has checked every field of what it took; this guards against bytes that came past it.
    """
    try:
        data = orjson.loads(event.payload)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"the payload of {event.type} is not JSON: {error}", hint=_HINT) from None
    if not isinstance(data, dict):
        raise Invalid(f"the payload of {event.type} is not a JSON object", hint=_HINT)
    if not data.keys() >= required:
        raise Invalid(
            f"the payload of {event.type} lacks {', '.join(sorted(required - data.keys()))}",
            hint=_HINT,
        )
    return data


def required_fields(kind: EventType) -> frozenset[str]:
    """The fields without which the data cannot be of this type."""
    return frozenset(name for name, field in kind.model.model_fields.items() if field.is_required())


_HINT = "the stored event is damaged: let its source state the subject anew, then discard this one"


def _document_maker(kind: EventType, catalogue: Catalogue) -> Callable[[Event], str | None]:
    required = required_fields(kind)
    removes = kind.fact.endswith("-removed")
    is_newest = catalogue.latest(kind.family) is kind

    def document(event: Event) -> str | None:
        loaded(event, required)
        if removes:
            return None
        if is_newest:
            return event.payload.decode()
        _, data = catalogue.upcast(event.type, event.payload)
        return orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()

    return document
