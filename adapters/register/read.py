"""The front: a register file to events, or to all that is wrong in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from uuid import UUID

import orjson

from kernel.errors import Invalid, Problem
from kernel.ids import subject_id
from kernel.masking import mask_digits
from schemas.catalogue import canonical_json
from schemas.envelope import CloudEvent
from schemas.pseudonyms import Pseudonyms
from schemas.registry import CATALOGUE

from . import delimited, workbook
from .columns import Layout, plain
from .compound import Local
from .findings import Table
from .headers import find_header, header_problems
from .layouts import LAYOUTS
from .rows import Statement, read_rows
from .sheets import Sheet

_GUIDES = {"vejledning", "guide", "readme", "lister", "noter"}
"""Names of sheets that are for people."""
_NAMES = ", ".join(layout.danish for layout in LAYOUTS)
_SHARED_KINDS = {layout.kind for layout in LAYOUTS if layout.shared}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose registers are read, by which name they are known, and which reading it is.

    Registers of one authority have one `source`, so that their references meet. `registrar` is the CVR number of who
    keeps the registers that are the same for all authorities (systems, interfaces, data sources, requirement lists);
    without it they are the authority's own. `run_id` is new for each file that is read. Numbers of persons and
    companies become `pseudonyms`; without those they are refused.
    """

    authority: str
    source: str
    run_id: str
    read_at: datetime
    registrar: str | None = None
    pseudonyms: Pseudonyms | None = None

    def subject(self, local: Local) -> UUID:
        """The UUID that the local id is, or else the one that follows from it and its register."""
        if local.uuid is not None:
            return local.uuid
        owner = self.registrar if self.registrar and local.kind in _SHARED_KINDS else self.authority
        return subject_id(owner, self.source, f"{local.kind}:{local.local_id}")

    def shares(self, layout: Layout) -> bool:
        """Whether what the register states holds for all authorities."""
        return layout.shared and self.registrar == self.authority


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file states, and the event families of its registers: those it has stated whole, even without a row."""

    events: tuple[CloudEvent, ...]
    families: tuple[str, ...]


def read_register(
    content: bytes,
    file_name: str,
    *,
    authority: str,
    source: str,
    run_id: str,
    read_at: datetime,
    registrar: str | None = None,
) -> list[CloudEvent]:
    """The events that a register file states, one for each row, in the order of its sheets and rows.

    Raises Invalid with a Problem for everything that is wrong in it; nothing of such a file is taken.
    """
    origin = Origin(authority=authority, source=source, run_id=run_id, read_at=read_at, registrar=registrar)
    return list(read(content, file_name, origin).events)


def read(content: bytes, file_name: str, origin: Origin, *, examples: bool = False) -> Reading:
    """As `read_register`, with the families that the file states; `examples` reads a template's example rows too."""
    tables, problems = _tables(content, PurePath(file_name).name)
    events = list[CloudEvent]()
    context = origin.pseudonyms.context(origin.authority) if origin.pseudonyms else None
    for table in tables:
        problems += [table.sheet.fault] if table.sheet.fault else []
        problems += header_problems(table.sheet, table.layout, table.header)
        statements, faults = read_rows(replace(table, context=context), origin.subject, examples=examples)
        problems += [fault.problem for fault in sorted(faults, key=lambda fault: fault.row)]
        events += [_event(statement, table.layout, origin) for statement in statements]
    if problems:
        raise _refused(PurePath(file_name).name, problems)
    return Reading(tuple(events), tuple(table.layout.family for table in tables))


def layout_named(name: str) -> Layout:
    """The register called `name`, in Danish or English. Raises Invalid when there is none."""
    for layout in LAYOUTS:
        if plain(name) in layout.names:
            return layout
    raise Invalid(f"there is no register called {name}", hint=f"the registers are {_NAMES}")


def _tables(content: bytes, file_name: str) -> tuple[list[Table], list[Problem]]:
    """The registers of a file, and the sheets that are none."""
    if workbook.is_compound(content):
        message = "the file has a password or is an old .xls file: save it as .xlsx without a password"
        raise _refused(file_name, [Problem(file_name, message)])
    if workbook.is_zip(content):
        readings = [[sheet] for sheet in workbook.read_workbook(content, file_name) if _is_meant(sheet)]
    else:
        readings = [delimited.readings(content, file_name)]
    tables, problems = list[Table](), list[Problem]()
    for reading in readings:
        found = _table(reading, alone=len(readings) == 1)
        if isinstance(found, Problem):
            problems.append(found)
        elif twin := next((table for table in tables if table.layout is found.layout), None):
            problems.append(Problem(found.sheet.where(), f"the sheet '{twin.sheet.name}' is the same register"))
        else:
            tables.append(found)
    if not readings:
        problems.append(Problem(file_name, f"no sheet holds a register; name the sheets {_NAMES}"))
    return tables, problems


def _is_meant(sheet: Sheet) -> bool:
    return bool(sheet.rows) and plain(sheet.name or "") not in _GUIDES


def _table(readings: Sequence[Sheet], *, alone: bool) -> Table | Problem:
    """The table of a sheet, in the one of its readings that fits best, by its name or else by its header."""
    sheet = readings[0]
    named = _named(sheet, alone=alone)
    found = [
        (layout, sheet, header)
        for layout in ([named] if named else LAYOUTS)
        for sheet in readings
        if (header := find_header(sheet, layout)) and (named or not header.lacks(layout))
    ]
    if not found and sheet.fault:
        return sheet.fault
    if not found and named:
        columns = ", ".join(f"'{column.header}'" for column in named.columns if column.required)
        return Problem(sheet.where(), f"no row is a header of the register {named.danish}, with the columns {columns}")
    most = max((len(header.found) for _, _, header in found), default=0)
    best = [(layout, sheet, header) for layout, sheet, header in found if len(header.found) == most]
    if not best or len({layout.name for layout, _, _ in best}) > 1:
        return Problem(sheet.where(), f"neither name nor header tells which register it is; the registers are {_NAMES}")
    layout, sheet, header = best[0]
    return Table(sheet, layout, header, CATALOGUE.latest(layout.family).model)


def _named(sheet: Sheet, *, alone: bool) -> Layout | None:
    """The register that the sheet is named after, or that the name of a file with one sheet speaks of."""
    for layout in LAYOUTS:
        if plain(sheet.name or "") in layout.names:
            return layout
    spoken = f" {plain(PurePath(sheet.file).stem)} " if alone else ""
    said = [(len(name), layout) for layout in LAYOUTS for name in layout.names if f" {name} " in spoken]
    return max(said, key=lambda found: found[0])[1] if said else None


def _event(statement: Statement, layout: Layout, origin: Origin) -> CloudEvent:
    return CloudEvent(
        id=f"{origin.run_id}:{layout.name}:{statement.row}",
        source=origin.source,
        type=CATALOGUE.latest(layout.family).name,
        subject=str(origin.subject(Local(layout.kind, statement.key))),
        authority=origin.authority,
        time=origin.read_at,
        data=orjson.loads(canonical_json(statement.said)),
        effective=statement.effective,
        effectiveto=statement.effective_to,
        shared=origin.shares(layout),
    )


def _refused(file_name: str, problems: Sequence[Problem]) -> Invalid:
    counted = "1 fault" if len(problems) == 1 else f"{len(problems)} faults"
    masked = tuple(
        Problem(mask_digits(one.where), mask_digits(one.message), mask_digits(one.value)[:80]) for one in problems
    )
    return Invalid(
        f"{mask_digits(file_name)} was refused: {counted}",
        hint="nothing of the file was taken; correct it and send it again",
        problems=masked,
    )
