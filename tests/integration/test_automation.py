"""Rules at work on a real database: once, from their adoption on, alike in every order and in no rebuild."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from consumers.automation import react as reacting
from consumers.automation.consumer import AUTOMATION
from consumers.automation.queries import failures, notices, rules
from consumers.automation.react import react
from consumers.runtime.digest import digests
from consumers.runtime.ledger import StoreLedger
from consumers.runtime.rebuild import Rebuild
from hub.automating import adopt, read_rule, tried, withdraw
from hub.opening import Hub
from hub.repairing import local_actor
from hub.settings import Settings
from kernel.clock import SystemClock
from kernel.errors import Conflict, Invalid
from kernel.ids import subject_id
from producers.accept import Acceptor
from producers.gather import Gatherer
from producers.store import append_one, head, read_types
from schemas.automation import rule_id
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.command import commanding
from tests.support.events import AUTHORITY, OTHER, event, reading
from tests.support.sample import applier, drain

SAMPLE = CATALOGUE.latest("automation.rule-adopted").sample
TELL = SAMPLE["then"][2]
LONG_AGO = date(2020, 1, 1)


def case(number: int, **changes: Any) -> Event:
    """A decision in the case with this number."""
    subject = str(subject_id(AUTHORITY, "case", str(number)))
    return event("case.case-stated", subject, position=0, **({"state": "decided", "number": f"{number}"} | changes))


def rule(version: int, then: Sequence[Json] = (TELL,), effective: date = LONG_AGO, **changes: Any) -> Event:
    subject = rule_id(changes.get("authority", AUTHORITY), SAMPLE["code"])
    data = SAMPLE | {"version": version, "then": list(then)}
    adopted = event("automation.rule-adopted", subject, position=0, data=data, effective=effective, **changes)
    return adopted._replace(id=f"rule-{version}")


def store(database: Database, *events: Event) -> None:
    """Put events into the store as accept does, each with an id of its own."""
    named = [each._replace(id=f"{each.subject}:{each.id}:{number}") for number, each in enumerate(events)]
    with database.worker.begin() as connection:
        append_one(connection, named, catalogue=CATALOGUE, now=SystemClock().now())


def settle(database: Database) -> None:
    """Apply until nothing more is told."""
    at = applier(database, AUTOMATION)
    while drain(at):
        pass


def facts(database: Database) -> Counter[str]:
    """What automation has told, by type."""
    query = text("SELECT split_part(type, '.', 4) FROM hub.event WHERE source = 'urn:samspil:automation'")
    with database.worker.connect() as connection:
        return Counter(connection.execute(query).scalars())


def digest(database: Database) -> dict[str, str]:
    with database.worker.begin() as connection:
        return digests(connection, [AUTOMATION])


def test_a_rule_acts_once_on_what_is_recorded_after_it(database: Database) -> None:
    """What came before stays as it was; another state and another authority's cases set nothing off."""
    store(database, case(1), rule(1, SAMPLE["then"]), case(2), case(3, state="closed"), case(4, authority=OTHER))
    settle(database)
    assert facts(database) == {"journal-entry-stated": 1, "start-requested": 1, "notice": 1}
    with reading(database, AUTOMATION) as connection:
        (notice,) = notices(connection, AUTHORITY, roles=["unit-manager"])
        assert notices(connection, AUTHORITY, person="kali") == ()
        (row,) = rules(connection, AUTHORITY, date(2026, 7, 1))
    assert notice.title == "Sag 2 er afgjort"
    assert (row.version, row.told, row.failed, row.problems) == (1, 1, 0, ())


