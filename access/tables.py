"""The tables of who may, as the migrations make them."""

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, LargeBinary, MetaData, Table, Text, Uuid

METADATA = MetaData(schema="hub")

PRINCIPAL = Table(
    "principal",
    METADATA,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("key_hash", LargeBinary, unique=True),
    Column("registrar", Text),
    Column("created", DateTime(timezone=True)),
    Column("ended", DateTime(timezone=True)),
)
AGREEMENT = Table(
    "agreement",
    METADATA,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("authority", Text, nullable=False),
    Column("principal", Uuid(as_uuid=False), nullable=False),
    Column("direction", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("approved_by", Text),
    Column("changed", DateTime(timezone=True)),
    Column("purpose", Text, nullable=False),
    Column("max_sensitivity", Text, nullable=False),
)
SOURCE = Table(
    "source",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("principal", Uuid(as_uuid=False), nullable=False),
    Column("claimed", DateTime(timezone=True)),
)
AUTHORITY = Table(
    "authority",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", DateTime(timezone=True)),
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True)),
    Column("authority", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
