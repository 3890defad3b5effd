"""kill -9 within every step of a workflow, in the middle of its transaction."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import URL

from consumers.runtime.coverage import caught_up
from consumers.runtime.digest import digests
from schemas.envelope import CloudEvent
from storage.database import Database
from tests.crash.processes import PATIENCE_S, holding, workers
from tests.support.database import fresh_database
from tests.support.sample import applier
from tests.support.wait import until
from tests.support.workflows import (
    CONSUMER,
    MONDAY,
    NO,
    YES,
    budget,
    carry_on,
    completed,
    day,
    days_after,
    delivered,
    facts,
    log,
    put,
    stands,
)

LATER = MONDAY + timedelta(days=8)
STORY: tuple[tuple[CloudEvent, str], ...] = (
    (budget(1), "workflows_v1.instance"),
    (completed(1, NO), "workflows_v1.fact"),
    (day(days_after(8)), "workflows_v1.day"),
    (completed(1, YES, ordinal=2, at=LATER), "hub.event"),
    (completed(1, {}, step="Remind", at=LATER), "workflows_v1.task"),
    (delivered(at=LATER), "workflows_v1.message"),
)
"""What happens from outside, and the table at which the transaction that takes it is stopped and killed."""


def test_a_workflow_survives_a_kill_in_each_of_its_steps(database: Database, postgres: URL, tmp_path: Path) -> None:
    """Whoever carries it on dies in the transaction of each step, before or while it tells what follows: task, order
    and end are there once, and the state is that of an undisturbed hub."""
    carry_on(applier(database, CONSUMER))
    with workers(database, tmp_path) as crew:
        worker = crew.start("workflows")
        for event, table in STORY:
            own = table.startswith("workflows")
            if not own:
                worker.kill()
                put(database, event)
            with holding(database, table):
                if own:
                    put(database, event)
                crew.kill_in_transaction(worker if own else crew.start("workflows"))
            crew.confirm_aborted()
            worker = crew.start("workflows")
            until(lambda: _is_settled(database), PATIENCE_S, "the step to be taken, with all that follows")
        assert crew.kills_in_open_transaction == len(STORY)
    assert stands(database, 1) == ("ended", [], "Done")
    with fresh_database(postgres) as undisturbed:
        for event, _ in STORY:
            put(undisturbed, event)
            carry_on(applier(undisturbed, CONSUMER))
        assert facts(database) == facts(undisturbed)
        assert [each.id for each in log(database)] == [each.id for each in log(undisturbed)]
        assert _digests(database) == _digests(undisturbed)


def _is_settled(database: Database) -> bool:
    with database.worker.connect() as connection:
        return caught_up(connection, [CONSUMER])


def _digests(database: Database) -> dict[str, str]:
    with database.worker.connect() as connection:
        return digests(connection, [CONSUMER])
