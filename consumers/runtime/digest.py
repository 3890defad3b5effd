"""Digests: one hash and row count per table, independent of the order of rows, over every column that means something.

Two runs over the same events give equal digests, in both modes, after any kill, and after a rebuild.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import BIT

from .consumer import Consumer
from .projections import use_active

VOLATILE: dict[str, str] = {
    "recorded": "known time: the clock when the hub stored the event",
    "position": "the place in the store: derived events fall between others differently in each run",
    "event_id": "ids of derived events may count how often something was told",
    "told": "when an alert was told",
}
"""The only columns a digest leaves out, each with its reason."""


def digests(connection: Connection, consumers: Collection[Consumer]) -> dict[str, str]:
    """`consumer.table` -> `<rows>:<hash>` for every table of the active versions."""
    result = {}
    for consumer in consumers:
        if use_active(connection, consumer.name) is not None:
            for table in consumer.tables.sorted_tables:
                result[f"{consumer.name}.{table.name}"] = table_digest(connection, table)
    return dict(sorted(result.items()))


def table_digest(connection: Connection, table: Table) -> str:
    """Row count and the sums of two halves of each row's MD5: equal for equal sets of rows, whatever their order.

    A table whose rows also tell how things came about names what counts in `table.info["digest"]`, a query.
    """
    counted = _counted(table)
    row = func.md5(cast(func.jsonb_build_array(*(cast(column, Text) for column in counted)), Text))
    hashed = select(row.label("hash")).subquery("hashed")
    found = connection.execute(select(func.count(), _sum(hashed.c.hash, 1), _sum(hashed.c.hash, 16))).one()
    return f"{found[0]}:{int(found[1]) % 2**64:016x}{int(found[2]) % 2**64:016x}"


def _counted(table: Table) -> list[ColumnElement[Any]]:
    query = table.info.get("digest")
    columns = table.columns if query is None else query.subquery("counted").columns
    return [column for column in columns if column.name not in VOLATILE]


def _sum(digits: ColumnElement[str], start: int) -> ColumnElement[Any]:
    """The sum of fifteen hexadecimal digits of each hash, taken as a number."""
    number = cast(cast(literal("x").op("||")(func.substr(digits, start, 15)), BIT(60)), BigInteger)
    return func.coalesce(func.sum(number), 0)
