"""Cases after OIO Sag: what a case is about, where it stands, who treats it, and which documents were filed on it.

Known time is told twice: `registration` is the source's own (registrering), the envelope's recorded time is the hub's.
Valid time (virkning) is the envelope's `effective` and `effectiveto`, as for every state. A journal entry is a
reference to a document in its own system: no content comes here. Source: OIO Sag 2.0 and SagDokObjekt
(urn:oio:sagdok:3.0.0).
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from kernel.masking import mask_written

from .catalogue import EventType, Json, removal_of
from .envelope import Time
from .pseudonyms import Pseudonym
from .values import Cvr, KleSubject, LocalId, Name, PersonId, Reference, Value

CaseState = Literal["arisen", "clarified", "decided", "ordered", "carried-out", "closed"]
"""OIO Sag's progress (fremdrift): Opstaaet, Oplyst, Afgjort, Bestilt, Udfoert, Afsluttet."""
LifeCycleCode = Literal["arisen", "imported", "passivated", "deleted", "corrected"]
"""OIO's code of a registration: Opstaaet, Importeret, Passiveret, Slettet, Rettet."""
CaseSensitivity = Literal["not-confidential", "confidential", "sensitive", "especially-sensitive"]
"""How closely a case must be kept: ikke fortrolig, fortrolig, følsom, særligt følsom."""
KleFacet = Annotated[str, StringConstraints(pattern=r"^[A-ZÆØÅ]\d{2}$")]
"""KLE facet (handlingsfacet): what is done within the subject, such as `G01`."""
CaseNumber = Annotated[LocalId, AfterValidator(mask_written)]
"""The number people use, such as `27.36.04-G01-118-25`; a CPR number written `ddmmyy-xxxx` in it is masked."""


class Handler(Value):
    """The employee who treats the case (primærbehandler)."""

    id: PersonId
    name: Name | None = None


class Registration(Value):
    """When and how the source recorded this state of the case."""

    at: Time
    code: LifeCycleCode = "corrected"


class Case(Value):
    """A case (sag). `primary_party` is whom it concerns, never by number; `authority` answers for it when that is
    another than the envelope's. `title` may tell of a person, so listings show it of cases that are not confidential.
    """

    number: CaseNumber
    title: Name
    kle_subject: KleSubject
    kle_facet: KleFacet | None = None
    state: CaseState
    authority: Cvr | None = None
    unit: Reference | None = None
    handler: Handler | None = None
    primary_party: Pseudonym | None = None
    sensitivity: CaseSensitivity = "confidential"
    registration: Registration | None = None


class JournalEntry(Value):
    """A document filed on a case (journalpost), by reference: `document` is its id in the system `kept_in`."""

    case: UUID
    number: CaseNumber
    title: Name
    direction: Literal["incoming", "outgoing", "internal"]
    entered_on: date
    document: LocalId | None = None
    kept_in: Name | None = None
    registration: Registration | None = None


def _stated(fact: str, model: type[Value], key: str, sample: Json) -> EventType:
    return EventType(
        domain="case",
        fact=f"{fact}-stated",
        model=model,
        owner="case system",
        key=key,
        sensitivity="sensitive",
        state=True,
        uuid_subject=True,
        sample=sample,
    )


_STATED = (
    _stated(
        "case",
        Case,
        "case",
        {
            "number": "27.36.04-G01-118-26",
            "title": "Ansøgning om personlig hjælp",
            "kle_subject": "27.36.04",
            "kle_facet": "G01",
            "state": "clarified",
            "authority": "99000007",
            "unit": {"id": "6b2a0000-0000-4000-8000-0000000000c1", "name": "Center for Social og Sundhed"},
            "handler": {"id": "kali", "name": "Karen Lindholt"},
            "primary_party": "person:0123456789abcdef0123456789abcdef",
            "sensitivity": "sensitive",
            "registration": {"at": "2026-02-27T10:15:00Z", "code": "corrected"},
        },
    ),
    _stated(
        "journal-entry",
        JournalEntry,
        "journal entry",
        {
            "case": "8d5c0000-0000-4000-8000-000000000001",
            "number": "3",
            "title": "Afgørelse",
            "direction": "outgoing",
            "entered_on": "2026-02-27",
            "document": "DOK-2026-004711",
            "kept_in": "SagsArk",
            "registration": {"at": "2026-02-27T10:15:00Z", "code": "arisen"},
        },
    ),
)

EVENTS: tuple[EventType, ...] = (*_STATED, *map(removal_of, _STATED))
