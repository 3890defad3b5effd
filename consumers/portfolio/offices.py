"""Who holds which role, and which model is in force, on any day; pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from kernel.alphabet import alphabetical
from schemas.organisation import Person, RoleHeld
from schemas.project_model import ProjectModel, standard_model

from .dossier import Dossier
from .timeline import Timeline

OF_ONE_PROJECT = frozenset({"project-owner", "project-manager"})
"""Roles that are held for a project; held for a unit they say nothing about its projects."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """The model in force; `since` is None for the one that ships with the hub, which nobody had to adopt."""

    model: ProjectModel
    since: date | None = None


@dataclass(frozen=True)
class Offices:
    """An authority's roles and models over time."""

    holdings: Sequence[Timeline[RoleHeld]] = ()
    models: Sequence[Timeline[ProjectModel]] = ()

    def adopted(self, day: date) -> Adopted:
        """The model in force on `day`: the one adopted last, else the standard one."""
        held = [(found.effective, each.subject, found.value) for each in self.models if (found := each.at(day))]
        since, _, model = max(held, key=lambda one: one[:2], default=(None, "", None))
        return Adopted(model, since) if model else Adopted(standard_model())

    def roles(self, person: str, dossier: Dossier, day: date) -> frozenset[str]:
        """The roles that a person holds on `day` and that count for the project."""
        held = (found.value for each in self._of.get(person, ()) if (found := each.at(day)) and found.value)
        return frozenset(role.role for role in held if role.holder.id == person and _counts(role, dossier))

    def holders(self, role: str, dossier: Dossier, day: date) -> tuple[Person, ...]:
        """Those who hold a role that counts for the project, by name."""
        near = self._near(dossier) if role in OF_ONE_PROJECT else self.holdings
        held = (found.value for each in near if (found := each.at(day)) and found.value)
        people = {each.holder for each in held if each.role == role and _counts(each, dossier)}
        return tuple(sorted(people, key=lambda person: (alphabetical(person.name), person.id or "")))

    def name_of(self, person: str) -> str | None:
        """What the organisation register calls a person, the last name in the alphabet where it has several."""
        names = (held.value.holder for each in self._of.get(person, ()) for held in each.statements if held.value)
        return max((holder.name for holder in names if holder.id == person), default=None)

    @cached_property
    def _of(self) -> Mapping[str, Sequence[Timeline[RoleHeld]]]:
        """The holdings that were ever a person's, by the person's id."""
        found = defaultdict[str, list[Timeline[RoleHeld]]](list)
        for each in self.holdings:
            for person in {held.value.holder.id for held in each.statements if held.value}:
                if person:
                    found[person].append(each)
        return found

    def _near(self, dossier: Dossier) -> Iterator[Timeline[RoleHeld]]:
        """The holdings that were ever held for the project itself or for what it is about."""
        project = dossier.project
        about = {each.id for each in (*project.usages, *project.contracts)} if project else set()
        return (each for target in {UUID(dossier.id), *about} for each in self._for.get(target, ()))

    @cached_property
    def _for(self) -> Mapping[UUID, Sequence[Timeline[RoleHeld]]]:
        """The holdings by what they were ever held for."""
        found = defaultdict[UUID, list[Timeline[RoleHeld]]](list)
        for each in self.holdings:
            for target in {held.value.responsible_for.id for held in each.statements if held.value}:
                found[target].append(each)
        return found


def _counts(held: RoleHeld, dossier: Dossier) -> bool:
    """Whether a role is held for the project itself, for what the project is about, or for the whole of a unit."""
    target, project = held.responsible_for.id, dossier.project
    match held.kind:
        case "project":
            return str(target) == dossier.id
        case "system-usage":
            return project is not None and target in {usage.id for usage in project.usages}
        case "contract":
            return project is not None and target in {contract.id for contract in project.contracts}
        case "unit":
            return held.role not in OF_ONE_PROJECT
