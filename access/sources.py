"""Sources: under which names who sends. A name is its owner's, so that nobody writes as his neighbour.

The first system that sends for an authority under a name owns it there; somebody else who uses it is refused until an
administrator has handed it over. People own no names, and may use those that no system has taken.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from kernel.errors import Forbidden, Invalid
from storage.database import Database

from .principals import Principal, audit
from .tables import PRINCIPAL, SOURCE

Named = tuple[str, str]
"""An authority, and what a source of its facts is called."""


def strange(principal: Principal, named: Iterable[Named]) -> frozenset[Named]:
    """The names that are not known to be the principal's own: to be claimed before anything is taken under them.

    What accept refuses anyway is left to it: authorities without an agreement, and the hub's own names.
    """
    if principal.kind == "hub" or principal.local:
        return frozenset()
    sends_for = principal.authorities("send")
    return frozenset(
        (authority, source)
        for authority, source in set(named) - principal.sources
        if authority in sends_for and principal.may_call(source)
    )


def claim(database: Database, principal: Principal, names: Collection[Named]) -> None:
    """Let names that nobody owns be the principal's, when it is a system. Raises Forbidden when one is another's."""
    if not names:
        return
    with database.worker.begin() as connection:
        if principal.kind == "system":
            _take(connection, principal, names)
        others = connection.execute(
            select(SOURCE.c.authority, SOURCE.c.source, PRINCIPAL.c.name)
            .join(PRINCIPAL, PRINCIPAL.c.id == SOURCE.c.principal)
            .where(tuple_(SOURCE.c.authority, SOURCE.c.source).in_(sorted(names)), PRINCIPAL.c.id != principal.id)
            .order_by(SOURCE.c.authority, SOURCE.c.source)
        ).first()
    if others:
        raise Forbidden(
            f"the source {others.source} of {others.authority} is {others.name}'s",
            hint="send under a name of your own, or have it handed over: `samspil access source transfer`",
        )


def transfer(connection: Connection, authority: str, source: str, to: str, *, by: str) -> None:
    """Hand a name over to another system, whoever has it now. Raises Invalid when there is no such system."""
    found = connection.execute(
        select(PRINCIPAL.c.id).where(
            PRINCIPAL.c.name == to, PRINCIPAL.c.kind == "system", PRINCIPAL.c.key_hash.is_not(None),
            PRINCIPAL.c.ended.is_(None),
        )
    ).first()  # fmt: skip
    if found is None:
        raise Invalid(f"there is no system {to!r} whose key is in use", hint="`samspil access key add NAME` makes one")
    values = {"authority": authority, "source": source, "principal": found.id}
    statement = insert(SOURCE).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["authority", "source"], set_={"principal": found.id, "claimed": func.now()}
        )
    )
    audit(connection, authority, by, "source handed over", f"{source} to {to}")


def _take(connection: Connection, principal: Principal, names: Collection[Named]) -> None:
    rows = [
        {"authority": authority, "source": source, "principal": principal.id} for authority, source in sorted(names)
    ]
    taken = connection.execute(
        insert(SOURCE).values(rows).on_conflict_do_nothing().returning(SOURCE.c.authority, SOURCE.c.source)
    )
    for authority, source in taken.all():
        audit(connection, authority, principal.name, "source claimed", source)
