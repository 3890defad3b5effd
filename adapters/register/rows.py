"""Rows to statements: each cell by its kind, each row by the model of its event type, and every fault once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from .columns import EFFECTIVE, EFFECTIVE_TO, Json
from .compound import Local, place
from .findings import Draft, Fault, Table, faults_of
from .headers import data_rows
from .sheets import Row
from .values import Unreadable

EXAMPLE = "EKSEMPEL"
"""A row whose first key begins with this word is the example of a template, and is not read."""

Subjects = Callable[[Local], UUID]
"""The subject that a local id means."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A valid row: the local id of its subject, the days it holds, and what it says."""

    row: int
    key: str
    effective: date | None
    effective_to: date | None
    said: BaseModel


def read_rows(table: Table, subjects: Subjects, *, examples: bool) -> tuple[list[Statement], list[Fault]]:
    """The statements of a sheet, and all that is wrong in its rows."""
    drafts, faults, statements = dict[object, Draft](), list[Fault](), list[Statement]()
    for row in data_rows(table.sheet, table.header):
        draft, found = _draft(table, row)
        if not examples and (_key(table, draft) or "").upper().startswith(EXAMPLE):
            continue
        faults += [*found, *_gather(table, drafts, draft, subjects)]
    for draft in drafts.values():
        said, found = _said(table, draft, subjects)
        faults += found
        key = _key(table, draft)
        if said is not None and key is not None:
            statements.append(
                Statement(draft.row.number, key, _effective(table, draft), draft.values.get(EFFECTIVE_TO), said)
            )
    return statements, faults


def _draft(table: Table, row: Row) -> tuple[Draft, list[Fault]]:
    draft, faults = Draft(row), list[Fault]()
    draft.broken |= {(row.number, column.path) for column in table.header.lacks(table.layout)}
    for index, column in table.header.found.items():
        cell = row.cell(index)
        if cell is None and not column.required:
            continue
        try:
            if cell is None or isinstance(cell, Unreadable):
                raise ValueError("the cell is empty" if cell is None else f"it {cell.reason}")
            draft.values[column.path] = column.kind.read(cell)
        except ValueError as error:
            draft.broken.add((row.number, column.path))
            more = f"; {error}" if str(error) else ""
            faults.append(table.fault(row, [column], f"expected {column.kind.expected}{more}"))
    if table.layout.repeated is not None:
        entry = {path: value for path, value in draft.values.items() if table.layout.is_entry(path)}
        draft.entries.append((row, entry))
        draft.values = {path: value for path, value in draft.values.items() if path not in entry}
    return draft, faults


def _gather(table: Table, drafts: dict[object, Draft], draft: Draft, subjects: Subjects) -> list[Fault]:
    """Put the draft beside the others, or into the one with its key; the faults of a row whose key stands twice."""
    key = _key(table, draft)
    place_of = draft.row.number if key is None else (key, _effective(table, draft))
    first = drafts.setdefault(place_of, draft)
    if first is draft:
        return []
    if table.layout.repeated is not None:
        return _join(table, first, draft)
    columns = [table.layout.column(path) for path in table.layout.key]
    twice = table.fault(draft.row, columns, f"the same stands in row {first.row.number}; each has one row")
    return [twice, *_said(table, draft, subjects)[1]]


def _join(table: Table, first: Draft, second: Draft) -> list[Fault]:
    """Take the entry of the second row over into the first; what stands beside the entry must not differ."""
    assert table.layout.repeated is not None
    faults = list[Fault]()
    for path, value in second.values.items():
        if first.values.setdefault(path, value) != value:
            message = f"differs from row {first.row.number}, which has the same key"
            faults.append(table.fault(second.row, [table.layout.column(path)], message))
    first.broken |= second.broken
    unique = f"{table.layout.repeated.path}.{table.layout.repeated.key}"
    for row, entry in second.entries:
        twin = next((other for other, said in first.entries if said.get(unique) == entry.get(unique, other)), None)
        if twin is None:
            first.entries.append((row, entry))
        else:
            message = f"the same stands in row {twin.number}; each has one row"
            faults.append(table.fault(row, [table.layout.column(unique)], message))
    return faults


def _said(table: Table, draft: Draft, subjects: Subjects) -> tuple[BaseModel | None, list[Fault]]:
    """What the row says, as its event's model; None with the faults when it does not fit."""
    faults = _valid_time(table, draft)
    try:
        said = table.model.model_validate(_with_subjects(_data(table, draft), subjects), context=table.context)
    except ValidationError as error:
        return None, [*faults, *faults_of(table, draft, error)]
    return (None if draft.broken or faults else said), faults


def _data(table: Table, draft: Draft) -> Json:
    data: Json = {}
    for path, value in draft.values.items():
        if path not in {EFFECTIVE, EFFECTIVE_TO}:
            place(data, path, value)
    if (repeated := table.layout.repeated) is not None:
        data[repeated.path] = [_entry(entry, repeated.path) for _, entry in draft.entries]
    return table.layout.finish(data)


def _entry(values: Json, path: str) -> Json:
    entry: Json = {}
    for name, value in values.items():
        place(entry, name.removeprefix(f"{path}."), value)
    return entry


def _with_subjects(value: Any, subjects: Subjects) -> Any:
    match value:
        case Local():
            return subjects(value)
        case dict():
            return {name: _with_subjects(part, subjects) for name, part in value.items()}
        case list():
            return [_with_subjects(part, subjects) for part in value]
        case _:
            return value


def _key(table: Table, draft: Draft) -> str | None:
    """The local id: the values of the key columns joined by `/`; None when one of them could not be read."""
    if any((draft.row.number, path) in draft.broken for path in table.layout.key):
        return None
    return "/".join(_written(draft.values.get(path)) for path in table.layout.key).rstrip("/") or None


def _written(value: Any) -> str:
    match value:
        case None:
            return ""
        case Local():
            return value.local_id
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _effective(table: Table, draft: Draft) -> date | None:
    found: date | None = draft.values.get(EFFECTIVE) or draft.values.get(table.layout.effective or EFFECTIVE)
    return found


def _valid_time(table: Table, draft: Draft) -> list[Fault]:
    """Faults of the span: an end without a beginning, or before it."""
    effective, end = _effective(table, draft), draft.values.get(EFFECTIVE_TO)
    if end is None or (draft.row.number, EFFECTIVE) in draft.broken:
        return []
    begins, ends = table.layout.column(EFFECTIVE), table.layout.column(EFFECTIVE_TO)
    if effective is None:
        return [table.fault(draft.row, [begins], f"must be filled in when '{table.header.name_of(ends)}' is")]
    if end <= effective:
        return [table.fault(draft.row, [ends], f"lies before {effective:%d-%m-%Y}, the first day")]
    return []
