"""Workflows on the event store: what starts and moves an instance, what follows, and that it follows once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen, remove

from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from consumers.workflows.tables import INSTANCE, TASK
from producers.redact import redact
from schemas.envelope import CloudEvent
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.events import AUTHORITY, reading
from tests.support.sample import applier, drain
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
    errand_key,
    facts,
    instance,
    log,
    put,
    stands,
    task_states,
)

BY = Actor(id="mette.holm")


def run(database: Database, *events: CloudEvent) -> None:
    """Store what is given, one after the other, and apply all that comes of it."""
    at = applier(database, CONSUMER)
    for event in events:
        put(database, event)
        carry_on(at)


def test_a_process_from_start_to_end(database: Database) -> None:
    """An event starts it, a person's no leads back, a yes tells an event, and what was waited for ends it."""
    run(database, budget(1), completed(1, NO), completed(1, YES, ordinal=2), delivered())
    assert stands(database, 1) == ("ended", [], "Done")
    assert facts(database, 1) == [
        "started", "task-opened", "task-completed", "task-opened", "task-completed", "message-received", "ended",
    ]  # fmt: skip
    (ordered,) = [event for event in log(database, "organisation") if event.source == "urn:samspil:workflows"]
    assert b'"amount":"1200.5"' in ordered.payload
    assert ordered.effective == MONDAY.date()


@pytest.mark.parametrize("page", [1, 3, 100])
def test_batches_change_nothing(database: Database, page: int) -> None:
    """All events at once, in batches of any size, come to the same end as one after the other."""
    at = applier(database, CONSUMER)
    put(database, budget(1), budget(2))
    carry_on(at, page)
    put(database, completed(2, NO), completed(1, YES), completed(2, YES, ordinal=2), day(days_after(8)), delivered())
    carry_on(at, page)
    assert stands(database, 1) == stands(database, 2) == ("ended", [], "Done")


def test_a_timer_fires_on_its_day_and_missed_days_are_caught_up(database: Database) -> None:
    """Seven days after the start the reminder is asked for, once, though the day itself was missed."""
    run(database, budget(1), day(days_after(6)))
    assert facts(database, 1) == ["started", "task-opened"]
    run(database, day(days_after(9)), day(days_after(10)))
    assert facts(database, 1)[2:] == ["timer-fired", "task-opened"]
    assert stands(database, 1)[1] == ["Decide", "Remind"]


def test_what_came_before_it_is_waited_for_is_not_lost(database: Database) -> None:
    """A delivery between the start and the order ends the errand as soon as it is ordered; an older one does not."""
    run(database, delivered(number=1), budget(1), completed(1, YES))
    assert stands(database, 1)[0] == "running"
    run(database, budget(2), delivered(number=2), completed(2, YES))
    assert stands(database, 1) == stands(database, 2) == ("ended", [], "Done")


def test_a_message_for_many_is_no_more_questions(database: Database) -> None:
    """However many instances wait for what has come, the database is asked as often."""
    run(database, *[budget(number) for number in range(1, 7)])
    asked = []
    for several in ((1,), range(2, 7)):
        run(database, *[completed(number, YES) for number in several])
        put(database, delivered(number=several[0]))
        at, statements = applier(database, CONSUMER), list[str]()
        with counted(database, statements):
            drain(at)
        asked.append(len(statements))
        carry_on(at)
    assert [stands(database, number)[0] for number in range(1, 7)] == ["ended"] * 6
    assert asked[1] <= asked[0]


@contextmanager
def counted(database: Database, statements: list[str]) -> Iterator[None]:
    """Every statement that the consumers ask the database goes into `statements`."""

    def note(*told: Any) -> None:
        statements.append(told[2])

    listen(database.worker, "before_cursor_execute", note)
    try:
        yield
    finally:
        remove(database.worker, "before_cursor_execute", note)


def test_a_timer_that_takes_another_way(database: Database) -> None:
    """What is not delivered by the day it is needed is given up."""
    run(database, budget(1), completed(1, YES), day(date(2026, 7, 1)))
    assert stands(database, 1) == ("ended", [], "GivenUp")


