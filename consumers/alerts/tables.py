"""What is kept of alerts: every fact told of them, only ever added; how an alert stands is derived on reading."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    MetaData,
    Numeric,
    Table,
    Text,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

METADATA = MetaData()

FOUND = ("opened", "changed", "resolved")
"""The facts that say what a rule finds; the last of them is the finding as it is now."""
BY_PEOPLE = ("acknowledged", "decided", "silenced")

ALERT_EVENT = Table(
    "alert_event",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("alert", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("fact", Text, nullable=False),
    Column("rule", Text),
    Column("severity", Text),
    Column("subject", Text),
    Column("amount", Numeric),
    Column("currency", Text),
    Column("values_hash", Text),
    Column("data", JSONB, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("recorded", DateTime(timezone=True), nullable=False),
    info={"write": "append"},
)
"""A row per fact. `rule`, `severity`, `subject` and the amount at stake are the finding's; people's facts have none.

`values_hash` is of the values that were found, or that a decision is about.
"""

_E = ALERT_EVENT.c
_LAST = (
    select(ALERT_EVENT)
    .ext(distinct_on(_E.authority, _E.alert))
    .where(_E.fact.in_(FOUND))
    .order_by(_E.authority, _E.alert, _E.position.desc())
    .subquery()
)
_JUDGED = ("rule", "severity", "subject", "amount", "currency", "values_hash", "source")
DIGESTED = union_all(
    select(
        _LAST.c.authority,
        _LAST.c.alert,
        literal_column("'found'").label("fact"),
        _LAST.c.data,
        *(_LAST.c[name] for name in _JUDGED),
    ).where(_LAST.c.fact != "resolved"),
    select(_E.authority, _E.alert, _E.fact, _E.data, *(_E[name] for name in _JUDGED)).where(_E.fact.in_(BY_PEOPLE)),
)
"""What digests are made of: what is found now, and what people did.

How often a finding was told on the way depends on when the hub came to rest, so it differs between runs.
"""
ALERT_EVENT.info["digest"] = DIGESTED
