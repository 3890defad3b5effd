"""Events of the contract register to rows."""

from collections.abc import Sequence
from functools import cache

from consumers.runtime.consumer import Rows
from consumers.runtime.documents import Kept, families_of, kept_in, state_rows
from schemas.catalogue import Catalogue
from schemas.envelope import Event

from .tables import STATES

FAMILIES = families_of(STATES)


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    """The rows of a batch. Raises Invalid for a payload that is not of its type."""
    return state_rows(events, _kept(catalogue))


@cache
def _kept(catalogue: Catalogue) -> dict[str, Kept]:
    return kept_in(STATES, catalogue)
