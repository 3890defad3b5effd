"""Invoice control on the event store: what is found, when it closes, and that the order of arrival changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.event import listen

from access.principals import HUB
from consumers.invoice_control import judge, loading, queries, touched
from consumers.invoice_control.consumer import INVOICE_CONTROL, make_consumer
from consumers.invoice_control.judge import judge_all
from consumers.invoice_control.rules.case import Case, Hit, Rule
from consumers.invoice_control.tables import INVOICE
from consumers.runtime.apply import write_mode
from consumers.runtime.consumer import Consumer
from consumers.runtime.projections import create_version, use_active
from consumers.runtime.tables import PENDING
from kernel.errors import Fatal
from producers.check import check
from producers.store import read
from schemas.alerts import Finding
from schemas.catalogue import canonical_json
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from storage.copying import copy_rows
from storage.database import Database
from tests.support.invoice_control import (
    AUTHORITY,
    GLN,
    OLD_GLN,
    OTHER,
    SUPPLIER,
    addressed_to,
    contract,
    credit_note,
    invoice,
    item,
    judged,
    line,
    ref,
    removed,
    supplier,
    unit,
)
from tests.support.sample import START, applier, drain, store

STEP = {"supplier": ref(OTHER), "takes_over_on": "2026-02-01", "parallel_until": "2026-12-31"}
EVENTS = (
    supplier(),
    supplier(OTHER),
    supplier(since="2026-06-01", cvr_state="bankrupt"),
    unit("unit", {"gln": GLN}),
    unit("old", {"gln": OLD_GLN, "valid_to": "2026-03-01"}),
    removed("organisation.unit", "old", "2026-01-01"),
    unit("older", {"gln": OLD_GLN, "valid_to": "2026-02-01"}),
    contract(),
    contract(maximum={"net": {"amount": "4000"}}, successions=[STEP], since="2025-01-01"),
    contract("K-2", supplier=ref(OTHER), order_numbers=["4500"]),
    item(),
    item(price="900", since="2026-05-01"),
    removed("contract.price-item", "K-1/1", "2026-09-01"),
    invoice("100"),
    invoice("100", copy="2"),
    invoice("101", line("1200"), contract_refs=["K-1"]),
    invoice("102", buyer=addressed_to(OLD_GLN)),
    invoice("103", cvr=OTHER, contract_refs=["K-1"]),
    invoice("104", order_ref="4500"),
    invoice("105", issued="2026-06-02"),
    invoice("106", line("50", "Gebyr"), contract_refs=["K-1"]),
    invoice("107", cvr="99000120"),
    credit_note("K1", "1000", "100"),
    credit_note("K2", "100", "101"),
)
"""A world in which most rules find something, with statements that change what earlier ones said."""


def found(database: Database, consumer: Consumer = INVOICE_CONTROL) -> list[Finding]:
    with database.worker.begin() as connection:
        use_active(connection, consumer.name)
        return queries.findings(connection, authority=AUTHORITY)


def keys(database: Database) -> list[str]:
    return [finding.title.key for finding in found(database)]


def apply(database: Database, *events: CloudEvent, page: int = 100) -> None:
    store(database, events)
    drain(applier(database, INVOICE_CONTROL), page=page)


def comparable(findings: Iterable[Finding]) -> list[str]:
    return sorted(canonical_json(finding).decode() for finding in findings)


def arriving(events: Sequence[CloudEvent], subjects: Sequence[str]) -> list[CloudEvent]:
    """Another order of arrival, given by subject; the events of each subject keep theirs."""
    waiting = defaultdict[str, list[CloudEvent]](list)
    for event in events:
        waiting[event.subject].append(event)
    return [waiting[subject].pop(0) for subject in subjects]


def test_the_database_finds_what_the_rules_find(database: Database) -> None:
    """Loading by what is touched gives the same findings as judging everything at once."""
    apply(database, *EVENTS)
    assert comparable(found(database)) == comparable(judged(EVENTS))
    assert len({finding.rule for finding in found(database)}) >= 6


def in_batches(database: Database, events: Sequence[CloudEvent], page: int, times: int = 1) -> list[Finding]:
    """What is found after `events` came in batches of `page`, the last of which is judged so many times."""
    stored = [
        event._replace(position=position, recorded=START)
        for position, event in enumerate(check(list(events), HUB, CATALOGUE), 1)
    ]
    assert INVOICE_CONTROL.judge
    with database.worker.connect() as connection, connection.begin() as transaction:
        create_version(connection, INVOICE_CONTROL, 1, state="active")
        for start in range(0, len(stored), page):
            batch = stored[start : start + page]
            for table, rows in INVOICE_CONTROL.project(batch, CATALOGUE).items():
                copy_rows(connection, table, rows, write_mode(table))
            for _ in range(times):
                INVOICE_CONTROL.judge(connection, batch)
        result = queries.findings(connection, authority=AUTHORITY)
        transaction.rollback()
    return result


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([event.subject for event in EVENTS]), page=st.integers(1, len(EVENTS)))
def test_the_order_of_arrival_changes_nothing(database: Database, order: list[str], page: int) -> None:
    """Subjects may arrive in any order and in batches of any size."""
    assert comparable(in_batches(database, arriving(EVENTS, order), page)) == comparable(judged(EVENTS))


def test_judging_again_changes_nothing(database: Database) -> None:
    """The same batch judged twice finds the same."""
    assert comparable(in_batches(database, EVENTS, 5, times=2)) == comparable(judged(EVENTS))


def test_judging_everything_finds_the_same_and_tells_nothing(database: Database) -> None:
    """What a rebuild judges at its end is what the batches found, and so nothing is pending."""
    apply(database, *EVENTS, page=3)
    before = comparable(found(database))
    with database.worker.begin() as connection:
        use_active(connection, INVOICE_CONTROL.name)
        judge_all(connection)
        assert connection.execute(select(func.count()).select_from(PENDING)).scalar() == 0
    assert comparable(found(database)) == before


def test_a_document_is_judged_again_only_by_other_facts(database: Database) -> None:
    """Another invoice of its supplier is none; a statement about the supplier is one, of a neighbour's none."""
    looked: list[str] = []

    def look(case: Case) -> Iterator[Hit]:
        looked.append(case.document.number)
        return iter(())

    rules = (Rule("ic99", 1, "info", "original", look),)
    at = applier(database, replace(INVOICE_CONTROL, judge=partial(judge.judge, rules=rules)))

    def looked_after(*events: CloudEvent) -> list[str]:
        looked.clear()
        store(database, events)
        drain(at)
        return sorted(looked)

    assert looked_after(supplier(), invoice("100")) == ["100"]
    assert looked_after(invoice("101")) == ["101"]
    assert looked_after(supplier(OTHER), invoice("102", cvr=OTHER)) == ["102"]
    assert looked_after(supplier(since="2026-06-01", cvr_state="bankrupt")) == ["100", "101"]
    assert looked_after(credit_note("K1", "1000", "100")) == ["100", "K1"]


