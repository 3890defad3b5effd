"""The demo as it reaches the rules: its documents through the adapter, its registers as histories."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from adapters.ubl.events import RECEIVED, invoice_events
from consumers.invoice_control.documents import Document, Origin, Refusal
from consumers.invoice_control.facts import Facts, Units
from consumers.invoice_control.history import History, Statement
from consumers.invoice_control.rules.case import Rule
from consumers.invoice_control.rules.judgement import judge_documents, judge_refusal
from examples.facts import moment
from examples.play import Demo, Share
from examples.truth import Key, alert_key
from schemas.envelope import CloudEvent
from schemas.invoices import Received, Refused
from schemas.registry import CATALOGUE

_KINDS = ("supplier.supplier", "contract.contract", "contract.price-item", "organisation.unit")


@dataclass
class Told:
    """What one authority was told in the two years, for the rules."""

    authority: str
    documents: dict[str, Document] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    statements: dict[str, dict[UUID, list[Statement[Any]]]] = field(
        default_factory=lambda: {kind: defaultdict(list) for kind in _KINDS}
    )

    def found(self, rules: Sequence[Rule]) -> Iterator[Key]:
        """What is compared of everything that `rules` find."""
        suppliers, contracts, items, units = (self._histories(kind) for kind in _KINDS)
        facts = Facts(
            authority=self.authority, suppliers=suppliers, contracts=contracts, items=items, units=Units(units)
        )
        found = judge_documents(facts, list(self.documents.values()), rules)
        found += [one for refusal in self.refusals.values() for one in judge_refusal(self.authority, refusal, rules)]
        return (alert_key(self.authority, one.finding) for one in found)

    def _histories(self, kind: str) -> Mapping[UUID, History[Any]]:
        return {id_: History(id_, tuple(stated)) for id_, stated in self.statements[kind].items()}


def told(demo: Demo) -> dict[str, Told]:
    """What each municipality was told, by its CVR."""
    by_authority: dict[str, Told] = {}
    for day in demo.days():
        for share in day.shares:
            one = by_authority.setdefault(share.authority, Told(share.authority))
            for event in share.events:
                _state(one, event)
            for event in arrivals(share, day.date):
                _document(one, event)
    return by_authority


def arrivals(share: Share, day: date) -> Iterator[CloudEvent]:
    """The events of a day's documents."""
    for document in share.documents:
        yield from invoice_events(
            document.content,
            authority=share.authority,
            source="urn:test:inbox",
            received_at=moment(day, hour=8),
            file_name=document.name,
        )


def _state(one: Told, event: CloudEvent) -> None:
    kind, _, fact = event.type.removeprefix("dk.samspil.").rpartition(".")[0].rpartition("-")
    if kind in _KINDS:
        value = None if fact == "removed" else CATALOGUE.get(event.type).model.model_validate(event.data)
        assert event.effective
        statement = Statement(_origin(event), event.effective, event.effectiveto, value)
        one.statements[kind][UUID(event.subject)].append(statement)


def _document(one: Told, event: CloudEvent) -> None:
    if event.type == RECEIVED:
        received = Received.model_validate(event.data)
        one.documents[event.id] = Document(UUID(event.subject), _origin(event), received)
    else:
        one.refusals[event.id] = Refusal(UUID(event.subject), _origin(event), Refused.model_validate(event.data))


def _origin(event: CloudEvent) -> Origin:
    return Origin(event.authority, event.source, event.id)
