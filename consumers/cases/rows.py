"""The answers of the case index, as rows for people, files and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile

from consumers.runtime.timeline import Span
from kernel.masking import MASK
from schemas.cases import Case, JournalEntry

PUBLIC = "not-confidential"
"""The one sensitivity with which a listing shows a case's title."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as it stood when it last fitted what was asked for. `title` is masked unless it is not confidential.

    `opened` is the first day that anything held of it, `since` the first of this state, `closed` the day it was closed.
    """

    id: str
    number: str
    title: str
    kle_subject: str
    kle_facet: str | None
    state: str
    since: date
    opened: date
    closed: date | None
    authority: str
    unit: str | None
    unit_id: str | None
    handler: str | None
    sensitivity: str


@dataclass(frozen=True, slots=True)
class CaseSpan:
    """How a case stood from `start` until, not including, `end`; `recorded` is when the hub knew it.

    `registered` and `code` are the source's own registration.
    """

    start: date
    end: date | None
    state: str
    unit: str | None
    handler: str | None
    recorded: datetime
    registered: datetime | None
    code: str | None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A document that was filed on the case, and where it is kept."""

    id: str
    number: str
    title: str
    direction: str
    entered_on: date
    document: str | None
    kept_in: str | None


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """One case with its title and primary party in full, how it stood from day to day, and its journal."""

    case: CaseRow
    primary_party: str | None
    history: tuple[CaseSpan, ...]
    journal: tuple[EntryRow, ...]


def case_row(authority: str, subject: str, history: Sequence[Span], last: Span, *, in_full: bool = False) -> CaseRow:
    """The case as it stands in the span `last` of its history."""
    case = case_of(last)
    so_far = takewhile(lambda span: span.start <= last.start, history)
    since = last.start
    for span in reversed(list(so_far)):
        if case_of(span).state != case.state or (span.end is not None and span.end < since):
            break
        since = span.start
    return CaseRow(
        id=subject,
        number=case.number,
        title=case.title if in_full or case.sensitivity == PUBLIC else MASK,
        kle_subject=case.kle_subject,
        kle_facet=case.kle_facet,
        state=case.state,
        since=since,
        opened=history[0].start,
        closed=since if case.state == "closed" else None,
        authority=case.authority or authority,
        unit=_unit(case),
        unit_id=str(case.unit.id) if case.unit else None,
        handler=_handler(case),
        sensitivity=case.sensitivity,
    )


def case_span(span: Span) -> CaseSpan:
    case = case_of(span)
    registration = case.registration
    return CaseSpan(
        start=span.start,
        end=span.end,
        state=case.state,
        unit=_unit(case),
        handler=_handler(case),
        recorded=span.said.recorded,
        registered=registration.at if registration else None,
        code=registration.code if registration else None,
    )


def entry_row(subject: str, entry: JournalEntry) -> EntryRow:
    return EntryRow(
        subject, entry.number, entry.title, entry.direction, entry.entered_on, entry.document, entry.kept_in
    )


def case_of(span: Span) -> Case:
    """What is said of the case in the span."""
    said: Case = span.said.document
    return said


def _unit(case: Case) -> str | None:
    return (case.unit.name or str(case.unit.id)) if case.unit else None


def _handler(case: Case) -> str | None:
    return (case.handler.name or case.handler.id) if case.handler else None
