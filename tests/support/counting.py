"""A consumer that shows every event applied twice, not at all, or out of order: it counts, and it writes what came."""

from collections import Counter
from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text

from consumers.runtime.consumer import Consumer, Rows
from consumers.runtime.states import state_row, state_table
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from storage.database import cursor_of
from tests.support.sample import FAMILY, START, TYPE

_METADATA = MetaData()
STATED = state_table("stated", _METADATA)
TALLY = Table(
    "tally",
    _METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("events", BigInteger, nullable=False),
    info={"write": "add"},
)
CAME = Table(
    "came",
    _METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("numbers", Text, nullable=False),
    info={"write": "replace"},
)
"""The numbers of a subject's events, one after the other, as they were applied."""


def counting_consumer(name: str = "counting") -> Consumer:
    """Keeps every state, counts the events of each subject, and writes their numbers down as they come."""
    return Consumer(
        name=name, version=1, families=frozenset({FAMILY}), tables=_METADATA, project=project, judge=write_down
    )


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    counted = Counter((event.authority, event.subject) for event in events)
    return {
        STATED: [state_row(event, event.payload.decode()) for event in events],
        TALLY: [(*key, number) for key, number in sorted(counted.items())],
    }


def write_down(connection: Connection, events: Sequence[Event]) -> None:
    """Add the batch's numbers to what came before it."""
    came: dict[tuple[str, str], str] = {}
    for event in events:
        key = event.authority, event.subject
        came[key] = f"{came.get(key, '')}{event.id} "
    rows = [(*key, numbers) for key, numbers in sorted(came.items())]
    with cursor_of(connection) as cursor:
        cursor.execute(
            "INSERT INTO came SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) "
            "ON CONFLICT (authority, subject) DO UPDATE SET numbers = came.numbers || EXCLUDED.numbers",
            [list(column) for column in zip(*rows, strict=True)],
        )


def numbered(number: int, authority: str, subject: str, **data: str) -> Event:
    """The event with this number, checked and canonical as accept leaves it; its number is its id."""
    return Event(
        authority=authority,
        source="urn:counting",
        id=str(number),
        type=TYPE.name,
        subject=subject,
        time=START,
        payload=orjson.dumps({**TYPE.sample, "name": f"Enhed {number}", **data}, option=orjson.OPT_SORT_KEYS),
    )


def numbers_of(events: Iterable[Event]) -> dict[tuple[str, str], str]:
    """What `came` holds when each of `events` was applied once and in their order."""
    came: dict[tuple[str, str], list[str]] = {}
    for event in events:
        came.setdefault((event.authority, event.subject), []).append(f"{event.id} ")
    return {key: "".join(numbers) for key, numbers in came.items()}
