"""Who may read `/metrics`, which counts the alerts, amounts at stake, workflows and tasks of every authority."""

import hmac
from collections.abc import Mapping

from kernel.errors import Forbidden, Unauthenticated

from .settings import EXPLAINED, Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Addresses on which this machine alone reaches the hub."""
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-proto")
"""What a proxy adds to a call that it brings from elsewhere."""


def require_scraper(settings: Settings, headers: Mapping[str, str]) -> None:
    """Let a call through that carries the metrics key; where there is none, one that comes from this machine.

    Raises Unauthenticated for no key or a wrong one, Forbidden where none is set and the call may come from elsewhere.
    """
    if settings.metrics_key:
        if not hmac.compare_digest(_sent(headers), settings.metrics_key):
            raise Unauthenticated(
                "the metrics key did not come with the request",
                hint="send SAMSPIL_METRICS_KEY as `Authorization: Bearer ...`; a source's API key is another",
            )
    elif settings.host not in LOOPBACK or any(name in headers for name in FORWARDED):
        raise Forbidden(
            "others than this machine may read metrics with a key only, and SAMSPIL_METRICS_KEY is not set",
            hint=f"SAMSPIL_METRICS_KEY: {EXPLAINED['SAMSPIL_METRICS_KEY']}",
        )


def _sent(headers: Mapping[str, str]) -> bytes:
    scheme, _, key = headers.get("authorization", "").strip().partition(" ")
    return key.strip().encode() if scheme.lower() == "bearer" else b""
