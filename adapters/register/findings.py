"""Faults of a sheet's rows, told by the columns they came from.

A wrong cell gives one message. What only follows from it (a field is then missing, a rule over several fields cannot
hold) is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from kernel.errors import Problem
from kernel.masking import mask_digits

from .columns import Column, Json, Layout
from .headers import Header
from .sheets import Row, Sheet
from .values import Scalar, shown

_TAGS = {"fixed", "per-unit"}
"""What pydantic writes into a place for the alternative it chose; no fields of a model."""


class Fault(NamedTuple):
    """A problem with the row it stands in, so that problems can be told from the top down."""

    row: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its layout, its header, and the model that its rows must fit, validated in `context`."""

    sheet: Sheet
    layout: Layout
    header: Header
    model: type[BaseModel]
    context: Json | None = None

    def fault(self, row: Row, columns: Sequence[Column], message: str) -> Fault:
        """A fault of some cells of a row; CPR numbers in what is shown are masked."""
        named = " og ".join(f"'{self.header.name_of(column)}'" for column in columns)
        values = " / ".join(filter(None, (shown(self._cell(row, column)) for column in columns)))
        where = mask_digits(self.sheet.where(row.number, named))
        return Fault(row.number, Problem(where, mask_digits(message), mask_digits(values)[:80]))

    def _cell(self, row: Row, column: Column) -> Scalar | None:
        return next((row.cell(index) for index, known in self.header.found.items() if known is column), None)


@dataclass(slots=True)
class Draft:
    """What one row says by path, or several rows with the same key where the entries of a list have a row each.

    `broken` holds the paths whose cells could not be read, each with its row number.
    """

    row: Row
    values: Json = field(default_factory=dict)
    broken: set[tuple[int, str]] = field(default_factory=set)
    entries: list[tuple[Row, Json]] = field(default_factory=list)


def faults_of(table: Table, draft: Draft, error: ValidationError) -> list[Fault]:
    """The model's findings by column, each cell's first only, without those that follow from unreadable cells."""
    faults = dict[tuple[int, str], Fault]()
    for finding in error.errors(include_url=False, include_context=False):
        loc, message = finding["loc"], finding["msg"].removeprefix("Value error, ")
        row, path = _row(table, draft, loc), ".".join(str(part) for part in loc if _is_field(part))
        column = _exact(table.layout, path)
        named, below = _concerned(table.layout, path, message)
        broken = {known for number, known in draft.broken if number in {row.number, draft.row.number}}
        if _follows(broken, column, named or below, finding["type"]):
            continue
        columns = [column] if column else named or below[:1]
        told = _in_words(table, finding["type"], message)
        faults.setdefault((row.number, columns[0].path), table.fault(row, columns, told))
    return list(faults.values())


def _is_field(part: Any) -> bool:
    return isinstance(part, str) and part not in _TAGS


def _row(table: Table, draft: Draft, loc: tuple[int | str, ...]) -> Row:
    repeated = table.layout.repeated
    if repeated is not None and len(loc) > 1 and loc[0] == repeated.path and isinstance(loc[1], int):
        return draft.entries[loc[1]][0]
    return draft.row


def _exact(layout: Layout, path: str) -> Column | None:
    """The column that the value at `path` came from."""
    above = [column for column in layout.own_columns if f"{path}.".startswith(f"{column.path}.")]
    return max(above, key=lambda column: len(column.path), default=None)


def _concerned(layout: Layout, path: str, message: str) -> tuple[list[Column], list[Column]]:
    """The columns that a rule over several fields names, and all that it may be about."""
    words = set(re.findall(r"[a-z_]+", message))
    above = f"{path}." if path else ""
    below = [column for column in layout.own_columns if column.path.startswith(above)]
    return [column for column in below if _field(column, above) in words], below


def _field(column: Column, above: str = "") -> str:
    return column.path.removeprefix(above).removesuffix(".id")


def _follows(broken: set[str], column: Column | None, concerned: list[Column], fault: str) -> bool:
    """Whether a finding is but the consequence of a cell that could not be read.

    A rule over several fields is, where one of those that it concerns could not be read. What is missing, or too much,
    is, where something beside it could not be read: the one may stand for the other, as a price for its tiers.
    """
    if column is None:
        return any(each.path in broken for each in concerned)
    beside = column.path.rpartition(".")[0]
    if fault in {"missing", "extra_forbidden"} and beside:
        return any(known.startswith(f"{beside}.") for known in broken)
    return column.path in broken


def _in_words(table: Table, fault: str, message: str) -> str:
    if fault == "missing":
        return "must be filled in"
    if fault == "extra_forbidden":
        return "does not go together with what else the row says"
    headers = {_field(column).rpartition(".")[2]: table.header.name_of(column) for column in table.layout.own_columns}

    def named(found: re.Match[str]) -> str:
        return f"'{headers[found[0]]}'" if found[0] in headers else found[0]

    return re.sub(r"\b[a-z]+(?:_[a-z]+)+\b|\bcvr\b", named, message.removeprefix("Input "))
