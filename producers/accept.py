"""Accept: the single way in. Validate, check the agreement, de-duplicate, commit; the answer comes after the commit."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from access.principals import IN_A_ROLE, Principal
from kernel.clock import Clock
from kernel.errors import Conflict, SamspilError
from kernel.ids import derived_id
from schemas.catalogue import Catalogue, canonical_json
from schemas.envelope import CloudEvent, Event
from schemas.hub import Actor, EventKey
from schemas.hub import Conflict as ConflictFact
from schemas.pseudonyms import Pseudonyms

from .check import check
from .gather import Gatherer
from .store import Outcome, Refused, Request
from .tally import Tally
from .verdict import Verdict


class Roles(Protocol):
    """Knows which roles people hold, for what they may decide only in one."""

    def require(self, person: Principal, decisions: Sequence[Event]) -> None:
        """Raises Forbidden when the person does not hold the role that one of them needs."""


@dataclass
class Acceptor:
    """Takes events for a database. Concurrent calls share transactions; each is taken whole or refused whole.

    Without `roles` nobody's role is asked for: agreements alone decide.
    """

    gatherer: Gatherer
    catalogue: Catalogue
    clock: Clock
    pseudonyms: Pseudonyms | None = None
    tally: Tally = field(default_factory=Tally)
    roles: Roles | None = None

    def accept(
        self, sent: Sequence[CloudEvent], principal: Principal, expect: Mapping[str, int] | None = None
    ) -> list[Outcome]:
        """Store what is new; one outcome per event. What is answered is committed.

        `expect` holds the store position at which each subject must still stand: people decide on what they saw.
        Raises Invalid, Forbidden, Conflict, or Retryable when the database is away.
        """
        return self.submit(sent, principal, expect).result()

    def submit(
        self, sent: Sequence[CloudEvent], principal: Principal, expect: Mapping[str, int] | None = None
    ) -> "Future[list[Outcome]]":
        """As `accept`, without waiting for the commit."""
        try:
            events = check(sent, principal, self.catalogue, self.pseudonyms)
            self._require_role(principal, events)
        except SamspilError as refusal:
            self.tally.refuse(refusal, len(sent))
            raise
        answer: Future[list[Outcome]] = Future()
        answer.add_done_callback(lambda done: self._count(done, len(events)))
        stored = self.gatherer.submit(Request(events, expect or {}))
        stored.add_done_callback(lambda done: self._answer(done, answer, events, principal))
        return answer

    def _require_role(self, principal: Principal, events: Sequence[Event]) -> None:
        if self.roles and principal.kind == "person":
            decisions = [event for event in events if self.catalogue.get(event.type).family in IN_A_ROLE]
            if decisions:
                self.roles.require(principal, decisions)

    def _count(self, answer: "Future[list[Outcome]]", events: int) -> None:
        if (error := answer.exception()) is not None:
            self.tally.refuse(error, events)
        else:
            self.tally.take(outcome.status for outcome in answer.result())

    def _answer(
        self,
        stored: "Future[list[Outcome] | Refused]",
        answer: "Future[list[Outcome]]",
        events: list[Event],
        principal: Principal,
    ) -> None:
        if (error := stored.exception()) is not None:
            answer.set_exception(error)
            return
        result = stored.result()
        if not isinstance(result, Refused):
            answer.set_result(result)
        elif result.verdict.moved:
            answer.set_exception(
                Conflict("a subject has changed since it was read", hint="read it again and decide anew")
            )
        else:
            told = self.gatherer.submit(Request(conflict_facts(events, result.verdict, principal)))
            clash = _clash(events, result.verdict)
            told.add_done_callback(lambda done: answer.set_exception(done.exception() or clash))


def conflict_facts(events: Sequence[Event], verdict: Verdict, principal: Principal) -> list[Event]:
    """`hub.conflict` for each event whose id was used before with another body: keys and hashes, never bodies."""
    facts = []
    for clash in verdict.clashes:
        event = events[clash.ordinal]
        fact = ConflictFact(
            event=EventKey(authority=event.authority, source=event.source, id=event.id),
            type=event.type,
            stored_hash=clash.stored.hex(),
            received_hash=clash.received.hex(),
            sent_by=Actor(id=principal.id, name=principal.name),
        )
        facts.append(
            Event(
                authority=event.authority,
                source="urn:samspil:accept",
                id=derived_id("conflict", event.authority, event.source, event.id, clash.received.hex()),
                type="dk.samspil.hub.conflict.v1",
                subject=event.subject,
                time=event.time,
                payload=canonical_json(fact),
                causation_id=event.id,
            )
        )
    return facts


def _clash(events: Sequence[Event], verdict: Verdict) -> Conflict:
    ids = ", ".join(events[clash.ordinal].id for clash in verdict.clashes)
    return Conflict(
        f"event id already used with another body: {ids}",
        hint="a changed fact is a new event with a new id; nothing of this request was taken",
    )
