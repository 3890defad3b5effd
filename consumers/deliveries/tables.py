"""The hub's tables of subscriptions and deliveries, as the migrations make them."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)

METADATA = MetaData(schema="hub")

SUBSCRIPTION = Table(
    "subscription",
    METADATA,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("authority", Text, nullable=False),
    Column("principal", Uuid(as_uuid=False), nullable=False),
    Column("subscriber", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("way", Text, nullable=False),
    Column("address", Text),
    Column("secret_number", Integer, nullable=False),
    Column("rotated", DateTime(timezone=True)),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made", DateTime(timezone=True), nullable=False),
)
DELIVERY = Table(
    "delivery",
    METADATA,
    Column("subscription", Uuid(as_uuid=False), primary_key=True),
    Column("authority", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("done", ARRAY(BigInteger), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due", DateTime(timezone=True)),
    Column("holder", Text),
    Column("held_until", DateTime(timezone=True)),
    Column("handed", BigInteger),
    Column("delivered", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
)
"""How far each subscription is: everything up to `position` is done, and beyond it what `done` lists."""
LOG = Table(
    "delivery_log",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("authority", Text, nullable=False),
    Column("subscription", Uuid(as_uuid=False), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("webhook_id", Uuid(as_uuid=False)),
    Column("attempt", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("ms", Integer, nullable=False),
    Column("note", Text, nullable=False),
)
MAIL_ALERT = Table(
    "mail_alert",
    METADATA,
    Column("subscription", Uuid(as_uuid=False), primary_key=True),
    Column("authority", Text, nullable=False),
    Column("alert", Text, primary_key=True),
    Column("group_key", Uuid(as_uuid=False), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("firing", Boolean, nullable=False),
    Column("decided", Text),
    Column("silenced", Date),
)
"""No text of an alert: it is read from the event at `position` when the mail is written."""
MAIL_GROUP = Table(
    "mail_group",
    METADATA,
    Column("subscription", Uuid(as_uuid=False), primary_key=True),
    Column("authority", Text, nullable=False),
    Column("group_key", Uuid(as_uuid=False), primary_key=True),
    Column("due", DateTime(timezone=True)),
    Column("sent", DateTime(timezone=True)),
    Column("sent_hash", Text, nullable=False),
    Column("number", Integer, nullable=False),
)
