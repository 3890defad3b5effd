"""What becomes of an event that is sent: a plain function over what the store already knows."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from types import MappingProxyType
from typing import Literal, NamedTuple
from uuid import UUID

from schemas.catalogue import Catalogue
from schemas.envelope import Event

Status = Literal["accepted", "duplicate", "unchanged"]


EMPTIED = b""
"""Stands for the body of an event that the law has emptied: the id was used, and not even a hash says for what."""


class Fingerprint(NamedTuple):
    """An event's idempotency key, the hash of its body, and, for states without a date of their own, what they state.

    `about` is the authority and subject it is about. `state` is the key of (authority, source, entity, subject), one
    for stating and for removing; `stated` is the hash of which of the two it is and of the data.
    """

    key: UUID
    about: str
    body: bytes
    state: UUID | None
    stated: bytes
    dated: bool


class Clash(NamedTuple):
    """The event at `ordinal` of its request carries an id that was used before, for a body with another hash."""

    ordinal: int
    stored: bytes
    received: bytes


class Verdict(NamedTuple):
    """One status per event. When events clash, or a subject had moved, nothing of the request is taken."""

    statuses: tuple[Status, ...]
    clashes: tuple[Clash, ...] = ()
    moved: bool = False

    @property
    def taken(self) -> bool:
        return not self.clashes and not self.moved


def fingerprint(event: Event, catalogue: Catalogue) -> Fingerprint:
    """What decides whether an event is new: everything that is said, nothing of how it came."""
    kind = catalogue.get(event.type)
    stated = blake2b(event.payload, digest_size=16, key=kind.fact.encode()[:64]).digest()
    body = _digest(event.type, event.subject, str(event.effective), str(event.effective_to), stated.hex())
    state = None
    if kind.state:
        entity = kind.family.rpartition("-")[0]
        state = UUID(bytes=_digest(event.authority, event.source, entity, event.subject))
    return Fingerprint(
        key=UUID(bytes=_digest(event.authority, event.source, event.id)),
        about=event.key,
        body=body,
        state=state,
        stated=stated,
        dated=event.effective is not None,
    )


def judge(
    requests: Sequence[Sequence[Fingerprint]],
    bodies: Mapping[UUID, bytes],
    states: Mapping[UUID, bytes],
    moved: Collection[int] = (),
    watched: Mapping[int, Collection[str]] = MappingProxyType({}),
) -> list[Verdict]:
    """Judge requests in order, each whole, against the bodies and states the store knows.

    The same id with the same body is a duplicate, with another body a clash; an id whose event the law has emptied (its
    body is `EMPTIED`) is a duplicate whatever it comes with, for nobody remembers what it said. A state without a date
    of its own that says what was last said is unchanged; A, B, A are three events. `moved` holds the ordinals of
    requests whose expected positions no longer hold; those that watch a subject (`watched`, by ordinal) which an
    earlier request has written about have moved too. Sending again a decision that was taken is still a duplicate.
    """
    bodies, states = dict(bodies), dict(states)
    verdicts, written = [], set[str]()
    for number, request in enumerate(requests):
        seen, said = dict[UUID, bytes](), dict[UUID, bytes]()
        statuses: list[Status] = []
        clashes: list[Clash] = []
        for ordinal, event in enumerate(request):
            known = seen.get(event.key, bodies.get(event.key))
            if known is not None:
                statuses.append("duplicate")
                if known not in (event.body, EMPTIED):
                    clashes.append(Clash(ordinal, known, event.body))
                continue
            seen[event.key] = event.body
            last = None if event.state is None else said.get(event.state) or states.get(event.state)
            statuses.append("unchanged" if last == event.stated and not event.dated else "accepted")
            if event.state is not None:
                said[event.state] = event.stated
        overtaken = number in moved or not written.isdisjoint(watched.get(number, ()))
        verdict = Verdict(tuple(statuses), tuple(clashes), moved=overtaken and "accepted" in statuses)
        if verdict.taken:
            written.update(event.about for event, status in zip(request, statuses, strict=True) if status == "accepted")
            bodies |= seen
            states |= said
        verdicts.append(verdict)
    return verdicts


def _digest(*parts: str) -> bytes:
    hashed = blake2b(digest_size=16)
    for part in parts:
        raw = part.encode()
        hashed.update(len(raw).to_bytes(4, "big"))
        hashed.update(raw)
    return hashed.digest()
