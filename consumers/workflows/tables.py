"""What is kept of workflows: each instance's facts, and how it stands by them.

`fact` is the whole truth; `instance`, `task` and `timer` are what those facts come to, kept so that they can be asked
for. `message` holds what came that an instance may wait for, `day` each authority's last day, `holding` who has which
role.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from consumers.runtime.findings import findings_table
from consumers.runtime.states import state_table

METADATA = MetaData()

FACT = Table(
    "fact",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("fact", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("recorded", DateTime(timezone=True), nullable=False),
    Column("data", JSONB, nullable=False),
    Column("moment", DateTime(timezone=True), nullable=False),
    info={"write": "append"},
)
"""A row per fact; `moment` is the event's own time."""
BY_PEOPLE = ("task-claimed", "task-recommended", "task-completed")
FACT.info["digest"] = select(FACT.c.authority, FACT.c.subject, FACT.c.fact, FACT.c.data).where(
    FACT.c.fact.in_(("started", *BY_PEOPLE))
)
"""What came from outside may be told once more than it was waited for, by how the hub's domains overtake another."""

INSTANCE = Table(
    "instance",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("process", Text, nullable=False),
    Column("business_key", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer),
    Column("vals", JSONB),
    Column("current", JSONB),
    Column("done", JSONB),
    Column("messages", JSONB),
    Column("started_on", Date),
    Column("due", Date),
    Column("ended_on", Date),
    Column("outcome", Text),
    info={"write": "replace"},
)
"""`requested` until its `started` is read, then `running` and `ended`. `asked` is where the request stands in the
store; messages that came after it count. `current` and `done` are steps of the drawing, `messages` is what it waits
for."""
Index("instance_status", INSTANCE.c.authority, INSTANCE.c.status, INSTANCE.c.process)
INSTANCE.info["digest"] = select(*(column for column in INSTANCE.c if column.name != "asked"))

TASK = Table(
    "task",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("task", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("roles", JSONB, nullable=False),
    Column("about", JSONB, nullable=False),
    Column("form", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("deadline", Date),
    Column("claimed_by", Text),
    Column("completed_by", Text),
    Column("closed_on", Date),
    info={"write": "replace"},
)
Index("task_status", TASK.c.authority, TASK.c.status, TASK.c.deadline)
Index("task_subject", TASK.c.authority, TASK.c.subject)

TIMER = Table(
    "timer",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("due", Date),
    info={"write": "replace"},
)
"""`due` is empty when the timer is not waited for any more."""
Index("timer_due", TIMER.c.authority, TIMER.c.due)

MESSAGE = Table(
    "message",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("process", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("family", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("equals", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("vals", JSONB, nullable=False),
    Column("moment", DateTime(timezone=True), nullable=False),
    Column("depth", Integer, nullable=False),
    info={"write": "append"},
)
"""Events that instances may wait for, by the message they are in the drawing and the key they are for."""
Index("message_key", MESSAGE.c.authority, MESSAGE.c.process, MESSAGE.c.message, MESSAGE.c.key)
MESSAGE.info["digest"] = select(
    *(MESSAGE.c[name] for name in ("authority", "process", "version", "message", "family", "subject", "key", "vals"))
).where(MESSAGE.c.family.not_like("alert.%"))
"""How often an alert was told on the way depends on when the hub came to rest."""

DAY = Table(
    "day",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("day", Date, nullable=False),
    info={"write": "append"},
)
"""The days that have begun; the last of them is the authority's today."""
TODAY = select(DAY.c.authority, func.max(DAY.c.day).label("day")).group_by(DAY.c.authority).subquery("today")

HOLDING = state_table("holding", METADATA)
STATES = {"organisation.role": HOLDING}
"""The table of each kind of statement that is kept, by the name of its events without `-stated`."""
FINDING = findings_table(METADATA)
