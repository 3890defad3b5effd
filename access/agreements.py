"""Agreements: authority x principal x event types x direction. Requested by one, approved by another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Text, cast, func, select

from kernel.errors import Forbidden, Invalid, Problem
from kernel.ids import new_id
from schemas.hub import Actor, AgreementChanged, AuthorityRegistered, PrincipalChanged
from schemas.registry import CATALOGUE
from schemas.values import Sensitivity, valid_cvr

from .principals import LOCAL, LOCAL_ID, Direction, Grant, Principal, audit, register_authority
from .tables import AGREEMENT, PRINCIPAL
from .telling import Fact, Tell


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement as it stands; `principal` is an id, `name` what people know it by."""

    id: str
    authority: str
    principal: str
    name: str
    direction: Direction
    types: tuple[str, ...]
    status: Literal["requested", "approved", "active", "ended"]
    max_sensitivity: Sensitivity
    purpose: str
    requested_by: str
    approved_by: str | None


def request_agreement(
    connection: Connection,
    authority: str,
    principal: str,
    direction: Direction,
    types: Sequence[str],
    *,
    by: str,
    purpose: str = "",
    max_sensitivity: Sensitivity = "internal",
    tell: Tell | None = None,
) -> str:
    """Ask for an agreement; returns its id. Nothing moves before another person has approved it.

    `types` are families such as `invoice.received`, `invoice.*`, or `*`; `max_sensitivity` is the most closely kept
    data that a receiver gets. Raises Invalid for one that covers no event type, a number that is no CVR, and a
    principal that nobody knows. `tell` is called last, so that the transaction can end.
    """
    _require_meaningful(authority, types)
    found = connection.execute(select(PRINCIPAL.c.id).where(PRINCIPAL.c.name == principal)).first()
    if not found:
        raise Invalid(f"there is no principal called {principal!r}", hint="`samspil access key add NAME` makes one")
    agreement = new_id()
    connection.execute(
        AGREEMENT.insert().values(
            id=agreement, authority=authority, principal=found.id, direction=direction,
            types=list(types), status="requested", requested_by=by, purpose=purpose, max_sensitivity=max_sensitivity,
        )
    )  # fmt: skip
    audit(connection, authority, by, "agreement requested", f"{principal} {direction} {', '.join(types)}")
    if tell:
        tell(connection, [_changed(connection, agreement, by)])
    return agreement


def approve_agreement(connection: Connection, agreement: str, *, by: str, tell: Tell | None = None) -> None:
    """Approve and so activate it; the authority is known from now on. Raises Forbidden when the one who asked approves,
    however the name is written.
    """
    row = _current(connection, agreement, "requested")
    if _same_person(row.requested_by, by):
        raise Forbidden("an agreement is approved by somebody else than the one who asked for it")
    new = register_authority(connection, row.authority, "", by)
    _change(connection, agreement, "active", by)
    audit(connection, row.authority, by, "agreement approved", agreement)
    if tell:
        tell(connection, [*([_registered(row.authority)] if new else []), _changed(connection, agreement, by)])


def end_agreement(connection: Connection, agreement: str, *, by: str, tell: Tell | None = None) -> None:
    """End it; the next call under it is refused."""
    row = _current(connection, agreement, "requested", "active")
    _change(connection, agreement, "ended", by)
    audit(connection, row.authority, by, "agreement ended", agreement)
    if tell:
        tell(connection, [_changed(connection, agreement, by)])


def agreements(connection: Connection, *conditions: ColumnElement[bool]) -> list[Agreement]:
    """The agreements that satisfy the conditions, by authority and name."""
    found = connection.execute(
        select(AGREEMENT, PRINCIPAL.c.name)
        .join(PRINCIPAL, PRINCIPAL.c.id == AGREEMENT.c.principal)
        .where(*conditions)
        .order_by(AGREEMENT.c.authority, PRINCIPAL.c.name, AGREEMENT.c.id)
    )
    return [
        Agreement(
            row.id, row.authority, row.principal, row.name, row.direction, tuple(row.types), row.status,
            row.max_sensitivity, row.purpose, row.requested_by, row.approved_by,
        )
        for row in found
    ]  # fmt: skip


