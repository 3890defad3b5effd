"""Two processes of invoice control judge at the same instant, each with half of the facts, and the alerts are right.

Every contract and invoice is of suppliers of its own. Of four rounds one is of each kind: the contract is with whoever
billed or with somebody else (IC08), and an earlier invoice has named it, of which IC10 was told, or none has.
"""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from itertools import count, islice

import pytest
from sqlalchemy import select, text

from consumers.invoice_control.consumer import INVOICE_CONTROL
from consumers.invoice_control.tables import FINDING
from consumers.runtime.projections import use_active
from consumers.runtime.settle import settle
from producers.store import head
from schemas.envelope import CloudEvent
from schemas.values import valid_cvr
from storage.database import Database
from tests.crash.racing import apply_in_step
from tests.support.invoice_control import contract, invoice, line, ref, supplier
from tests.support.sample import applier, drain, store

ROUNDS = 1_000
FEW = 40
"""Rounds when a mechanism is switched off: it shows in nearly each of them."""
UNKNOWN, OTHERS = "ic10", "ic08"


def numbers() -> Iterator[str]:
    """CVR numbers of nobody."""
    return (number for number in map(str, count(99_200_000)) if valid_cvr(number))


def known(rounds: int) -> list[CloudEvent]:
    """The suppliers of so many rounds, two each, and the earlier invoices."""
    all_of_them = list(islice(numbers(), 2 * rounds))
    earlier = [
        invoice(f"{number}-1", line("800", "Drift"), issued="2026-02-10", cvr=all_of_them[2 * number],
                contract_refs=[f"K-{number}"])
        for number in range(rounds) if number % 4 >= 2
    ]  # fmt: skip
    return [*map(supplier, all_of_them), *earlier]


def halves(rounds: int) -> tuple[list[CloudEvent], list[CloudEvent]]:
    """The contracts and the invoices of so many rounds."""
    theirs = list(islice(numbers(), 2 * rounds))
    contracts = [contract(f"K-{number}", supplier=ref(theirs[2 * number + number % 2])) for number in range(rounds)]
    invoices = [
        invoice(f"{number}-2", cvr=theirs[2 * number], contract_refs=[f"K-{number}"]) for number in range(rounds)
    ]
    return contracts, invoices


def race(database: Database, rounds: int, *, locked: bool) -> None:
    """So many rounds, applied by two processes in step; all stands in the store at the start, so nothing is told on
    the way."""
    store(database, known(rounds))
    drain(applier(database, INVOICE_CONTROL))
    with database.worker.begin() as connection:
        before = head(connection)
    for half in halves(rounds):
        store(database, half)
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    url = database.url.render_as_string(hide_password=False)
    sides = [
        spawn.Process(target=apply_in_step, args=(url, barrier, family, before), kwargs={"locked": locked})
        for family in ("contract.contract-stated", "invoice.received")
    ]
    for side in sides:
        side.start()
    for side in sides:
        side.join()
    assert [side.exitcode for side in sides] == [0, 0]


def found(database: Database) -> Counter[str]:
    """How many findings there are by rule."""
    with database.worker.begin() as connection:
        use_active(connection, INVOICE_CONTROL.name)
        return Counter(str(data["rule"]) for data in connection.execute(select(FINDING.c.data)).scalars())


def told(database: Database) -> Counter[tuple[str, str]]:
    """How many alerts were opened, changed and resolved, by rule."""
    settle(applier(database, INVOICE_CONTROL))
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
    """1,000 times a contract and an invoice that names it: no alert says that the contract is unknown, those told
    before are over, and every invoice of somebody else than the contract's supplier has its alert."""
    race(database, ROUNDS, locked=True)
    assert found(database) == {OTHERS: 3 * ROUNDS // 4}
    assert told(database) == {
        ("opened", UNKNOWN): ROUNDS // 2,
        ("resolved", UNKNOWN): ROUNDS // 2,
        ("opened", OTHERS): 3 * ROUNDS // 4,
    }


@pytest.mark.guarantee
def test_without_working_alone_on_an_authority_they_are_wrong(database: Database) -> None:
    """Switched off: each process judges without the other's fact, and alerts about unknown contracts stay."""
    race(database, FEW, locked=False)
    assert found(database)[UNKNOWN] > 0
