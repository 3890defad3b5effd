"""What automation keeps: every version of every rule, and what rules told people or could not do."""

from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from consumers.runtime.states import state_table

METADATA = MetaData()

RULE = state_table("rule", METADATA)
OUTCOME = Table(
    "outcome",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("fact", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("role", Text),
    Column("person", Text),
    Column("document", JSONB, nullable=False),
    Column("recorded", DateTime(timezone=True), nullable=False),
    Index("outcome_rule", "authority", "rule"),
    info={"write": "append"},
)
"""A row for each `notice` and `action-failed`; `subject` is what the event that set the rule off was about."""
