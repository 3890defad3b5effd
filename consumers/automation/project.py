"""Events of automation to rows; all other events leave none."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from consumers.runtime.consumer import Rows
from consumers.runtime.documents import loaded, required_fields
from consumers.runtime.states import state_row
from schemas.catalogue import Catalogue
from schemas.envelope import Event

from .tables import OUTCOME, RULE

OWN = "dk.samspil.automation."


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    """The rows of a batch. Raises Invalid for a payload that is not of its type."""
    rules, outcomes = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for event in events:
        if event.type.startswith(OWN):
            fact = event.type.split(".")[3]
            data = loaded(event, _required(catalogue, event.type))
            document = event.payload.decode()
            if fact in ("rule-adopted", "rule-withdrawn"):
                rules.append(state_row(event, document if fact == "rule-adopted" else None))
            else:
                told = (data["rule"]["id"], data.get("role"), data.get("person"), document, event.recorded)
                outcomes.append((event.authority, event.subject, event.position, fact, *told))
    return {RULE: rules, OUTCOME: outcomes}


@cache
def _required(catalogue: Catalogue, name: str) -> frozenset[str]:
    return required_fields(catalogue.get(name))
