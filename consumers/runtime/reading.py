"""Reading states as the values they are: what an authority sees on a day, as far as the hub knew at a time."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Row, Select, Table

from kernel.errors import Invalid
from schemas.catalogue import problems_of
from schemas.values import Value

from .states import as_of

Model = TypeVar("Model", bound=Value)


@dataclass(frozen=True)
class AsOf:
    """One authority's view of state tables on `valid_at`, with what was recorded by `known_at` (None: all)."""

    connection: Connection
    authority: str
    valid_at: date
    known_at: datetime | None = None

    def own(self, table: Table, model: type[Model]) -> dict[str, Model]:
        """The authority's own states by subject, in the order of the subjects."""
        states = self._states(table)
        return self._read(states.where(states.selected_columns.authority == self.authority), model)

    def shared(self, table: Table, model: type[Model]) -> dict[str, Model]:
        """The authority's own states and those that are facts for all; its own stands before another's."""
        states = self._states(table)
        everyones = states.where(states.selected_columns.shared, states.selected_columns.authority != self.authority)
        return self._read(everyones, model) | self.own(table, model)

    def _states(self, table: Table) -> "Select[tuple[object, ...]]":
        return as_of(table, valid_at=self.valid_at, known_at=self.known_at)

    def _read(self, states: "Select[tuple[object, ...]]", model: type[Model]) -> dict[str, Model]:
        columns = states.selected_columns
        rows = self.connection.execute(states.order_by(columns.subject, columns.authority.desc()))
        return {row.subject: _value(row, model) for row in rows}


def _value(row: "Row[tuple[object, ...]]", model: type[Model]) -> Model:
    try:
        return model.model_validate(row.document)
    except ValidationError as error:
        raise Invalid(
            f"the state of {row.subject} is not a {model.__name__}",
            hint="it was kept by other code than this: build the projection anew",
            problems=problems_of(error),
        ) from None
