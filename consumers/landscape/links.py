"""Who holds a contract, and who owns a usage."""

from collections.abc import Iterable, Mapping
from datetime import date

from consumers.runtime.links import Named, Names, named
from kernel.alphabet import alphabetical
from schemas.contracts import Contract, holder_on
from schemas.organisation import RoleHeld
from schemas.suppliers import Supplier


def titles(contracts: Mapping[str, Contract]) -> Names:
    return {subject: contract.title for subject, contract in contracts.items()}


def supplier_of(contract: Contract, suppliers: Mapping[str, Supplier], on: date) -> Named:
    """Who holds the contract on that day."""
    holder = holder_on(contract, on)
    supplier = suppliers.get(str(holder.id))
    return named(holder, {str(holder.id): supplier.name} if supplier else {})


def owners(roles: Iterable[RoleHeld]) -> dict[str, list[RoleHeld]]:
    """The system owners of each usage, by name."""
    found: dict[str, list[RoleHeld]] = {}
    for held in sorted(roles, key=lambda held: (alphabetical(held.holder.name), held.holder.id or "")):
        if held.role == "system-owner" and held.kind == "system-usage":
            found.setdefault(str(held.responsible_for.id), []).append(held)
    return found
