"""Who may do what: roles as the organisation register states them, held for what a task is about. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kernel.errors import Forbidden
from schemas.organisation import RoleHeld

from .definition import ANYBODY

About = Collection[tuple[str, str]]
"""What a role must be held for, by kind and id; one of them is enough, and none means anything."""


@dataclass(frozen=True)
class People:
    """The roles that are held in an authority on a day."""

    held: Sequence[RoleHeld]

    def may(self, person: str, roles: Collection[str], about: About) -> bool:
        """Whether the person, known by what the register calls it, holds one of the roles for one of the things."""
        wanted = frozenset(role.casefold() for role in roles)
        return any(held.holder.id == person and _counts(held, wanted, about) for held in self.held)

    def only(self, person: str) -> "People":
        """The roles that this person holds."""
        return People(tuple(held for held in self.held if held.holder.id == person))

    def require(self, person: str, roles: Collection[str], about: About) -> None:
        """Raises Forbidden, naming the role that is needed and who holds it."""
        if not self.may(person, roles, about):
            needed = " or ".join(roles) + "".join(f", for the {kind} {subject}" for kind, subject in about)
            wanted = frozenset(role.casefold() for role in roles)
            names = {held.holder.name for held in self.held if held.holder.id and _counts(held, wanted, about)}
            hint = (
                f"it is held by {', '.join(sorted(names))}"
                if names
                else "nobody holds it: the organisation register says who"
            )
            raise Forbidden(f"{person} does not hold the role this needs: {needed}", hint=hint)


def _counts(held: RoleHeld, wanted: Collection[str], about: About) -> bool:
    """Whether it is one of the roles, and held for one of the things."""
    return (ANYBODY in wanted or called(held).casefold() in wanted) and (
        not about or (held.kind, str(held.responsible_for.id)) in about
    )


def called(held: RoleHeld) -> str:
    """The role, or its title when it is none of the list."""
    return held.title or held.role if held.role == "other" else held.role
