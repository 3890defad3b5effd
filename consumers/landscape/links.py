"""References followed to what the hub knows: never guessed, always named."""

from collections.abc import Iterable, Mapping
from datetime import date

from schemas.contracts import Contract, holder_on
from schemas.organisation import RoleHeld
from schemas.suppliers import Supplier
from schemas.values import Reference

from .rows import Named

Names = Mapping[str, str]
"""What subjects are called, by id."""


def named(reference: Reference, names: Names) -> Named:
    """The subject by the name it has now; by the name the reference gave it when it is not known."""
    subject = str(reference.id)
    if subject in names:
        return Named(subject, names[subject])
    return Named(subject, reference.name, known=False)


def named_if(reference: Reference | None, names: Names) -> Named | None:
    return named(reference, names) if reference else None


def unresolved(*links: Named | None) -> tuple[Named, ...]:
    """Those of `links` that lead nowhere, each once."""
    return tuple(sorted({link for link in links if link is not None and not link.known}, key=by_name))


def by_name(link: Named) -> tuple[str, str]:
    """Sorts as people look names up."""
    return (link.name or "").casefold(), link.id


def titles(contracts: Mapping[str, Contract]) -> Names:
    return {subject: contract.title for subject, contract in contracts.items()}


def supplier_of(contract: Contract, suppliers: Mapping[str, Supplier], on: date) -> Named:
    """Who holds the contract on that day."""
    return named(holder_on(contract, on), {subject: supplier.name for subject, supplier in suppliers.items()})


def owners(roles: Iterable[RoleHeld]) -> dict[str, list[RoleHeld]]:
    """The system owners of each usage, by name."""
    found: dict[str, list[RoleHeld]] = {}
    for held in sorted(roles, key=lambda held: (held.holder.name.casefold(), held.holder.id or "")):
        if held.role == "system-owner" and held.kind == "system-usage":
            found.setdefault(str(held.responsible_for.id), []).append(held)
    return found
