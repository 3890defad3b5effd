"""Nobody reads another authority's rows, and nothing reaches anybody without an active agreement: at the database."""

from collections.abc import Collection

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from access.agreements import approve_agreement, end_agreement, request_agreement
from access.principals import Principal, add_principal, authenticate
from consumers.runtime.rebuild import Rebuild
from kernel.errors import Forbidden, Unauthenticated
from producers.check import check
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import WEB, WORKER, Database
from tests.support.events import AUTHORITY, OTHER
from tests.support.filled import CONSUMERS, OPERATOR, fill
from tests.support.sample import unit

EVERYBODYS = frozenset({AUTHORITY, OTHER, OPERATOR})
OF_AN_AUTHORITY = (
    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
    "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'authority' AND NOT a.attisdropped "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1"
)
"""Every table and view that has an authority, from PostgreSQL's own catalogue."""


@pytest.fixture
def filled(database: Database) -> Database:
    """A hub that holds rows of two authorities and of an operator in every table; one consumer was rebuilt."""
    fill(database, CONSUMERS, sorted(EVERYBODYS))
    Rebuild(database, CONSUMERS[0], CATALOGUE).run()
    with database.owner.begin() as connection:
        authorities = "(SELECT DISTINCT authority FROM hub.event) AS known"
        connection.exec_driver_sql(HUB_ROWS.format(new=authorities))
    return database


HUB_ROWS = """
INSERT INTO hub.parked (consumer, position, authority, subject, type, reason)
    SELECT authority, 1, authority, 's', 't', 'r' FROM {new};
INSERT INTO hub.pending SELECT 'c', authority, gen_random_uuid(), 1 FROM {new};
INSERT INTO hub.announced SELECT 'c', authority, gen_random_uuid(), '', NULL, 1 FROM {new};
INSERT INTO hub.authority (authority) SELECT authority FROM {new};
INSERT INTO hub.audit (authority, principal, action, detail) SELECT authority, 'p', 'a', 'd' FROM {new};
INSERT INTO hub.principal (id, name, kind) VALUES (gen_random_uuid(), 'p', 'system');
INSERT INTO hub.agreement (id, authority, principal, direction, types, status, requested_by)
    SELECT gen_random_uuid(), authority, id, 'send', '{{}}', 'requested', 'x' FROM hub.principal, {new};
INSERT INTO hub.source (authority, source, principal) SELECT authority, 's', id FROM hub.principal, {new};
INSERT INTO hub.subscription (id, authority, principal, subscriber, types, way, made_by, made)
    SELECT gen_random_uuid(), authority, id, name, '{{}}', 'pull', 'x', now() FROM hub.principal, {new};
INSERT INTO hub.delivery (subscription, authority, position) SELECT id, authority, 0 FROM hub.subscription;
INSERT INTO hub.delivery_log (at, authority, subscription, position, attempt, outcome, ms)
    SELECT now(), authority, id, 0, 1, 'delivered', 1 FROM hub.subscription;
INSERT INTO hub.mail_alert (subscription, authority, alert, group_key, position, firing)
    SELECT id, authority, 'a', gen_random_uuid(), 0, true FROM hub.subscription;
INSERT INTO hub.mail_group (subscription, authority, group_key)
    SELECT id, authority, gen_random_uuid() FROM hub.subscription;
"""
"""A row for each authority in each of the hub's own tables that the samples leave empty."""


def tables(database: Database) -> list[str]:
    with database.owner.connect() as connection:
        return list(connection.execute(text(OF_AN_AUTHORITY)).scalars())


def owners(connection: Connection, table: str, *, shared: bool = True) -> set[str]:
    """Whose rows a connection sees in a table; without `shared`, only rows that are not for everybody."""
    own = "" if shared or not marks_shared(connection, table) else " WHERE NOT shared"
    return set(connection.execute(text(f"SELECT DISTINCT authority FROM {table}{own}")).scalars())


