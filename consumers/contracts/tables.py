"""What the contract register keeps: a table of statements per kind of subject."""

from sqlalchemy import MetaData

from consumers.runtime.states import state_table

METADATA = MetaData()

CONTRACT = state_table("contract", METADATA)
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
