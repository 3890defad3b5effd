"""Suppliers: who delivers and invoices, what the CVR register says of them, and who takes over from them.

The subject is the supplier as the authority knows it. Invoice control finds it by CVR, VAT number or GLN, and asks
who may be paid in its stead.
"""

from datetime import date
from typing import Literal, Self

from pydantic import model_validator

from .catalogue import EventType, removal_of
from .values import Cvr, ForeignVatId, Gln, LocalId, Name, Party, Reference, Value

CvrState = Literal["active", "bankrupt", "dissolved"]
"""Under bankruptcy proceedings: bankrupt. Struck off, by force, by merger or after bankruptcy: dissolved."""


class Successor(Value):
    """The supplier that takes over the whole business, by merger or transfer, and the first day it does."""

    supplier: Reference
    takes_over_on: date


class Payee(Value):
    """Another party that the supplier's invoices may be paid to; `valid_to` is the first day it no longer is."""

    party: Party
    reason: Literal["factoring", "group", "estate"]
    valid_from: date | None = None
    valid_to: date | None = None


class Supplier(Value):
    """A supplier; `local_id` is its number in the authority's own register of creditors."""

    local_id: LocalId
    name: Name
    cvr: Cvr | None = None
    vat_id: ForeignVatId | None = None
    other_names: tuple[Name, ...] = ()
    glns: tuple[Gln, ...] = ()
    cvr_state: CvrState | None = None
    successor: Successor | None = None
    payees: tuple[Payee, ...] = ()

    @model_validator(mode="after")
    def _has_a_number(self) -> Self:
        if self.cvr is None and self.vat_id is None:
            raise ValueError("a supplier has a CVR number or a foreign VAT number: fill in cvr or vat_id")
        return self


def may_be_paid(supplier: Supplier, party: Party, on: date) -> bool:
    """Whether `party` may be paid for the supplier's invoices on that day: the supplier itself or a known payee."""
    known = [
        payee.party for payee in supplier.payees if (payee.valid_from or date.min) <= on < (payee.valid_to or date.max)
    ]
    return any(
        (party.cvr is not None and party.cvr == cvr) or (party.vat_id is not None and party.vat_id == vat_id)
        for cvr, vat_id in [(supplier.cvr, supplier.vat_id), *((payee.cvr, payee.vat_id) for payee in known)]
    )


SUPPLIER_STATED = EventType(
    domain="supplier",
    fact="supplier-stated",
    model=Supplier,
    owner="supplier register",
    key="supplier",
    state=True,
    uuid_subject=True,
    sample={
        "local_id": "K-10482",
        "name": "Skovsøen Digital A/S",
        "cvr": "99000104",
        "other_names": ["Skovsøen Data ApS"],
        "glns": ["9521234000105"],
        "cvr_state": "active",
        "successor": {
            "supplier": {"id": "0d1f7a52-6c1b-4c57-9d0a-3f5b8f4e2002", "name": "Fjordbro Software A/S"},
            "takes_over_on": "2027-07-01",
        },
        "payees": [
            {
                "party": {"cvr": "99000120", "name": "Nordskel Factoring A/S"},
                "reason": "factoring",
                "valid_from": "2025-03-01",
            }
        ],
    },
)

EVENTS = (SUPPLIER_STATED, removal_of(SUPPLIER_STATED))
