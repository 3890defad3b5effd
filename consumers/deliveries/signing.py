"""What a receiver knows us by: Standard Webhooks 1.0.0 headers, made with a secret of the subscription's own.

A secret is stored nowhere: it is derived from the hub's key, the subscription's id and a number that goes up when it is
rotated. Whoever has the key can make them all. With `SAMSPIL_WEBHOOK_KEY` a copy of the database signs nothing; else
the key is kept there, seen by the worker alone, and in its backups. Another key changes every secret at once.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from kernel.ids import derived_id
from schemas.envelope import Event

OVERLAP = timedelta(hours=24)
"""How long the secret before signs too after a rotation."""


def webhook_id(event: Event) -> str:
    """The lasting id of a delivery: the event's identity, the same at every attempt and in every replay."""
    return derived_id("webhook", event.authority, event.source, event.id)


def secret(key: bytes, subscription: str, number: int) -> bytes:
    """The 32 bytes that sign for a subscription; `number` counts its secrets from 1."""
    return hmac.new(key, f"samspil-webhook-secret:{subscription}:{number}".encode(), sha256).digest()


def shown(value: bytes) -> str:
    """A secret as receivers' libraries take it: `whsec_` and base64."""
    return f"whsec_{b64encode(value).decode()}"


def secrets_at(
    key: bytes, subscription: str, number: int, rotated: datetime | None, now: datetime
) -> tuple[bytes, ...]:
    """The secrets that sign now: the newest first, and for a day after a rotation the one before."""
    newest = secret(key, subscription, number)
    if rotated is None or now - rotated > OVERLAP:
        return (newest,)
    return (newest, secret(key, subscription, number - 1))


def signed_headers(id_: str, now: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` and `webhook-signature`, signed over `id.timestamp.body`."""
    stamp = str(int(now.timestamp()))
    said = f"{id_}.{stamp}.".encode() + body
    signatures = [f"v1,{b64encode(hmac.new(each, said, sha256).digest()).decode()}" for each in secrets]
    return {"webhook-id": id_, "webhook-timestamp": stamp, "webhook-signature": " ".join(signatures)}
