"""Findings: what the rules of a consumer find now, kept as rows; every change is noted, to be told when settled.

A judgement sees facts of several subjects, so it works alone per authority: `lock_authorities` before any fact is read.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from uuid import UUID

from psycopg import sql
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from schemas.alerts import Finding, alert_id
from schemas.catalogue import canonical_json
from storage.copying import qualified, stage
from storage.database import cursor_of


def findings_table(metadata: MetaData) -> Table:
    """The table of a judging consumer's findings. `grp` is what is judged together, such as one supplier's invoices."""
    return Table(
        "finding",
        metadata,
        Column("authority", Text, primary_key=True),
        Column("fingerprint", Uuid, primary_key=True),
        Column("grp", Text, nullable=False),
        Column("rule", Text, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("data", JSONB, nullable=False),
        info={"write": "replace"},
    )


@dataclass(frozen=True)
class Found:
    """One finding of an authority, within the group that was judged."""

    authority: str
    group: str
    finding: Finding

    @cached_property
    def fingerprint(self) -> UUID:
        """(authority, rule, subject, line): the alert's own subject."""
        return UUID(alert_id(self.authority, self.finding.rule, self.finding.subject.id, self.finding.line_id))


def lock_authorities(connection: Connection, consumer: str, authorities: Iterable[str], *, shared_facts: bool) -> None:
    """Work alone on these authorities until the commit; alone on everything when the batch changes `shared_facts`.

    The order (shared facts first, then the authorities sorted) is the same everywhere, so nobody waits in a circle.
    """
    mode = "" if shared_facts else "_shared"
    connection.execute(
        text(f"SELECT pg_advisory_xact_lock{mode}(hashtextextended(:name, 0))"), {"name": f"judge {consumer}"}
    )
    for authority in sorted(set(authorities)):
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"judge {consumer} {authority}"},
        )


def replace_findings(
    connection: Connection,
    consumer: str,
    table: Table,
    authority: str,
    found: Collection[Found],
    *,
    groups: Collection[str] | None,
) -> None:
    """Let `found` be all there is for the authority's `groups` (None: every group); note which findings changed.

    Two findings with one fingerprint are one: the last of them stands. A version that is being built notes nothing: its
    hand-over compares everything with what was told, and the live version's judgements need not wait for it.
    """
    unique = {each.fingerprint: each for each in found}
    rows = [
        (authority, each.fingerprint, each.group, each.finding.rule, _hash(data), data.decode())
        for each in unique.values()
        for data in (canonical_json(each.finding),)
    ]
    twin = stage(connection, table, rows, [column.name for column in table.columns])
    names = {"finding": qualified(table), "twin": sql.Identifier(twin)}
    scope = {"authority": authority, "groups": None if groups is None else list(groups), "consumer": consumer}
    with cursor_of(connection) as cursor:
        cursor.execute(sql.SQL(_REPLACE).format(**names), scope)
        cursor.execute(sql.SQL("TRUNCATE pg_temp.{twin}").format(**names))


_REPLACE = """
WITH gone AS (
    DELETE FROM {finding} AS old
    WHERE old.authority = %(authority)s AND (%(groups)s::text[] IS NULL OR old.grp = ANY(%(groups)s::text[]))
        AND NOT EXISTS (SELECT FROM pg_temp.{twin} AS new WHERE new.fingerprint = old.fingerprint)
    RETURNING old.fingerprint
), written AS (
    INSERT INTO {finding} AS old SELECT * FROM pg_temp.{twin}
    ON CONFLICT (authority, fingerprint) DO UPDATE SET grp = EXCLUDED.grp, hash = EXCLUDED.hash, data = EXCLUDED.data
        WHERE old.hash <> EXCLUDED.hash OR old.grp <> EXCLUDED.grp
    RETURNING old.fingerprint
)
INSERT INTO hub.pending (consumer, authority, fingerprint, position)
SELECT %(consumer)s, %(authority)s, fingerprint, (SELECT coalesce(max(position), 0) FROM hub.event)
FROM (TABLE gone UNION TABLE written) AS changed
WHERE EXISTS (
    SELECT FROM hub.projection AS live
    WHERE live.consumer = %(consumer)s AND live.state = 'active'
        AND current_schema() = live.consumer || '_v' || live.version
)
ON CONFLICT (consumer, authority, fingerprint) DO UPDATE SET position = EXCLUDED.position
"""


def _hash(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
