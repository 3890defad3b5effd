"""Mails about alerts, from the store to a real mail server on this machine."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from access.agreements import approve_agreement, request_agreement
from access.principals import HUB, add_principal
from consumers.deliveries.mail_rules import GROUP_INTERVAL, GROUP_WAIT, REPEAT
from consumers.deliveries.subscriptions import Subscription, principal_named
from hub.opening import Hub
from kernel.errors import Invalid
from kernel.ids import derived_id
from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from schemas.values import Sensitivity
from storage.database import Database
from tests.support.delivering import (
    AUTHORITY,
    a_hub,
    cursor_of,
    delivering_hub,
    log_of,
    long_ago,
    subscribed,
    subscriber,
)
from tests.support.mailcatcher import catching_mails
from tests.support.wait import until

FOUND: Json = CATALOGUE.latest("alert.opened").sample
SECOND = timedelta(seconds=1)


def alerts(
    hub: Hub,
    fact: str,
    numbers: Iterable[int],
    *,
    supplier: str = "99000015",
    kept: Sensitivity | None = None,
    **options: object,
) -> None:
    """Announced alerts of a supplier, numbered so."""
    kind = CATALOGUE.latest(f"alert.{fact}")
    sample: Json = {**kind.sample, **options}
    if "references" in sample:
        sample["references"] = [{"kind": "supplier", "local_id": supplier, "name": f"Leverandør {supplier}"}]
    events = [
        CloudEvent(
            id=f"{fact}-{number}-{len(options)}",
            source="urn:samspil:test",
            type=kind.name,
            subject=derived_id("alert", number),
            authority=AUTHORITY,
            time=hub.clock.now(),
            data=sample,
            dataclassification=kept,
        )
        for number in numbers
    ]
    hub.acceptor.accept(events, HUB)


def mailed(hub: Hub) -> Subscription:
    """A subscription to all alerts by mail."""
    return subscribed(hub, subscriber(hub, "vagt", ["alert.*"]), "vagt@example.dk", ["alert.*"], way="email")


def settle(hub: Hub, one: Subscription, head: int) -> None:
    """Wait until everything that was announced is folded."""
    until(lambda: cursor_of(hub, one).position >= head, 20, "the alerts to be folded")


def test_five_hundred_alerts_of_one_supplier_are_one_mail(database: Database) -> None:
    """They come within 30 seconds; another supplier's are another mail, and what stays open is not told anew."""
    clock = long_ago(1)
    with catching_mails() as mails, a_hub(database, clock, smtp=mails.server, mail_from="hub@example.dk") as hub:
        one = mailed(hub)
        with delivering_hub(hub), delivering_hub(hub):
            for number in range(5):
                alerts(hub, "opened", range(number * 100, number * 100 + 100))
                clock.move(timedelta(seconds=5))
            alerts(hub, "opened", [900], supplier="99000023")
            settle(hub, one, 501)
            clock.move(GROUP_WAIT + SECOND)
            until(lambda: len(mails.caught) == 2, 20, "two mails")
            alerts(hub, "changed", range(10), found="1302.00")
            clock.move(GROUP_INTERVAL + SECOND)
            settle(hub, one, 511)
            until(lambda: len(log_of(hub, one)) == 2, 10, "both to be noted")
            clock.move(REPEAT - GROUP_INTERVAL - 2 * GROUP_WAIT)
        assert len(mails.caught) == 2, "a changed value is no news, and two workers are one sender"
        largest = max(mails.caught, key=lambda mail: len(mail.get_content()))
        assert largest["To"] == "vagt@example.dk"
        assert largest["From"] == "hub@example.dk"
        assert "500 åbne advarsler" in largest["Subject"]
        assert "og 480 til" in largest.get_content()


