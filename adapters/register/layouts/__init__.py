"""The registers that can be read, each a declaration; a new one is an entry here."""

from adapters.register.columns import Layout

from .cases import CASES, JOURNAL_ENTRIES
from .contracts import CONTRACTS
from .duties import CONFORMITY, PROCESSING_AGREEMENTS, REQUIREMENT_LISTS, SUPERVISIONS
from .landscape import INTERFACES, RELATIONS, SYSTEMS, USAGES, USER_COUNTS
from .organisation import BUDGETS, ROLES, UNITS
from .prices import COUNTS, INDEXES, PRICE_ITEMS
from .sources import DATA_SOURCE_USES, DATA_SOURCES
from .suppliers import SUPPLIERS

LAYOUTS: tuple[Layout, ...] = (
    *(UNITS, SYSTEMS, INTERFACES, USAGES, RELATIONS, USER_COUNTS, DATA_SOURCES, DATA_SOURCE_USES, ROLES),
    *(SUPPLIERS, CONTRACTS, PRICE_ITEMS, COUNTS, INDEXES, BUDGETS),
    *(REQUIREMENT_LISTS, CONFORMITY, PROCESSING_AGREEMENTS, SUPERVISIONS),
    *(CASES, JOURNAL_ENTRIES),
)
