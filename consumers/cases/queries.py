"""The questions to the case index, each as of any days and as far as the hub knew at any time.

The caller has chosen the projection and the reader: `runtime.projections.use_active` and the authority's setting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, Text, cast, or_, select, true

from consumers.runtime.reading import state_of
from consumers.runtime.timeline import Span, Statement, holding, spans
from kernel.errors import Invalid
from schemas.cases import Case, CaseState, JournalEntry
from schemas.values import Value

from .rows import CaseDetail, CaseRow, case_of, case_row, case_span, entry_row
from .tables import CASE, JOURNAL_ENTRY

Model = TypeVar("Model", bound=Value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases are asked for; what is None does not matter.

    `kle` is a KLE number or the beginning of one by whole levels, `unit` a UUID or the name of a unit, `party` a keyed
    pseudonym.
    """

    number: str | None = None
    kle: str | None = None
    state: CaseState | None = None
    unit: str | None = None
    party: str | None = None

    def fits(self, case: Case) -> bool:
        """Whether a case that is said to be so is asked for. What the source has deleted never is."""
        return (
            (case.registration is None or case.registration.code != "deleted")
            and self.number in (None, case.number)
            and (self.kle is None or f"{case.kle_subject}.".startswith(f"{self.kle}."))
            and self.state in (None, case.state)
            and (self.unit is None or _is_unit(case, self.unit))
            and self.party in (None, case.primary_party)
        )

    def candidates(self) -> ColumnElement[bool]:
        """The statements that may fit, by what they are found by."""
        kle = or_(CASE.c.kle == self.kle, CASE.c.kle.startswith(f"{self.kle}.", autoescape=True))
        found = true() if self.kle is None else kle
        for column, value in ((CASE.c.number, self.number), (CASE.c.state, self.state), (CASE.c.party, self.party)):
            found = found if value is None else found & (column == value)
        return found


def cases(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None, *, wanted: Wanted
) -> tuple[CaseRow, ...]:
    """The cases that fit on `valid_at`, by number."""
    return _found(connection, authority, (valid_at, valid_at), known_at, wanted, open_only=False)


def cases_within(
    connection: Connection,
    authority: str,
    first: date,
    last: date,
    known_at: datetime | None = None,
    *,
    wanted: Wanted,
) -> tuple[CaseRow, ...]:
    """The cases that fitted on some day from `first` to `last`, as they stood on the last such day, by number.

    When no state is asked for, those that were open: closed cases hold for ever.
    """
    return _found(connection, authority, (first, last), known_at, wanted, open_only=wanted.state is None)


def one_case(
    connection: Connection, authority: str, case: str, valid_at: date, known_at: datetime | None = None
) -> CaseDetail:
    """A case by its id or number, in full. Raises Invalid when the authority has none, or none that held by then."""
    wanted = (CASE.c.subject == case) | (CASE.c.number == case)
    for subject, statements in _statements(connection, CASE, Case, _subjects(CASE, authority, wanted), known_at):
        history = spans(statements)
        held = [span for span in history if span.start <= valid_at]
        if held:
            row = case_row(authority, subject, history, held[-1], in_full=True)
            return CaseDetail(
                case=row,
                primary_party=case_of(held[-1]).primary_party,
                history=tuple(map(case_span, history)),
                journal=_journal(connection, authority, subject, valid_at, known_at),
            )
    raise Invalid(f"there is no case {case}", hint="`samspil cases` lists them with their numbers and ids")


def _found(
    connection: Connection,
    authority: str,
    days: tuple[date, date],
    known_at: datetime | None,
    wanted: Wanted,
    *,
    open_only: bool,
) -> tuple[CaseRow, ...]:
    rows = list[CaseRow]()
    subjects = _subjects(CASE, authority, wanted.candidates())
    for subject, statements in _statements(connection, CASE, Case, subjects, known_at):
        history = spans(statements)
        fitting = [span for span in history if span.meets(*days) and _fits(span, wanted, open_only)]
        if fitting:
            rows.append(case_row(authority, subject, history, fitting[-1]))
    return tuple(sorted(rows, key=lambda row: (row.number, row.id)))


def _fits(span: Span, wanted: Wanted, open_only: bool) -> bool:
    case = case_of(span)
    return wanted.fits(case) and not (open_only and case.state == "closed")


def _journal(
    connection: Connection, authority: str, case: str, valid_at: date, known_at: datetime | None
) -> tuple[Any, ...]:
    subjects = _subjects(JOURNAL_ENTRY, authority, JOURNAL_ENTRY.c.on_case == case)
    rows = []
    for subject, statements in _statements(connection, JOURNAL_ENTRY, JournalEntry, subjects, known_at):
        held = holding(statements, valid_at)
        if held is not None and held.document is not None and str(held.document.case) == case:
            rows.append(entry_row(subject, held.document))
    return tuple(sorted(rows, key=lambda row: (row.entered_on, row.number, row.id)))


def _subjects(table: Table, authority: str, wanted: ColumnElement[bool]) -> "Select[Any]":
    return select(table.c.authority, table.c.subject).where(table.c.authority == authority, wanted).distinct()


def _statements(
    connection: Connection, table: Table, model: type[Model], subjects: "Select[Any]", known_at: datetime | None
) -> Iterator[tuple[str, list[Statement]]]:
    """Every statement about each of the subjects that was known by `known_at`, subject by subject."""
    chosen = subjects.subquery("chosen")
    stated = table.c
    written = cast(stated.document, Text).label("document")
    rows = connection.execute(
        select(stated.subject, stated.position, stated.effective, stated.effective_to, stated.recorded, written)
        .join(chosen, (chosen.c.authority == stated.authority) & (chosen.c.subject == stated.subject))
        .where(true() if known_at is None else stated.recorded <= known_at)
        .order_by(stated.subject, stated.position)
    )
    for subject, of_one in groupby(rows, key=lambda row: str(row.subject)):
        yield subject, [_statement(row, model) for row in of_one]


def _statement(row: Any, model: type[Model]) -> Statement:
    said = state_of(row.subject, row.document, model) if row.document is not None else None
    return Statement(row.position, row.effective, row.effective_to, row.recorded, said)


def _is_unit(case: Case, unit: str) -> bool:
    return case.unit is not None and unit.casefold() in (str(case.unit.id), (case.unit.name or "").casefold())