def local_principal(connection: Connection, authority: str, operator: str | None = None) -> Principal:
    """The local command line, as a principal that may write for `authority`, and for all in the operator's name.

    The first time it makes the authority and the agreement, and the audit log says so. Raises Invalid for a number
    that is no CVR.
    """
    registered = register_authority(connection, authority, "", LOCAL)
    known = connection.execute(
        select(AGREEMENT.c.id).where(AGREEMENT.c.principal == LOCAL_ID, AGREEMENT.c.authority == authority)
    ).first()
    if registered or not known:
        if not connection.execute(select(PRINCIPAL.c.id).where(PRINCIPAL.c.id == LOCAL_ID)).first():
            connection.execute(PRINCIPAL.insert().values(id=LOCAL_ID, name=LOCAL, kind="system"))
        connection.execute(
            AGREEMENT.insert().values(
                id=new_id(), authority=authority, principal=LOCAL_ID, direction="send",
                types=["*"], status="active", requested_by=LOCAL, approved_by=LOCAL,
            )
        )  # fmt: skip
        audit(connection, authority, LOCAL, "agreement made", "the local command line may send * for this authority")
    active = connection.execute(
        select(AGREEMENT.c.types).where(
            AGREEMENT.c.principal == LOCAL_ID, AGREEMENT.c.authority == authority, AGREEMENT.c.status == "active"
        )
    ).all()
    grants = tuple(Grant(authority, "send", tuple(row.types)) for row in active)
    return Principal(LOCAL_ID, LOCAL, "system", registrar=operator, grants=grants)


def principal_changed(connection: Connection, name: str, *, by: str, operator: str | None = None) -> list[Fact]:
    """That a principal is new or its key has ended: for each authority with an agreement, and for the operator."""
    row = connection.execute(select(PRINCIPAL).where(PRINCIPAL.c.name == name)).one()
    concerned = select(AGREEMENT.c.authority).where(AGREEMENT.c.principal == row.id).distinct()
    said = PrincipalChanged(
        principal=Actor(id=row.id, name=name),
        kind=row.kind,
        roles=("registrar",) if row.registrar else (),
        status="disabled" if row.ended else "active",
        by=Actor(id=by, name=by),
    )
    authorities = {*connection.execute(concerned).scalars(), *([operator] if operator else [])}
    return [Fact(authority, "hub.principal-changed", row.id, said) for authority in sorted(authorities)]


def _changed(connection: Connection, agreement: str, by: str) -> Fact:
    (now,) = agreements(connection, AGREEMENT.c.id == agreement)
    said = AgreementChanged(
        principal=Actor(id=now.principal, name=now.name),
        direction=now.direction,
        event_types=_families(now.types),
        status=now.status,
        max_sensitivity=now.max_sensitivity,
        purpose=now.purpose or None,
        by=Actor(id=by, name=by),
    )
    return Fact(now.authority, "hub.agreement-changed", agreement, said)


def _registered(authority: str) -> Fact:
    return Fact(authority, "hub.authority-registered", authority, AuthorityRegistered(cvr=authority, name=authority))


def _families(types: Sequence[str]) -> tuple[str, ...]:
    """The types as the fact writes them: `*` is every domain."""
    if "*" in types:
        return tuple(sorted({f"{kind.domain}.*" for kind in CATALOGUE}))
    return tuple(types)


def _require_meaningful(authority: str, types: Sequence[str]) -> None:
    problems = list[Problem]()
    if not valid_cvr(authority):
        problems.append(Problem("authority", "is a CVR number: 8 digits that satisfy modulus 11", authority))
    if not types:
        problems.append(Problem("types", "names at least one event type"))
    kinds = list(CATALOGUE)
    known = {"*", *(kind.family for kind in kinds), *(f"{kind.domain}.*" for kind in kinds)}
    problems += [
        Problem("types", "is an event type without its version (`invoice.received`), `invoice.*`, or `*`", each)
        for each in types
        if each not in known
    ]
    if problems:
        raise Invalid(
            "the agreement means nothing",
            hint="`samspil catalogue` lists the types this hub knows",
            problems=tuple(problems),
        )


def _same_person(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _current(connection: Connection, agreement: str, *statuses: str):  # type: ignore[no-untyped-def]
    named = cast(AGREEMENT.c.id, Text) == agreement
    row = connection.execute(select(AGREEMENT).where(named).with_for_update()).first()
    if row is None:
        raise Invalid(f"there is no agreement {agreement}", hint="`samspil access agreement list` shows them")
    if row.status not in statuses:
        raise Invalid(f"the agreement is {row.status}, not {' or '.join(statuses)}")
    return row


def _change(connection: Connection, agreement: str, status: str, by: str) -> None:
    values = {"status": status, "changed": func.now()} | ({"approved_by": by} if status == "active" else {})
    connection.execute(AGREEMENT.update().where(AGREEMENT.c.id == agreement).values(**values))
