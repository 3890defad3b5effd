"""Mails about alerts: what was announced is folded into groups, and a group's mail goes out when its turn comes.

Groups and what was last told stand in SQL, and a turn is held by one process: two that race send one mail. What was
sent and not noted is sent again, with the same Message-ID. No text of an alert is kept here.
"""

import smtplib
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from access.telling import Tell
from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from producers.store import read_at
from schemas.alerts import Decided, Finding, Silenced, values_hash
from schemas.catalogue import Catalogue
from schemas.envelope import Event

from .mail_rules import REPEAT, Told, due_at, group_of, hash_of, message, notifies
from .reading import REDACTED, Wanted, allowed, next_events, wanted
from .schedule import next_attempt
from .subscriptions import Subscription, of_row, pause
from .tables import DELIVERY, LOG, MAIL_ALERT, MAIL_GROUP
from .turns import HELD, Idle, Wait, locked, waits_until

PAGE = 1_000
"""Events that one transaction folds at most."""
TIMEOUT_S = 15.0
_ENDS = frozenset(
    product((f"dk.samspil.alert.{fact}.v1" for fact in ("resolved", "decided", "silenced")), ("internal", "personal"))
)
"""What ends an alert is heard whatever the agreement says: nothing of it but that is told."""


class MailAlert(NamedTuple):
    """An alert as a subscription knows it. `decided` is the hash of the values it was closed for; nothing is told of it
    up to the day `silenced`.
    """

    group: str
    position: int
    firing: bool
    decided: str | None = None
    silenced: date | None = None


@dataclass(frozen=True, slots=True)
class MailTurn:
    """A mail to be sent now. `firing` are the alerts it tells as open; none says that all are over."""

    subscription: Subscription
    holder: str
    attempt: int
    group: str
    number: int
    firing: frozenset[str]
    findings: tuple[Finding, ...]
    position: int

    def written(self, sender: str, now: datetime) -> EmailMessage:
        """The mail; its Message-ID is the same whenever this is sent again."""
        return message(
            sender=sender,
            to=self.subscription.address or "",
            message_id=derived_id("mail", self.subscription.id, self.group, self.number, hash_of(self.firing)),
            now=now,
            findings=self.findings,
            closed=not self.firing,
        )


@dataclass(frozen=True, slots=True)
class Mailer:
    """The mail server to hand mails to, as `host:port`, and who they are from. TLS when the server offers it."""

    server: str
    sender: str

    def send(self, mail: EmailMessage) -> str:
        """Hand one over; returns what went wrong, empty when nothing did."""
        host, _, port = self.server.rpartition(":")
        try:
            with smtplib.SMTP(host, int(port), timeout=TIMEOUT_S) as server:
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=ssl.create_default_context())
                server.send_message(mail)
        except (smtplib.SMTPException, OSError) as error:
            return f"the mail server did not take it: {type(error).__name__}"
        return ""


def take_mail(
    connection: Connection, id_: str, holder: str, *, catalogue: Catalogue, now: datetime
) -> MailTurn | Wait | Idle:
    """Fold what was announced since, and the subscription's next mail that is due, held for `holder`."""
    row = locked(connection, id_)
    if row is None or row.status != "active":
        return Idle(over=True)
    if waits := waits_until(row, holder, now):
        return Wait(waits)
    one = of_row(row)
    what = wanted(allowed(connection, one.principal, one.authority), one.authority, one.types, catalogue)
    if not what.pairs:
        return Idle()
    page = next_events(connection, what._replace(pairs=what.pairs | _ENDS), row.position, PAGE)
    _fold(connection, one, page.events, catalogue, now)
    _update(connection, id_, position=page.reached, holder=None)
    if len(page.events) == PAGE:
        return Wait(now)
    found = _due(connection, one, what, row.attempt, holder, now, catalogue)
    if isinstance(found, MailTurn):
        _update(connection, id_, holder=holder, held_until=now + HELD)
    return found


def note_mail(connection: Connection, turn: MailTurn, trouble: str, ms: int, *, now: datetime, tell: Tell) -> None:
    """Write down that a mail was sent, or what was wrong; then it is tried again by the schedule of webhooks."""
    one, attempts = turn.subscription, turn.attempt + 1
    connection.execute(
        LOG.insert().values(
            at=now, authority=one.authority, subscription=one.id, position=turn.position, attempt=attempts,
            outcome="failed" if trouble else "delivered", ms=ms, note=trouble,
        )
    )  # fmt: skip
    counted = DELIVERY.c.failed if trouble else DELIVERY.c.delivered
    _update(connection, one.id, **{counted.name: counted + 1})
    row = locked(connection, one.id)
    if row is None or row.holder != turn.holder:
        return
    if not trouble:
        _group(
            connection, one, turn.group, sent=now, sent_hash=hash_of(turn.firing),
            number=turn.number + 1, due=now + REPEAT if turn.firing else None,
        )  # fmt: skip
        _update(connection, one.id, attempt=0, due=None, holder=None)
        return
    due = next_attempt(attempts, turn.group, now)
    _update(connection, one.id, attempt=attempts, due=due, holder=None)
    if due is None and row.status == "active":
        pause(connection, one, trouble, by=None, attempts=attempts, tell=tell)


