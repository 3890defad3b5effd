"""The event store's tables, as the migrations make them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

METADATA = MetaData(schema="hub")

EVENT = Table(
    "event",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("id", Text, nullable=False),
    Column("aggregatetype", Text, nullable=False),
    Column("aggregateid", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", Text),
    Column("authority", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("effective", Date),
    Column("effective_to", Date),
    Column("correlation_id", Text),
    Column("causation_id", Text),
    Column("classification", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("sequence", Text),
    Column("traceparent", Text),
    Column("depth", SmallInteger, nullable=False),
    Column("recorded", DateTime(timezone=True), nullable=False),
)
"""Columns id, aggregatetype, aggregateid, type, payload are those of Debezium's outbox event router."""

EVENT_KEY = Table(
    "event_key", METADATA, Column("key", Uuid, primary_key=True), Column("hash", LargeBinary, nullable=False)
)
EVENT_STATE = Table(
    "event_state", METADATA, Column("key", Uuid, primary_key=True), Column("hash", LargeBinary, nullable=False)
)
HEAD = Table(
    "head",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("shared", BigInteger, nullable=False),
)
