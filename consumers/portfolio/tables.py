"""What the portfolio keeps: what is stated of projects, capacity, models and roles, every fact, and what is found."""

from sqlalchemy import BigInteger, Column, Date, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from consumers.runtime.findings import findings_table
from consumers.runtime.states import state_table

METADATA = MetaData()

PROJECT = state_table("project", METADATA)
BUSINESS_CASE = state_table("business_case", METADATA)
BENEFITS = state_table("benefits", METADATA)
RESOURCES = state_table("resources", METADATA)
CAPACITY = state_table("capacity", METADATA)
MODEL = state_table("model", METADATA)
ROLE = state_table("role", METADATA)

FACT = Table(
    "fact",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("fact", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("recorded", DateTime(timezone=True), nullable=False),
    Column("document", JSONB, nullable=False),
    info={"write": "append"},
)
"""A row per fact about a project, with the day it holds from; its facts follow one another by position."""

FINDING = findings_table(METADATA)

STATES = {
    "portfolio.project": PROJECT,
    "portfolio.business-case": BUSINESS_CASE,
    "portfolio.benefits": BENEFITS,
    "portfolio.resources": RESOURCES,
    "portfolio.capacity": CAPACITY,
    "organisation.role": ROLE,
}
"""The table of each kind of state, by the name of its events without `-stated`."""
