"""The demo's people: what they do, and where it leaves the workflows."""

from collections import Counter
from functools import cache

import pytest

from examples.cast import CODE
from examples.municipalities import FIRST_DAY, LAST_DAY, MUNICIPALITIES
from examples.play import Demo
from examples.retenders import PATH, PROCESS, REMINDERS, steps
from examples.watch_truth import alarms

SEEDS = [1, 77]


@cache
def demo(seed: int) -> Demo:
    return Demo(seed)


def test_re_tenders_stand_in_different_steps() -> None:
    """They stand in five steps and more; two are finished, one of them after a rejection."""
    found = alarms(demo(1).worlds[0])
    left = {step.name for key, day in found.items() for step in steps(key, day) if not step.done}
    assert len(left - {name for name, _, _ in REMINDERS.values()}) >= 5
    finished = [key for key, day in found.items() if any(each.name == "CloseProject" for each in steps(key, day))]
    assert len(finished) == 2
    decided = {key: sum(each.name == "BoardDecides" for each in steps(key, found[key])) for key in finished}
    assert sorted(decided.values()) == [1, 2]


@pytest.mark.parametrize("seed", SEEDS)
def test_people_act_on_working_days_in_a_fixed_order(seed: int) -> None:
    """Nobody works on Saturdays or Sundays, nothing comes after the last day, and no task is done twice on a day."""
    for day, acts in demo(seed).acts().items():
        assert FIRST_DAY <= day <= LAST_DAY
        assert day.weekday() < 5
        keys = [act[:5] for act in acts]
        assert keys == sorted(set(keys))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_workflow_is_started_once_for_what_it_is_about(seed: int) -> None:
    """Every re-tender and every discrepancy is one start; what is decided about no longer stands in the truth."""
    starts = Counter(demo(seed).starts)
    assert set(starts.values()) == {1}
    assert {start.process for start in starts} == {PROCESS, "invoice_discrepancy"}
    for cast in demo(seed).casts:
        decided = cast.settled()
        assert len(decided) == 6
        assert decided.isdisjoint({planted.key for planted in demo(seed).truth})


@pytest.mark.parametrize("seed", SEEDS)
def test_tasks_are_left_too_long_in_both_municipalities(seed: int) -> None:
    """Of re-tenders seven each, and of discrepancies nobody has looked at."""
    overdue = [each for each in demo(seed).truth if each.rule == CODE]
    retendered = {start.business_key for start in demo(seed).starts if start.process == PROCESS}
    counted = Counter(each.authority for each in overdue if each.invoice in retendered)
    assert counted == {one.cvr: 7 for one in MUNICIPALITIES}
    assert len(overdue) > 100
    assert set(PATH) >= {"AskCentralUnit", "BoardDecides"}
