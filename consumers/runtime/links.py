"""References followed to what is known: never guessed, always named."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.alphabet import alphabetical
from schemas.values import Reference

Names = Mapping[str, str]
"""What subjects are called, by id."""


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A subject and what it is called; not `known` when no state of it is held on the day that was asked for."""

    id: str
    name: str | None = None
    known: bool = True


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
    return alphabetical(link.name), link.id
