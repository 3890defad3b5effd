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

    A table of facts whose number depends on when the hub came to rest declares in `table.info["digest"]` what of it
    means something.
    """
    meant = table.info.get("digest")
    if meant is None:
        meant = select(*(column for column in table.columns if column.name not in VOLATILE))
    texts = [cast(column, Text) for column in meant.subquery().c]
    hashed = select(func.md5(cast(func.jsonb_build_array(*texts), Text)).label("hash")).subquery()
    halves = [literal_column(f"('x' || substr(hash, {start}, 15))::bit(60)::bigint") for start in (1, 16)]
    found = connection.execute(
        select(func.count(), *(func.coalesce(func.sum(half), 0) for half in halves)).select_from(hashed)
    ).one()
    return f"{found[0]}:{int(found[1]) % 2**64:016x}{int(found[2]) % 2**64:016x}"
