"""Events of every type that hang together, each with a word of its own in every text, to look for it afterwards."""

from typing import Any

import orjson

from kernel.errors import Invalid
from kernel.ids import subject_id
from schemas.catalogue import EventType
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from tests.support.filled import samples
from tests.support.persons import leaves, put

CALLED = {
    "system usage": ("3e9a6b44-0f0c-4c2d-a2c4-5d7e8f901001", "6b2a0000-0000-4000-8000-000000000001"),
    "organisation unit": tuple(f"6b2a0000-0000-4000-8000-0000000000c{number}" for number in (1, 2, 7)),
    "supplier": ("0d1f7a52-6c1b-4c57-9d0a-3f5b8f4e2001",),
    "contract": ("7c3b0000-0000-4000-8000-000000000001", "7b1d3c0e-58a4-4f0e-8b57-1f6a2d9c3001"),
    "data-processing agreement": ("5c2f8e10-7d3b-4a9e-9c61-2b8d4f7a4001",),
    "data source": ("8e4d0000-0000-4000-8000-000000000002",),
    "case": ("8d5c0000-0000-4000-8000-000000000001",),
}
"""What the samples of other types call a subject of this key."""


def marked(authority: str) -> dict[str, Event]:
    """The samples of all types by the word that each of them alone says, wherever its model takes it.

    Types with one key are about one subject, to which the others refer; what is removed is a subject of its own.
    """
    return {f"Hemmelig{number:03}x": _marked(each, number) for number, each in enumerate(samples(authority))}


def _marked(event: Event, number: int) -> Event:
    payload = event.payload
    for key, ids in CALLED.items():
        for each in ids:
            payload = payload.replace(each.encode(), _subject(event.authority, key).encode())
    for path, value in leaves(orjson.loads(payload)):
        data: Any = orjson.loads(payload)
        put(data, path, f"{value} Hemmelig{number:03}x")
        try:
            payload = CATALOGUE.canonical(event.type, data)
        except Invalid:
            continue
    kind = CATALOGUE.get(event.type)
    return event._replace(payload=payload, subject=_subject(event.authority, _key(kind)))


def _key(kind: EventType) -> str:
    return kind.name if kind.fact.endswith("-removed") else kind.key


def _subject(authority: str, key: str) -> str:
    return str(subject_id(authority, "marked", key))
