"""When a mail about alerts goes out, and what it says; pure.

Alerts of one supplier, else of one rule, are told together: the first mail waits `GROUP_WAIT` for others to come, later
ones are `GROUP_INTERVAL` apart, and what stays open is told again after `REPEAT`. Source: Alertmanager, group_by,
group_wait, group_interval, repeat_interval, and its test for whether to notify (notify/dedup: the set has changed).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from hashlib import blake2b
from typing import NamedTuple

from kernel.clock import COPENHAGEN
from kernel.ids import derived_id
from kernel.masking import mask_message
from schemas.alerts import Finding

GROUP_WAIT = timedelta(seconds=30)
GROUP_INTERVAL = timedelta(minutes=5)
REPEAT = timedelta(hours=24)
MOST_LISTED = 20
"""Alerts that a mail writes out; it says how many more there are."""
NOTHING = ""
"""The hash of no alert at all."""
_SEVERITIES = {"block": "spærrer", "hold": "tilbageholder", "warn": "advarer", "info": "til orientering"}


class Told(NamedTuple):
    """What the last mail of a group told: when, and the hash of the alerts that were open then; `due` is the next."""

    at: datetime | None
    hash: str
    due: datetime | None = None


def group_of(finding: Finding, authority: str) -> str:
    """The group an alert is told in: its authority's supplier when it names one, else its rule; as a UUID."""
    supplier = next((each for each in finding.references if each.kind == "supplier"), None)
    if supplier is not None:
        return derived_id("mail-group", authority, "supplier", supplier.id or supplier.local_id or "")
    return derived_id("mail-group", authority, "rule", finding.rule)


def hash_of(firing: Collection[str]) -> str:
    """The same for the same set of alerts."""
    if not firing:
        return NOTHING
    return blake2b("\n".join(sorted(firing)).encode(), digest_size=16).hexdigest()


def notifies(told: Told, firing: Collection[str], now: datetime) -> bool:
    """Whether a mail goes out now: the set of open alerts is another, or it is long since those open were told."""
    if hash_of(firing) != told.hash:
        return True
    return bool(firing) and told.at is not None and now - told.at >= REPEAT


def due_at(told: Told, now: datetime) -> datetime:
    """When a group that has just changed is looked at. What else comes meanwhile does not put its first mail off."""
    if told.at is None:
        return told.due or now + GROUP_WAIT
    return max(now, told.at + GROUP_INTERVAL)


def message(
    *, sender: str, to: str, message_id: str, now: datetime, findings: Sequence[Finding], closed: bool
) -> EmailMessage:
    """A plain text mail in Danish. `findings` are the open alerts, or with `closed` none: they are all over."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Message-ID"] = f"<{message_id}@samspil>"
    mail["Date"] = now
    mail["Auto-Submitted"] = "auto-generated"
    mail["Subject"] = mask_message(_subject(findings, closed=closed))
    mail.set_content(mask_message("\n".join(_lines(findings, now, closed=closed))))
    return mail


def _subject(findings: Sequence[Finding], *, closed: bool) -> str:
    if closed:
        return "Samspil: advarslerne er lukket"
    about = _supplier(findings[0]) or findings[0].rule
    # Names come from documents that others wrote; what breaks lines or cannot be printed has no place in a header.
    printed = "".join(each if each.isprintable() else " " for each in about)
    return f"Samspil: {_counted(len(findings))} – {' '.join(printed.split())}"


def _lines(findings: Sequence[Finding], now: datetime, *, closed: bool) -> list[str]:
    at = now.astimezone(COPENHAGEN).strftime("%d.%m.%Y kl. %H.%M")
    if closed:
        return ["Der er ingen åbne advarsler længere i det, du tidligere fik besked om.", "", f"Opgjort {at}."]
    lines = [f"Der er {_counted(len(findings))}. Opgjort {at}.", ""]
    for finding in findings[:MOST_LISTED]:
        lines += _told(finding)
    if len(findings) > MOST_LISTED:
        lines.append(f"… og {len(findings) - MOST_LISTED} til. Alle kan ses i Samspil.")
    return lines


def _told(finding: Finding) -> list[str]:
    line = f", linje {finding.line_id}" if finding.line_id else ""
    lines = [
        f"* {finding.subject.name or finding.subject.id}{line}",
        f"  {finding.rule}: {_SEVERITIES[finding.severity]}",
    ]
    unit = f" {finding.unit}" if finding.unit else ""
    if finding.expected is not None:
        lines.append(f"  forventet: {finding.expected}{unit}")
    if finding.found is not None:
        lines.append(f"  fundet: {finding.found}{unit}")
    if (stake := finding.amount_at_stake) is not None:
        lines.append(f"  beløb på spil uden moms: {stake.amount} {stake.currency}")
    return [*lines, ""]


def _supplier(finding: Finding) -> str | None:
    return next((each.name or each.local_id for each in finding.references if each.kind == "supplier"), None)


def _counted(number: int) -> str:
    return "1 åben advarsel" if number == 1 else f"{number} åbne advarsler"