def test_a_large_authority_is_judged_in_parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches or all at once, the same is found, and a statement comes after so many documents."""
    for module in (judge, loading, touched):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    apply(database, *EVENTS, page=3)
    whole = comparable(judged(EVENTS))
    assert comparable(found(database)) == whole
    sent: list[str] = []
    with database.worker.begin() as connection:
        use_active(connection, INVOICE_CONTROL.name)
        assert len(touched.all_scopes(connection, AUTHORITY)) > 1
        listen(connection, "before_cursor_execute", lambda *call: sent.append(call[2]))
        judge_all(connection)
    assert comparable(found(database)) == whole
    assert sum(statement.startswith("SELECT 1") for statement in sent) >= 4


def test_findings_of_documents_that_are_gone_go_too(database: Database) -> None:
    """Judging everything leaves nothing of a supplier that has no documents left."""
    apply(database, invoice())
    with database.worker.begin() as connection:
        use_active(connection, INVOICE_CONTROL.name)
        connection.execute(delete(INVOICE))
        judge_all(connection)
    assert found(database) == []


def test_a_late_contract_closes_the_alert(database: Database) -> None:
    """IC10 is told, and told to be over when the contract comes."""
    apply(database, supplier(), invoice())
    assert keys(database) == ["ic10.none"]
    apply(database, contract())
    assert keys(database) == []
    with database.worker.connect() as connection:
        told = [event.type.split(".")[3] for event in read(connection, 0, 100) if event.domain == "alert"]
    assert told == ["opened", "resolved"]


def test_a_late_credit_note_closes_the_alert(database: Database) -> None:
    """What was billed too much is given back."""
    apply(database, supplier(), contract(), item(), invoice("100", line("1200")))
    assert keys(database) == ["ic13.above-agreed"]
    apply(database, credit_note("K1", "200", "100"))
    assert keys(database) == []


def test_a_contract_that_others_name_is_judged_for_them_too(database: Database) -> None:
    """The invoice of an unrelated supplier hangs on the contract whose number it states."""
    apply(database, supplier(), supplier(OTHER), invoice(cvr=OTHER, contract_refs=["K-1"]))
    assert keys(database) == ["ic10.none"]
    apply(database, contract())
    assert keys(database) == ["ic08.supplier"]
    apply(database, contract(reseller=ref(OTHER), since="2025-01-01"))
    assert keys(database) == []


def test_a_framework_ties_those_who_bill_its_call_offs(database: Database) -> None:
    """What one supplier bills is judged with what the other has billed, and anew when the maximum is told."""
    framework = contract("F-1", kind="framework")
    first = contract("K-1", kind="call-off", parent=ref("F-1"))
    second = contract("K-2", kind="call-off", parent=ref("F-1"), supplier=ref(OTHER))
    apply(database, supplier(), supplier(OTHER), framework, first, second)
    apply(database, invoice("100", contract_refs=["K-1"]))
    apply(database, invoice("200", contract_refs=["K-2"], cvr=OTHER, issued="2026-03-11"))
    assert keys(database) == []
    apply(database, contract("F-1", kind="framework", maximum={"net": {"amount": "1500"}}, since="2024-02-01"))
    assert keys(database) == ["ic22.above-framework"]
    apply(database, credit_note("K1", "1000", "100"))
    assert keys(database) == []


def test_a_removed_price_item_is_judged_anew(database: Database) -> None:
    """A removal does not name its contract; the item's earlier statements do."""
    apply(database, supplier(), contract(), item(), invoice())
    assert keys(database) == []
    apply(database, removed("contract.price-item", "K-1/1", "2026-01-01"))
    assert keys(database) == ["ic26.line"]


