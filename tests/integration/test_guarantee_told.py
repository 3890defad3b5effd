"""Found is not announced: what is told follows from what is known, not from the order in which it came to be known."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from consumers.runtime.apply import Applier
from consumers.runtime.coverage import EVERYTHING, Observed
from consumers.runtime.embedded import pages
from consumers.runtime.findings import lock_authorities
from consumers.runtime.settle import settle
from schemas.envelope import CloudEvent, Event
from storage.database import Database
from tests.support.database import fresh_database
from tests.support.judging import contract, document, judging_consumer
from tests.support.sample import AUTHORITIES, applier, drain, store

Told = tuple[str, str, str, str]


def told(database: Database) -> list[Told]:
    """Every alert event in the store, in order: what, about which alert, by which rule, what was found."""
    with database.worker.connect() as connection:
        rows = connection.execute(
            text("SELECT type, subject, payload FROM hub.event WHERE aggregatetype = 'alert' ORDER BY position")
        )
        return [_told(row.type, row.subject, orjson.loads(row.payload)) for row in rows]


def _told(name: str, subject: str, data: dict[str, str]) -> Told:
    return name.split(".")[3], subject, data["rule"], data["found"]


def facts(database: Database) -> list[str]:
    return [fact for fact, *_ in told(database)]


def apply_page(at: Applier, page: int) -> None:
    """Apply one page, and tell what may be told after it."""
    at.apply(next(pages(at, page)))
    settle(at)


def test_a_judgement_that_finds_the_same_writes_nothing_and_tells_nothing(database: Database) -> None:
    """The rows of the findings are those that were written first, and nothing waits to be told."""

    def standing() -> list[tuple[str, str]]:
        with database.worker.connect() as connection:
            rows = connection.execute(text("SELECT fingerprint::text, xmin::text FROM judging_v1.finding ORDER BY 1"))
            return [tuple(row) for row in rows]

    store(database, [document(number, of=7) for number in range(30)])
    at = applier(database, judging_consumer())
    drain(at)
    before, heard = standing(), told(database)
    assert len(before) == 30
    store(database, [contract(8)])
    drain(at)
    with database.worker.begin() as connection:
        connection.exec_driver_sql("SET LOCAL search_path TO judging_v1")
        lock_authorities(connection, "judging", AUTHORITIES[:1], shared_facts=False)
        judge_all = judging_consumer().judge_all
        assert judge_all
        judge_all(connection)
        assert connection.execute(text("SELECT count(*) FROM hub.pending")).scalar() == 0
    assert (standing(), told(database)) == (before, heard)


@pytest.mark.guarantee
def test_a_document_that_overtakes_its_contract_raises_no_alert(database: Database) -> None:
    """Both are in the store when the document is judged, so nothing is told between the two batches."""
    store(database, [document(1, of=7), contract(7)])
    at = applier(database, judging_consumer())
    apply_page(at, 1)
    with database.worker.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM judging_v1.finding")).scalar() == 1
    apply_page(at, 1)
    assert told(database) == []


@pytest.mark.guarantee
def test_without_waiting_it_would_raise_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: told as soon as found, the alert is opened and closed again for nothing."""
    monkeypatch.setattr(Observed, "covered", lambda *_: EVERYTHING)
    store(database, [document(1, of=7), contract(7)])
    at = applier(database, judging_consumer())
    apply_page(at, 1)
    apply_page(at, 1)
    assert facts(database) == ["opened", "resolved"]


@pytest.mark.guarantee
def test_a_late_fact_closes_the_alert(database: Database) -> None:
    """The contract comes after the hub had settled: the alert that was right then is closed by itself."""
    store(database, [document(1, of=7)])
    at = applier(database, judging_consumer())
    drain(at)
    assert facts(database) == ["opened"]
    store(database, [contract(7)])
    drain(at)
    assert facts(database) == ["opened", "resolved"]


@pytest.mark.guarantee
def test_a_late_fact_closes_nothing_when_it_is_not_judged(database: Database) -> None:
    """Switched off: a consumer that judges only what a document touches leaves the alert open."""
    whole = judging_consumer()

    def judge(connection: Connection, events: Sequence[Event]) -> None:
        assert whole.judge is not None
        whole.judge(connection, [event for event in events if event.domain == "invoice"])

    deaf = replace(whole, judge=judge)
    store(database, [document(1, of=7)])
    at = applier(database, deaf)
    drain(at)
    store(database, [contract(7)])
    drain(at)
    assert facts(database) == ["opened"]


def test_what_changes_is_told_as_a_change(database: Database) -> None:
    """The same finding with other values is one alert that changes, and each telling is an event of its own."""
    at = applier(database, judging_consumer())
    for numbers in ([1, 2, 3], [4], [5]):
        store(database, [contract(7), *(document(number, of=7) for number in numbers)])
        drain(at)
    assert [(fact, found) for fact, _, _, found in told(database)] == [
        ("opened", "3"), ("changed", "4"), ("changed", "5"),
    ]  # fmt: skip


EVENTS: Sequence[CloudEvent] = (
    *(contract(number) for number in (1, 2)),
    *(document(number, of=1 + number % 3) for number in range(9)),
)


def outcome(database: Database, events: Iterable[CloudEvent], page: int) -> list[Told]:
    """What is told when these events are in the store and consumed in pages of this size."""
    store(database, events)
    at = applier(database, judging_consumer())
    for found in pages(at, page):
        at.apply(found)
        settle(at)
    return sorted(told(database))


@pytest.mark.guarantee
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(EVENTS), page=st.integers(1, 12))
def test_what_is_told_does_not_hang_on_the_order(postgres: URL, order: list[CloudEvent], page: int) -> None:
    """Whatever the order in which different subjects' events arrived, and however they were cut into batches."""
    outcomes = []
    for events, size in ((EVENTS, 100), (order, page)):
        with fresh_database(postgres) as database:
            outcomes.append(outcome(database, events, size))
    assert outcomes[0] == outcomes[1]
    assert {fact for fact, *_ in outcomes[0]} == {"opened"}


@pytest.mark.guarantee
def test_without_waiting_it_hangs_on_the_order(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: documents first, then contracts, and alerts are told that the other order never tells."""
    monkeypatch.setattr(Observed, "covered", lambda *_: EVERYTHING)
    found = outcome(database, sorted(EVENTS, key=lambda event: event.type, reverse=True), 4)
    assert "resolved" in {fact for fact, *_ in found}