def marks_shared(connection: Connection, table: str) -> bool:
    """Whether the table holds facts for everybody, and marks them."""
    query = text(
        "SELECT 1 FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attname = 'shared' "
        "AND atttypid = 'boolean'::regtype"
    )
    return connection.execute(query, {"name": table}).first() is not None


@pytest.mark.guarantee
def test_without_the_setting_the_web_sees_nothing(filled: Database) -> None:
    """In every table that has an authority, and all of them hold rows."""
    with filled.worker.connect() as worker, filled.web.connect() as web:
        for table in tables(filled):
            assert owners(worker, table) == EVERYBODYS, f"{table} holds no rows to be seen"
            assert owners(web, table) == set(), table


@pytest.mark.guarantee
def test_a_setting_that_names_nobody_shows_nothing_of_anybody(filled: Database) -> None:
    """Whatever is put into it: at most what is for everybody."""
    for setting in ("", ",", f"{OTHER}x", f"'{OTHER}'", "%", "{" + OTHER + "}"):
        with filled.reading((setting,)) as web:
            for table in tables(filled):
                assert owners(web, table, shared=False) == set(), (table, setting)


@pytest.mark.guarantee
def test_with_the_setting_the_web_sees_its_own_and_what_is_shared(filled: Database) -> None:
    """The neighbour's rows are not there, in any table; the operator's are where they are for everybody."""
    with filled.reading((AUTHORITY,)) as web:
        for table in tables(filled):
            assert owners(web, table, shared=False) == {AUTHORITY}, table
            assert owners(web, table) == {AUTHORITY} | ({OPERATOR} if marks_shared(web, table) else set()), table


@pytest.mark.guarantee
def test_the_setting_ends_with_its_transaction(filled: Database) -> None:
    """The next one on the same connection begins with nothing."""
    engine = filled.web
    with filled.reading((AUTHORITY,)) as web:
        pid = web.execute(text("SELECT pg_backend_pid()")).scalar()
    with engine.connect() as again:
        assert again.execute(text("SELECT pg_backend_pid()")).scalar() == pid
        assert owners(again, "hub.event") == set()


@pytest.mark.guarantee
def test_without_row_security_the_web_sees_everything(filled: Database) -> None:
    """Switched off, table by table: the rows of all authorities are there, also without the setting."""
    with filled.owner.begin() as owner:
        for table in tables(filled):
            owner.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    with filled.web.connect() as web:
        for table in tables(filled):
            assert owners(web, table) == EVERYBODYS, table


@pytest.mark.guarantee
def test_without_its_condition_a_policy_shows_everything(filled: Database) -> None:
    """Switched off: the policy of the web role lets every row through."""
    with filled.owner.begin() as owner:
        owner.execute(text("DROP POLICY web ON hub.event"))
        owner.execute(text(f"CREATE POLICY web ON hub.event FOR SELECT TO {WEB} USING (true)"))
    with filled.reading((AUTHORITY,)) as web:
        assert owners(web, "hub.event") == EVERYBODYS


@pytest.mark.guarantee
def test_the_web_writes_nowhere(filled: Database) -> None:
    """No table, no schema, no sequence: it has nothing to write with."""
    with filled.owner.connect() as owner:
        writable = owner.execute(
            text(
                "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
                "WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
                "AND has_table_privilege(:web, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
            ),
            {"web": WEB},
        ).scalars()
        assert list(writable) == []
        makers = owner.execute(
            text("SELECT nspname FROM pg_namespace WHERE has_schema_privilege(:web, oid, 'CREATE')"),
            {"web": WEB},
        ).scalars()
        assert list(makers) == []
    with filled.reading((AUTHORITY,)) as web, pytest.raises(ProgrammingError) as refused:
        web.execute(text("UPDATE hub.parked SET reason = ''"))
    assert isinstance(refused.value.orig, InsufficientPrivilege)


