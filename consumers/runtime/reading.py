"""Reading states as the values they are: what an authority sees on a day, as far as the hub knew at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Select, Table, Text, cast, true

from kernel.errors import Invalid
from schemas.catalogue import problems_of
from schemas.values import Value

from .states import AUTHORITY, KNOWN_AT, SUBJECTS, VALID_AT, as_of

Model = TypeVar("Model", bound=Value)


@lru_cache(maxsize=65_536)
def read_once(model: type[Model], document: str) -> Model:
    """What stands in a document. The same is judged and shown again and again: what was read of it is kept."""
    return model.model_validate_json(document)


@dataclass(frozen=True)
class AsOf:
    """One authority's view of state tables on `valid_at`, with what was recorded by `known_at` (None: all)."""

    connection: Connection
    authority: str
    valid_at: date
    known_at: datetime | None = None

    def own(self, table: Table, model: type[Model], subjects: Collection[str] | None = None) -> dict[str, Model]:
        """The authority's own states by subject, in the order of the subjects; those of `subjects`, all for None."""
        return self._read(table, model, subjects, everyones=False)

    def shared(self, table: Table, model: type[Model]) -> dict[str, Model]:
        """The authority's own states and those that are facts for all; its own stands before another's."""
        return self._read(table, model, None, everyones=True) | self.own(table, model)

    def _read(
        self, table: Table, model: type[Model], subjects: Collection[str] | None, *, everyones: bool
    ) -> dict[str, Model]:
        asked: dict[str, Any] = {"authority": self.authority, "valid_at": self.valid_at, "known_at": self.known_at}
        if subjects is not None:
            asked["subjects"] = sorted(subjects)
        query = _states(table, everyones=everyones, known=self.known_at is not None, chosen=subjects is not None)
        rows = self.connection.execute(query, asked)
        return {subject: state_of(subject, document, model) for subject, document in rows}


@lru_cache(maxsize=256)
def _states(table: Table, *, everyones: bool, known: bool, chosen: bool) -> "Select[Any]":
    states = as_of(table, valid_at=VALID_AT, known_at=KNOWN_AT if known else None)
    columns = states.selected_columns
    theirs = (columns.shared, columns.authority != AUTHORITY) if everyones else (columns.authority == AUTHORITY,)
    among = columns.subject.in_(SUBJECTS) if chosen else true()
    written = cast(columns.document, Text).label("document")
    ordered = states.where(*theirs, among).order_by(columns.subject, columns.authority.desc())
    return ordered.with_only_columns(columns.subject, written)


def state_of(subject: str, document: str, model: type[Model]) -> Model:
    """The state that a document tells. Raises Invalid for one that other code has kept."""
    try:
        value: Model = read_once(model, document)
    except ValidationError as error:
        raise Invalid(
            f"the state of {subject} is not a {model.__name__}",
            hint="it was kept by other code than this: build the projection anew",
            problems=problems_of(error),
        ) from None
    return value
