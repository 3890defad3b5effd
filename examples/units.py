"""The municipalities' units: centres, and the institutions and departments below them, each with its GLN.

Twice a year something moves: a unit is merged into another and keeps its GLN for three months, a unit closes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.organisation import DatedGln
from schemas.organisation import Unit as UnitState
from schemas.values import Reference

from .facts import Fact, Register, register
from .municipalities import FIRST_DAY, Municipality
from .names import PLACES
from .numbers import gln

SINCE = date(2015, 1, 1)
"""The registers begin here; invoices of the demo's first weeks are about what went before it."""

_TEAMS = ("Sygedagpenge", "Ydelse", "Unge", "Virksomhedsservice", "Integration")
_TECHNICAL = ("Byggesag", "Plan", "Natur", "Miljø", "Vej og Park", "Ejendomme", "Forsyning", "Geodata")
_STAFF = (
    "Økonomi", "Løn", "Personale", "Indkøb", "Digitalisering", "It-drift", "Byrådssekretariat", "Borgerservice",
    "Kommunikation", "Jura",
)  # fmt: skip
_PLACED = {
    "school": ("{}skolen", 1),
    "day-care": ("Børnehuset {}", 1),
    "youth": ("Ungdomsklubben {}", 1),
    "dental": ("Tandplejen {}", 2),
    "health": ("Sundhedshuset {}", 2),
    "care-home": ("Plejecenter {}", -1),
    "home-care": ("Hjemmeplejen {}", -1),
    "social-home": ("Botilbuddet {}", 2),
    "library": ("Biblioteket i {}", 5),
    "hall": ("{}hallen", 5),
}
"""Kinds of institution named by place: the pattern, and the centre it belongs to (-1: where the elderly are)."""
_NAMED = {"job": (_TEAMS, 3), "technical": (_TECHNICAL, 4), "staff": (_STAFF, 0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit that invoices are sent to. From `closes_on` its GLN no longer holds; `merges_into` took it over before."""

    number: str
    name: str
    kind: str
    gln: str
    reference: Reference
    parent: Reference
    closes_on: date | None = None
    merges_into: str | None = None
    merges_on: date | None = None

    def open_on(self, day: date) -> bool:
        """Whether invoices may be sent to its GLN on that day."""
        return self.closes_on is None or day < self.closes_on


_MERGERS = {
    "school": (date(2024, 8, 1), date(2024, 11, 1)),
    "day-care": (date(2025, 2, 1), date(2025, 5, 1)),
}
"""The last unit of the kind is merged into the first: when, and the first day its GLN no longer holds."""
_CLOSURES = {"social-home": date(2024, 10, 1), "hall": date(2025, 7, 1)}
"""The last unit of the kind closes: the first day its GLN no longer holds."""


def units_of(municipality: Municipality) -> tuple[Unit, ...]:
    """Every unit with a GLN, centres first."""
    source = _organisation(municipality)
    root = source.reference("0", municipality.name)
    centres = [source.reference(str(100 * (i + 1)), name) for i, name in enumerate(municipality.centres)]
    found = [
        Unit(
            number=str(100 * (i + 1)),
            name=municipality.centres[i],
            kind="centre",
            gln=gln(municipality.serials + 1 + i),
            reference=reference,
            parent=root,
        )
        for i, reference in enumerate(centres)
    ]
    for kind, number in municipality.units.items():
        found += _institutions(municipality, kind, number, first=len(found), centres=centres)
    return tuple(found)


def _institutions(
    municipality: Municipality, kind: str, number: int, *, first: int, centres: list[Reference]
) -> Iterator[Unit]:
    source = _organisation(municipality)
    ids = [str(1000 + first + i) for i in range(number)]
    for i, local_id in enumerate(ids):
        name, centre = _named(kind, i, municipality)
        last = i == number - 1
        merges_on, closes_on = _MERGERS.get(kind, (None, None)) if last else (None, None)
        yield Unit(
            number=local_id,
            name=name,
            kind=kind,
            gln=gln(municipality.serials + 1 + first + i),
            reference=source.reference(local_id, name),
            parent=centres[centre],
            closes_on=closes_on or (_CLOSURES.get(kind) if last else None),
            merges_into=ids[0] if merges_on else None,
            merges_on=merges_on,
        )


def _named(kind: str, i: int, municipality: Municipality) -> tuple[str, int]:
    if kind in _NAMED:
        names, centre = _NAMED[kind]
        return names[i], centre
    pattern, centre = _PLACED[kind]
    shift = municipality.serials // 10_000
    place = PLACES[(i + 3 * shift) % len(PLACES)]
    return pattern.format(place), centre if centre >= 0 else (2 if len(municipality.centres) < 7 else 6)


def unit_facts(municipality: Municipality, units: tuple[Unit, ...]) -> Iterator[Fact]:
    """The organisation as it stands at first, and its changes."""
    source = _organisation(municipality)
    root = UnitState(name=municipality.name, local_id="0")
    yield source.states("organisation.unit", "0", root, told=FIRST_DAY, holds=SINCE)
    for unit in units:
        yield _stated(source, unit, told=FIRST_DAY, holds=SINCE)
    by_number = {unit.number: unit for unit in units}
    for unit in units:
        if unit.merges_into and unit.merges_on:
            yield from _merged(source, unit, by_number[unit.merges_into], unit.merges_on)
        elif unit.closes_on:
            yield source.removes("organisation.unit", unit.number, "nedlagt", told=unit.closes_on, holds=unit.closes_on)


def _stated(source: Register, unit: Unit, *, told: date, holds: date, also: tuple[DatedGln, ...] = ()) -> Fact:
    own = DatedGln(gln=unit.gln, valid_from=SINCE)
    state = UnitState(name=unit.name, local_id=unit.number, parent=unit.parent, glns=(own, *also))
    return source.states("organisation.unit", unit.number, state, told=told, holds=holds)


def _merged(source: Register, unit: Unit, into: Unit, on: date) -> Iterator[Fact]:
    """The receiving unit keeps the GLN of the one that is gone for as long as was decided."""
    kept = DatedGln(gln=unit.gln, valid_from=SINCE, valid_to=unit.closes_on)
    yield _stated(source, into, told=on, holds=on, also=(kept,))
    yield source.removes("organisation.unit", unit.number, f"lagt sammen med {into.name}", told=on, holds=on)


def _organisation(municipality: Municipality) -> Register:
    return register(municipality, "organisation")
