"""A rebuild beside a live version that is uneven, slow or gone: how long it waits, and what is left for the lock."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from consumers.runtime import rebuild
from consumers.runtime.apply import Applier
from consumers.runtime.consumer import Consumer
from consumers.runtime.digest import digests
from consumers.runtime.ledger import KafkaLedger, Place, Relayed
from consumers.runtime.rebuild import Rebuild
from producers.store import append_one, read
from producers.topics import partition_count, partition_of
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.database import fresh_database
from tests.support.judging import contract, document, judging_consumer
from tests.support.sample import START, applier, drain, store

DOCUMENTS = 40


def digest(database: Database, consumer: Consumer) -> dict[str, str]:
    with database.worker.begin() as connection:
        return {name.split(".")[1]: value for name, value in digests(connection, [consumer]).items()}


def clean(database: Database, postgres: URL) -> dict[str, str]:
    """The digests of the same events consumed in one go in another hub."""
    with database.worker.connect() as connection:
        events = [event for event in read(connection, 0, 1_000) if event.domain != "alert"]
    with fresh_database(postgres) as elsewhere:
        with elsewhere.worker.begin() as connection:
            append_one(connection, events, catalogue=CATALOGUE, now=START)
        at = applier(elsewhere, judging_consumer())
        drain(at)
        return digest(elsewhere, at.consumer)


def records(database: Database, events: Iterable[Event]) -> list[Relayed]:
    """As the relay sends them."""
    with database.worker.connect() as connection:
        partitions = partition_count(connection)
    last: dict[Place, int] = {}
    made = []
    for event in events:
        place = event.domain, partition_of(event.authority, partitions)
        made.append(Relayed(place, event.position, last.get(place, 0), event))
        last[place] = event.position
    return made


def uneven(database: Database) -> tuple[Applier, Callable[[], object]]:
    """A live version on Kafka that has applied every document, but not the one contract, which is among the first
    events; and the way to let it apply that."""
    store(database, [document(0, of=7), contract(7), *(document(number, of=7) for number in range(1, DOCUMENTS))])
    with database.worker.connect() as connection:
        sent = records(database, read(connection, 0, 1_000))
    at = applier(database, judging_consumer())
    at.apply(KafkaLedger([each for each in sent if each.place[0] == "invoice"], lambda raw: raw))
    rest = KafkaLedger([each for each in sent if each.place[0] != "invoice"], lambda raw: raw)
    return at, lambda: at.apply(rest)


@pytest.fixture
def under_the_lock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each hand-over had to apply."""
    counted: list[int] = []
    hand_over = Rebuild._hand_over

    def counting(self: Rebuild, version: int) -> int:
        counted.append(hand_over(self, version))
        return counted[-1]

    monkeypatch.setattr(Rebuild, "_hand_over", counting)
    monkeypatch.setattr(rebuild, "NEAR", 0)
    return counted


def test_a_rebuild_waits_for_a_topic_that_lags(
    database: Database, postgres: URL, monkeypatch: pytest.MonkeyPatch, under_the_lock: list[int]
) -> None:
    """One event of a rare topic is still to come: nothing behind it is left for the live version's lock."""
    at, catch_up = uneven(database)
    monkeypatch.setattr(rebuild, "sleep", lambda _: catch_up())
    Rebuild(database, at.consumer, CATALOGUE, page=10).run()
    assert under_the_lock == [0]
    assert digest(database, at.consumer) == clean(database, postgres)


def test_a_rebuild_does_not_wait_for_who_stands_still(
    database: Database, postgres: URL, monkeypatch: pytest.MonkeyPatch, under_the_lock: list[int]
) -> None:
    """A live version that has ended in the middle of its topics: what it has passed is applied under its lock."""
    at, catch_up = uneven(database)
    monkeypatch.setattr(rebuild, "STANDSTILL_S", 0)
    Rebuild(database, at.consumer, CATALOGUE, page=10).run()
    assert under_the_lock == [DOCUMENTS]
    catch_up()
    assert digest(database, at.consumer) == clean(database, postgres)


def meanwhile(consumer: Consumer, happens: Callable[[Connection], object]) -> Consumer:
    """The consumer, while whose judgement of everything something happens."""

    def judge_all(connection: Connection) -> None:
        assert consumer.judge_all
        consumer.judge_all(connection)
        happens(connection)

    return replace(consumer, judge_all=judge_all)


def test_what_comes_while_everything_is_judged_is_not_left_for_the_lock(
    database: Database, postgres: URL, monkeypatch: pytest.MonkeyPatch, under_the_lock: list[int]
) -> None:
    """It is applied and judged in pages of its own, as often as more has come."""
    monkeypatch.setattr(rebuild, "JUDGED_PAGE", 7)
    store(database, [document(number, of=number % 3) for number in range(DOCUMENTS)])
    at = applier(database, judging_consumer())
    drain(at)
    judged: list[int] = []

    def more(_: Connection) -> None:
        store(database, [contract(1), *(document(number, of=number % 3) for number in range(DOCUMENTS, 2 * DOCUMENTS))])
        drain(at)

    def judge(connection: Connection, events: Sequence[Event]) -> None:
        assert at.consumer.judge
        judged.append(len(events))
        at.consumer.judge(connection, events)

    Rebuild(database, replace(meanwhile(at.consumer, more), judge=judge), CATALOGUE).run()
    assert under_the_lock == [0]
    assert judged == [7] * 5 + [6]
    assert digest(database, at.consumer) == clean(database, postgres)


def test_a_rebuild_may_think_and_nobody_waits_for_it(database: Database) -> None:
    """Its judgement of everything is not ended by the limit on idle transactions, and notes nothing to be told: the
    live version's judgements would wait for that."""
    store(database, [document(number, of=number) for number in range(DOCUMENTS)])
    at = applier(database, judging_consumer())
    drain(at)
    seen: list[tuple[str, int]] = []

    def look(connection: Connection) -> None:
        row = connection.execute(
            text("SELECT current_setting('idle_in_transaction_session_timeout'), (SELECT count(*) FROM hub.pending)")
        ).one()
        seen.append((row[0], row[1]))

    Rebuild(database, meanwhile(at.consumer, look), CATALOGUE).run()
    assert seen == [("0", 0)]
