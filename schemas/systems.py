"""The IT landscape: systems and interfaces of the shared catalogue, an authority's use of them, and its relations.

Catalogue systems and interfaces are the same for every authority (envelope `shared`); usages, relations and user
counts are an authority's own. Names of fields follow OS2KITOS where it has them.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .catalogue import EventType, Json, removal_of
from .values import FreeText, KleSubject, LocalId, Name, Party, Reference, Sensitivity, Value

Frequency = Literal[
    "continuous", "hourly", "daily", "weekly", "monthly", "quarterly", "half-yearly", "yearly", "on-demand"
]
"""How often data moves; `continuous` is as it happens, `on-demand` when a user or a case asks."""
Method = Literal["api", "event", "message", "file", "database", "manual"]
"""How data moves."""
Confidentiality = Literal["none", "personal", "sensitive", "criminal"]
"""Kind of personal data: none, ordinary (GDPR article 6), special categories (article 9), offences (article 10)."""
ArchiveDuty = Literal[
    "undecided", "unknown", "B", "K", "BK", "KB", "KD", "DK", "DD", "preserve-data-can-discard-documents"
]
"""Duty to archive as the National Archives' codes in KITOS write it: B is preserve (bevar), K is discard (kassér)."""
LifeCycle = Literal["undecided", "not-in-use", "phasing-in", "pilot", "operational", "phasing-out"]
"""Where an authority's use of a system stands."""
Answer = Literal["yes", "partly", "no", "undecided"]


class DataElement(Value):
    """A kind of data that is exchanged, such as addresses or benefits, and how closely it must be kept."""

    name: Name
    format: LocalId | None = None
    confidentiality: Confidentiality = "none"


class CatalogueSystem(Value):
    """An IT system that authorities may use; the rights holder answers for it."""

    name: Name
    local_id: LocalId | None = None
    former_name: Name | None = None
    description: FreeText | None = None
    business_type: Name | None = None
    rights_holder: Party | None = None
    parent: Reference | None = None
    kle: tuple[KleSubject, ...] = ()
    recommended_archive_duty: ArchiveDuty | None = None
    deactivated: bool = False


class UserRange(Value):
    """How many users are expected; no `upper` means no end."""

    lower: Annotated[int, Field(ge=0)]
    upper: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _upper_is_not_below(self) -> "UserRange":
        if self.upper is not None and self.upper < self.lower:
            raise ValueError("upper must not be below lower")
        return self


class SystemUsage(Value):
    """One authority's use of a catalogue system. Owners and managers are roles of the organisation domain.

    The tasks it serves are the system's KLE subjects without `kle_removed` and with `kle_added`. `main_contract` is
    the contract that pays for and ends the use.
    """

    system: Reference
    name: Name
    local_id: LocalId | None = None
    version: LocalId | None = None
    life_cycle: LifeCycle = "undecided"
    purpose: FreeText | None = None
    responsible_unit: Reference | None = None
    using_units: tuple[Reference, ...] = ()
    main_contract: Reference | None = None
    expected_users: UserRange | None = None
    hosting: Literal["on-premise", "external", "hybrid", "undecided"] = "undecided"
    licence_models: tuple[Literal["open-source", "freeware", "proprietary"], ...] = ()
    kle_added: tuple[KleSubject, ...] = ()
    kle_removed: tuple[KleSubject, ...] = ()
    business_critical: Answer = "undecided"
    socially_critical: Answer = "undecided"
    criticality_level: Name | None = None
    confidentiality: tuple[Confidentiality, ...] = ()
    risk: Literal["low", "medium", "high", "undecided"] = "undecided"
    uses_ai: Answer = "undecided"
    web_accessible: Answer = "undecided"
    archive_duty: ArchiveDuty | None = None


class Interface(Value):
    """What a catalogue system exposes to others."""

    name: Name
    exposed_by: Reference
    local_id: LocalId | None = None
    version: LocalId | None = None
    method: Method | None = None
    data: tuple[DataElement, ...] = ()
    description: FreeText | None = None
    deactivated: bool = False


class Relation(Value):
    """One usage (`user`) uses another (`provider`), through an interface, so often and for these data.

    `data_flow` is seen from the user: `read` takes from the provider, `write` gives to it. `contract` is the contract
    under which the exchange is paid.
    """

    user: Reference
    provider: Reference
    local_id: LocalId | None = None
    interface: Reference | None = None
    frequency: Frequency | None = None
    data_flow: Literal["read", "write", "both"] = "read"
    data: tuple[DataElement, ...] = ()
    contract: Reference | None = None
    description: FreeText | None = None

    @model_validator(mode="after")
    def _between_two(self) -> "Relation":
        if self.user.id == self.provider.id:
            raise ValueError("user and provider are the same usage; a relation stands between two")
        return self


