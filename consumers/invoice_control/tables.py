"""What invoice control keeps: every document and every statement about what it is judged by, and what the rules find.

The columns beside a document are for finding what belongs together without reading documents.
"""

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from consumers.runtime.findings import findings_table
from consumers.runtime.states import state_table

METADATA = MetaData()


def _origin() -> tuple[Column[str], Column[str]]:
    """The event a row was made of, beside its authority: what a finding names as its cause."""
    return Column("source", Text, nullable=False), Column("event_id", Text, nullable=False)


INVOICE = Table(
    "invoice",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    *_origin(),
    Column("recorded", DateTime(timezone=True), nullable=False),
    Column("supplier", Text, nullable=False),
    Column("doc_type", Text, nullable=False),
    Column("number", Text),
    Column("issue_date", Date),
    Column("refs", ARRAY(Text), nullable=False),
    Column("gln", Text),
    Column("document", JSONB, nullable=False),
    Index("invoice_supplier", "authority", "supplier"),
    info={"write": "append"},
)
"""A row per received document: the number its supplier is known by, the contracts and orders it names, its address."""

REFUSAL = Table(
    "refusal",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    *_origin(),
    Column("recorded", DateTime(timezone=True), nullable=False),
    Column("document", JSONB, nullable=False),
    info={"write": "append"},
)
"""A row per file that was no invoice."""

SUPPLIER = state_table(
    "supplier", METADATA, *_origin(), Column("numbers", ARRAY(Text), nullable=False), Column("successor", Text)
)
"""`numbers` are CVR, VAT number and GLNs as `schemas.billing.supplier_number` writes them."""

CONTRACT = state_table(
    "contract",
    METADATA,
    *_origin(),
    Column("parent", Text),
    Column("suppliers", ARRAY(Text), nullable=False),
    Column("refs", ARRAY(Text), nullable=False),
)
"""`parent` of an addendum or a call-off; `refs` are its number and its order numbers, normalised."""

PRICE_ITEM = state_table("price_item", METADATA, *_origin(), Column("contract", Text))
UNIT = state_table("unit", METADATA, *_origin(), Column("glns", ARRAY(Text), nullable=False))
FINDING = findings_table(METADATA)
