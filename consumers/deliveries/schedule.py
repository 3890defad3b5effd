"""When a delivery is tried again, and what an answer means; pure.

Source: Standard Webhooks 1.0.0, "Deliverability and reliability": the schedule, 410, 429 and 5xx, Retry-After.
"""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Literal

SCHEDULE_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each attempt, counted from the one before: 0, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h."""
JITTER = 0.1
"""An attempt comes up to this share of its wait later, so that subscribers do not all come back at once."""
LONGEST_WAIT = timedelta(hours=24)
"""What a receiver may ask for by Retry-After."""
THROTTLED = (429, 502, 503, 504)

Verdict = Literal["delivered", "gone", "later"]


def verdict(status: int) -> Verdict:
    """What the receiver's status says: 2xx alone is success, a redirect is none, 410 ends the subscription."""
    if 200 <= status < 300:
        return "delivered"
    return "gone" if status == 410 else "later"


def next_attempt(failed: int, webhook_id: str, now: datetime, retry_after: timedelta | None = None) -> datetime | None:
    """When to try again after `failed` attempts; None when the schedule is over.

    The jitter is made of the id, so that it is the same in every process. A receiver that asks for more time gets it.
    """
    if failed >= len(SCHEDULE_S):
        return None
    wait = timedelta(seconds=SCHEDULE_S[failed] * (1 + JITTER * _share(webhook_id, failed)))
    return now + max(wait, min(retry_after or timedelta(), LONGEST_WAIT))


def retry_after(status: int, stated: str | None, now: datetime) -> timedelta | None:
    """How long the receiver asks to be left alone: seconds or an HTTP date; None when it says nothing readable."""
    if status not in THROTTLED or not stated:
        return None
    if stated.strip().isascii() and stated.strip().isdecimal():
        return min(timedelta(seconds=int(stated.strip()[:9])), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(stated)
    except (ValueError, OverflowError):
        return None
    return max(at - now, timedelta()) if at.tzinfo else None


def _share(webhook_id: str, failed: int) -> float:
    """A number from 0 up to 1 that is the same for the same attempt."""
    return blake2b(f"{webhook_id}:{failed}".encode(), digest_size=1).digest()[0] / 256
