"""The one list of event types: model, owner, key, sensitivity, sample and the way from older versions.

A type that is not here does not exist: accept refuses it, and nothing consumes it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from kernel.errors import Invalid, Problem
from kernel.masking import mask_digits

from .values import FreeText, Sensitivity, Value

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One version of one event type.

    `state` events carry the whole state of their subject and hold from `effective`; others are facts that happened
    once. `upcast` turns the data of the version before into this version's data. `uuid_subject`: the subject is a UUID,
    because others refer to it by that, or a consumer keeps it as one. `person_subject`: it is something of a person, so
    ten plain digits in it that begin with a date are refused; elsewhere they may be an order's number.
    """

    domain: str
    fact: str
    version: int = 1
    model: type[BaseModel]
    owner: str
    key: str
    sensitivity: Sensitivity = "internal"
    state: bool = False
    uuid_subject: bool = False
    person_subject: bool = False
    sample: Json
    upcast: Callable[[Json], Json] | None = None

    @property
    def name(self) -> str:
        return f"dk.samspil.{self.domain}.{self.fact}.v{self.version}"

    @property
    def family(self) -> str:
        """The name without its version: what consumers subscribe to."""
        return f"{self.domain}.{self.fact}"


class Removed(Value):
    """The subject is gone from its source; `reason` is for people."""

    reason: FreeText


def removal_of(stated: EventType) -> EventType:
    """The event type that ends what `stated` states: `usage-stated` is ended by `usage-removed`."""
    return EventType(
        domain=stated.domain,
        fact=stated.fact.removesuffix("-stated") + "-removed",
        model=Removed,
        owner=stated.owner,
        key=stated.key,
        sensitivity="internal",
        state=True,
        uuid_subject=stated.uuid_subject,
        person_subject=stated.person_subject,
        sample={"reason": "no longer in the register"},
    )


class Catalogue:
    """Every event type by name, and the latest version of each family."""

    def __init__(self, types: Iterable[EventType]) -> None:
        self._types: dict[str, EventType] = {}
        self._latest: dict[str, EventType] = {}
        for kind in types:
            if kind.name in self._types:
                raise ValueError(f"{kind.name} is declared twice")
            self._types[kind.name] = kind
            if kind.version >= self._latest.get(kind.family, kind).version:
                self._latest[kind.family] = kind
        for kind in self._types.values():
            older = f"dk.samspil.{kind.family}.v{kind.version - 1}"
            if (kind.upcast is not None) != (kind.version > 1 and older in self._types):
                raise ValueError(f"{kind.name} needs an upcast from {older}, and only then")

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._types.values())

    def get(self, name: str) -> EventType:
        """The event type called `name`. Raises Invalid when there is none."""
        try:
            return self._types[name]
        except KeyError:
            raise Invalid(
                f"unknown event type {name}", hint="`samspil catalogue` lists the types this hub knows"
            ) from None

    def latest(self, family: str) -> EventType:
        """The newest version of a family such as `invoice.received`."""
        return self._latest[family]

    def canonical(self, name: str, data: Any) -> bytes:
        """`data` checked against its model and written with sorted keys and without empty fields.

        Raises Invalid with a Problem per field.
        """
        kind = self.get(name)
        try:
            value = kind.model.model_validate(data)
        except ValidationError as error:
            raise Invalid(f"the data is not a {name}", problems=problems_of(error)) from None
        return canonical_json(value)

    def upcast(self, name: str, payload: bytes) -> tuple[EventType, Json]:
        """The data of a stored event, carried up to the newest version of its family."""
        kind = self.get(name)
        data: Json = orjson.loads(payload)
        newest = self._latest[kind.family]
        for version in range(kind.version + 1, newest.version + 1):
            step = self._types[f"dk.samspil.{kind.family}.v{version}"]
            assert step.upcast is not None
            data = step.upcast(data)
        return newest, data


def canonical_json(value: BaseModel) -> bytes:
    """The one written form of a value: keys sorted, no empty fields; hashes are made of it."""
    written = value.__pydantic_serializer__.to_json(value, exclude_none=True)
    return orjson.dumps(orjson.loads(written), option=orjson.OPT_SORT_KEYS)


def problems_of(error: ValidationError, prefix: str = "data") -> tuple[Problem, ...]:
    """Pydantic's findings as ours: the field's path, what was expected, and what was there; without U+0000, so that
    they can be told of in an event."""
    return tuple(
        Problem(
            where=without_nul(".".join([prefix, *map(str, found["loc"])])),
            message=found["msg"].removeprefix("Value error, "),
            value=_shown(found["input"]),
        )
        for found in error.errors(include_url=False, include_context=False)
    )


def _shown(value: Any) -> str:
    return "" if isinstance(value, Mapping | list) else without_nul(mask_digits(str(value))[:80])


def without_nul(text: str) -> str:
    """`text` for people, with U+0000, which no database takes, written as its escape."""
    return text.replace("\0", "\\u0000")
