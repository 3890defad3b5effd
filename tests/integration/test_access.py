"""Keys and agreements: who makes them, what they may be about, and what the audit log keeps."""

import pytest
from sqlalchemy import Connection, select

from access.agreements import approve_agreement, local_principal, request_agreement
from access.principals import HUB, LOCAL, add_principal, authenticate
from access.tables import AUDIT, AUTHORITY
from kernel.errors import Forbidden, Invalid
from storage.database import Database

EGESOE = "99000007"


def audited(connection: Connection) -> list[tuple[str, str, str]]:
    """Who did what, with the details, in order."""
    rows = connection.execute(select(AUDIT.c.principal, AUDIT.c.action, AUDIT.c.detail).order_by(AUDIT.c.id))
    return [(row.principal, row.action, row.detail) for row in rows]


def asked(connection: Connection, *types: str, authority: str = EGESOE, by: str = "mette") -> str:
    """A new principal's agreement, asked for."""
    add_principal(connection, "kilde", "system")
    return request_agreement(connection, authority, "kilde", "send", types or ["*"], by=by)


def test_making_a_key_is_written_down(database: Database) -> None:
    """Who made it and for whom, also that its holder may publish for all; never the key."""
    with database.worker.begin() as connection:
        keys = [
            add_principal(connection, "kilde", "system"),
            add_principal(connection, "register", "system", registrar=EGESOE, by="ole"),
        ]
        lines = audited(connection)
    assert lines == [
        (LOCAL, "key made", "kilde, a system"),
        ("ole", "key made", "register, a system, that may publish for all as 99000007"),
    ]
    assert not any(key in str(lines) for key in keys)


@pytest.mark.parametrize("name", [LOCAL, HUB.name, "Hub"])
def test_nobody_is_called_as_the_hub(database: Database, name: str) -> None:
    """The audit log knows people and systems by their names."""
    with database.worker.begin() as connection, pytest.raises(Invalid, match="choose another"):
        add_principal(connection, name, "person")


@pytest.mark.parametrize("types", [["*"], ["system.*"], ["invoice.received", "organisation.unit-removed"]])
def test_an_agreement_is_about_types_that_exist(database: Database, types: list[str]) -> None:
    """Everything, a domain, or a family."""
    with database.worker.begin() as connection:
        assert asked(connection, *types)


@pytest.mark.parametrize("wrong", ["no.such", "nothing.*", "system", "invoice.received.v1", "", "**"])
def test_an_agreement_about_no_type_is_refused(database: Database, wrong: str) -> None:
    """It would be approved and allow nothing."""
    with database.worker.begin() as connection, pytest.raises(Invalid, match="types: is an event type"):
        asked(connection, "system.*", wrong)


def test_an_agreement_names_an_authority_and_a_type(database: Database) -> None:
    """Both findings are said at once."""
    with database.worker.begin() as connection:
        add_principal(connection, "kilde", "system")
        with pytest.raises(Invalid) as refused:
            request_agreement(connection, "12345", "kilde", "send", [], by="mette")
    assert [problem.where for problem in refused.value.problems] == ["authority", "types"]


def test_approving_makes_the_authority_known(database: Database) -> None:
    """From then on it has a calendar and stands in the listings; asking alone does not do it."""
    with database.worker.begin() as connection:
        known = select(AUTHORITY.c.authority)
        agreement = asked(connection)
        assert connection.execute(known).all() == []
        approve_agreement(connection, agreement, by="ole")
        assert connection.execute(known).scalars().all() == [EGESOE]
        assert ("ole", "authority registered", EGESOE) in audited(connection)


def test_an_authority_that_is_known_is_not_made_again(database: Database) -> None:
    """Neither by the next agreement nor by the local command line."""
    with database.worker.begin() as connection:
        local_principal(connection, EGESOE)
        approve_agreement(connection, asked(connection), by="ole")
        lines = audited(connection)
        assert local_principal(connection, EGESOE).grants
    assert [action for _, action, _ in lines].count("authority registered") == 1


@pytest.mark.guarantee
@pytest.mark.parametrize("name", ["mette", "Mette", " METTE ", "mette holm", "Mette  Holm"])
def test_nobody_approves_what_he_asked_for(database: Database, name: str) -> None:
    """However the name is written."""
    by = "Mette Holm" if "olm" in name else "mette"
    with database.worker.begin() as connection, pytest.raises(Forbidden):
        approve_agreement(connection, asked(connection, by=by), by=name)


def test_a_refused_approval_leaves_nothing(database: Database) -> None:
    """The agreement still waits, and the key is good for nothing."""
    with database.worker.begin() as connection:
        key = add_principal(connection, "kilde", "system")
        agreement = request_agreement(connection, EGESOE, "kilde", "send", ["*"], by="mette")
        with pytest.raises(Forbidden):
            approve_agreement(connection, agreement, by="METTE")
        assert authenticate(connection, key).grants == ()
        assert connection.execute(select(AUTHORITY)).all() == []