def test_what_is_over_is_told_once(database: Database) -> None:
    """By a mail of its own, when the last alert of the group is resolved; and silenced alerts are not told."""
    clock = long_ago(30)
    with catching_mails() as mails, a_hub(database, clock, smtp=mails.server) as hub, delivering_hub(hub):
        one = mailed(hub)
        alerts(hub, "opened", [1, 2])
        settle(hub, one, 2)
        clock.move(GROUP_WAIT + SECOND)
        until(lambda: len(mails.caught) == 1, 20, "the first mail")
        alerts(hub, "resolved", [1, 2])
        alerts(hub, "opened", [3], supplier="99000023")
        alerts(hub, "silenced", [3], until=str((clock.now() + timedelta(days=9)).date()))
        settle(hub, one, 6)
        clock.move(GROUP_INTERVAL + SECOND)
        until(lambda: len(mails.caught) == 2, 20, "the second mail")
        assert "lukket" in mails.caught[1]["Subject"]
        until(lambda: len(log_of(hub, one)) == 2, 10, "both to be noted")


def test_a_mail_server_that_is_away_is_tried_again(database: Database) -> None:
    """By the same schedule as webhooks; the mail is the same, and comes once."""
    clock = long_ago(1)
    with catching_mails() as mails, a_hub(database, clock, smtp=mails.server) as hub, delivering_hub(hub):
        one = mailed(hub)
        mails.refuses = True
        alerts(hub, "opened", [1])
        settle(hub, one, 1)
        clock.move(GROUP_WAIT + SECOND)
        until(lambda: mails.tried == 1 and cursor_of(hub, one).attempt == 1, 20, "the first attempt")
        mails.refuses = False
        clock.move(timedelta(seconds=6))
        until(lambda: len(log_of(hub, one)) == 2, 20, "the second attempt")
        assert [line.outcome for line in log_of(hub, one)] == ["failed", "delivered"]
        assert len(mails.caught) == 1


def test_a_mail_tells_no_more_than_the_agreement_covers(database: Database) -> None:
    """An alert that is kept more closely than agreed is in no mail, however many others are."""
    clock = long_ago(1)
    with catching_mails() as mails, a_hub(database, clock, smtp=mails.server) as hub, delivering_hub(hub):
        one = mailed(hub)
        alerts(hub, "opened", [1], kept="personal", supplier="99000023")
        alerts(hub, "opened", [2], kept="personal")
        alerts(hub, "opened", [3])
        settle(hub, one, 3)
        clock.move(GROUP_WAIT + SECOND)
        until(lambda: len(log_of(hub, one)) == 1, 20, "the mail to be noted")
        assert [mail["Subject"] for mail in mails.caught] == ["Samspil: 1 åben advarsel – Leverandør 99000015"]


def test_an_agreement_about_public_facts_gets_no_mail(database: Database) -> None:
    """Alerts are internal."""
    with catching_mails() as mails, a_hub(database, long_ago(1), smtp=mails.server) as hub, delivering_hub(hub):
        with database.worker.begin() as connection:
            add_principal(connection, "avis", "system")
            asked = request_agreement(
                connection, AUTHORITY, "avis", "receive", ["alert.*"], by="one", max_sensitivity="public"
            )
            approve_agreement(connection, asked, by="another")
            principal = principal_named(connection, "avis")
        one = subscribed(hub, principal, "avis@example.dk", ["alert.*"], way="email")
        alerts(hub, "opened", [1])
        settle(hub, one, 1)
        hub.clock.move(GROUP_WAIT + SECOND)  # type: ignore[attr-defined]
        alerts(hub, "opened", [2])
        settle(hub, one, 2)
        assert mails.caught == []


def test_mail_goes_to_one_plain_address(database: Database) -> None:
    """Anything else is refused when it is subscribed to, before a mail is written."""
    with a_hub(database, long_ago(1)) as hub:
        principal = subscriber(hub, "vagt", ["alert.*"])
        for address in ("a@[1", "a@b.dk, c@d.dk", "A <a@b.dk>", "a@b.dk\nBcc: c@d.dk", "@", "a b@c.dk"):
            with pytest.raises(Invalid):
                subscribed(hub, principal, address, ["alert.*"], way="email")
