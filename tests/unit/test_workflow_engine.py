"""An instance is what its facts come to: the small process `errand`, carried on without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.workflows.instance import Fact, Follows, Instance, begin
from consumers.workflows.library import load_library
from kernel.errors import Invalid
from schemas.workflows import task_id
from tests.support.workflows import ERRAND, LIBRARY, NO, UNIT, YES

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SUBJECT = "6b2a0000-0000-4000-8000-000000000001"
AUTHORITY = "99000007"


class Story:
    """Facts of one instance in their order, an hour between each two."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.add("started", START, {
            "process": "errand", "version": 1, "fingerprint": ERRAND.fingerprint, "business_key": "k", "ordinal": 1,
            "values": {"unit": UNIT, "needed_by": "2026-06-30"},
        })  # fmt: skip

    def add(self, fact: str, moment: datetime, data: dict[str, Any]) -> Fact:
        number = len(self.facts) + 1
        self.facts.append(Fact(number, fact, moment, f"e{number}", data))
        return self.facts[-1]

    def complete(self, step: str, ordinal: int, values: dict[str, Any], *, by: str = "kali") -> Fact:
        task = task_id(SUBJECT, step, ordinal)
        data = {"task": task, "step": step, "ordinal": ordinal, "by": {"id": by, "name": by}, "values": values}
        return self.add("task-completed", START + timedelta(hours=len(self.facts)), data)

    def fire(self, step: str, ordinal: int, on: date) -> Fact:
        moment = datetime(on.year, on.month, on.day, 1, tzinfo=UTC)
        return self.add("timer-fired", moment, {"step": step, "ordinal": ordinal, "due": on.isoformat()})

    def receive(self, message: str) -> Fact:
        data = {"message": message, "values": {"what": "Ny"}}
        return self.add("message-received", START + timedelta(hours=len(self.facts)), data)

    def played(self) -> tuple[Instance, list[Follows]]:
        first, *others = self.facts
        instance, follows = begin(LIBRARY, AUTHORITY, SUBJECT, first)
        for fact in others:
            follows = follows + instance.feed(fact)
        return instance, follows


def shown(instance: Instance) -> tuple[Any, ...]:
    """Everything that is kept of an instance."""
    tasks = sorted(vars(task).items() for task in instance.tasks.values())
    timers = sorted((*key, timer.due, timer.waiting) for key, timer in instance.timers.items())
    return (tasks, timers, instance.done, instance.current, instance.values, instance.outcome, instance.ended_on)


def test_a_refusal_leads_back_and_an_approval_goes_on() -> None:
    """The task is asked for again under a new id; the order is told with what the form said; the errand waits then."""
    story = Story()
    story.complete("Decide", 1, NO)
    story.complete("Decide", 2, YES)
    instance, follows = story.played()
    assert [each.family for each in follows] == [
        "workflow.task-opened",
        "workflow.task-opened",
        "organisation.budget-stated",
    ]
    assert follows[-1].data["amount"] == {"amount": "1200.5"}
    assert instance.current == ["Delivery", "TooLong"]
    assert instance.values["order"] == follows[-1].subject


def test_an_amount_decides_as_a_number() -> None:
    """60,000 is more than 50,000, though as text it is written otherwise; so it is asked again."""
    story = Story()
    story.complete("Decide", 1, {**YES, "amount": "60000"})
    instance, _ = story.played()
    assert instance.current == ["Decide", "WeekGone"]


def test_a_timer_beside_a_task_leaves_it_and_its_deadline_counts_from_its_own_day() -> None:
    """A week on, the reminder is asked for beside the decision; its day is the timer's."""
    story = Story()
    story.fire("WeekGone", 1, date(2026, 3, 9))
    instance, _ = story.played()
    assert instance.current == ["Decide", "Remind"]
    assert instance.tasks[task_id(SUBJECT, "Remind", 1)].opened_on == date(2026, 3, 9)


def test_what_the_instance_does_not_wait_for_moves_nothing() -> None:
    """A task done twice, a timer of an earlier visit, a message too early."""
    story = Story()
    story.complete("Decide", 1, NO)
    before = shown(story.played()[0])
    story.complete("Decide", 1, YES, by="ulla")
    story.fire("WeekGone", 1, date(2026, 3, 9))
    story.receive("delivered")
    instance, _ = story.played()
    assert shown(instance) == before


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["no", "yes", "week", "remind", "delivered", "late"]), max_size=8))
def test_the_same_facts_come_to_the_same_instance(steps: list[str]) -> None:
    """Whatever happens in whatever order: played twice, and fed on from a part, it is the same with the same ids."""
    story = Story()
    for number, step in enumerate(steps, 1):
        match step:
            case "no" | "yes":
                story.complete("Decide", number, YES if step == "yes" else NO)
            case "week":
                story.fire("WeekGone", number, date(2026, 3, 9))
            case "remind":
                story.complete("Remind", 1, {})
            case "delivered":
                story.receive("delivered")
            case "late":
                story.fire("TooLong", 1, date(2026, 6, 30))
    one, told = story.played()
    other, again = story.played()
    assert shown(one) == shown(other)
    assert told == again
    assert len({(each.family, each.label) for each in told}) == len(told)


def test_a_history_that_was_stored_comes_to_the_same_end() -> None:
    """Facts as an earlier release stored them: the version they were started with leads them to the same end."""
    story = Story()
    story.complete("Decide", 1, NO)
    story.fire("WeekGone", 2, date(2026, 3, 10))
    story.complete("Remind", 1, {})
    story.complete("Decide", 2, YES)
    story.receive("delivered")
    instance, follows = story.played()
    assert instance.done == [
        "Asked", "Decide", "Approved", "WeekGone", "Remind", "Reminded", "Decide", "Approved", "Order", "WaitForIt",
        "Delivery", "Done",
    ]  # fmt: skip
    assert (instance.outcome, instance.current) == ("Done", [])
    assert [each.label for each in follows] == [
        task_id(SUBJECT, "Decide", 1),
        task_id(SUBJECT, "Decide", 2),
        task_id(SUBJECT, "Remind", 1),
        "Order:1:1",
        "ended",
    ]
    assert task_id(SUBJECT, "Decide", 1) == "93ffc8b1-2a89-5b91-ab2e-3e9705a71e31"


def test_a_version_that_was_changed_after_it_was_started_is_refused() -> None:
    """The fact holds the hash of the files it was started with."""
    story = Story()
    story.facts[0].data["fingerprint"] = "0" * 32
    with pytest.raises(Invalid, match="was changed after instances were started by it"):
        story.played()


def test_every_process_of_the_hub_can_be_carried_out() -> None:
    """Each drawing fits its definition and is connected as the engine wants it."""
    for process in load_library():
        assert process.spec