def test_a_unit_concerns_what_came_to_its_address(database: Database) -> None:
    """The first unit with an address makes every other address unknown; the unit that has it makes it known again."""
    apply(database, supplier(), contract(), item(), invoice(), invoice("2", buyer=addressed_to(OLD_GLN)))
    assert keys(database) == []
    apply(database, unit("unit", {"gln": GLN}))
    assert keys(database) == ["ic09.unknown"]
    apply(database, unit("old", {"gln": OLD_GLN}))
    assert keys(database) == []
    apply(database, removed("organisation.unit", "old", "2026-01-01"))
    assert keys(database) == ["ic09.closed"]


def test_a_shared_fact_concerns_every_authority(database: Database) -> None:
    """A supplier that the operator states for everybody is in the authority's register too."""
    apply(database, invoice())
    assert keys(database) == ["ic07.unknown"]
    apply(database, supplier().model_copy(update={"authority": "99000015", "shared": True}))
    assert keys(database) == ["ic10.none"]


@pytest.mark.parametrize("own_first", [True, False])
def test_what_the_authority_states_itself_stands_before_what_is_stated_for_all(
    database: Database, own_first: bool
) -> None:
    """One subject stated by both: the authority's own statements hold, whichever came first."""
    own, everyones = supplier(), supplier(cvr_state="bankrupt").model_copy(update={"authority": OTHER, "shared": True})
    apply(database, *((own, everyones) if own_first else (everyones, own)), contract(), item(), invoice())
    assert keys(database) == []


