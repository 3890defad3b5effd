"""When deliveries are tried again, what they are signed with, and when mails about alerts go out."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from consumers.alerts.hub_facts import hub_finding
from consumers.deliveries.mail import folded
from consumers.deliveries.mail_rules import (
    GROUP_INTERVAL,
    GROUP_WAIT,
    REPEAT,
    Told,
    due_at,
    group_of,
    hash_of,
    message,
    notifies,
)
from consumers.deliveries.reading import Page
from consumers.deliveries.schedule import JITTER, SCHEDULE_S, next_attempt, retry_after, verdict
from consumers.deliveries.signing import OVERLAP, secret, secrets_at, shown, signed_headers
from consumers.deliveries.turns import reached
from schemas.alerts import Finding, values_hash
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from tests.support.events import AUTHORITY, event

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FOUND: Json = CATALOGUE.latest("alert.opened").sample


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    """Ten attempts; each wait is at most a tenth longer than stated, and the same for the same delivery."""
    waits = [next_attempt(failed, "id", NOW) for failed in range(len(SCHEDULE_S))]
    for wait, stated in zip(waits, SCHEDULE_S, strict=True):
        assert wait is not None
        assert stated <= (wait - NOW).total_seconds() <= stated * (1 + JITTER)
    assert waits == [next_attempt(failed, "id", NOW) for failed in range(len(SCHEDULE_S))]
    assert next_attempt(len(SCHEDULE_S), "id", NOW) is None
    assert len({next_attempt(9, str(number), NOW) for number in range(50)}) > 20, "not all come back at once"


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (301, "later"),
        (302, "later"),
        (404, "later"),
        (410, "gone"),
        (503, "later"),
    ],
)
def test_only_2xx_is_success(status: int, meaning: str) -> None:
    """A redirect is not followed, and 410 ends the subscription."""
    assert verdict(status) == meaning


def test_a_receiver_may_ask_for_more_time() -> None:
    """In seconds or as a date, up to a day; what cannot be read is passed over, and so is it with other statuses."""
    assert retry_after(503, "120", NOW) == timedelta(minutes=2)
    assert retry_after(429, "Mon, 02 Mar 2026 13:00:00 GMT", NOW) == timedelta(hours=1)
    assert retry_after(503, "soon", NOW) is None
    assert retry_after(500, "120", NOW) is None
    assert next_attempt(1, "id", NOW, timedelta(hours=3)) == NOW + timedelta(hours=3)
    assert next_attempt(1, "id", NOW, timedelta(days=30)) == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    "stated", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2030 00:00:00 +99999999999999", "soon"]
)
def test_a_time_that_is_none_is_not_waited_for(stated: str) -> None:
    """Whatever a receiver answers, it is tried again by the schedule."""
    assert retry_after(503, stated, NOW) is None


@given(body=st.binary(max_size=200).map(lambda raw: raw.hex().encode()), number=st.integers(1, 9))
@pytest.mark.guarantee
def test_a_signature_is_right_for_its_body_and_secret_only(body: bytes, number: int) -> None:
    """The reference library says so; another body or another secret is refused."""
    key, now = b"the hub's key", datetime.now(UTC)
    headers = signed_headers("id-1", now, body, [secret(key, "s1", number)])
    Webhook(shown(secret(key, "s1", number))).verify(body, headers, json_parse=False)
    for other in (secret(key, "s2", number), secret(key, "s1", number + 1), secret(b"another", "s1", number)):
        with pytest.raises(WebhookVerificationError):
            Webhook(shown(other)).verify(body, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(shown(secret(key, "s1", number))).verify(body + b"x", headers, json_parse=False)


@pytest.mark.guarantee
def test_one_secret_for_all_would_let_one_receiver_sign_to_another() -> None:
    """What he signs, another takes for the hub's; with secrets of their own it is refused."""
    forged, now = b'{"id":"forged"}', datetime.now(UTC)
    shared = b"one secret for all of them, 32 b"
    assert Webhook(shown(shared)).verify(forged, signed_headers("id-1", now, forged, [shared]))
    mine, other = secret(b"the hub's key", "mine", 1), secret(b"the hub's key", "other", 1)
    with pytest.raises(WebhookVerificationError):
        Webhook(shown(other)).verify(forged, signed_headers("id-1", now, forged, [mine]))


def test_two_secrets_sign_for_a_day_after_a_rotation() -> None:
    """A receiver that has the old one, and one that has the new one, both find theirs."""
    key, now = b"the hub's key", datetime.now(UTC)
    headers = signed_headers("id-1", now, b"{}", secrets_at(key, "s1", 2, now - timedelta(hours=1), now))
    assert headers["webhook-signature"].count("v1,") == 2
    for number in (1, 2):
        Webhook(shown(secret(key, "s1", number))).verify(b"{}", headers)
    assert secrets_at(key, "s1", 2, now - OVERLAP - timedelta(seconds=1), now) == (secret(key, "s1", 2),)


