"""Alerts: what a rule finds, how it changes and ends, and what people decide about it.

A finding is told apart by its fingerprint: authority, rule, subject and line. The alert's own subject is the UUID made
of it (`alert_id`), so that the same finding is the same alert in every run and every rebuild.
"""

from datetime import date
from hashlib import blake2b
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from kernel.ids import derived_id

from .catalogue import EventType, Json, canonical_json
from .hub import Actor, EventKey, Hash, Reason
from .values import FreeText, LocalId, Money, Name, Reference, Sensitivity, Value

Severity = Literal["block", "hold", "warn", "info"]
"""What an alert asks for: stop it, hold it until someone has looked, look at it, know of it."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=100)]
"""A name in lower case, words joined by hyphens and levels by dots: `invoice-control`, `price.above-agreed`."""


class Message(Value):
    """A text in the reader's language: the key of its wording, and the values that are put into it."""

    key: Code
    values: dict[LocalId, FreeText] = Field(default_factory=dict)


class Evidence(Value):
    """Something the reader needs to find: an invoice by its number, a supplier by its CVR, a contract by its UUID."""

    kind: Code
    id: UUID | None = None
    local_id: LocalId | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> "Evidence":
        if self.id is None and self.local_id is None:
            raise ValueError("a reference needs an id or a local_id to be found by")
        return self


class Judged(Value):
    """What a rule compared, and what a person's decision is about.

    `expected`, `found` and `tolerance` are in `unit` (such as `DKK`, `users` or `%`); numbers are written plainly
    with a decimal point, dates as ISO 8601. `amount_at_stake` is what the authority may lose, without VAT.
    """

    expected: FreeText | None = None
    found: FreeText | None = None
    tolerance: FreeText | None = None
    unit: LocalId | None = None
    amount_at_stake: Money | None = None


class Finding(Judged):
    """What a rule found about a subject, or about one line of it. `causes` are the events whose facts it judged."""

    consumer: Code
    rule: Code
    rule_version: Annotated[int, Field(ge=1)]
    severity: Severity
    subject: Reference
    subject_kind: Code
    line_id: LocalId | None = None
    title: Message
    causes: tuple[EventKey, ...] = ()
    references: tuple[Evidence, ...] = ()


class Resolved(Finding):
    """The finding as it last was, and why it is over: the rule no longer finds it, or its subject or rule is gone."""

    resolution: Literal["no-longer-found", "subject-removed", "rule-withdrawn"]


class Acknowledged(Value):
    """A person has seen the alert and takes it on; it stays open."""

    by: Actor
    note: FreeText | None = None


class Decided(Value):
    """A person closes the alert. It holds for the values that `values_hash` is made of, and for no others.

    When other values are told (`alert.changed`) the alert is open again and cites the decision: nothing else says so.
    """

    by: Actor
    outcome: Literal["handled", "accepted", "false-alarm"]
    reason: Reason
    values_hash: Hash


class Silenced(Value):
    """A person wants to hear no more of the alert for a time; it stays open, and is shown when asked for.

    `by` answers for it. It ends after the day `until`.
    """

    by: Actor
    reason: Reason
    until: date


def alert_id(authority: str, rule: str, subject: str | UUID, line_id: str | None = None) -> str:
    """The subject of the alert with this fingerprint, as UUID text. No line and an empty line id are the same."""
    return derived_id("alert", authority, rule, str(subject), line_id or "")


def values_hash(finding: Judged) -> str:
    """The hash of what a person decides about: the expected and found values, the tolerance and the amount at stake.

    Severity, wording, rule version and causes are left out: they may change without the matter changing.
    """
    judged = Judged(**{name: getattr(finding, name) for name in Judged.model_fields})
    return blake2b(canonical_json(judged), digest_size=16).hexdigest()


_PERSON = {"id": "mette.holm", "name": "Mette Holm"}
_EGESOE = "99000007"
_FINDING: Json = {
    "consumer": "invoice-control",
    "rule": "price.above-agreed",
    "rule_version": 3,
    "severity": "hold",
    "subject": {"id": "a1c40000-0000-4000-8000-000000000011", "name": "Faktura 100482"},
    "subject_kind": "invoice",
    "line_id": "2",
    "title": {"key": "price.above-agreed", "values": {"item": "Licens, sagsbehandler", "percent": "4.1"}},
    "expected": "1250.00",
    "found": "1301.25",
    "tolerance": "0.01",
    "unit": "DKK",
    "amount_at_stake": {"amount": "2562.50", "currency": "DKK"},
    "causes": [
        {"authority": _EGESOE, "source": "urn:egesoe:invoices", "id": "invoice:99000015:100482"},
        {"authority": _EGESOE, "source": "urn:egesoe:contracts", "id": "price-item-44-3"},
    ],
    "references": [
        {"kind": "invoice", "local_id": "100482"},
        {"kind": "supplier", "local_id": "99000015", "name": "Fjordbro Software A/S"},
        {"kind": "contract", "id": "7c3b0000-0000-4000-8000-000000000001", "local_id": "K-2019-44"},
    ],
}
_CHANGED: Json = {**_FINDING, "found": "1320.00", "amount_at_stake": {"amount": "3500", "currency": "DKK"}}


def _fact(fact: str, model: type[Value], owner: str, sample: Json, sensitivity: Sensitivity = "internal") -> EventType:
    return EventType(
        domain="alert",
        fact=fact,
        model=model,
        owner=owner,
        key="alert, the UUID of its fingerprint",
        sensitivity=sensitivity,
        sample=sample,
    )


EVENTS: tuple[EventType, ...] = (
    _fact("opened", Finding, "the consumer whose rule it is", _FINDING),
    _fact("changed", Finding, "the consumer whose rule it is", _CHANGED),
    _fact("resolved", Resolved, "the consumer whose rule it is", {**_FINDING, "resolution": "no-longer-found"}),
    _fact("acknowledged", Acknowledged, "alerts", {"by": _PERSON, "note": "Leverandøren er spurgt"}, "personal"),
    _fact(
        "decided",
        Decided,
        "alerts",
        {
            "by": _PERSON,
            "outcome": "accepted",
            "reason": "Prisen er aftalt mundtligt frem til april",
            "values_hash": values_hash(Finding.model_validate(_FINDING)),
        },
        "personal",
    ),
    _fact(
        "silenced",
        Silenced,
        "alerts",
        {"by": _PERSON, "reason": "Afventer leverandørens kreditnota", "until": "2026-04-30"},
        "personal",
    ),
)
