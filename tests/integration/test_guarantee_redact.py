"""Whoever is redacted is nowhere: no table, dump, listing or rebuild of the hub's consumers says what they said."""

from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from access.principals import HUB
from consumers.runtime import redaction
from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from kernel.clock import SystemClock
from producers import redact as erasing
from producers.redact import redact
from producers.store import append_one
from schemas.envelope import Event
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.events import AUTHORITY
from tests.support.filled import CONSUMERS
from tests.support.judging import document, judging_consumer
from tests.support.marked import marked
from tests.support.outputs import dump, listings, rows
from tests.support.sample import applier, drain, store

NOBODYS = ("portfolio.model-adopted",)
"""What an alert about another subject may quote for good: the words of a project model (docs/operations.md)."""


@pytest.fixture
def told(database: Database) -> Mapping[str, Event]:
    """The hub's consumers have applied events of every type; each by the word that it alone says."""
    events = marked(AUTHORITY)
    with database.worker.begin() as connection:
        append_one(connection, list(events.values()), catalogue=CATALOGUE, now=SystemClock().now())
    settle(database)
    return {word: event for word, event in events.items() if word in event.payload.decode()}


def settle(database: Database) -> None:
    """Let every consumer apply what there is, and what the others then tell."""
    while sum(drain(applier(database, consumer)) for consumer in CONSUMERS):
        pass


def subjects(told: Mapping[str, Event]) -> list[str]:
    """The subjects of the events, but those that are nobody's."""
    return list(dict.fromkeys(event.subject for event in told.values() if event.family not in NOBODYS))


def forget(database: Database, *wanted: str) -> None:
    """Redact the subjects that another's redaction has not taken along."""
    with database.worker.begin() as connection:
        for each in wanted:
            if erasing._events_about(connection, AUTHORITY, each):
                redact(
                    connection, AUTHORITY, each, reason="right to erasure", by=Actor(id=HUB.id), key=b"secret",
                    catalogue=CATALOGUE, now=SystemClock().now(),
                )  # fmt: skip
    settle(database)


def emptied(database: Database, told: Mapping[str, Event]) -> set[str]:
    """The words that were said by events that are empty by now."""
    with database.worker.connect() as connection:
        ids = set(connection.execute(text("SELECT id FROM hub.event WHERE payload IS NULL")).scalars())
    return {word for word, event in told.items() if event.id in ids}


def saying(outputs: Mapping[str, str], words: Collection[str]) -> dict[str, set[str]]:
    """Which of the outputs hold which of the words."""
    found = {name: {word for word in words if word in output} for name, output in outputs.items()}
    return {name: words for name, words in found.items() if words}


@pytest.mark.guarantee
def test_who_is_redacted_is_in_no_table(database: Database, told: Mapping[str, Event]) -> None:
    """One subject after the other, while those that are not redacted yet stay: also in no alert about another one."""
    assert len(saying(rows(database), told)) > 40
    for subject in subjects(told):
        forget(database, subject)
        gone = emptied(database, told)
        assert {word for word, event in told.items() if event.subject == subject} <= gone
        assert saying(rows(database), gone) == {}


@pytest.mark.guarantee
@pytest.mark.parametrize("half", [0, 1], ids=["one half", "the other"])
def test_who_is_redacted_is_in_no_dump_listing_or_rebuild(
    database: Database, told: Mapping[str, Event], tmp_path: Path, half: int
) -> None:
    """Half of the subjects are redacted: what they said is gone, also from what is rebuilt; what others said stays."""
    traced = [event.id for event in told.values()][::10]
    before = saying(listings(database, traced), told)
    forget(database, *subjects(told)[half::2])
    gone = emptied(database, told)
    kept = told.keys() - gone
    listed = listings(database, traced)
    assert saying({"before": str(before)}, gone)
    assert saying(listed, gone) == {}
    assert saying(listed, kept)
    dumped = dump(database, tmp_path / "dump")
    assert saying({"dump": dumped}, gone) == {}
    assert saying({"dump": dumped}, kept) == {"dump": kept}
    for consumer in CONSUMERS:
        Rebuild(database, consumer, CATALOGUE).run()
    settle(database)
    assert saying(rows(database) | listings(database, traced), gone) == {}


@pytest.mark.guarantee
def test_without_obedience_who_is_redacted_stays_in_tables_and_listings(
    database: Database, told: Mapping[str, Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: the store is empty, and every projection goes on saying what was said."""
    monkeypatch.setattr(redaction, "erase", lambda *_: None)
    forget(database, *subjects(told))
    left = saying(rows(database) | listings(database, ()), emptied(database, told))
    assert "hub.event" not in left
    assert {name.partition("_v1.")[0] for name in left} >= {consumer.name for consumer in CONSUMERS}
    assert left.keys() >= {"cases", "contracts prices", "landscape systems"}


@pytest.mark.guarantee
def test_without_what_was_made_of_it_alerts_go_on_saying_it(
    database: Database, told: Mapping[str, Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: the alert about a task says for whom its process was started, which is redacted."""
    monkeypatch.setattr(erasing, "_told_of", lambda *_: [])
    started = next(event for event in told.values() if event.family == "workflow.started")
    forget(database, started.subject)
    assert saying(rows(database), emptied(database, told)).keys() == {"hub.event", "alerts_v1.alert_event"}


@pytest.mark.guarantee
@pytest.mark.parametrize("cites", ["references", "causes"])
def test_an_alert_that_cites_a_subject_goes_with_it(database: Database, cites: str) -> None:
    """As one that it refers to, or by an event that it was caused by; another's alert stays."""
    sample = CATALOGUE.latest("alert.opened").sample
    person, other = (event for event in marked(AUTHORITY).values() if event.family.startswith("supplier."))
    told = []
    for alert, about in (("a1", person), ("a2", other)):
        cited = {"references": [{"kind": "supplier", "id": about.subject, "name": "Hansen"}], "causes": [
            {"authority": AUTHORITY, "source": about.source, "id": about.id}]}  # fmt: skip
        data = {**sample, "references": [], "causes": [], cites: cited[cites]}
        payload = CATALOGUE.canonical("dk.samspil.alert.opened.v1", data)
        told.append(about._replace(id=alert, subject=alert, type="dk.samspil.alert.opened.v1", payload=payload))
    with database.worker.begin() as connection:
        append_one(connection, [person, other, *told], catalogue=CATALOGUE, now=SystemClock().now())
    forget(database, person.subject)
    with database.worker.connect() as connection:
        left = connection.execute(text("SELECT id FROM hub.event WHERE payload IS NOT NULL ORDER BY position"))
        assert [each for each in left.scalars() if each in {"a1", "a2", person.id, other.id}] == [other.id, "a2"]


@pytest.mark.guarantee
def test_an_alert_whose_finding_still_stands_is_told_anew(database: Database) -> None:
    """What it said is gone with what it cited; that the matter stands is not."""
    at = applier(database, judging_consumer())
    store(database, [document(1, of=7)])
    drain(at)
    query = text(
        "SELECT subject, payload IS NULL FROM hub.event WHERE source = 'urn:samspil:judging' ORDER BY position"
    )
    with database.worker.connect() as connection:
        alert = connection.execute(query).scalar_one()
    forget(database, alert)
    drain(at)
    with database.worker.connect() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [(alert, True), (alert, False)]
        before = digests(connection, [at.consumer])
    Rebuild(database, at.consumer, CATALOGUE).run()
    drain(at)
    with database.worker.connect() as connection:
        assert digests(connection, [at.consumer]) == before
        assert len(connection.execute(query).all()) == 2
