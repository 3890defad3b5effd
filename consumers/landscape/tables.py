"""What the landscape keeps: a table of statements per kind of subject, and the amount of every invoice."""

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, Numeric, Table, Text

from consumers.runtime.states import state_table

METADATA = MetaData()

SYSTEM = state_table("system", METADATA)
USAGE = state_table("usage", METADATA)
INTERFACE = state_table("interface", METADATA)
RELATION = state_table("relation", METADATA)
USER_COUNT = state_table("user_count", METADATA)
DATA_SOURCE = state_table("data_source", METADATA)
DATA_SOURCE_USE = state_table("data_source_use", METADATA)
REQUIREMENT_LIST = state_table("requirement_list", METADATA)
CONFORMITY = state_table("conformity", METADATA)
UNIT = state_table("unit", METADATA)
ROLE = state_table("role", METADATA)
SUPPLIER = state_table("supplier", METADATA)
CONTRACT = state_table("contract", METADATA)
PRICE_ITEM = state_table("price_item", METADATA)
COUNT = state_table("count", METADATA)

STATES = {
    "system.catalogue": SYSTEM,
    "system.usage": USAGE,
    "system.interface": INTERFACE,
    "system.relation": RELATION,
    "system.user-count": USER_COUNT,
    "system.data-source": DATA_SOURCE,
    "system.data-source-use": DATA_SOURCE_USE,
    "system.requirement-list": REQUIREMENT_LIST,
    "system.conformity": CONFORMITY,
    "organisation.unit": UNIT,
    "organisation.role": ROLE,
    "supplier.supplier": SUPPLIER,
    "contract.contract": CONTRACT,
    "contract.price-item": PRICE_ITEM,
    "statistics.count": COUNT,
}
"""The table of each kind of subject, by the name of its events without `-stated`."""

INVOICED = Table(
    "invoiced",
    METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("recorded", DateTime(timezone=True), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("supplier", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("net", Numeric, nullable=False),
    Index("invoiced_year", "authority", "year"),
    info={"write": "append"},
)
"""A row per invoice and credit note: its amount without VAT, a credit note's below zero, by the year of issue.

Rows with one subject and one `sha256` are one document, told by several sources. `supplier` is `InvoiceParty.key`;
`reference` is the one contract the invoice names, as written, else its order number, else empty.
"""
