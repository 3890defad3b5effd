"""Events of cases to rows: each statement with the columns it is found by."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Table

from consumers.runtime.consumer import Rows
from consumers.runtime.documents import Kept, families_of, kept_in
from consumers.runtime.states import state_row
from schemas.catalogue import Catalogue
from schemas.envelope import Event

from .tables import CASE, STATES

FAMILIES = families_of(STATES)


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    """The rows of a batch. Raises Invalid for a payload that is not of its type."""
    rows = defaultdict[Table, list[tuple[Any, ...]]](list)
    kept = _kept(catalogue)
    for event in events:
        table, written = kept[event.type]
        document = written(event)
        data = {} if document is None else orjson.loads(document)
        found_by = _case_columns(data) if table is CASE else (data.get("case"),)
        rows[table].append(state_row(event, document, *found_by))
    return rows


def _case_columns(data: Mapping[str, Any]) -> tuple[str | None, ...]:
    return data.get("number"), data.get("kle_subject"), data.get("state"), data.get("primary_party")


@cache
def _kept(catalogue: Catalogue) -> dict[str, Kept]:
    return kept_in(STATES, catalogue)
