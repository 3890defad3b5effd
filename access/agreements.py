"""Agreements: authority x principal x event types x direction. Requested by one, approved by another."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from kernel.errors import Forbidden, Invalid, Problem
from kernel.ids import new_id
from schemas.registry import CATALOGUE
from schemas.values import valid_cvr

from .principals import LOCAL, LOCAL_ID, Direction, Grant, Principal, audit, register_authority
from .tables import AGREEMENT, PRINCIPAL


def request_agreement(
    connection: Connection, authority: str, principal: str, direction: Direction, types: Sequence[str], *, by: str
) -> str:
    """Ask for an agreement; returns its id. Nothing moves before another person has approved it.

    `types` are families such as `invoice.received`, `invoice.*`, or `*`. Raises Invalid for one that covers no event
    type, a number that is no CVR, and a principal that nobody knows.
    """
    _require_meaningful(authority, types)
    found = connection.execute(select(PRINCIPAL.c.id).where(PRINCIPAL.c.name == principal)).first()
    if not found:
        raise Invalid(f"there is no principal called {principal!r}", hint="`samspil access key add NAME` makes one")
    agreement = new_id()
    connection.execute(
        AGREEMENT.insert().values(
            id=agreement, authority=authority, principal=found.id, direction=direction,
            types=list(types), status="requested", requested_by=by,
        )
    )  # fmt: skip
    audit(connection, authority, by, "agreement requested", f"{principal} {direction} {', '.join(types)}")
    return agreement


def approve_agreement(connection: Connection, agreement: str, *, by: str) -> None:
    """Approve and so activate it; the authority is known from now on. Raises Forbidden when the one who asked approves,
    however the name is written.
    """
    row = _current(connection, agreement, "requested")
    if _same_person(row.requested_by, by):
        raise Forbidden("an agreement is approved by somebody else than the one who asked for it")
    register_authority(connection, row.authority, "", by)
    _change(connection, agreement, "active", by)
    audit(connection, row.authority, by, "agreement approved", agreement)


def end_agreement(connection: Connection, agreement: str, *, by: str) -> None:
    """End it; the next call under it is refused."""
    row = _current(connection, agreement, "requested", "active")
    _change(connection, agreement, "ended", by)
    audit(connection, row.authority, by, "agreement ended", agreement)


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
    row = connection.execute(select(AGREEMENT).where(AGREEMENT.c.id == agreement).with_for_update()).first()
    if row is None:
        raise Invalid(f"there is no agreement {agreement}", hint="`samspil access agreement list` shows them")
    if row.status not in statuses:
        raise Invalid(f"the agreement is {row.status}, not {' or '.join(statuses)}")
    return row


def _change(connection: Connection, agreement: str, status: str, by: str) -> None:
    values = {"status": status, "changed": func.now()} | ({"approved_by": by} if status == "active" else {})
    connection.execute(AGREEMENT.update().where(AGREEMENT.c.id == agreement).values(**values))
