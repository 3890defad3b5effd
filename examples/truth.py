"""What is wrong in the demo's invoices, as whoever planted it wrote it down, and how alerts compare with it."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from schemas.alerts import Finding


class Planted(NamedTuple):
    """One discrepancy: by its rule, on which invoice and line, and what is at stake, net of VAT.

    `invoice` is the subject of the invoice's events (of a refused file: of the refusal); `number` is for people.
    """

    authority: str
    rule: str
    invoice: str
    line: str | None
    amount: Decimal | None
    number: str = ""

    @property
    def key(self) -> "Key":
        """What it is compared by."""
        return Key(self.authority, self.rule.lower(), self.invoice, self.line or "", _plain(self.amount))


class NearMiss(NamedTuple):
    """Something that looks like a discrepancy by `rule` and is none; `why` is for people."""

    authority: str
    rule: str
    invoice: str
    why: str
    number: str = ""


class Key(NamedTuple):
    """What one discrepancy and one alert agree on: everything, or they are not the same."""

    authority: str
    rule: str
    invoice: str
    line: str
    amount: str


class Start(NamedTuple):
    """A workflow that is started once for what its business key names."""

    authority: str
    process: str
    business_key: str

    @property
    def key(self) -> "Start":
        """What it is compared by: all of it."""
        return self


class Comparison(NamedTuple):
    """How well the alerts met the truth. Without alerts the precision is 1, without truth the recall is."""

    precision: float
    recall: float
    missing: tuple["Compared", ...]
    unexpected: tuple["Compared", ...]


Compared = Key | Start


def alert_key(authority: str, finding: Finding) -> Key:
    """What an open alert is compared by; of a task that is overdue, by its workflow's business key and its name."""
    if finding.subject_kind == "task":
        keys = [each.local_id for each in finding.references if each.kind == "business-key"]
        return Key(authority, finding.rule, keys[0] or "", finding.subject.name or "", "")
    stake = finding.amount_at_stake
    amount = stake.amount if stake else None
    return Key(authority, finding.rule, str(finding.subject.id), finding.line_id or "", _plain(amount))


def compare(truth: Iterable[Planted | Start], found: Iterable[Compared]) -> Comparison:
    """One by one: what is in one and not in the other. The same twice is not once."""
    expected, counted = Counter[Compared](each.key for each in truth), Counter[Compared](found)
    met = (expected & counted).total()
    return Comparison(
        precision=met / counted.total() if counted else 1.0,
        recall=met / expected.total() if expected else 1.0,
        missing=tuple(sorted((expected - counted).elements())),
        unexpected=tuple(sorted((counted - expected).elements())),
    )


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"
