"""The authority's own organisation: its units with their e-invoice addresses, who holds which role, and budgets."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .catalogue import EventType, removal_of
from .values import Gln, LocalId, Money, Name, PersonId, Reference, Value


class DatedGln(Value):
    """A GLN and when invoices may be sent to it; `valid_to` is the first day they may not.

    The dates outlive the unit's name and place: after a merger the old GLN is often kept for some months.
    """

    gln: Gln
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "DatedGln":
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise ValueError("valid_to is the first day the GLN no longer holds and must lie after valid_from")
        return self


class Unit(Value):
    """A node in the authority's tree of centres, departments and institutions; the root has no parent."""

    name: Name
    local_id: LocalId | None = None
    parent: Reference | None = None
    glns: tuple[DatedGln, ...] = ()


Role = Literal[
    "system-owner",
    "system-manager",
    "contract-owner",
    "contract-manager",
    "unit-manager",
    "budget-holder",
    "orderer",
    "invoice-recipient",
    "attestant",
    "payment-authoriser",
    "project-owner",
    "project-manager",
    "data-protection-officer",
    "security-coordinator",
    "archivist",
    "digitalisation-council",
    "portfolio-board",
    "central-unit",
    "procurement",
    "other",
]
"""What a person answers for. `system-owner` may delegate the work (`system-manager`), not the responsibility.

Who sits in a body (`digitalisation-council`, `portfolio-board`) or works in the `central-unit` for digitalisation or in
`procurement` holds that as a role too.
"""


class Person(Value):
    """An employee. `person_reference` is what suppliers write on an invoice so that it finds its approver."""

    name: Name
    id: PersonId | None = None
    person_reference: PersonId | None = None
    email: Name | None = None


class RoleHeld(Value):
    """A person holds a role for one thing: a system usage, a contract, a project or the unit itself.

    `title` is what the source calls the role; it is required when the role is `other`. Each holding is a subject of
    its own, so that it begins and ends by itself.
    """

    role: Role
    title: Name | None = None
    holder: Person
    kind: Literal["system-usage", "contract", "unit", "project"]
    responsible_for: Reference
    unit: Reference | None = None

    @model_validator(mode="after")
    def _other_has_a_title(self) -> "RoleHeld":
        if self.role == "other" and not self.title:
            raise ValueError("a role outside the list needs the title its source gives it")
        return self


class Budget(Value):
    """What a unit may spend on an account in a calendar year, without VAT; negative for income.

    The account follows the authorisation rules of the municipal accounts: function 6.45.52 is common IT.
    """

    unit: Reference
    account: LocalId
    account_name: Name | None = None
    year: Annotated[int, Field(ge=1970, le=2200)]
    amount: Money


_UNIT_ID = "6b2a0000-0000-4000-8000-0000000000c1"

_STATED = (
    EventType(
        domain="organisation",
        fact="unit-stated",
        model=Unit,
        owner="organisation register",
        key="organisation unit",
        state=True,
        uuid_subject=True,
        sample={
            "local_id": "200",
            "name": "Center for Social og Sundhed",
            "parent": {"id": "6b2a0000-0000-4000-8000-0000000000c0", "name": "Egesø Kommune"},
            "glns": [
                {"gln": "9521234000013", "valid_from": "2020-01-01"},
                {"gln": "9521234000020", "valid_from": "2014-01-01", "valid_to": "2026-04-01"},
            ],
        },
    ),
    EventType(
        domain="organisation",
        fact="role-stated",
        model=RoleHeld,
        owner="organisation register",
        key="one person's holding of one role",
        person_subject=True,
        sensitivity="personal",
        state=True,
        sample={
            "role": "system-owner",
            "title": "Systemejer",
            "holder": {
                "name": "Karen Lindholt",
                "id": "kali",
                "person_reference": "KALIN",
                "email": "kali@egesoe.example",
            },
            "kind": "system-usage",
            "responsible_for": {"id": "6b2a0000-0000-4000-8000-000000000001", "name": "OmsorgNær"},
            "unit": {"id": _UNIT_ID, "name": "Center for Social og Sundhed"},
        },
    ),
    EventType(
        domain="organisation",
        fact="budget-stated",
        model=Budget,
        owner="economy system",
        key="budget of a unit, an account and a year",
        state=True,
        sample={
            "unit": {"id": _UNIT_ID, "name": "Center for Social og Sundhed"},
            "account": "6.45.52",
            "account_name": "Fælles IT og telefoni",
            "year": 2026,
            "amount": {"amount": "2600000", "currency": "DKK"},
        },
    ),
)

EVENTS: tuple[EventType, ...] = (*_STATED, *map(removal_of, _STATED))
