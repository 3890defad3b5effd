"""A digest sees every column that means something, in every table of every consumer."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from consumers.runtime import digest
from consumers.runtime.consumer import Consumer
from consumers.runtime.digest import VOLATILE, table_digest
from consumers.runtime.projections import use_active
from storage.database import Database
from tests.support.events import AUTHORITY
from tests.support.filled import CONSUMERS, fill

OTHERWISE = {
    Text: "coalesce({0}, '') || 'x'",
    BigInteger: "coalesce({0}, 0) + 1",
    Integer: "coalesce({0}, 0) + 1",
    Numeric: "coalesce({0}, 0) + 1",
    Boolean: "NOT coalesce({0}, false)",
    Date: "coalesce({0}, date '2026-01-01') + 1",
    DateTime: "coalesce({0}, now()) + interval '1 day'",
    LargeBinary: "coalesce({0}, '') || '\\x00'::bytea",
    JSONB: "coalesce({0}, '{{}}') || '{{\"otherwise\": true}}'",
    ARRAY: "array_append({0}, 'x')",
    Uuid: "gen_random_uuid()",
}
"""For each type of column, another value than it holds."""


@pytest.fixture
def filled(database: Database) -> Iterator[Connection]:
    """A transaction on a hub in which every consumer has applied a sample of everything."""
    fill(database, CONSUMERS, [AUTHORITY])
    with database.worker.connect() as connection:
        yield connection


def changes(connection: Connection, table: Table, column: "Column[object]") -> bool:
    """Whether the digest changes when the column holds something else in every row."""
    name, before = f'"{column.name}"', table_digest(connection, table)
    kind = next(kind for kind in OTHERWISE if isinstance(column.type, kind))
    with connection.begin_nested() as attempt:
        changed = connection.execute(text(f'UPDATE "{table.name}" SET {name} = ' + OTHERWISE[kind].format(name)))
        assert changed.rowcount, f"{table.name} has no rows: no sample of the catalogue makes one"
        after = table_digest(connection, table)
        attempt.rollback()
    return after != before


def counted(table: Table) -> "list[Column[object]]":
    """The columns that a digest is made of."""
    query = table.info.get("digest")
    names = table.columns.keys() if query is None else query.selected_columns.keys()
    return [table.c[name] for name in names if name not in VOLATILE]


@pytest.mark.guarantee
@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda consumer: consumer.name)
def test_every_column_counts(filled: Connection, consumer: Consumer) -> None:
    """Each is changed in turn, and each change is seen; what is declared volatile is not."""
    use_active(filled, consumer.name)
    for table in consumer.tables.sorted_tables:
        unseen = [column.name for column in counted(table) if not changes(filled, table, column)]
        assert unseen == [], table.name
        volatile = [
            column.name for column in table.columns if column.name in VOLATILE and changes(filled, table, column)
        ]
        assert volatile == [], table.name


@pytest.mark.guarantee
def test_a_column_that_is_left_out_is_not_seen(filled: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: a column more on the list, and its changes go unnoticed."""
    consumer = CONSUMERS[0]
    use_active(filled, consumer.name)
    table = consumer.tables.sorted_tables[0]
    assert changes(filled, table, table.c.effective)
    monkeypatch.setitem(digest.VOLATILE, "effective", "left out")
    assert not changes(filled, table, table.c.effective)


def test_every_row_counts(filled: Connection) -> None:
    """A row that is missing, and one that is there twice, are seen."""
    for consumer in CONSUMERS:
        use_active(filled, consumer.name)
        for table in consumer.tables.sorted_tables:
            before = table_digest(filled, table)
            with filled.begin_nested() as attempt:
                filled.execute(text(f'DELETE FROM "{table.name}"'))
                assert table_digest(filled, table) != before, table.name
                attempt.rollback()


def test_what_is_left_out_has_its_reason() -> None:
    """The list is short, and each name on it is a column of some consumer."""
    names = {
        column.name for consumer in CONSUMERS for table in consumer.tables.tables.values() for column in table.columns
    }
    assert all(VOLATILE.values())
    assert {"recorded", "position"} <= VOLATILE.keys() & names