@given(done=st.sets(st.integers(1, 12)), full=st.booleans())
def test_the_cursor_never_passes_what_is_not_done(done: set[int], full: bool) -> None:
    """It stands before the first event that is not done, and past everything when all are."""
    events = tuple(event("organisation.unit-stated", str(number % 3), position=number) for number in range(1, 11))
    position = reached(Page(events, 10 if full else 40), frozenset(done), 0)
    missing = [number for number in range(1, 11) if number not in done]
    assert position == (missing[0] - 1 if missing else (10 if full else 40))


def alert(fact: str, position: int, name: str = "a1", **options: object) -> Event:
    data = {**CATALOGUE.latest(f"alert.{fact}").sample, **options}
    return event(f"alert.{fact}", name, position=position, data=data)


def test_alerts_of_one_supplier_are_one_group() -> None:
    """Whatever their rule; without a supplier the rule makes the group."""
    one = Finding.model_validate(FOUND)
    assert group_of(one, AUTHORITY) == group_of(one.model_copy(update={"rule": "other.rule"}), AUTHORITY)
    assert group_of(one, AUTHORITY) != group_of(one, "99000015")
    bare = one.model_copy(update={"references": ()})
    assert group_of(bare, AUTHORITY) != group_of(bare.model_copy(update={"rule": "other.rule"}), AUTHORITY)


def test_a_mail_goes_out_when_the_open_alerts_are_others() -> None:
    """Not for a change of their values, not for the same alerts again before they are repeated."""
    told = Told(NOW, hash_of({"a", "b"}))
    assert notifies(Told(None, ""), {"a"}, NOW)
    assert not notifies(Told(None, ""), set(), NOW)
    assert not notifies(told, {"b", "a"}, NOW + REPEAT - timedelta(seconds=1))
    assert notifies(told, {"a", "b"}, NOW + REPEAT)
    assert notifies(told, {"a"}, NOW)
    assert notifies(told, {"a", "b", "c"}, NOW)
    assert notifies(told, set(), NOW)
    assert due_at(Told(None, ""), NOW) == NOW + GROUP_WAIT
    assert due_at(Told(None, "", NOW + GROUP_WAIT), NOW + GROUP_WAIT / 2) == NOW + GROUP_WAIT
    assert due_at(told, NOW) == NOW + GROUP_INTERVAL


def test_what_people_decide_closes_an_alert_for_its_values() -> None:
    """With other values it is open again; with those it was closed for it stays closed."""
    found = Finding.model_validate(FOUND)
    closing = alert("decided", 2, values_hash=values_hash(found))
    steps = [alert("opened", 1), closing, alert("changed", 3, found="1.00"), alert("changed", 4, **FOUND)]
    standing = [folded({}, steps[:number], CATALOGUE)[0]["a1"].firing for number in range(1, 5)]
    assert standing == [True, False, True, False]
    assert folded({}, [*steps, alert("resolved", 5)], CATALOGUE)[0]["a1"].firing is False


def test_an_erased_alert_is_forgotten() -> None:
    """The mail rules keep no text of it anyway."""
    redaction = event("hub.redacted", "a1", position=2)
    known, touched = folded({}, [alert("opened", 1), redaction], CATALOGUE)
    assert known == {}
    assert len(touched) == 1


def test_a_mail_is_danish_and_masks_cpr_numbers() -> None:
    """It lists twenty alerts and counts the others; a number in a name never stands in it."""
    finding = Finding.model_validate(FOUND | {"found": "010203-1234 mangler"})
    mail = message(
        sender="hub@example.dk", to="a@example.dk", message_id="1", now=NOW, findings=[finding] * 25, closed=False
    )
    text = mail.get_content()
    assert "25 åbne advarsler" in text
    assert "og 5 til" in text
    assert "1234" not in mail.as_string()
    assert "010203-****" in text


def test_a_name_adds_nothing_to_the_headers_of_a_mail() -> None:
    """A supplier's name stands in the subject; what breaks lines in it is a space there."""
    named = {"kind": "supplier", "local_id": "1", "name": "Firma\r\nBcc: a@example.com\u2028\x00A/S"}
    finding = Finding.model_validate(FOUND | {"references": [named]})
    mail = message(
        sender="hub@example.dk", to="a@example.dk", message_id="1", now=NOW, findings=[finding], closed=False
    )
    assert mail["Subject"] == "Samspil: 1 åben advarsel – Firma Bcc: a@example.com A/S"
    assert b"\nBcc" not in mail.as_bytes()


def test_a_paused_subscription_is_an_alert_until_it_is_resumed() -> None:
    """One alert a subscription, with who it is and why."""
    told = []
    for position, fact in enumerate(("paused", "resumed"), 1):
        one = event(f"hub.subscription-{fact}", "s1", position=position)
        newest, data = CATALOGUE.upcast(one.type, one.payload)
        told.append(hub_finding(one, newest.model.model_validate(data)))
    paused, resumed = told
    assert paused.alert == resumed.alert
    assert (paused.fact, resumed.fact) == ("opened", "resolved")
    assert paused.data["found"] == "the receiver answered 503"


def test_waits_grow() -> None:
    """No attempt comes sooner after the one before than the attempt before it did."""
    assert all(one <= other for one, other in pairwise(SCHEDULE_S))