def folded(
    known: Mapping[str, MailAlert], events: Iterable[Event], catalogue: Catalogue
) -> tuple[dict[str, MailAlert], set[str]]:
    """The alerts after the events, and the groups in which other alerts are open than before; pure."""
    after, touched = dict(known), set[str]()
    for event in events:
        before = after.get(event.subject)
        newest, data = catalogue.upcast(event.type, event.payload)
        told = newest.model.model_validate(data)
        if event.type == REDACTED:
            after.pop(event.subject, None)
        elif isinstance(told, Decided):
            if before is not None:
                after[event.subject] = before._replace(firing=False, decided=told.values_hash)
        elif isinstance(told, Silenced):
            if before is not None:
                after[event.subject] = before._replace(silenced=told.until)
        elif isinstance(told, Finding):
            decided, silenced = (before.decided, before.silenced) if before else (None, None)
            firing = newest.fact != "resolved" and values_hash(told) != decided
            group = group_of(told, event.authority)
            after[event.subject] = MailAlert(group, event.position, firing, decided, silenced)
        now = after.get(event.subject)
        if _open(before) != _open(now):
            touched |= {each.group for each in (before, now) if each}
    return after, touched


def _open(alert: MailAlert | None) -> str | None:
    return alert.group if alert and alert.firing else None


def _fold(
    connection: Connection, one: Subscription, events: Sequence[Event], catalogue: Catalogue, now: datetime
) -> None:
    if not events:
        return
    mine = MAIL_ALERT.c.subscription == one.id
    subjects = sorted({event.subject for event in events})
    rows = connection.execute(select(MAIL_ALERT).where(mine, MAIL_ALERT.c.alert.in_(subjects)))
    known = {row.alert: MailAlert(row.group_key, row.position, row.firing, row.decided, row.silenced) for row in rows}
    after, touched = folded(known, events, catalogue)
    connection.execute(delete(MAIL_ALERT).where(mine, MAIL_ALERT.c.alert.in_(subjects)))
    written = [
        {
            "subscription": one.id, "authority": one.authority, "alert": alert, "group_key": each.group,
            "position": each.position, "firing": each.firing, "decided": each.decided, "silenced": each.silenced,
        }
        for alert, each in after.items()
    ]  # fmt: skip
    if written:
        connection.execute(MAIL_ALERT.insert(), written)
    for group in sorted(touched):
        told = _told(connection, one, group)
        _group(connection, one, group, due=due_at(told, now))


def _told(connection: Connection, one: Subscription, group: str) -> Told:
    found = connection.execute(
        select(MAIL_GROUP).where(MAIL_GROUP.c.subscription == one.id, MAIL_GROUP.c.group_key == group)
    ).first()
    return Told(found.sent, found.sent_hash, found.due) if found else Told(None, "")


def _due(
    connection: Connection,
    one: Subscription,
    what: Wanted,
    attempt: int,
    holder: str,
    now: datetime,
    catalogue: Catalogue,
) -> MailTurn | Wait | Idle:
    """The first group whose mail is due; groups that are due and have nothing new to tell are put off."""
    mine = MAIL_GROUP.c.subscription == one.id
    waiting = select(MAIL_GROUP).where(mine, MAIL_GROUP.c.due.is_not(None)).order_by(MAIL_GROUP.c.due).limit(100)
    for row in connection.execute(waiting).all():
        if row.due > now:
            return Wait(row.due)
        firing = connection.execute(
            select(MAIL_ALERT.c.alert, MAIL_ALERT.c.position, MAIL_ALERT.c.silenced)
            .where(MAIL_ALERT.c.subscription == one.id, MAIL_ALERT.c.group_key == row.group_key, MAIL_ALERT.c.firing)
            .order_by(MAIL_ALERT.c.position)
        ).all()
        today = now.astimezone(COPENHAGEN).date()
        heard = [each for each in firing if each.silenced is None or each.silenced < today]
        alerts = frozenset(each.alert for each in heard)
        if bool(heard) == bool(firing) and notifies(Told(row.sent, row.sent_hash), alerts, now):
            findings = _findings(connection, [each.position for each in heard], what, catalogue)
            if findings or not heard:
                last = max((each.position for each in heard), default=0)
                return MailTurn(one, holder, attempt, row.group_key, row.number, alerts, findings, last)
        again = (row.sent if heard and row.sent else now) + REPEAT
        _group(connection, one, row.group_key, due=again if firing else None)
    return Idle()


def _findings(
    connection: Connection, positions: Sequence[int], what: Wanted, catalogue: Catalogue
) -> tuple[Finding, ...]:
    """What the alerts say, as far as the agreement covers it now and the law has not emptied it."""
    found = []
    for event in read_at(connection, positions) if positions else []:
        if event.payload and (event.type, event.classification) in what.pairs:
            newest, data = catalogue.upcast(event.type, event.payload)
            found.append(newest.model.model_validate(data))
    return tuple(each for each in found if isinstance(each, Finding))


def _group(connection: Connection, one: Subscription, group: str, **values: Any) -> None:
    row = {"subscription": one.id, "authority": one.authority, "group_key": group, "sent_hash": "", "number": 0}
    connection.execute(
        insert(MAIL_GROUP)
        .values(**{**row, **values})
        .on_conflict_do_update(index_elements=["subscription", "group_key"], set_=values)
    )


def _update(connection: Connection, id_: str, **values: Any) -> None:
    connection.execute(DELIVERY.update().where(DELIVERY.c.subscription == id_).values(**values))
