"""Events to rows: statements as states, decisions and reports as facts; a proposal is both."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Table

from consumers.runtime.consumer import Rows
from consumers.runtime.documents import Kept, families_of, kept_in, loaded, required_fields, state_rows
from consumers.runtime.states import starts_on, state_row
from schemas.catalogue import Catalogue
from schemas.envelope import Event

from .dossier import FACTS
from .tables import FACT, MODEL, PROJECT, STATES

ADOPTED, PROPOSED = "portfolio.model-adopted", "portfolio.proposed"
FAMILIES = families_of(STATES) | {ADOPTED} | {f"portfolio.{fact}" for fact in FACTS}


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    """The rows of a batch. Raises Invalid for a payload that is not of its type."""
    kept = _kept(catalogue)
    rows = defaultdict[Table, list[tuple[Any, ...]]](list)
    rows.update(state_rows([event for event in events if event.type in kept], kept))
    for event in events:
        if event.type not in kept:
            _add_fact(rows, event, catalogue)
    return rows


def _add_fact(rows: "dict[Table, list[tuple[Any, ...]]]", event: Event, catalogue: Catalogue) -> None:
    loaded(event, required_fields(catalogue.get(event.type)))
    kind, data = catalogue.upcast(event.type, event.payload)
    document = _written(data)
    if kind.family == ADOPTED:
        rows[MODEL].append(state_row(event, document))
        return
    if kind.family == PROPOSED:
        rows[PROJECT].append(state_row(event, _written(data["project"])))
    origin = (event.authority, event.subject, event.position, event.source, event.id)
    rows[FACT].append((*origin, kind.fact, starts_on(event), event.recorded, document))


@cache
def _kept(catalogue: Catalogue) -> dict[str, Kept]:
    return kept_in(STATES, catalogue)


def _written(data: Any) -> str:
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
