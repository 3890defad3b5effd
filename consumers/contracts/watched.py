"""A contract with what is known beside it today: what the rules of the watch are given."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from schemas.contracts import Contract
from schemas.terms import Terms, ends_on, runs


class Successor(NamedTuple):
    """A contract for the same task that comes after another; until `parallel_until` both may run, as agreed."""

    id: UUID
    local_id: str
    starts_on: date | None
    parallel_until: date | None = None


class Origin(NamedTuple):
    """The event that states something."""

    source: str
    id: str


class Billed(NamedTuple):
    """A document that names the contract and is from one of its suppliers; `net` is negative for a credit note."""

    origin: Origin
    number: str | None
    issued: date
    covers_to: date
    covers_stated: bool
    net: Decimal
    currency: str | None


@dataclass(frozen=True)
class Watched:
    """One contract as it stands today, and what is known beside it.

    Buying anew is `under_way` with a workflow or a project, `taken_up` when people have begun it, for the workflow is
    begun by the alarm itself, and `decided` when a workflow that was started for this end is over.
    """

    id: UUID
    origin: Origin
    contract: Contract
    today: date
    owned: bool = False
    under_way: bool = False
    taken_up: bool = False
    decided: bool = False
    successors: tuple[Successor, ...] = ()
    billed: tuple[Billed, ...] = ()

    @property
    def terms(self) -> Terms:
        return self.contract.terms

    @cached_property
    def end(self) -> date | None:
        """The last day as things stand: options taken up, notice given and renewals not prevented are counted."""
        return ends_on(self.terms, self.today)

    @property
    def has_ended(self) -> bool:
        return self.end is not None and self.end < self.today

    @property
    def runs(self) -> bool:
        return runs(self.terms, self.today)

    @property
    def notice_is_given(self) -> bool:
        given = self.terms.termination
        return given is not None and given.notice_given_on <= self.today
