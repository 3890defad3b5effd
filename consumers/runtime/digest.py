"""Digests: one hash and row count per table, independent of the order of rows, over every column that means something.

Two runs over the same events give equal digests, in both modes, after any kill, and after a rebuild.
"""

from collections.abc import Collection

from sqlalchemy import Connection, Table, text

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


def table_digest(connection: Connection, table: Table, schema: str | None = None) -> str:
    """Row count and the sums of two halves of each row's MD5: equal for equal sets of rows, whatever their order."""
    columns = [column for column in table.columns if column.name not in VOLATILE]
    row = ", ".join(f'"{column.name}"::text' for column in columns)
    name = f'"{schema}"."{table.name}"' if schema else f'"{table.name}"'
    found = connection.execute(
        text(
            "SELECT count(*), coalesce(sum(('x' || substr(hash, 1, 15))::bit(60)::bigint), 0), "
            "coalesce(sum(('x' || substr(hash, 16, 15))::bit(60)::bigint), 0) "
            f"FROM (SELECT md5(jsonb_build_array({row})::text) AS hash FROM {name}) AS hashed"
        )
    ).one()
    return f"{found[0]}:{int(found[1]) % 2**64:016x}{int(found[2]) % 2**64:016x}"