class UserCount(Value):
    """How many use a usage, of one kind and licence, counted by the authority; what per-user prices are judged by."""

    usage: Reference
    kind: Literal["named-users", "active-users", "concurrent-users", "devices", "licences"]
    count: Annotated[int, Field(ge=0)]
    licence: LocalId | None = None
    unit: Reference | None = None
    counted_by: Name | None = None


_OMSORG = {"id": "6b2a0000-0000-4000-8000-000000000001", "name": "OmsorgNær"}
_SAGSARK = {"id": "6b2a0000-0000-4000-8000-000000000002", "name": "SagsArk"}
_CENTRE = {"id": "6b2a0000-0000-4000-8000-0000000000c1", "name": "Center for Social og Sundhed"}
_CONTRACT = {"id": "7c3b0000-0000-4000-8000-000000000001", "name": "Omsorgssystem, drift"}


def _stated(fact: str, model: type[Value], key: str, sample: Json, sensitivity: Sensitivity = "internal") -> EventType:
    return EventType(
        domain="system",
        fact=f"{fact}-stated",
        model=model,
        owner="system register",
        key=key,
        sensitivity=sensitivity,
        state=True,
        sample=sample,
    )


_STATED = (
    _stated(
        "catalogue",
        CatalogueSystem,
        "system of the shared catalogue",
        {
            "name": "OmsorgNær",
            "local_id": "SYS-0117",
            "former_name": "Omsorg Plus",
            "description": "Fagsystem til pleje og omsorg",
            "business_type": "Sagsbærende",
            "rights_holder": {"cvr": "99000015", "name": "Fjordbro Software A/S"},
            "kle": ["27.36", "27.12.04"],
            "recommended_archive_duty": "B",
        },
        "public",
    ),
    _stated(
        "usage",
        SystemUsage,
        "system usage",
        {
            "system": {"id": "5a1f3c52-0b0e-4a5d-9a39-2d5d0b7c0001", "name": "OmsorgNær"},
            "name": "OmsorgNær",
            "local_id": "OMS-01",
            "version": "7.2",
            "life_cycle": "operational",
            "purpose": "Pleje og omsorg",
            "responsible_unit": _CENTRE,
            "using_units": [_CENTRE],
            "main_contract": _CONTRACT,
            "expected_users": {"lower": 500},
            "hosting": "external",
            "licence_models": ["proprietary"],
            "kle_added": ["29.18"],
            "business_critical": "yes",
            "socially_critical": "no",
            "confidentiality": ["personal", "sensitive"],
            "risk": "medium",
            "uses_ai": "no",
            "web_accessible": "partly",
            "archive_duty": "B",
        },
    ),
    _stated(
        "interface",
        Interface,
        "interface of a catalogue system",
        {
            "name": "Journalisering",
            "exposed_by": {"id": "5a1f3c52-0b0e-4a5d-9a39-2d5d0b7c0002", "name": "SagsArk"},
            "local_id": "SA-JOURNAL",
            "version": "3",
            "method": "api",
            "data": [{"name": "Journalpost", "format": "JSON", "confidentiality": "sensitive"}],
        },
        "public",
    ),
    _stated(
        "relation",
        Relation,
        "relation between two usages",
        {
            "user": _OMSORG,
            "provider": _SAGSARK,
            "local_id": "REL-031",
            "interface": {"id": "6b2a0000-0000-4000-8000-0000000000e1", "name": "Journalisering"},
            "frequency": "daily",
            "data_flow": "write",
            "data": [{"name": "Afgørelser om hjælp", "confidentiality": "sensitive"}],
            "contract": _CONTRACT,
            "description": "Afgørelser journaliseres om natten",
        },
    ),
    _stated(
        "user-count",
        UserCount,
        "count of one kind of users of a usage",
        {
            "usage": _OMSORG,
            "kind": "named-users",
            "count": 640,
            "licence": "Plejepersonale",
            "unit": _CENTRE,
            "counted_by": "Digitalisering og IT",
        },
    ),
)

EVENTS: tuple[EventType, ...] = (*_STATED, *map(removal_of, _STATED))
