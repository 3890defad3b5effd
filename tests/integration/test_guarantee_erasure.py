"""Erasure: what the law empties is gone from every projection, by whichever log and in whichever order it is told."""

import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, text

from access.principals import HUB
from consumers.alerts.consumer import ALERTS
from consumers.alerts.tables import ALERT_EVENT
from consumers.runtime import ledger
from consumers.runtime.consumer import Consumer
from consumers.runtime.digest import digests
from consumers.runtime.ledger import KafkaLedger, Relayed, StoreLedger
from consumers.runtime.projections import use_active
from consumers.runtime.rebuild import Rebuild
from consumers.runtime.tables import PARKED
from kernel.clock import SystemClock
from kernel.ids import derived_id
from producers import redact as erasing
from producers.redact import redact
from producers.store import append_one, read
from producers.verdict import fingerprint
from schemas.envelope import Event
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.events import event
from tests.support.filled import CONSUMERS, fill, samples
from tests.support.judging import contract, document, judging_consumer
from tests.support.sample import AUTHORITIES, STATED, Poison, applier, drain, sample_consumer, store, unit
from tests.support.wait import until

BY = Actor(id=HUB.id, name="test")


def erase(database: Database, subject: str) -> None:
    with database.worker.begin() as connection:
        redact(
            connection, AUTHORITIES[0], subject, reason="right to erasure", by=BY, key=b"secret",
            catalogue=CATALOGUE, now=SystemClock().now(),
        )  # fmt: skip


def records(events: Sequence[Event]) -> list[Relayed]:
    """What the relay sent, each topic on its own: every event as it was before it was emptied."""
    last: dict[str, int] = {}
    made = []
    for each in events:
        made.append(Relayed((each.domain, 0), each.position, last.get(each.domain, 0), each))
        last[each.domain] = each.position
    return made


def stored(database: Database) -> list[Event]:
    with database.worker.connect() as connection:
        return read(connection, 0, 100)


def names(database: Database, consumer: str) -> list[str]:
    with database.worker.begin() as connection:
        use_active(connection, consumer)
        rows = connection.execute(select(STATED.c.document).order_by(STATED.c.position)).scalars()
        return [row["name"] for row in rows]


def on_kafka(database: Database, consumer: str, *topics: Sequence[Relayed]) -> list[str]:
    """The names that a consumer holds after these records, batch by batch."""
    at = applier(database, sample_consumer(consumer))
    for batch in topics:
        at.apply(KafkaLedger(batch, lambda raw: raw))
    return names(database, consumer)


def told_and_erased(database: Database) -> tuple[list[Relayed], list[Relayed]]:
    """A person's unit, its erasure, and the same unit stated anew: the records of its own topic, and of the hub's."""
    store(database, [unit(1, subject="s1"), unit(2, subject="s2")])
    before = stored(database)
    erase(database, "s1")
    store(database, [unit(3, subject="s1")])
    sent = records([*before, *stored(database)[2:]])
    return [each for each in sent if each.place[0] == "organisation"], [each for each in sent if each.place[0] == "hub"]


@pytest.mark.guarantee
def test_an_erasure_that_overtakes_the_event(database: Database) -> None:
    """The topic of the hub is read before the subject's own, which still holds what the law has emptied."""
    units, redacted = told_and_erased(database)
    assert on_kafka(database, "k1", redacted, units) == ["Enhed 2", "Enhed 3"]
    assert on_kafka(database, "k2", units, redacted) == ["Enhed 2", "Enhed 3"]
    drain(applier(database, sample_consumer("s")))
    assert names(database, "s") == ["Enhed 2", "Enhed 3"]


@pytest.mark.guarantee
def test_without_a_look_at_the_store_the_event_comes_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: a topic's old records bring back what was erased."""
    lock = ledger._lock
    monkeypatch.setattr(ledger, "_lock", lambda *a, **k: lock(*a, **k)._replace(gone=frozenset()))
    units, redacted = told_and_erased(database)
    assert "Enhed 1" in on_kafka(database, "k1", redacted, units)


@pytest.mark.guarantee
def test_no_hash_of_what_was_said_is_left(database: Database) -> None:
    """Not of the event, of its state, nor of what was sent again and was unchanged; others' stay."""
    again = unit(1, subject="s1").model_copy(update={"id": "again"})
    store(database, [unit(1, subject="s1"), unit(2, subject="s2")])
    store(database, [again])
    said = hashes(database)
    erase(database, "s1")
    left = hashes(database) & said
    told = fingerprint(stored(database)[1], CATALOGUE)
    assert left == {told.body, told.stated}


