"""Events with CPR numbers wherever people write text, and a look for those numbers in what comes out."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from typing import Any

import orjson

from kernel.errors import Invalid
from kernel.ids import subject_id
from schemas.catalogue import EventType, Json
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from tests.support.events import AUTHORITY, T0

PERSONS = 1_000
ORDERS = ("4500017731", "0101701234", "2412998765", "3112009999", "6101904321")
"""Order and account numbers of ten digits; all but the first read like a date of birth and four digits more."""
CPR_SCHEMES = ("DK:CPR", "0237", "9901")
TYPES = tuple(kind for kind in CATALOGUE if kind.family != "hub.redacted")
_READS_LIKE_ONE = re.compile(r"(?<!\d)(\d{6})[- ]?(\d{4})(?!\d)")
_PROBES = ("010190-1234", "0101901234", "010190 1234")
Path = tuple[str | int, ...]


def cpr(number: int) -> str:
    """The CPR number of a person, in one of the ways people write them; never the digits of one of `ORDERS`."""
    born = date(1950, 1, 1) + timedelta(days=17 * number)
    return f"{born:%d%m%y}{('-', '', ' ')[number % 3]}{1000 + number % 200:04}"


WRITTEN = frozenset(re.sub(r"\D", "", cpr(number)) for number in range(PERSONS))


def leaked(output: str) -> set[str]:
    """The CPR numbers of persons that stand in `output`, in whatever form."""
    return {first + last for first, last in _READS_LIKE_ONE.findall(output)} & WRITTEN


def about(number: int) -> CloudEvent:
    """An event that person `number` is written into: in each of its texts, and as a party's own number on invoices."""
    kind, person = TYPES[number % len(TYPES)], cpr(number)
    data: Json = _copy(kind)
    for path in texts(kind.name):
        put(data, path, f"{_at(data, path)} {person}, cpr.nr. {person}")
    for path in person_ids(kind.name):
        put(data, path, f"{person[:6]}-{person[-4:]}")
    if kind.family == "invoice.received":
        order = ORDERS[number % len(ORDERS)]
        ids = [{"role": "legal", "scheme": scheme, "id": person} for scheme in CPR_SCHEMES]
        data["supplier"] = {"ids": ids, "name": f"Hansen {person}"}
        data |= {"order_ref": order, "accounting_cost": order, "contract_refs": []}
        data["payment"] = [{"code": "42", "account": order, "branch": "1234"}]
    return CloudEvent(
        id=f"event-{number}",
        source="urn:persons",
        type=kind.name,
        subject=str(subject_id(AUTHORITY, "person", str(number))),
        authority=AUTHORITY,
        time=T0,
        data=data,
    )


@cache
def texts(name: str) -> tuple[Path, ...]:
    """Where the type's sample holds text that people write: where its model masks a CPR number in every form."""
    return tuple(path for path, masked in _places(CATALOGUE.get(name)) if all(masked))


@cache
def person_ids(name: str) -> tuple[Path, ...]:
    """Where the type's sample holds what a source calls a person: only the form `ddmmyy-xxxx` is masked there."""
    return tuple(path for path, masked in _places(CATALOGUE.get(name)) if masked == (True, False, False))


def identifiers(kind: EventType) -> tuple[Path, ...]:
    """Where the model takes ten digits as they are."""
    return tuple(path for path, masked in _places(kind) if not all(masked))


def _places(kind: EventType) -> Iterator[tuple[Path, tuple[bool, ...]]]:
    """Where any text may stand in the type's sample, and which forms of a CPR number are masked there."""
    for path, value in leaves(_copy(kind)):
        with suppress(Invalid):
            yield path, tuple(_masks(kind, path, f"{value} {probe}", probe) for probe in _PROBES)


def _masks(kind: EventType, path: Path, value: str, probe: str) -> bool:
    data = _copy(kind)
    put(data, path, value)
    return probe not in CATALOGUE.canonical(kind.name, data).decode()


def _copy(kind: EventType) -> Json:
    """The sample as it comes over the wire: a value of its own, lists for tuples."""
    copied: Json = orjson.loads(orjson.dumps(kind.sample))
    return copied


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in a JSON value, with where it stands."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, name))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def put(data: Any, path: Path, value: str) -> None:
    """Let `value` stand at `path`."""
    _at(data, path[:-1])[path[-1]] = value
