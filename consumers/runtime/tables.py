"""The hub's tables of what consumers have done, as the migrations make them."""

from sqlalchemy import BigInteger, Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData(schema="hub")

PROJECTION = Table(
    "projection",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("code_version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("advanced", DateTime(timezone=True)),
)
POSITION = Table(
    "position",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("advanced", DateTime(timezone=True)),
)
PARKED = Table(
    "parked",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("authority", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", DateTime(timezone=True)),
)
PENDING = Table(
    "pending",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("authority", Text, primary_key=True),
    Column("fingerprint", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
ANNOUNCED = Table(
    "announced",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("authority", Text, primary_key=True),
    Column("fingerprint", Uuid, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("data", JSONB(none_as_null=True)),
    Column("ordinal", Integer, nullable=False),
)
