"""Decisions on what people saw, and what is too much for one event, with a real database."""

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from access.principals import HUB
from kernel.clock import SystemClock
from kernel.errors import Conflict
from producers.accept import Acceptor
from producers.check import check
from producers.gather import Gatherer
from producers.store import Outcome, Refused, Request, append, append_one
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.command import commanding
from tests.support.invoices import ALL
from tests.support.sample import AUTHORITIES, subject_of, unit
from tests.support.wait import until

MINE, OTHERS = AUTHORITIES
NOW = datetime(2026, 3, 2, tzinfo=UTC)
SUBJECT = subject_of(0)


@pytest.fixture
def acceptor(database: Database) -> Iterator[Acceptor]:
    gatherer = Gatherer(database, CATALOGUE, SystemClock(), threads=1)
    yield Acceptor(gatherer, CATALOGUE, SystemClock())
    gatherer.close()


def about(number: int, authority: str = MINE) -> CloudEvent:
    """A statement about the one subject."""
    return unit(number, subject=SUBJECT, authority=authority)


def standing(acceptor: Acceptor, *events: CloudEvent) -> int:
    """The position of the last of the events, now stored."""
    position = acceptor.accept(events, HUB)[-1].position
    assert position
    return position


def asked(database: Database, *requests: tuple[list[CloudEvent], dict[str, int]]) -> list[list[Outcome] | Refused]:
    """The answers to requests that share a transaction."""
    made = [Request(check(events, HUB, CATALOGUE), expect) for events, expect in requests]
    with database.worker.begin() as connection:
        return append(connection, made, catalogue=CATALOGUE, now=NOW)


def test_a_decision_on_what_stands_is_taken_and_one_on_what_stood_is_not(acceptor: Acceptor) -> None:
    """The position is that of the last event about the subject."""
    first = standing(acceptor, about(1))
    assert acceptor.accept([about(2)], HUB, {SUBJECT: first})[0].status == "accepted"
    with pytest.raises(Conflict, match="has changed"):
        acceptor.accept([about(3)], HUB, {SUBJECT: first})


def test_nothing_yet_is_position_nought(acceptor: Acceptor) -> None:
    """Who expects that nobody has said anything is refused once somebody has."""
    acceptor.accept([about(1)], HUB, {SUBJECT: 0})
    with pytest.raises(Conflict):
        acceptor.accept([about(2)], HUB, {SUBJECT: 0})


@pytest.mark.guarantee
def test_of_two_decisions_in_one_transaction_one_is_taken(acceptor: Acceptor, database: Database) -> None:
    """Both were made on the same; the one that comes second is refused."""
    at = {SUBJECT: standing(acceptor, about(1))}
    taken, refused = asked(database, ([about(2)], at), ([about(3)], at))
    assert not isinstance(taken, Refused)
    assert isinstance(refused, Refused)
    assert refused.verdict.moved


@pytest.mark.guarantee
def test_of_many_decisions_at_once_one_is_taken(acceptor: Acceptor) -> None:
    """However they are gathered."""
    at = {SUBJECT: standing(acceptor, about(1))}
    answers: list[Future[list[Outcome]]] = [acceptor.submit([about(n)], HUB, at) for n in range(2, 22)]
    until(lambda: all(answer.done() for answer in answers), 30, "every answer")
    assert sum(answer.exception() is None for answer in answers) == 1
    assert {type(answer.exception()) for answer in answers} == {type(None), Conflict}


def test_another_authoritys_events_about_the_same_do_not_move_it(acceptor: Acceptor) -> None:
    """A subject stands where the authority of the event has it, whatever else the request holds."""
    mine = standing(acceptor, about(1))
    standing(acceptor, about(2, OTHERS))
    unrelated = unit(3, subject=subject_of(3), authority=OTHERS)
    assert len(acceptor.accept([unrelated, about(4)], HUB, {SUBJECT: mine})) == 2


def test_a_subject_that_the_decision_is_not_about_is_looked_up_for_all_its_authorities(acceptor: Acceptor) -> None:
    """The last event about it is what was seen."""
    mine, others = standing(acceptor, about(1)), standing(acceptor, about(2, OTHERS))
    both = [unit(number, subject=subject_of(3), authority=authority) for number, authority in ((3, MINE), (4, OTHERS))]
    with pytest.raises(Conflict):
        acceptor.accept(both, HUB, {SUBJECT: mine})
    assert len(acceptor.accept(both, HUB, {SUBJECT: others})) == 2


def test_an_expectation_does_not_stop_what_expects_nothing(database: Database) -> None:
    """Requests beside it in the transaction are taken."""
    with database.worker.begin() as connection:
        append_one(connection, check([about(1)], HUB, CATALOGUE), catalogue=CATALOGUE, now=NOW)
    refused, taken = asked(database, ([about(2)], {SUBJECT: 0}), ([about(3)], {}))
    assert isinstance(refused, Refused)
    assert not isinstance(taken, Refused)


def test_an_invoice_that_is_too_large_is_refused_with_its_size(tmp_path: Path) -> None:
    """The command line says so of the file, and goes on with the next."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.xml").write_text(_with_notes(ALL["oioubl"], 1_200))
    (folder / "b.xml").write_text(ALL["oioubl"])
    with commanding() as samspil:
        large, usual = samspil("ingest", "--authority", MINE, "--json", folder).lines
    assert (large["status"], usual["status"]) == ("refused", "accepted")
    assert "larger than 20 MB" in large["reason"]


def _with_notes(document: str, count: int) -> str:
    note = f"<cbc:Note>{'x' * 19_000}</cbc:Note>"
    before, found, after = document.partition("</cbc:IssueDate>")
    assert found
    return before + found + note * count + after