def test_the_version_in_force_acts_until_it_is_withdrawn(database: Database) -> None:
    """A newer one takes the older one's place, one for days to come waits, and a withdrawn one rests."""
    subject = rule_id(AUTHORITY, SAMPLE["code"])
    gone = event("automation.rule-withdrawn", subject, position=0, effective=LONG_AGO)
    store(database, rule(1), case(1), rule(2, [TELL | {"title": "Anden"}]), case(2))
    store(database, rule(3, [TELL | {"title": "Siden"}], effective=date(2030, 1, 1)), case(3), gone, case(4))
    settle(database)
    with reading(database, AUTOMATION) as connection:
        titles = [notice.title for notice in notices(connection, AUTHORITY)]
        assert rules(connection, AUTHORITY, date(2026, 7, 1)) == ()
        assert [row.version for row in rules(connection, AUTHORITY, date(2030, 7, 1))] == [3]
    assert titles == ["Anden", "Anden", "Sag 1 er afgjort"]


@pytest.mark.guarantee
def test_a_rule_that_is_read_late_is_in_force_all_the_same(database: Database) -> None:
    """On Kafka the topic of an event may be read before the rules': which are in force is asked of the store."""
    store(database, rule(1), case(1), case(2))
    applier(database, AUTOMATION)
    with database.worker.begin() as connection:
        cases_first, _ = read_types(connection, ["dk.samspil.case.case-stated.v1"], 0, head(connection), 10)
        told = react(connection, cases_first)
        assert react(connection, list(reversed(cases_first))) == list(reversed(told))
    assert [json.loads(each.payload)["title"] for each in told] == ["Sag 1 er afgjort", "Sag 2 er afgjort"]


