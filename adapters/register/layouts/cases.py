"""Registers of cases and of what was filed on them."""

from datetime import date, datetime, time
from decimal import Decimal

from adapters.register.columns import Column, Layout
from adapters.register.compound import choice, reference
from adapters.register.values import CVR, DATE, IDENTIFIER, KLE, NAME, PERSON, Kind, Scalar, shown
from kernel.clock import COPENHAGEN

_STATES = choice(
    {
        "opstået": "arisen",
        "oplyst": "clarified",
        "afgjort": "decided",
        "bestilt": "ordered",
        "udført": "carried-out",
        "afsluttet": "closed",
    }
)
_CODES = choice(
    {
        "opstået": "arisen",
        "importeret": "imported",
        "passiveret": "passivated",
        "slettet": "deleted",
        "rettet": "corrected",
    }
)
_SENSITIVITY = choice(
    {
        "ikke fortrolig": "not-confidential",
        "fortrolig": "confidential",
        "følsom": "sensitive",
        "særligt følsom": "especially-sensitive",
    }
)
_DIRECTION = choice({"indgående": "incoming", "udgående": "outgoing", "intern": "internal"})


def _party(cell: Scalar) -> str:
    """The number as its holder writes it: a cell that Excel takes for a number has lost a CPR number's first zero."""
    return f"{cell:.0f}".zfill(10) if isinstance(cell, Decimal) and cell >= 10**8 else shown(cell)


def _moment(cell: Scalar) -> datetime:
    day: date = DATE.read(cell)
    return datetime.combine(day, time(), COPENHAGEN)


_PARTY = Kind("a CPR or CVR number", "CPR- eller CVR-nummer; kun et pseudonym gemmes", _party)
_MOMENT = Kind(DATE.expected, DATE.written, _moment)
_REGISTRATION = (
    Column("Registreret", "registered", "registration.at", _MOMENT, "Dagen, kilden registrerede det", "27-02-2026"),
    Column("Livscykluskode", "life cycle code", "registration.code", _CODES, "Registreringens slags", "rettet"),
)

CASES = Layout(
    name="cases",
    danish="Sager",
    kind="case",
    family="case.case-stated",
    key=("number",),
    about="Sager med emne, tilstand, enhed og part; parten gemmes kun som pseudonym",
    own_columns=(
        Column("Sagsnummer", "case number", "number", IDENTIFIER, "Sagens nummer", "EKSEMPEL-27.36.04-G01-1-26", True),
        Column("Sagstitel", "case title", "title", NAME, "Vises ikke i lister, når sagen er fortrolig", "Hjælp", True),
        Column("KLE-emne", "kle subject", "kle_subject", KLE, "Emne efter KLE", "27.36.04", True),
        Column("Handlingsfacet", "kle facet", "kle_facet", IDENTIFIER, "Facet efter KLE", "G01"),
        Column("Tilstand", "state", "state", _STATES, "Sagens fremdrift", "oplyst", True),
        Column("Ansvarlig myndighed", "responsible authority", "authority", CVR, "Tom: myndigheden selv"),
        Column("Ansvarlig enhed", "responsible unit", "unit.id", reference("unit"), "Enhedsnummer", "EKSEMPEL-E1"),
        Column("Enhedens navn", "unit name", "unit.name", NAME, "Til læsning", "Center for Social og Sundhed"),
        Column("Sagsbehandler", "handler", "handler.id", PERSON, "Medarbejderens id, aldrig CPR", "kali"),
        Column("Sagsbehandlers navn", "handler name", "handler.name", NAME, "Medarbejderens navn", "Karen Lindholt"),
        Column("Primær part", "primary party", "primary_party", _PARTY, "Hvem sagen handler om"),
        Column("Følsomhed", "sensitivity", "sensitivity", _SENSITIVITY, "Tom: fortrolig", "følsom"),
        *_REGISTRATION,
    ),
)

JOURNAL_ENTRIES = Layout(
    name="journal-entries",
    danish="Journalposter",
    kind="journal-entry",
    family="case.journal-entry-stated",
    key=("case", "number"),
    about="Dokumenter på sager, med henvisning til hvor de ligger",
    own_columns=(
        Column("Sag", "case", "case", reference("case"), "Sagens nummer", "EKSEMPEL-27.36.04-G01-1-26", True),
        Column("Løbenummer", "entry number", "number", IDENTIFIER, "Journalpostens nummer på sagen", "3", True),
        Column("Journaltitel", "entry title", "title", NAME, "Hvad dokumentet er", "Afgørelse", True),
        Column("Retning", "direction", "direction", _DIRECTION, "Hvor det kom fra", "udgående", True),
        Column("Journaliseret", "entered on", "entered_on", DATE, "Dagen, det blev journaliseret", "27-02-2026", True),
        Column("Dokument", "document", "document", IDENTIFIER, "Dokumentets nummer", "DOK-2026-004711"),
        Column("Ligger i", "kept in", "kept_in", NAME, "Systemet, dokumentet ligger i", "SagsArk"),
        *_REGISTRATION,
    ),
)
