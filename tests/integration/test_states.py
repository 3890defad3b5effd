"""Bitemporal states in PostgreSQL against their rule, told the simplest way."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, MetaData
from sqlalchemy.schema import CreateTable

from consumers.runtime.states import as_of, state_table
from storage.copying import copy_rows
from storage.database import Database
from tests.support.events import AUTHORITY, recorded

STATED = state_table("stated", MetaData())
FIRST = date(2026, 1, 1)


class Statement(NamedTuple):
    """What was said of a subject: from day `start`, to day `end` where stated; None as name is a removal."""

    subject: str
    start: int
    end: int | None
    name: str | None


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    start = draw(st.integers(0, 9))
    end = draw(st.none() | st.integers(start + 1, 12))
    return Statement(draw(st.sampled_from("ab")), start, end, draw(st.none() | st.sampled_from("xyz")))


def held(said: list[Statement], on: int, known: int) -> dict[str, str]:
    """What held on day `on` by the first `known` statements.

    A statement holds from its start to its end, else to the next known start of its subject; where spans overlap, the
    later record wins; a removal leaves nothing.
    """
    result = {}
    for subject in {statement.subject for statement in said}:
        mine = [statement for statement in said[:known] if statement.subject == subject]
        for statement in mine:
            later = [other.start for other in mine if other.start > statement.start]
            end = statement.end if statement.end is not None else min(later, default=99)
            if statement.start <= on < end:
                result[subject] = statement.name
    return {subject: name for subject, name in result.items() if name is not None}


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def write(connection: Connection, said: list[Statement]) -> None:
    rows = [
        (
            AUTHORITY, one.subject, position, day(one.start), None if one.end is None else day(one.end),
            recorded(position), False, None if one.name is None else f'{{"name": "{one.name}"}}',
        )
        for position, one in enumerate(said, 1)
    ]  # fmt: skip
    copy_rows(connection, STATED, rows)


def read(connection: Connection, on: int, known_at: datetime | None = None) -> dict[str, str]:
    found = connection.execute(as_of(STATED, valid_at=day(on), known_at=known_at))
    return {row.subject: row.document["name"] for row in found}


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A transaction with an empty table of states, rolled back."""
    with database.worker.connect() as open_one:
        open_one.exec_driver_sql("CREATE SCHEMA states")
        open_one.exec_driver_sql("SET LOCAL search_path TO states")
        open_one.execute(CreateTable(STATED))
        yield open_one


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(statements(), max_size=7), on=st.integers(0, 12), known=st.integers(0, 7))
def test_as_of_is_the_rule(connection: Connection, said: list[Statement], on: int, known: int) -> None:
    """What the query finds, on any day and by what was known at any time, is what the rule says."""
    with connection.begin_nested() as attempt:
        write(connection, said)
        assert read(connection, on, recorded(known)) == held(said, on, known)
        assert read(connection, on) == held(said, on, len(said))
        attempt.rollback()


@pytest.mark.parametrize(
    ("said", "on", "name"),
    [
        pytest.param([("a", 5, None, "late"), ("a", 1, None, "early")], 3, "early", id="told out of order"),
        pytest.param([("a", 5, None, "late"), ("a", 1, None, "early")], 5, "late", id="the next start ends it"),
        pytest.param([("a", 1, 4, "short")], 4, None, id="effective_to is the first day it no longer holds"),
        pytest.param([("a", 1, 9, "first"), ("a", 3, 6, "second")], 4, "second", id="the later record wins"),
        pytest.param([("a", 1, 9, "first"), ("a", 3, 6, "second")], 7, "first", id="what was overlaid comes back"),
        pytest.param([("a", 1, None, "there"), ("a", 4, None, None)], 5, None, id="a removal leaves nothing"),
        pytest.param([("a", 1, None, "there"), ("a", 4, None, None)], 3, "there", id="until it was removed"),
        pytest.param([("a", 1, None, "old"), ("a", 1, None, "corrected")], 1, "corrected", id="the same start again"),
    ],
)
def test_cases(connection: Connection, said: list[Statement], on: int, name: str | None) -> None:
    """The cases a reader would try first."""
    write(connection, [Statement(*one) for one in said])
    assert read(connection, on).get("a") == name
