"""Two processes judge at the same instant, each with one half of the facts before it, and the alerts are right."""

import multiprocessing
from collections import Counter

import pytest
from sqlalchemy import select, text

from consumers.runtime.projections import use_active
from consumers.runtime.settle import settle
from storage.database import Database
from tests.crash.racing import apply_in_step
from tests.support.judging import (
    CONTRACT_FAMILY,
    DOCUMENT_FAMILY,
    FINDING,
    OFTEN,
    UNKNOWN,
    contract,
    document,
    judging_consumer,
)  # fmt: skip
from tests.support.sample import applier, drain, store

ROUNDS = 1_000
FEW = 50
"""Rounds when a mechanism is switched off: it shows in nearly each of them."""


def race(database: Database, rounds: int, *, earlier: bool, locked: bool) -> None:
    """Contracts and documents of so many rounds, applied by two processes in step; with `earlier`, every other
    contract is named by two documents before. All stands in the store at the start, so nothing is told on the way."""
    before = [document(2 * number + side, of=number) for number in range(1, rounds, 2) for side in (0, 1) if earlier]
    store(database, before)
    drain(applier(database, judging_consumer()))
    store(database, [contract(number) for number in range(rounds)])
    store(database, [document(2 * rounds + number, of=number) for number in range(rounds)])
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    url = database.url.render_as_string(hide_password=False)
    sides = [
        spawn.Process(target=apply_in_step, args=(url, barrier, family, len(before)), kwargs={"locked": locked})
        for family in (CONTRACT_FAMILY, DOCUMENT_FAMILY)
    ]
    for side in sides:
        side.start()
    for side in sides:
        side.join()
    assert [side.exitcode for side in sides] == [0, 0]


def found(database: Database) -> Counter[str]:
    """How many findings there are by rule."""
    with database.worker.begin() as connection:
        use_active(connection, "judging")
        return Counter(connection.execute(select(FINDING.c.rule)).scalars())


def told(database: Database) -> Counter[tuple[str, str]]:
    """How many alerts were opened, changed and resolved, by rule."""
    settle(applier(database, judging_consumer()))
    with database.worker.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT split_part(type, '.', 4) AS fact, payload::jsonb ->> 'rule' AS rule FROM hub.event "
                "WHERE aggregatetype = 'alert'"
            )
        )
        return Counter((row.fact, row.rule) for row in rows)


@pytest.mark.guarantee
@pytest.mark.slow
def test_at_the_same_instant_the_alerts_are_right(database: Database) -> None:
    """1,000 times a contract and a document that names it: the contract is known, so no alert says otherwise, and
    where it is the third document to name the contract, the alert about that stands, and those before it are over."""
    race(database, ROUNDS, earlier=True, locked=True)
    assert found(database) == {OFTEN: ROUNDS // 2}
    assert told(database) == {
        ("opened", UNKNOWN): ROUNDS,
        ("resolved", UNKNOWN): ROUNDS,
        ("opened", OFTEN): ROUNDS // 2,
    }


@pytest.mark.guarantee
def test_without_working_alone_on_an_authority_they_are_wrong(database: Database) -> None:
    """Switched off: each process judges without the other's fact, and alerts about unknown contracts stay."""
    race(database, FEW, earlier=False, locked=False)
    assert found(database)[UNKNOWN] > 0