@pytest.mark.guarantee
def test_what_was_erased_is_a_duplicate_and_not_stored_again(database: Database) -> None:
    """Sent again under its id as it was, or with another body; under a new id it is a new fact."""
    original = unit(1, subject="s1")
    store(database, [original, unit(2, subject="s2")])
    erase(database, "s1")
    before = stored(database)
    assert [each.status for each in store(database, [original])] == ["duplicate"]
    assert [each.status for each in store(database, [unit(1, subject="s1", data={"name": "En anden"})])] == [
        "duplicate"
    ]
    assert stored(database) == before
    assert [each.status for each in store(database, [original.model_copy(update={"id": "new"})])] == ["accepted"]


@pytest.mark.guarantee
def test_without_forgetting_the_content_can_be_guessed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: who guesses what was said finds its hash."""
    monkeypatch.setattr(erasing, "_forget", lambda *_: None)
    store(database, [unit(1, subject="s1")])
    guess = fingerprint(stored(database)[0], CATALOGUE)
    erase(database, "s1")
    assert {guess.body, guess.stated} <= hashes(database)


def hashes(database: Database) -> set[bytes]:
    """All that accept remembers of what was said."""
    query = "SELECT hash FROM hub.event_key UNION SELECT hash FROM hub.event_state"
    with database.worker.connect() as connection:
        return {bytes(each) for each in connection.execute(text(query)).scalars()}


def test_what_is_left_is_judged_anew(database: Database) -> None:
    """The contract is erased: the document that names it now names none that is known, as a rebuild would find."""
    store(database, [contract(7), document(1, of=7)])
    at = applier(database, judging_consumer())
    drain(at)
    erase(database, contract(7).subject)
    drain(at)
    with database.worker.begin() as connection:
        before = digests(connection, [at.consumer])
        assert connection.execute(text("SELECT count(*) FROM judging_v1.finding")).scalar() == 1
    Rebuild(database, at.consumer, CATALOGUE).run()
    with database.worker.begin() as connection:
        assert digests(connection, [at.consumer]) == before


def test_what_people_wrote_on_an_alert_goes_with_its_subject(database: Database) -> None:
    """The alert's own subject is erased with it, and so are notes and decisions."""
    at = applier(database, ALERTS)
    facts = [event("alert.opened", "a1", position=0), event("alert.acknowledged", "a1", position=1)]
    with database.worker.begin() as connection:
        append_one(connection, facts, catalogue=CATALOGUE, now=SystemClock().now())
    drain(at)
    erase(database, "a1")
    drain(at)
    with database.worker.begin() as connection:
        use_active(connection, ALERTS.name)
        assert connection.execute(select(func.count()).select_from(ALERT_EVENT)).scalar() == 0


def test_what_was_made_of_a_case_goes_with_it(database: Database) -> None:
    """Entries that were filed on it, and the process that was started for it with its tasks; what others have stays."""
    mine, other, filed, process = (derived_id("erased", number) for number in range(4))
    theirs = derived_id("erased", 4)
    told = [
        event("case.case-stated", mine, position=0),
        event("case.case-stated", other, position=1),
        event("case.journal-entry-stated", filed, position=2, case=mine),
        event("case.journal-entry-stated", theirs, position=3, case=other, title=f"Se sag {mine}"),
        event("workflow.started", process, position=4, business_key=mine),
        event("workflow.task-completed", process, position=5),
        event("workflow.started", theirs, position=6, business_key=other),
    ]
    with database.worker.begin() as connection:
        append_one(connection, told, catalogue=CATALOGUE, now=SystemClock().now())
    erase(database, mine)
    assert [each.subject for each in stored(database) if not each.payload] == [mine, filed, process, process]
    redacted = [each.subject for each in stored(database) if each.domain == "hub"]
    assert sorted(redacted) == sorted([mine, filed, process])


@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda consumer: consumer.name)
def test_a_rebuild_after_an_erasure_gives_equal_digests(database: Database, consumer: Consumer) -> None:
    """A subject of every kind is erased: what is left is what a rebuild finds."""
    fill(database, [consumer], [AUTHORITIES[0]])
    subjects = [each.subject for each in samples(AUTHORITIES[0])]
    for subject in subjects:
        erase(database, subject)
    drain(applier(database, consumer))
    with database.worker.begin() as connection:
        before = digests(connection, [consumer])
    Rebuild(database, consumer, CATALOGUE).run()
    with database.worker.begin() as connection:
        assert digests(connection, [consumer]) == before