def test_another_authority_is_not_concerned(database: Database) -> None:
    """Each authority's invoices are judged by its own facts."""
    apply(database, supplier().model_copy(update={"authority": "99000015"}), invoice())
    assert keys(database) == ["ic07.unknown"]


def test_a_refused_file_is_found(database: Database) -> None:
    """IC01: a file that cannot be read is an alert of its own."""
    refused = CloudEvent.model_validate(
        {
            "id": "file-1",
            "source": "urn:test:invoices",
            "type": "dk.samspil.invoice.refused.v1",
            "subject": "6b2a0000-0000-4000-8000-000000000001",
            "authority": AUTHORITY,
            "time": START,
            "data": {"sha256": "a" * 64, "reason": "the file is cut off"},
        }
    )
    apply(database, refused, unit())
    [finding] = found(database)
    assert (finding.title.key, finding.subject_kind, finding.severity) == ("ic01.refused", "document", "block")


def test_a_subject_that_is_no_uuid_is_parked(database: Database) -> None:
    """The event cannot be the subject of an alert; nothing else waits for it."""
    apply(database, supplier(), invoice().model_copy(update={"subject": "invoice-1"}), invoice("2"))
    assert keys(database) == ["ic10.none"]


def test_a_rule_can_be_switched_off(database: Database) -> None:
    """Without IC13 the other findings stay as they are; a rule that nobody knows is refused."""
    store(database, [supplier(), contract(), item(), invoice("100", line("1200"), line("50", "Gebyr"))])
    consumer = make_consumer(without={"IC13"})
    drain(applier(database, consumer))
    assert [finding.rule for finding in found(database, consumer)] == ["ic26"]
    with pytest.raises(Fatal, match="ic99"):
        make_consumer(without={"IC99"})


def test_the_listing_of_invoices(database: Database) -> None:
    """The latest first, with net amount and what is found; by supplier if asked."""
    apply(database, supplier(), invoice("100", issued="2026-01-01"), invoice("101", cvr=OTHER))
    with database.worker.begin() as connection:
        use_active(connection, INVOICE_CONTROL.name)
        rows = queries.invoices(connection, authority=AUTHORITY)
        theirs = queries.invoices(connection, authority=AUTHORITY, supplier=f"cvr:{SUPPLIER}")
        [document] = queries.documents(connection, authority=AUTHORITY, subject=rows[0].subject)
        of_one = queries.findings(connection, authority=AUTHORITY, subject=rows[0].subject, rules={"IC07"})
        assert queries.counts(connection, authority=AUTHORITY) == {"IC07": 1, "IC10": 1}
    assert [(row.number, row.net, row.findings) for row in rows] == [("101", 1000, ("ic07",)), ("100", 1000, ("ic10",))]
    assert [row.number for row in theirs] == ["100"]
    assert document.number == "101"
    assert [finding.rule for finding in of_one] == ["ic07"]


def test_the_web_sees_its_own_authority_only(database: Database) -> None:
    """Row-level security holds for invoices and findings."""
    apply(database, invoice())
    for authorities, expected in (((AUTHORITY,), 1), (("99000015",), 0)):
        with database.reading(authorities) as connection:
            use_active(connection, INVOICE_CONTROL.name)
            assert len(queries.invoices(connection, authority=AUTHORITY)) == expected
            assert len(queries.findings(connection, authority=AUTHORITY)) == expected
