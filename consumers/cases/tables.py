"""What the case index keeps: every statement about a case and about a journal entry, with what they are found by."""

from sqlalchemy import Column, Index, MetaData, Text

from consumers.runtime.states import state_table

METADATA = MetaData()

CASE = state_table(
    "case",
    METADATA,
    Column("number", Text),
    Column("kle", Text),
    Column("state", Text),
    Column("party", Text),
    Index("case_number", "authority", "number"),
    Index("case_kle", "authority", "kle"),
    Index("case_party", "authority", "party"),
)
"""`party` is the pseudonym of the primary party. A removal has none of these."""
JOURNAL_ENTRY = state_table(
    "journal_entry",
    METADATA,
    Column("on_case", Text),
    Index("journal_entry_on_case", "authority", "on_case"),
)

STATES = {"case.case": CASE, "case.journal-entry": JOURNAL_ENTRY}
"""The table of each kind of subject, by the name of its events without `-stated`."""