def test_one_at_a_time(database: Database) -> None:
    """While it runs for a key it is not started again; afterwards it is, as another instance."""
    again = budget(1).model_copy(update={"id": "again", "data": {**budget(1).data, "account_name": "Igen"}})
    run(database, budget(1), again)
    assert facts(database).count("started") == 1
    later = budget(1).model_copy(update={"id": "later"})
    run(database, completed(1, YES), delivered(), later)
    assert facts(database).count("started") == 2


@pytest.mark.parametrize("also", [False, True])
def test_what_was_erased_can_be_started_again(database: Database, *, also: bool) -> None:
    """As another instance with tasks of its own, also when what it was for was erased; a rebuild comes to the same."""
    run(database, budget(1))
    for subject in [errand_key(1)] if also else [instance(1)]:
        with database.worker.begin() as connection:
            redact(
                connection, AUTHORITY, subject, reason="GDPR article 17", by=BY, key=b"key", catalogue=CATALOGUE,
                now=MONDAY,
            )  # fmt: skip
    run(database, budget(1).model_copy(update={"id": "again", "time": MONDAY + timedelta(days=1)}))
    with reading(database, CONSUMER) as connection:
        assert connection.execute(select(INSTANCE.c.subject, INSTANCE.c.status)).all() == [(instance(1, 2), "running")]
        assert connection.execute(select(TASK.c.subject)).scalars().all() == [instance(1, 2)]
    with database.worker.begin() as connection:
        before = digests(connection, [CONSUMER])
    Rebuild(database, CONSUMER, CATALOGUE).run()
    with database.worker.begin() as connection:
        assert digests(connection, [CONSUMER]) == before


def test_what_an_instance_is_given_is_kept_as_closely_as_where_it_came_from(database: Database) -> None:
    """The values of a sensitive event do not become internal by starting a process."""
    run(database, budget(1).model_copy(update={"dataclassification": "sensitive"}))
    kept = {each.type.split(".")[3]: each.classification for each in log(database)}
    assert (kept["start-requested"], kept["started"]) == ("sensitive", "sensitive")


def test_a_task_done_twice_counts_once(database: Database) -> None:
    """A second completion, however it came into the log, moves nothing."""
    second = completed(1, YES, by="ulla").model_copy(update={"id": "second"})
    run(database, budget(1), completed(1, NO), second)
    assert stands(database, 1)[1] == ["Decide", "WeekGone"]
    with reading(database, CONSUMER) as connection:
        assert task_states(connection) == [("Decide", 1, "completed"), ("Decide", 2, "open")]


def test_an_overdue_task_is_an_alert_until_it_is_done(database: Database) -> None:
    """The five working days end on Monday the 9th; on the 10th the task is overdue, and its completion resolves it."""
    run(database, budget(1), day(days_after(7)))
    assert log(database, "alert") == []
    run(database, day(days_after(8)))
    run(database, completed(1, YES, at=MONDAY + timedelta(days=8)))
    assert [event.type.split(".")[3] for event in log(database, "alert")] == ["opened", "resolved"]
    with reading(database, CONSUMER) as connection:
        assert connection.execute(select(TASK.c.deadline).where(TASK.c.step == "Decide")).scalar() == days_after(7)


def test_a_rebuild_starts_nothing_and_comes_to_the_same(database: Database) -> None:
    """The whole log again: equal digests, and not one event more."""
    run(database, *(budget(number) for number in range(5)), *(completed(number, YES) for number in range(3)))
    run(database, day(days_after(8)), delivered(), completed(4, NO, at=MONDAY + timedelta(days=8)))
    with database.worker.connect() as connection:
        before, count = digests(connection, [CONSUMER]), len(log(database))
    Rebuild(database, CONSUMER, CATALOGUE).run()
    carry_on(applier(database, CONSUMER))
    with database.worker.connect() as connection:
        assert digests(connection, [CONSUMER]) == before
    assert len(log(database)) == count
