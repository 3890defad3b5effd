"""What the contract register keeps: statements per kind of subject, what its watch needs beside, and its findings."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, MetaData, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from consumers.runtime.findings import findings_table
from consumers.runtime.states import state_table

METADATA = MetaData()

CONTRACT = state_table(
    "contract",
    METADATA,
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("refs", ARRAY(Text), nullable=False),
    Column("tied", ARRAY(Text), nullable=False),
)
"""`refs` are its number and its order numbers, normalised; `tied` the contract it replaces and the one it adds to."""
PRICE_ITEM = state_table("price_item", METADATA)
SUPPLIER = state_table("supplier", METADATA)
AGREEMENT = state_table("agreement", METADATA)
SUPERVISION = state_table("supervision", METADATA)
COUNT = state_table("count", METADATA)
INDEX = state_table("index", METADATA)

STATES = {
    "contract.contract": CONTRACT,
    "contract.price-item": PRICE_ITEM,
    "supplier.supplier": SUPPLIER,
    "processing.agreement": AGREEMENT,
    "processing.supervision": SUPERVISION,
    "statistics.count": COUNT,
    "statistics.index": INDEX,
}
"""The table of each kind of subject, by the name of its events without `-stated`."""

OWNER = state_table("owner", METADATA, Column("contract", Text))
"""Who owns which contract, without saying who: a holding of any other role is a statement of nothing."""

DAY = Table(
    "day",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("date", Date, nullable=False),
    info={"write": "append"},
)
"""The days that have begun for an authority; the last of them is today."""

BILLED = Table(
    "billed",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("number", Text),
    Column("supplier", Text, nullable=False),
    Column("refs", ARRAY(Text), nullable=False),
    Column("issued", Date, nullable=False),
    Column("covers_to", Date, nullable=False),
    Column("covers_stated", Boolean, nullable=False),
    Column("net", Numeric, nullable=False),
    Column("currency", Text),
    Index("billed_refs", "refs", postgresql_using="gin"),
    info={"write": "append"},
)
"""The documents that name a contract or an order: whose they are, what they name, the days they cover, their net."""

BUYING = Table(
    "buying",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("contracts", ARRAY(Text), nullable=False),
    Column("ends_on", Date),
    Column("by_people", Boolean, nullable=False),
    Column("over", Boolean, nullable=False),
    info={"write": "append"},
)
"""What was begun to buy anew, a project or a workflow, for which contracts; and that it is over. `ends_on` is the end
of the contract that a workflow was started for: whatever it came to, that end has been dealt with. A workflow is begun
by the alarm itself, a project `by_people`."""

FINDING = findings_table(METADATA)
