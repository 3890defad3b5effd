"""Principals: the systems, people and parts of the hub that may ask for something, each with what it may."""

import hashlib
import secrets
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from kernel.errors import Forbidden, Invalid, Unauthenticated
from kernel.ids import derived_id, new_id
from schemas.values import valid_cvr

from .tables import AGREEMENT, AUDIT, AUTHORITY, PRINCIPAL, SOURCE

Direction = Literal["send", "receive"]
Kind = Literal["system", "person", "hub"]

KEY_PREFIX = "samspil_"
LOCAL = "local command line"
LOCAL_ID = derived_id("principal", LOCAL)
OWN_SOURCES = "urn:samspil:"
"""What the hub and its local command line call their sources; nobody else's begins so."""
HUB_ONLY = (
    *("hub.*", "time.*", "alert.opened", "alert.changed", "alert.resolved", "workflow.*"),
    *("automation.notice", "automation.action-failed"),
)
"""What only the hub itself writes."""
DECISIONS = (
    *("alert.acknowledged", "alert.decided", "alert.silenced"),
    *("automation.rule-adopted", "automation.rule-withdrawn"),
)
"""What only a person says, and the local command line for one; the data's `by` is who sends it."""
SIGNED = (
    "portfolio.proposed", "portfolio.evidence-filed", "portfolio.scores-given", "portfolio.recommended",
    "portfolio.approved", "portfolio.rejected", "portfolio.phase-entered", "portfolio.gate-passed",
    "portfolio.status-reported", "portfolio.benefit-measured", "portfolio.closed",
    "invoice.attested", "invoice.released", "invoice.posted", "invoice.paid",
    "invoice.rejected", "invoice.returned", "invoice.held",
)  # fmt: skip
"""What a source system may tell of anybody, but a person of itself alone: the data's `by` is its name."""
IN_A_ROLE = ("alert.decided", "invoice.rejected", "invoice.returned", "invoice.held")
"""What an agreement is not enough for when a person says it: accept asks `Roles` whether it may."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one active agreement allows: `types` are families such as `invoice.received`, `invoice.*`, or `*`."""

    authority: str
    direction: Direction
    types: tuple[str, ...]

    def covers(self, direction: Direction, authority: str, family: str) -> bool:
        return (
            self.direction == direction
            and self.authority == authority
            and any(_matches(allowed, family) for allowed in self.types)
        )


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody known, with what the active agreements allow. The hub's own parts may all that concerns the hub.

    A `registrar` publishes facts for all authorities; it is the CVR number of the operator in whose name.
    """

    id: str
    name: str
    kind: Kind
    registrar: str | None = None
    grants: tuple[Grant, ...] = ()
    sources: frozenset[tuple[str, str]] = frozenset()
    """(authority, source) of names that are known to be its own; `sources.claim` knows of all."""

    def authorities(self, direction: Direction) -> tuple[str, ...]:
        """The authorities that have any active agreement with this principal in this direction."""
        return tuple(sorted({grant.authority for grant in self.grants if grant.direction == direction}))

    @property
    def local(self) -> bool:
        """Whether it is the local command line."""
        return self.id == LOCAL_ID

    def may_call(self, source: str) -> bool:
        """Whether the principal may call a source so."""
        return self.kind == "hub" or self.local or not source.casefold().startswith(OWN_SOURCES)

    def may_share(self, authority: str) -> bool:
        """Whether the principal may publish what `authority` owns for all authorities."""
        return self.kind == "hub" or self.registrar == authority

    def require(self, direction: Direction, authority: str, family: str) -> None:
        """Raises Forbidden unless an active agreement covers it, and only the hub or a person may write it."""
        if self.kind == "hub":
            return
        if direction == "send" and any(_matches(own, family) for own in HUB_ONLY):
            raise Forbidden(f"{family} is written by the hub alone")
        if direction == "send" and family in DECISIONS and self.kind != "person" and not self.local:
            raise Forbidden(f"{family} is said by a person", hint="`samspil access key add NAME --person` makes a key")
        if not any(grant.covers(direction, authority, family) for grant in self.grants):
            raise Forbidden(
                f"{self.name} has no active agreement with {authority} to {direction} {family}",
                hint="the authority approves agreements: `samspil access agreement`",
            )


SOURCES_AT_HAND = 100
"""So many of a principal's sources are read with its key; for others the database is asked again."""


class Keyholder(NamedTuple):
    """A principal with the hash of its key."""

    key_hash: bytes
    principal: Principal


HUB = Principal(id="00000000-0000-0000-0000-000000000000", name="hub", kind="hub")
"""The hub's own consumers and its calendar."""


