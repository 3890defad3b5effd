"""Facts of alerts, and of trouble in the hub, as rows."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from consumers.alerts.project import FAMILIES, project
from consumers.alerts.tables import ALERT_EVENT
from kernel.errors import Invalid
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from tests.support.events import event

NAMES = [column.name for column in ALERT_EVENT.columns]


def row_of(one: Event) -> dict[str, Any]:
    (row,) = project([one], CATALOGUE)[ALERT_EVENT]
    return dict(zip(NAMES, row, strict=True))


def test_every_family_is_in_the_catalogue() -> None:
    """What is read exists, and every type has its row."""
    assert {kind.family for kind in CATALOGUE} >= FAMILIES
    for family in FAMILIES:
        assert row_of(event(family, "s", position=1))["fact"]


def test_a_finding_is_kept_whole() -> None:
    """With what it is listed and added up by in columns of their own."""
    opened = event("alert.opened", "a1", position=7)
    row = row_of(opened)
    assert row["data"].encode() == opened.payload
    assert (row["alert"], row["fact"], row["rule"], row["severity"]) == ("a1", "opened", "price.above-agreed", "hold")
    assert (Decimal(row["amount"]), row["currency"]) == (Decimal("2562.5"), "DKK")


def test_a_decision_is_kept_with_the_values_it_is_about() -> None:
    """That is what closes the alert, and what opens it again."""
    found, decided = row_of(event("alert.opened", "a1", position=1)), row_of(event("alert.decided", "a1", position=2))
    assert (decided["fact"], decided["values_hash"], decided["rule"]) == ("decided", found["values_hash"], None)


@pytest.mark.parametrize("family", ["hub.parked-replayed", "hub.parked-discarded"])
def test_what_was_parked_is_one_alert_until_it_is_dealt_with(family: str) -> None:
    """Per consumer and subject: replaying or discarding resolves it."""
    parked = row_of(event("hub.event-parked", "s1", position=1))
    dealt_with = row_of(event(family, "s1", position=2))
    other = row_of(event("hub.event-parked", "s1", position=3, consumer="contracts"))
    assert (parked["fact"], dealt_with["fact"], parked["rule"]) == ("opened", "resolved", "hub.parked")
    assert parked["alert"] == dealt_with["alert"] != other["alert"]


@pytest.mark.parametrize("family", sorted(family for family in FAMILIES if family.startswith("hub.")))
def test_documents_hold_no_positions(family: str) -> None:
    """Places in the store differ between runs, what is told does not."""
    data = orjson.loads(row_of(event(family, "s1", position=1))["data"])
    assert not {"position", "positions", "event_id"} & (data.keys() | data["title"]["values"].keys())


def test_a_stop_for_another_reason_has_other_values() -> None:
    """Who decided about the first stop did not decide about the second."""
    first = row_of(event("hub.consumer-stopped", "c", position=1))
    second = row_of(event("hub.consumer-stopped", "c", position=2, reason="another"))
    assert first["alert"] == second["alert"]
    assert first["values_hash"] != second["values_hash"]


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b'{"rule": "cut'])
@pytest.mark.parametrize("family", ["alert.opened", "hub.event-parked"])
def test_a_damaged_payload_is_refused(family: str, payload: bytes) -> None:
    """It is parked, not skipped."""
    with pytest.raises(Invalid):
        project([event(family, "a1", position=1)._replace(payload=payload)], CATALOGUE)
