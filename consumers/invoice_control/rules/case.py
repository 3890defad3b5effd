"""What a rule is given and what it gives back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, NamedTuple
from uuid import UUID

from consumers.invoice_control.documents import Document
from consumers.invoice_control.facts import Entry, Facts
from consumers.invoice_control.history import Statement
from consumers.invoice_control.ladder import Match
from consumers.invoice_control.standing import Repeats
from consumers.invoice_control.terms import Outside, outside
from consumers.runtime.findings import Found
from schemas.alerts import Severity
from schemas.contracts import Contract
from schemas.values import Money

Stage = Literal["received", "original", "repeated", "asking", "known", "contracted", "priced"]
"""How far a document has come when a rule looks at it (docs/rules.md, section 2):

- received: any document, also one without number or date;
- original: it has both and repeats no other;
- repeated: a subject of which there are repetitions;
- asking: an original that asks for payment;
- known: and its supplier is in the register;
- contracted: and it bills a contract that the supplier may bill;
- priced: and all of it lies within the term.
"""


class Passed(NamedTuple):
    """A contract, or the framework agreement that it is a call-off of, that has been billed more than its maximum.

    `billed` is what it has been billed up to a document, itself included, net.
    """

    kind: Literal["contract", "framework"]
    contract: Statement[Contract]
    maximum: Money
    billed: Decimal

    @property
    def excess(self) -> Decimal:
        return self.billed - self.maximum.amount


@dataclass(frozen=True, eq=False)
class Case:
    """One document and all that is known about it; `above` are the maximums that are passed with it."""

    facts: Facts
    document: Document
    repeats: Repeats | None = None
    repetition: bool = False
    entries: tuple[Entry, ...] = ()
    match: Match | None = None
    may_bill: bool = False
    credited: Decimal = Decimal(0)
    above: tuple[Passed, ...] = ()
    found: dict[Any, tuple[Found, ...]] = field(default_factory=dict, repr=False)
    """What rules have found, as far as it has been judged (`judgement`)."""

    @cached_property
    def outside(self) -> tuple[Outside, ...]:
        """What it bills outside the term of its contract."""
        return outside(self.document, self.match, self.facts) if self.match else ()

    @cached_property
    def stages(self) -> frozenset[Stage]:
        """Where the case has come: which rules judge it."""
        return frozenset(self._stages())

    def _stages(self) -> Iterator[Stage]:
        if self.repeats:
            yield "repeated"
        if self.repetition:
            return
        yield "received"
        if not self.document.is_placed:
            return
        yield "original"
        if self.document.net <= 0:
            return
        yield "asking"
        if not self.entries:
            return
        yield "known"
        if self.match is None or not self.may_bill:
            return
        yield "contracted"
        if not self.outside:
            yield "priced"

    @property
    def suppliers(self) -> frozenset[UUID]:
        return frozenset(entry.id for entry in self.entries)

    @property
    def contract(self) -> Match:
        """The contract of a case that has one."""
        assert self.match is not None
        return self.match


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What a rule found. `stake` is net of VAT and not yet rounded; `rests_on` are the statements it compared with."""

    reason: str
    line_id: str | None = None
    expected: str | None = None
    found: str | None = None
    unit: str | None = None
    tolerance: str | None = None
    stake: Decimal | Fraction | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    rests_on: tuple[Statement[Any], ...] = ()


class Rule(NamedTuple):
    """One rule: its code as in docs/rules.md, in lower case, and the stage at which it looks at a document."""

    code: str
    version: int
    severity: Severity
    stage: Stage
    find: Callable[[Case], Iterator[Hit]]


def plain(amount: Decimal) -> str:
    """An amount as text: no exponent, at least two decimals, and no digit lost however many there are."""
    whole, _, decimals = f"{amount:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"