def add_principal(
    connection: Connection, name: str, kind: Kind, *, registrar: str | None = None, by: str = LOCAL
) -> str:
    """Make a principal and return its API key: shown once, stored only as a hash. The audit log says `by` whom.

    `registrar` is the CVR number of the operator in whose name it publishes for all authorities. Raises Invalid for a
    name that is taken.
    """
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    if name.casefold() in (LOCAL, HUB.name):
        raise Invalid(f"{name!r} is what the hub calls a part of itself", hint="choose another name")
    if connection.execute(select(PRINCIPAL.c.id).where(PRINCIPAL.c.name == name)).first():
        raise Invalid(f"there is already a principal called {name!r}", hint="choose another name, or end the old one")
    connection.execute(
        PRINCIPAL.insert().values(id=new_id(), name=name, kind=kind, key_hash=key_hash(key), registrar=registrar)
    )
    audit(
        connection,
        "",
        by,
        "key made",
        f"{name}, a {kind}{f', that may publish for all as {registrar}' if registrar else ''}",
    )
    return key


def authenticate(connection: Connection, key: str) -> Principal:
    """The principal that holds `key`, with its grants. Raises Unauthenticated."""
    (found,) = keyholders(connection, PRINCIPAL.c.key_hash == key_hash(key)) or (None,)
    if found is None:
        raise Unauthenticated("the API key is not known", hint="send it as `Authorization: Bearer samspil_...`")
    return found.principal


def keyholders(connection: Connection, condition: ColumnElement[bool]) -> list[Keyholder]:
    """The principals that `condition` finds and whose key is in use, each with the hash of the key and its grants."""
    rows = connection.execute(
        select(PRINCIPAL, AGREEMENT.c.authority, AGREEMENT.c.direction, AGREEMENT.c.types, _SOURCES)
        .outerjoin(AGREEMENT, (AGREEMENT.c.principal == PRINCIPAL.c.id) & (AGREEMENT.c.status == "active"))
        .where(condition, PRINCIPAL.c.key_hash.is_not(None), PRINCIPAL.c.ended.is_(None))
        .order_by(PRINCIPAL.c.id)
    ).all()
    holders = []
    for _, of_one in groupby(rows, key=lambda row: row.id):
        first, *others = of_one
        grants = tuple(
            Grant(row.authority, row.direction, tuple(row.types)) for row in (first, *others) if row.authority
        )
        sources = frozenset((authority, source) for authority, source in first.sources or ())
        principal = Principal(first.id, first.name, first.kind, first.registrar, grants, sources)
        holders.append(Keyholder(first.key_hash, principal))
    return holders


_OWN = select(SOURCE).where(SOURCE.c.principal == PRINCIPAL.c.id).limit(SOURCES_AT_HAND).correlate(PRINCIPAL).lateral()
_SOURCES = (
    select(func.json_agg(func.json_build_array(_OWN.c.authority, _OWN.c.source))).scalar_subquery().label("sources")
)


def register_authority(connection: Connection, authority: str, name: str, principal: str) -> bool:
    """Make the authority known, with a line in the audit log; False when it already was. Raises Invalid."""
    if not valid_cvr(authority):
        raise Invalid(f"{authority!r} is not a valid CVR number", hint="8 digits that satisfy modulus 11")
    if connection.execute(select(AUTHORITY).where(AUTHORITY.c.authority == authority)).first():
        return False
    connection.execute(AUTHORITY.insert().values(authority=authority, name=name))
    audit(connection, authority, principal, "authority registered", name or authority)
    return True


def audit(connection: Connection, authority: str, principal: str, action: str, detail: str) -> None:
    """Write down who did what; the row is never changed."""
    connection.execute(
        AUDIT.insert().values(authority=authority, principal=principal, action=action, detail=detail, at=func.now())
    )


def key_hash(key: str) -> bytes:
    """SHA-256 is enough for a key of 256 random bits: there is nothing to guess."""
    return hashlib.sha256(key.encode()).digest()


def _matches(allowed: str, family: str) -> bool:
    return allowed in ("*", family) or (allowed.endswith(".*") and family.startswith(allowed[:-1]))


def end_principal(connection: Connection, name: str, *, by: str) -> None:
    """Refuse the principal's key from now on. Raises Invalid when there is none of that name."""
    ended = connection.execute(
        PRINCIPAL.update().where(PRINCIPAL.c.name == name, PRINCIPAL.c.ended.is_(None)).values(ended=func.now())
    )
    if not ended.rowcount:
        raise Invalid(f"there is no principal {name!r} whose key is in use")
    audit(connection, "", by, "principal ended", name)
