"""The municipalities' cases: opened over two years, each moving from state to state, with documents by reference.

Nobody's number stands here: a party is a pseudonym from the start, made of nothing but the case's own number.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import blake2b
from random import Random
from typing import NamedTuple

from schemas.cases import Case, CaseSensitivity, CaseState, Handler, JournalEntry, Registration

from .facts import Fact, Register, moment, next_working_day, register
from .municipalities import FIRST_DAY, LAST_DAY, Municipality
from .numbers import stream
from .units import Unit
from .usages import Employee

_STATES: tuple[CaseState, ...] = ("arisen", "clarified", "decided", "ordered", "carried-out", "closed")


class _Kind(NamedTuple):
    """What a case may be about: KLE subject and facet, its title, the centre that treats it, how closely it is kept."""

    subject: str
    facet: str
    title: str
    centre: int
    sensitivity: CaseSensitivity


_KINDS = (
    _Kind("27.36.04", "G01", "Ansøgning om personlig hjælp og pleje", 2, "sensitive"),
    _Kind("27.60.04", "G01", "Ansøgning om hjælpemiddel", 2, "sensitive"),
    _Kind("32.30.00", "G01", "Sygedagpenge, vurdering af uarbejdsdygtighed", 3, "sensitive"),
    _Kind("15.20.00", "G01", "Kontaktforløb for ledig", 3, "confidential"),
    _Kind("17.01.04", "G01", "Skoleindskrivning", 1, "confidential"),
    _Kind("28.09.00", "G01", "Plads i dagtilbud", 1, "confidential"),
    _Kind("02.34.00", "G01", "Byggetilladelse til tilbygning", 4, "not-confidential"),
    _Kind("05.01.02", "G01", "Gravetilladelse i offentlig vej", 4, "not-confidential"),
    _Kind("09.02.15", "K08", "Tilsyn med virksomhed", 4, "not-confidential"),
    _Kind("18.14.00", "G01", "Tilskud til forening", 5, "not-confidential"),
    _Kind("88.12.00", "G01", "Udbud af it-løsning", 0, "confidential"),
)


def case_facts(
    seed: int, municipality: Municipality, units: tuple[Unit, ...], employees: tuple[Employee, ...]
) -> Iterator[Fact]:
    """Every case from the day it arises as far as it comes before the demo ends."""
    source = register(municipality, "cases")
    centres = [unit for unit in units if unit.kind == "centre"]
    days = (LAST_DAY - FIRST_DAY).days
    for number in range(1, municipality.cases + 1):
        chance = stream(seed, municipality.code, "case", number)
        kind = _KINDS[chance.randrange(len(_KINDS))]
        opened = next_working_day(FIRST_DAY + timedelta(days=chance.randrange(days)))
        handler = employees[chance.randrange(len(employees))]
        called = f"{kind.subject}-{kind.facet}-{number}-{opened:%y}"
        yield from _life(source, called, kind, centres[kind.centre], handler, opened, chance)


def _life(
    source: Register, called: str, kind: _Kind, unit: Unit, handler: Employee, opened: date, chance: Random
) -> Iterator[Fact]:
    """A case in its states, a working day for each; an entry is filed when it arises and when it is decided."""
    day = opened
    for number, state in enumerate(_STATES):
        if day > LAST_DAY:
            return
        written = Registration(at=moment(day, hour=9), code="arisen" if number == 0 else "corrected")
        yield source.states(
            "case.case", called, _case(called, kind, unit, handler, state, written), told=day, holds=day
        )
        if state in ("arisen", "decided"):
            yield _entry(source, called, state, day, written)
        if state == "decided" and kind.sensitivity == "not-confidential":
            day = next_working_day(day + timedelta(days=chance.randrange(2, 20)))
            closed = _case(called, kind, unit, handler, "closed", Registration(at=moment(day, hour=9)))
            if day <= LAST_DAY:
                yield source.states("case.case", called, closed, told=day, holds=day)
            return
        day = next_working_day(day + timedelta(days=chance.randrange(2, 60)))


def _case(
    called: str, kind: _Kind, unit: Unit, handler: Employee, state: CaseState, registration: Registration
) -> Case:
    return Case(
        number=called,
        title=kind.title,
        kle_subject=kind.subject,
        kle_facet=kind.facet,
        state=state,
        unit=unit.reference,
        handler=Handler(id=handler.code.lower(), name=handler.name),
        primary_party=f"person:{blake2b(called.encode(), digest_size=16).hexdigest()}",
        sensitivity=kind.sensitivity,
        registration=registration,
    )


def _entry(source: Register, called: str, state: CaseState, day: date, written: Registration) -> Fact:
    incoming = state == "arisen"
    number = "1" if incoming else "2"
    entry = JournalEntry(
        case=source.subject(called),
        number=number,
        title="Ansøgning" if incoming else "Afgørelse",
        direction="incoming" if incoming else "outgoing",
        entered_on=day,
        document=f"DOK-{called}-{number}",
        kept_in="Dokumentarkivet",
        registration=written,
    )
    return source.states("case.journal-entry", f"{called}/{number}", entry, told=day, holds=day)
