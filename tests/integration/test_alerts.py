"""Alerts in a real database, asked as the web asks."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from consumers.alerts import queries
from consumers.alerts.consumer import ALERTS
from consumers.alerts.project import project
from consumers.alerts.rules import Fact, Told, standing
from consumers.alerts.tables import ALERT_EVENT
from consumers.runtime.digest import table_digest
from consumers.runtime.projections import ensure_active, use_active
from kernel.errors import Invalid
from schemas.alerts import Finding, values_hash
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.copying import copy_rows
from storage.database import Database
from tests.support.events import AUTHORITY, OTHER, apply, event, reading

FOUND = CATALOGUE.latest("alert.opened").sample
VALUES = {"a": "1301.25", "b": "1320.00"}
FACTS = ("opened", "changed", "resolved", "acknowledged", "decided")


def fact(name: Fact, position: int, value: str = "a", alert: str = "a1", **options: Any) -> Event:
    """A fact of the sample alert, found with, or decided about, one of two values."""
    family = f"alert.{name}"
    match name:
        case "acknowledged":
            return event(family, alert, position=position, **options)
        case "decided":
            return event(family, alert, position=position, values_hash=hash_of(value), **options)
    more = {name: sample for name, sample in CATALOGUE.latest(family).sample.items() if name not in FOUND}
    return event(family, alert, position=position, data=FOUND | more, **({"found": VALUES[value]} | options))


def hash_of(value: str) -> str:
    return values_hash(Finding.model_validate(FOUND | {"found": VALUES[value]}))


def statuses(connection: Connection) -> dict[str, str]:
    return {alert.id: alert.status for alert in queries.alerts(connection, AUTHORITY)}


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(st.sampled_from(FACTS), st.sampled_from("ab")), max_size=7))
def test_the_query_stands_by_the_rule(database: Database, history: list[tuple[Fact, str]]) -> None:
    """What SQL derives for any history is what the pure rule says."""
    ensure_active(database, ALERTS)
    events = [fact(name, number, value) for number, (name, value) in enumerate(history, 1)]
    told = [Told(name, None if name == "acknowledged" else hash_of(value)) for name, value in history]
    with database.worker.connect() as connection:
        use_active(connection, "alerts")
        copy_rows(connection, ALERT_EVENT, project(events, CATALOGUE)[ALERT_EVENT])
        found = queries.alerts(connection, AUTHORITY)
        connection.rollback()
    expected = standing(told)
    assert [alert.status for alert in found] == ([] if expected is None else [expected.status])
    if expected is not None:
        decision = found[0].decision
        assert (decision.event_id if decision else None) == (
            None if expected.decision is None else f"a1:{expected.decision + 1}"
        )


def test_open_alerts_with_the_gravest_and_dearest_first(database: Database) -> None:
    """Filtered by rule and severity."""
    apply(
        database,
        ALERTS,
        [
            fact("opened", 1, alert="a1", amount_at_stake={"amount": "10"}),
            fact("opened", 2, alert="a2", amount_at_stake={"amount": "200"}),
            fact("opened", 3, alert="a3", severity="block", rule="price.other"),
            fact("opened", 4, alert="a4"),
            fact("resolved", 5, alert="a4"),
            fact("acknowledged", 6, alert="a1"),
        ],
    )
    with reading(database, ALERTS) as connection:
        assert [alert.id for alert in queries.open_alerts(connection, AUTHORITY)] == ["a3", "a2", "a1"]
        assert [alert.id for alert in queries.open_alerts(connection, AUTHORITY, rule="price.other")] == ["a3"]
        assert [alert.status for alert in queries.open_alerts(connection, AUTHORITY, severity="hold")] == [
            "open",
            "acknowledged",
        ]
        counts = {each.rule: (each.open, each.acknowledged, each.resolved) for each in _counts(connection)}
        stake = queries.amount_at_stake(connection, AUTHORITY)
    assert counts == {"price.above-agreed": (1, 1, 1), "price.other": (1, 0, 0)}
    assert [(each.rule, each.currency, each.alerts, each.amount) for each in stake] == [
        ("price.above-agreed", "DKK", 2, Decimal(210)),
        ("price.other", "DKK", 1, Decimal("2562.5")),
    ]


def test_an_alert_opens_again_and_cites_the_decision(database: Database) -> None:
    """The whole story is there to read."""
    apply(database, ALERTS, [fact("opened", 1), fact("decided", 2)])
    with reading(database, ALERTS) as connection:
        closed = queries.one_alert(connection, AUTHORITY, "a1")
    apply(database, ALERTS, [fact("changed", 3, "b")])
    with reading(database, ALERTS) as connection:
        again = queries.one_alert(connection, AUTHORITY, "a1")
        history = queries.alert_history(connection, AUTHORITY, "a1")
    assert closed.decision is not None
    assert (closed.status, closed.decision.holds, closed.decision.by) == ("resolved", True, "Mette Holm")
    assert again.decision is not None
    assert (again.status, again.decision.holds, again.facts) == ("open", False, 3)
    assert [each.fact for each in history] == ["opened", "decided", "changed"]
    assert queries.as_row(again)["decided"] == "Prisen er aftalt mundtligt frem til april"


def test_an_alert_that_is_not_there(database: Database) -> None:
    """The reader is told what to do, and another authority's alert is not there either."""
    apply(database, ALERTS, [fact("opened", 1, authority=OTHER)])
    with reading(database, ALERTS) as connection, pytest.raises(Invalid, match="no alert a1"):
        queries.one_alert(connection, AUTHORITY, "a1")


