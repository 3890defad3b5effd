"""Who owns which contract. A few that no unit answers for have no owner either."""

from collections.abc import Iterable, Iterator

from schemas.organisation import RoleHeld

from .contracts import framework_reference
from .deals import Deal
from .facts import Fact, register
from .municipalities import FIRST_DAY, Municipality
from .story_plans import FRAMEWORKS, STORIES
from .units import SINCE
from .usages import Employee
from .watched_plans import ENDINGS, OWNER_LEAVES, WITHOUT_OWNER

_OWNED = frozenset({*ENDINGS, *(plan.key for plan in STORIES)}) - WITHOUT_OWNER
_FRAMEWORK = "software"
"""The framework agreement that somebody owns; of the other nobody does."""
_FIRST_OWNER, _OWNERS = 100, 40
"""Which of the employees own contracts: from the place of the first on, so many."""


def is_owned(key: str) -> bool:
    """Whether somebody owns the contract, or the framework agreement, with that key when the demo ends."""
    return (key in _OWNED and key != OWNER_LEAVES[0]) or key == _FRAMEWORK


def owner_facts(municipality: Municipality, deals: Iterable[Deal], employees: tuple[Employee, ...]) -> Iterator[Fact]:
    """The holdings of the role; one owner leaves and nobody takes over."""
    source = register(municipality, "organisation")
    owned = [(deal.plan.key, deal.number, deal.reference) for deal in deals if deal.plan.key in _OWNED]
    assert _FRAMEWORK in FRAMEWORKS
    owned.append((_FRAMEWORK, f"R-{_FRAMEWORK}", framework_reference(municipality, _FRAMEWORK)))
    left, on = OWNER_LEAVES
    for i, (key, number, reference) in enumerate(owned):
        holder = employees[_FIRST_OWNER + i % _OWNERS].as_person(municipality)
        held = RoleHeld(role="contract-owner", holder=holder, kind="contract", responsible_for=reference)
        local_id = f"contract-owner/{number}"
        yield source.states("organisation.role", local_id, held, told=FIRST_DAY, holds=SINCE)
        if key == left:
            yield source.removes("organisation.role", local_id, "fratrådt", told=on, holds=on)