@pytest.mark.guarantee
def test_rules_of_the_own_table_would_miss_one_that_is_read_late(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: what is told depends on which topic is read first."""
    store(database, rule(1), case(1))
    at = applier(database, AUTOMATION)
    own = str(reacting._ADOPTED).replace("hub.event", "automation_v1.rule").replace("payload IS NOT NULL", "true")
    own = own.replace("type, payload, time", "'.rule-adopted.' AS type, document::text AS payload, recorded AS time")
    monkeypatch.setattr(reacting, "_ADOPTED", text(own.replace("type LIKE 'dk.samspil.automation.rule-%'", "true")))
    with database.worker.begin() as connection:
        events, _ = read_types(connection, sorted(AUTOMATION.types(CATALOGUE)), 0, head(connection), 10)
        early = react(connection, events[1:])
    at.apply(StoreLedger(events[:1], upto=events[0].position))
    with database.worker.begin() as connection:
        late = react(connection, events[1:])
    assert (len(early), len(late)) == (0, 1)


@pytest.mark.guarantee
def test_a_replay_tells_nothing_anew(database: Database) -> None:
    """Redelivery in other pages is harmless, and a rebuild has equal digests and adds no event."""
    bad = SAMPLE["then"][0] | {"subject": "${data.unit.id}"}
    store(database, rule(1, [TELL, bad]), *[case(number, unit=None) for number in range(20)])
    settle(database)
    with reading(database, AUTOMATION) as connection:
        failed = failures(connection, AUTHORITY)
    assert len(failed) == 20
    assert "at least 1 character" in failed[0].reason
    with database.worker.begin() as connection:
        events, _ = read_types(connection, sorted(AUTOMATION.types(CATALOGUE)), 0, head(connection), 1_000)
        stored = head(connection)
        again = append_one(connection, react(connection, events), catalogue=CATALOGUE, now=SystemClock().now())
        assert {outcome.status for outcome in again} == {"duplicate"}
    before = digest(database)
    Rebuild(database, AUTOMATION, CATALOGUE, page=7).run()
    settle(database)
    with database.worker.connect() as connection:
        assert head(connection) == stored
    assert digest(database) == before
    assert before["automation.outcome"].startswith("40:")


def test_rules_that_set_each_other_off_come_to_an_end(database: Database) -> None:
    """Derivations of derivations are bounded: what lies deeper is parked, and nothing is told without end."""
    turn = {"case.case-stated": "journal-entry", "case.journal-entry-stated": "case"}
    made = {"case": {name: f"${{data.{name}}}" for name in ("number", "title")}, "journal-entry": {}}
    made["case"] |= {"kle_subject": "27", "state": "arisen"}
    made["journal-entry"] = {"case": "${subject}", "number": "${data.number}", "title": "x"}
    made["journal-entry"] |= {"direction": "internal", "entered_on": "${day}"}
    adopted = []
    for family, name in turn.items():
        emit = {"action": "emit", "type": f"dk.samspil.case.{name}-stated.v1", "data": made[name]}
        emit["subject"] = "${derived.next}"
        data = SAMPLE | {"code": name, "when": {"event": family}, "then": [emit]}
        adopted.append(event("automation.rule-adopted", rule_id(AUTHORITY, name), position=0, data=data))
    store(database, *adopted, case(1))
    settle(database)
    assert facts(database) == {"journal-entry-stated": 9, "case-stated": 8, "event-parked": 1}


def test_nobody_reads_another_authoritys_rules(database: Database) -> None:
    """Row-level security, whatever the question names."""
    store(database, rule(1, authority=OTHER), rule(1))
    settle(database)
    with reading(database, AUTOMATION) as connection:
        assert rules(connection, OTHER, date(2026, 7, 1)) == ()
        assert len(rules(connection, AUTHORITY, date(2026, 7, 1))) == 1


def test_a_rule_is_tried_adopted_and_withdrawn_on_the_command_line() -> None:
    """The dry run lists what would have been told and tells nothing; an older version is refused."""
    file = {name: SAMPLE[name] for name in ("code", "version", "title", "when", "then")}
    with commanding() as samspil:
        path = samspil.home / "regel.json"
        path.write_text(json.dumps(file))
        events = samspil.home / "sager.json"
        events.write_text(json.dumps([sent(1), sent(2)]))
        samspil("ingest", "--authority", AUTHORITY, events)
        found = samspil("automation", "try", path, "--authority", AUTHORITY, "--json")
        none = samspil("automation", "try", path, "--authority", AUTHORITY, "--to", "2020-01-01", "--json")
        stored = samspil("status", "--json").lines[0]["events"]
        adopted = samspil("automation", "adopt", path, "--authority", AUTHORITY)
        again = samspil("automation", "adopt", path, "--authority", AUTHORITY)
        path.write_text(json.dumps(file | {"then": [TELL | {"title": "${data.nothing}"}]}))
        wrong = samspil("automation", "adopt", path, "--authority", AUTHORITY)
    assert Counter(line["action"] for line in found.lines) == {"emit": 2, "start": 2, "tell": 2}
    assert none.lines == []
    assert stored == 2
    assert (adopted.code, again.code, wrong.code) == (0, 1, 1)
    assert "not above version 2" in again.err
    assert "leads nowhere" in wrong.err


@pytest.fixture
def hub(database: Database, tmp_path: Path) -> Iterator[Hub]:
    """A hub as the command line has it."""
    gatherer = Gatherer(database, CATALOGUE, SystemClock())
    yield Hub(Settings(tmp_path), database, Acceptor(gatherer, CATALOGUE, SystemClock()), CATALOGUE, SystemClock())
    gatherer.close()


def test_a_person_adopts_and_withdraws_with_what_they_saw(database: Database, hub: Hub) -> None:
    """`by` is who decides; a rule that nobody adopted cannot be withdrawn."""
    stated = read_rule(json.dumps({**SAMPLE, "by": None}).encode(), local_actor())
    assert list(tried(hub, AUTHORITY, stated, date.min, date.max)) == []
    with pytest.raises(Invalid, match="no rule"):
        withdraw(hub, AUTHORITY, stated.code, "væk", None)
    adopt(hub, AUTHORITY, stated, None)
    with pytest.raises(Conflict):
        adopt(hub, AUTHORITY, stated, None)
    withdraw(hub, AUTHORITY, stated.code, "væk", None)
    adopt(hub, AUTHORITY, stated.model_copy(update={"version": 9}), None)


def sent(number: int) -> Json:
    made = case(number)
    return {
        "specversion": "1.0",
        "id": f"case-{number}",
        "source": "urn:egesoe:cases",
        "type": made.type,
        "subject": made.subject,
        "authority": AUTHORITY,
        "time": made.time.isoformat(),
        "effective": "2026-03-01",
        "data": json.loads(made.payload),
    }