@pytest.mark.guarantee
def test_the_web_reads_no_keys(filled: Database) -> None:
    """Hashes of keys and of events are none of its business."""
    for table in ("hub.event_key", "hub.event_state", "hub.principal"):
        with filled.reading((AUTHORITY,)) as web, pytest.raises(ProgrammingError) as refused:
            web.execute(text(f"SELECT 1 FROM {table}"))
        assert isinstance(refused.value.orig, InsufficientPrivilege)


@pytest.mark.guarantee
@pytest.mark.parametrize("role", [WORKER, WEB])
def test_no_role_is_above_the_policies(database: Database, role: str) -> None:
    """Neither is a superuser, may bypass row-level security, make roles, or become somebody else."""
    with database.owner.connect() as connection:
        row = connection.execute(
            text(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, "
                "EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) FROM pg_roles AS r WHERE rolname = :role"
            ),
            {"role": role},
        ).one()
    assert tuple(row) == (False,) * 6


def seen(database: Database, key: str) -> Collection[str]:
    """Whose own events the holder of a key reads."""
    with database.worker.connect() as connection:
        principal = authenticate(connection, key)
    with database.reading(principal.authorities("receive")) as web:
        return owners(web, "hub.event", shared=False)


@pytest.mark.guarantee
def test_a_key_reads_by_active_agreements_only(filled: Database) -> None:
    """Asked for is not given; approved by another it is; ended it is over. A neighbour's key gets nothing of mine."""
    with filled.worker.begin() as connection:
        key = add_principal(connection, "modtager", "system")
        agreement = request_agreement(connection, OTHER, "modtager", "receive", ["*"], by="leverandør")
    assert seen(filled, key) == set()
    with filled.worker.begin() as connection:
        with pytest.raises(Forbidden):
            approve_agreement(connection, agreement, by="leverandør")
        approve_agreement(connection, agreement, by="kommune")
    assert seen(filled, key) == {OTHER}
    with filled.worker.begin() as connection:
        end_agreement(connection, agreement, by="kommune")
    assert seen(filled, key) == set()


@pytest.mark.guarantee
def test_a_key_that_is_not_known_reads_nothing(filled: Database) -> None:
    """There is nobody without a key."""
    with pytest.raises(Unauthenticated):
        seen(filled, "samspil_guessed")


@pytest.mark.guarantee
def test_without_a_look_at_the_agreements_a_key_reads_what_it_names(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: what a key may read is what somebody says it may."""
    monkeypatch.setattr(Principal, "authorities", lambda *_: (AUTHORITY, OTHER))
    with filled.worker.begin() as connection:
        key = add_principal(connection, "modtager", "system")
    assert seen(filled, key) == {AUTHORITY, OTHER}


def sent_by(database: Database, *, types: str, authority: str = OTHER) -> list[Event]:
    """What accept takes of a unit of the authority, from a system whose agreement with it covers `types`."""
    with database.worker.begin() as connection:
        key = add_principal(connection, "afsender", "system")
        agreement = request_agreement(connection, OTHER, "afsender", "send", [types], by="leverandør")
        approve_agreement(connection, agreement, by="kommune")
        principal = authenticate(connection, key)
    return check([unit(1, authority=authority)], principal, CATALOGUE)


@pytest.mark.guarantee
def test_a_key_sends_by_active_agreements_only(database: Database) -> None:
    """For its authority and the types that were agreed; nothing else is let in."""
    assert len(sent_by(database, types="organisation.*")) == 1


@pytest.mark.guarantee
@pytest.mark.parametrize(("types", "authority"), [("invoice.*", OTHER), ("organisation.*", AUTHORITY)])
def test_a_key_does_not_send_beyond_its_agreement(database: Database, types: str, authority: str) -> None:
    """Another type, or another authority, is refused."""
    with pytest.raises(Forbidden):
        sent_by(database, types=types, authority=authority)


@pytest.mark.guarantee
def test_without_the_agreement_check_a_neighbour_writes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: a key for one authority writes for another."""
    monkeypatch.setattr(Principal, "require", lambda *_: None)
    assert sent_by(database, types="organisation.*", authority=AUTHORITY)[0].authority == AUTHORITY
