"""Findings: what the rules of a consumer find now, kept as rows; every change is noted, to be told when settled.

A judgement sees facts of several subjects, so it works alone per authority: `lock_authorities` before any fact is read.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import LiteralString, NamedTuple
from uuid import UUID

from psycopg import sql
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, Text, Uuid, select, text
from sqlalchemy.dialects.postgresql import JSONB

from schemas.alerts import Finding, alert_id
from schemas.catalogue import canonical_json
from storage.copying import copy_rows, qualified
from storage.database import together


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


class _Row(NamedTuple):
    """A finding as its table has it."""

    authority: str
    fingerprint: UUID
    group: str
    rule: str
    hash: bytes
    data: str


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
    """Let `found`, each in one of `groups`, be all there is in them (None: every group); note which findings changed.

    Two findings with one fingerprint are one: the last of them stands. A version that is being built notes nothing: its
    hand-over compares everything with what was told, and the live version's judgements need not wait for it.
    """
    rows = {each.fingerprint: _row(authority, each) for each in found}
    scope = (authority, groups is None, sorted(groups or ()))
    ((*standing,),) = together(connection, (_named(_STANDING, table), scope))
    known = {fingerprint: (group, hash_) for fingerprint, group, hash_ in standing}
    gone = known.keys() - rows.keys()
    changed = {each: row for each, row in rows.items() if known.get(each) != (row.group, row.hash)}
    if gone or changed:
        noted = sorted(gone | changed.keys())
        together(
            connection,
            (_named(_REMOVE, table), (authority, sorted(gone))),
            (_NOTE, (consumer, authority, noted, consumer)),
        )
        copy_rows(connection, table, list(changed.values()), "replace")


def tell_again(connection: Connection, consumer: str, table: Table, authority: str, alert: str) -> None:
    """What was told of this alert is gone: note it, so that it is told anew if it is found."""
    query = select(table.c.fingerprint).where(table.c.authority == authority, table.c.fingerprint.cast(Text) == alert)
    noted = list(connection.execute(query).scalars())
    if noted:
        together(connection, (_NOTE, (consumer, authority, noted, consumer)))


def _row(authority: str, found: Found) -> _Row:
    data = canonical_json(found.finding)
    hash_ = blake2b(data, digest_size=16).digest()
    return _Row(authority, found.fingerprint, found.group, found.finding.rule, hash_, data.decode())


def _named(statement: LiteralString, table: Table) -> sql.Composed:
    return sql.SQL(statement).format(finding=qualified(table))


_STANDING: LiteralString = (
    "SELECT fingerprint, grp, hash FROM {finding} WHERE authority = %s AND (%s OR grp = ANY(%s::text[]))"
)
_REMOVE: LiteralString = "DELETE FROM {finding} WHERE authority = %s AND fingerprint = ANY(%s::uuid[])"
_NOTE = """
INSERT INTO hub.pending (consumer, authority, fingerprint, position)
SELECT %s, %s, fingerprint, (SELECT coalesce(max(position), 0) FROM hub.event)
FROM unnest(%s::uuid[]) AS fingerprint
WHERE EXISTS (
    SELECT FROM hub.projection AS live
    WHERE live.consumer = %s AND live.state = 'active' AND current_schema() = live.consumer || '_v' || live.version
)
ON CONFLICT (consumer, authority, fingerprint) DO UPDATE SET position = EXCLUDED.position
"""