def test_alerts_that_are_over_are_emptied_too(database: Database) -> None:
    """What was once told about the subject tells of it, whether or not it still holds."""
    at = applier(database, judging_consumer())
    store(database, [document(1, of=7)])
    drain(at)
    store(database, [contract(7)])
    drain(at)
    erase(database, document(1, of=7).subject)
    with database.worker.connect() as connection:
        left = connection.execute(
            text("SELECT count(payload), count(*) FROM hub.event WHERE aggregatetype = 'alert'")
        ).one()
    assert tuple(left) == (0, 2)


def statuses(database: Database) -> list[tuple[str, str]]:
    with database.worker.connect() as connection:
        return [tuple(row) for row in connection.execute(select(PARKED.c.status, PARKED.c.reason))]


@pytest.mark.guarantee
def test_a_subject_that_is_parked_is_erased_and_goes_on(database: Database) -> None:
    """The erasure does not wait behind what is parked, what is parked is given up, and new statements are applied."""
    store(database, [unit(1, subject="s1"), unit(2, subject="s1"), unit(3, subject="s1")])
    at = applier(database, sample_consumer(poison=Poison({"Enhed 2"})))
    drain(at)
    assert names(database, "sample") == ["Enhed 1"]
    erase(database, "s1")
    store(database, [unit(4, subject="s1")])
    drain(at)
    assert names(database, "sample") == ["Enhed 4"]
    assert statuses(database) == [("discarded", "redacted")] * 2


@pytest.mark.guarantee
def test_what_is_parked_after_it_was_erased_holds_nobody(database: Database) -> None:
    """A batch that was read before the erasure parks an event; the erasure, when it comes, gives it up."""
    store(database, [unit(1, subject="s1")])
    at = applier(database, sample_consumer(poison=Poison({"Enhed 1"})))
    stale = StoreLedger(stored(database), upto=1)
    erase(database, "s1")
    at.apply(stale)
    store(database, [unit(2, subject="s1")])
    drain(at)
    assert names(database, "sample") == ["Enhed 2"]
    assert statuses(database) == [("discarded", "redacted")]


@pytest.mark.guarantee
def test_the_erasure_of_a_shared_fact_concerns_everybody(database: Database) -> None:
    """Every authority judged by it, so every authority is judged anew; what was one's own concerns only that one."""
    store(database, [unit(1, subject="s1", shared=True), unit(2, subject="s2")])
    erase(database, "s1")
    erase(database, "s2")
    assert [each.shared for each in stored(database) if each.domain == "hub"] == [True, False]


def somebody_waits(database: Database) -> bool:
    """Whether a session of this hub waits for a lock."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with database.owner.connect() as connection:
        return bool(connection.execute(query).scalar_one())


@pytest.mark.guarantee
def test_an_event_that_is_just_being_stored_is_erased_too(database: Database) -> None:
    """The erasure waits for who is about to commit, so that nothing of the subject slips in behind its back."""
    store(database, [unit(1, subject="s1")])
    erasing = threading.Thread(target=erase, args=(database, "s1"))
    with database.worker.begin() as connection:
        late = event("organisation.unit-stated", "s1", position=0, name="Enhed 2")
        append_one(connection, [late], catalogue=CATALOGUE, now=SystemClock().now())
        erasing.start()
        until(lambda: somebody_waits(database), 20, "the erasure to wait")
    erasing.join()
    assert [bool(each.payload) for each in stored(database)] == [False, False, True]


def test_an_erasure_and_who_tells_do_not_wait_for_each_other(database: Database) -> None:
    """Who tells of the subject holds what was told of it, and then appends: the erasure waits before it locks others
    out."""
    store(database, [document(1, of=7)])
    drain(applier(database, judging_consumer()))
    erasing = threading.Thread(target=erase, args=(database, document(1, of=7).subject))
    with database.worker.begin() as connection:
        connection.execute(text("UPDATE hub.announced SET ordinal = ordinal"))
        erasing.start()
        until(lambda: somebody_waits(database), 20, "the erasure to wait")
        other = event("organisation.unit-stated", "s1", position=0)
        append_one(connection, [other], catalogue=CATALOGUE, now=SystemClock().now())
    erasing.join()
    assert {each.domain for each in stored(database) if each.payload} == {"organisation", "hub"}
