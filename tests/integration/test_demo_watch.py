"""The demo's contracts: what the watch finds when the two years are over is the truth that was planted, one by one."""

from collections import Counter
from collections.abc import Iterator

import pytest

from adapters.ubl.events import invoice_events
from consumers.contracts import watch
from consumers.contracts.consumer import CONTRACTS
from consumers.contracts.tables import FINDING
from consumers.contracts.watch_rules import RULES, find
from consumers.contracts.watched import Watched
from consumers.runtime.projections import use_active
from examples.facts import moment
from examples.municipalities import LAST_DAY, MUNICIPALITIES
from examples.play import Demo, Share
from examples.truth import Comparison, alert_key, compare
from examples.watch_truth import CODES, alarms
from schemas.alerts import Finding
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.sample import applier, drain, store

SEEDS = (1, 20_251_231)


@pytest.fixture(scope="module", params=SEEDS)
def demo(request: pytest.FixtureRequest) -> Demo:
    return Demo(request.param)


def told(demo: Demo, database: Database) -> None:
    """What is said in the demo of contracts and their owners, what names one that has ended, and the last day."""
    listened = {CATALOGUE.latest(family).name for family in CONTRACTS.families}
    ended = {deal.number for world in demo.worlds for deal in world.deals if deal.plan.key.startswith("ended")}
    orders = {deal.order for world in demo.worlds for deal in world.deals if deal.number in ended}
    events: list[CloudEvent] = []
    for day in demo.days():
        for share in day.shares:
            facts = share.events if day.date == LAST_DAY else [each for each in share.events if _lasts(each)]
            events += [each for each in facts if each.type in listened]
            events += _documents(share, [name.encode() for name in ended | orders])
    for first in range(0, len(events), 2_000):
        store(database, events[first : first + 2_000])
    drain(applier(database, CONTRACTS), page=5_000)


def _lasts(event: CloudEvent) -> bool:
    return not event.type.startswith(("dk.samspil.time.", "dk.samspil.portfolio."))


def _documents(share: Share, names: list[bytes]) -> Iterator[CloudEvent]:
    for document in share.documents:
        if any(name in document.content for name in names):
            yield from invoice_events(
                document.content,
                authority=share.authority,
                source="urn:test:inbox",
                received_at=moment(LAST_DAY, hour=6),
                file_name=document.name,
            )


def compared(demo: Demo, database: Database) -> Comparison:
    with database.worker.begin() as connection:
        use_active(connection, CONTRACTS.name)
        rows = connection.execute(FINDING.select()).all()
    found = (alert_key(row.authority, Finding.model_validate(row.data)) for row in rows)
    return compare(demo.watch_truth(begun=False), found)


def judge_without(database: Database, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge everything anew by the other rules."""
    others = tuple(rule for rule in RULES if rule.code != code)

    def found(watched: Watched) -> Iterator[object]:
        return find(watched, others)

    with monkeypatch.context() as without, database.worker.begin() as connection:
        without.setattr(watch, "find", found)
        use_active(connection, CONTRACTS.name)
        watch.judge_all(connection)


def test_every_finding_is_planned_and_a_rule_switched_off_is_missed(
    demo: Demo, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody buys anew, precision and recall are 1; without a rule exactly what is planned for it is missing."""
    told(demo, database)
    everything = compared(demo, database)
    assert (everything.missing, everything.unexpected) == ((), ())
    for code in CODES:
        judge_without(database, code.lower(), monkeypatch)
        comparison = compared(demo, database)
        assert {key[1] for key in comparison.missing} == {code.lower()}
        assert comparison.unexpected == ()


def test_each_rule_finds_a_handful_and_spares_what_only_looks_like_it(demo: Demo) -> None:
    """In each municipality three to ten of each, and near misses on contracts of which it finds nothing."""
    planted = demo.watch_truth(begun=False)
    numbers = Counter((each.authority, each.rule) for each in planted)
    assert {key: number for key, number in numbers.items() if not 3 <= number <= 20} == {}
    assert set(numbers) == {(one.cvr, code) for one in MUNICIPALITIES for code in CODES}
    found = {(each.rule, each.invoice) for each in planted}
    spared = {(each.rule, each.invoice) for each in demo.contract_near_misses}
    assert spared.isdisjoint(found)
    assert {rule for rule, _ in spared} == set(CODES)


def test_once_the_alarms_have_begun_re_tenders_only_what_nobody_answered_is_late(demo: Demo) -> None:
    """No alarm is left, and one escalation a municipality; each has begun to buy anew a dozen times and more."""
    left = Counter((each.authority, each.rule) for each in demo.watch_truth(begun=True))
    for one in MUNICIPALITIES:
        assert (left[one.cvr, "CW02"], left[one.cvr, "CW03"]) == (0, 1)
    assert all(len(started) >= 12 for started in map(alarms, demo.worlds))
