"""Alerts as rows for people, files and the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .rules import Fact, Status


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided. It `holds` while the values it was about are what is found."""

    outcome: str
    reason: str
    by: str
    at: datetime
    source: str
    event_id: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """That nobody is to be reminded of an alert up to and including the day `until`, why, and who says so."""

    reason: str
    by: str
    until: date


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as it stands. `finding` is the whole finding as it was last told, `told` when that was.

    A `decision` that does not hold closed the alert before; it has opened again with other values. `facts` is how many
    facts its history has.
    """

    authority: str
    id: str
    rule: str
    severity: str
    status: Status
    subject: str
    amount: Decimal | None
    currency: str | None
    finding: dict[str, Any]
    values_hash: str
    told: datetime
    decision: Decision | None
    facts: int
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact in an alert's history."""

    fact: Fact
    at: datetime
    data: dict[str, Any]
    source: str
    event_id: str


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many alerts of a rule stand how."""

    rule: str
    open: int
    acknowledged: int
    resolved: int


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """How many alerts of a severity are open or acknowledged and not silenced, and what they may cost by currency."""

    severity: str
    alerts: int
    at_stake: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts: each field narrows, None does not. `on` is the day on which `silenced` is meant.

    `about` is looked for in the names of subjects and suppliers.
    """

    statuses: tuple[Status, ...] = ("open", "acknowledged")
    severity: str | None = None
    rule: str | None = None
    about: str | None = None
    subject: str | None = None
    silenced: bool | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class AtStake:
    """What the open and acknowledged alerts of a rule may cost, without VAT."""

    rule: str
    currency: str
    alerts: int
    amount: Decimal


def as_row(alert: AlertRow) -> dict[str, Any]:
    """An alert on one line: for listings."""
    finding = alert.finding
    return {
        "id": alert.id,
        "authority": alert.authority,
        "rule": alert.rule,
        "severity": alert.severity,
        "status": alert.status,
        "subject": finding["subject"].get("name") or alert.subject,
        "line": finding.get("line_id"),
        "expected": finding.get("expected"),
        "found": finding.get("found"),
        "unit": finding.get("unit"),
        "amount": alert.amount,
        "currency": alert.currency,
        "decided": alert.decision.reason if alert.decision else None,
    }