def test_trouble_in_the_hub_stands_among_the_alerts(database: Database) -> None:
    """What is parked is open until it is replayed or discarded; the same subject may be parked again."""
    parked = [event("hub.event-parked", "s1", position=1), event("hub.event-parked", "s2", position=2)]
    apply(database, ALERTS, [*parked, event("hub.parked-replayed", "s1", position=3)])
    with reading(database, ALERTS) as connection:
        (waiting,) = queries.open_alerts(connection, AUTHORITY)
        assert queries.as_row(waiting)["subject"] == "s2"
    apply(database, ALERTS, [event("hub.event-parked", "s1", position=4), event("hub.conflict", "s9", position=5)])
    with reading(database, ALERTS) as connection:
        rules = [(alert.rule, alert.subject) for alert in queries.open_alerts(connection, AUTHORITY, rule="hub.parked")]
        assert sorted(rules) == [("hub.parked", "s1"), ("hub.parked", "s2")]
        assert len(queries.open_alerts(connection, AUTHORITY)) == 3


def test_a_digest_does_not_see_how_often_a_finding_was_told(database: Database) -> None:
    """It is made of what is found now and of what people did, whatever was told on the way."""
    short = [fact("decided", 1, "b"), fact("opened", 2, "b")]
    long = [fact("opened", 1), fact("changed", 2, "b"), fact("decided", 3, "b"), fact("changed", 4, "b")]
    gone = [fact("opened", 5, alert="a2"), fact("resolved", 6, alert="a2")]
    assert _digested(database, short) == _digested(database, [*long, *gone])
    assert _digested(database, short) != _digested(database, [fact("opened", 1), fact("decided", 2, "b")])
    assert _digested(database, short) != _digested(database, [fact("opened", 1, "b")])
    assert _digested(database, gone) == _digested(database, [])


def _digested(database: Database, events: list[Event]) -> str:
    ensure_active(database, ALERTS)
    with database.worker.connect() as connection:
        use_active(connection, "alerts")
        copy_rows(connection, ALERT_EVENT, project(events, CATALOGUE)[ALERT_EVENT])
        found = table_digest(connection, ALERT_EVENT)
        connection.rollback()
    return found


def _counts(connection: Connection) -> tuple[Any, ...]:
    return queries.counts_by_rule(connection, AUTHORITY)
