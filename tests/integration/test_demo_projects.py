"""The demo's projects: what the rules of the portfolio find is the truth that was planted, one by one."""

import pytest

from consumers.portfolio import judge, rules
from consumers.portfolio.consumer import PORTFOLIO
from consumers.portfolio.tables import FINDING
from consumers.runtime.projections import use_active
from examples.play import Demo
from examples.project_plans import FAULTS
from examples.truth import Comparison, alert_key, compare
from schemas.alerts import Finding
from storage.database import Database
from tests.support.sample import applier, drain, store

SEED = 1


@pytest.fixture(scope="module")
def demo() -> Demo:
    return Demo(SEED)


def told(demo: Demo, database: Database) -> None:
    """Everything that is said in the demo of projects and of who holds which role."""
    events = [event for day in demo.days() for share in day.shares for event in share.events]
    concerned = [event for event in events if event.type.split(".")[2] in ("portfolio", "organisation")]
    for first in range(0, len(concerned), 1_000):
        store(database, concerned[first : first + 1_000])
    drain(applier(database, PORTFOLIO), page=2_000)


def compared(demo: Demo, database: Database) -> Comparison:
    with database.worker.begin() as connection:
        use_active(connection, PORTFOLIO.name)
        rows = connection.execute(FINDING.select()).all()
    return compare(demo.project_truth, (alert_key(row.authority, Finding.model_validate(row.data)) for row in rows))


def judge_without(database: Database, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge everything anew by the other rules."""
    others = tuple(rule for rule in rules.RULES if rule.code != code)
    with monkeypatch.context() as without, database.worker.begin() as connection:
        without.setattr(judge, "findings", lambda case: rules.findings(case, others))
        use_active(connection, PORTFOLIO.name)
        judge.judge_all(connection)


def test_every_finding_is_planted_and_a_rule_switched_off_is_missed(
    demo: Demo, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Precision and recall are 1; without a rule exactly what was planted for it is missing."""
    told(demo, database)
    everything = compared(demo, database)
    assert (everything.missing, everything.unexpected) == ((), ())
    for code in FAULTS:
        judge_without(database, code.lower(), monkeypatch)
        comparison = compared(demo, database)
        assert {key[1] for key in comparison.missing} == {code.lower()}
        assert comparison.unexpected == ()
