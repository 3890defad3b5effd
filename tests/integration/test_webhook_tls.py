"""Webhooks over TLS: the connection goes to the checked address, the certificate is asked for by the name."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpcore
import pytest

from consumers.deliveries import webhook
from consumers.deliveries.guard import Guard, GuardedNetwork
from consumers.deliveries.reading import Page
from consumers.deliveries.subscriptions import Subscription
from consumers.deliveries.turns import Result, Turn
from consumers.deliveries.webhook import Webhooks
from kernel.clock import SystemClock
from tests.support.delivering import AUTHORITY, LOOPBACK
from tests.support.events import event
from tests.support.needs import missing
from tests.support.receiver import receiving

NAME = "receiver.example"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of `NAME` that signs itself, and its key."""
    if not (openssl := shutil.which("openssl")):
        missing("no openssl to make a certificate with")
    made = tmp_path / "certificate.pem", tmp_path / "key.pem"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1")
    named = ("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}")
    command = [openssl, "req", "-x509", *curve, *named, "-out", str(made[0]), "-keyout", str(made[1])]
    subprocess.run(command, check=True, capture_output=True)
    return made


def delivered(address: str, trusted: Path | None, guard: Guard) -> Result:
    """One attempt to an address, whose name leads to this machine."""

    async def resolver(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async def attempt() -> Result:
        tls = ssl.create_default_context(cafile=trusted) if trusted else None
        sender = Webhooks(guard, b"key", SystemClock(), resolver, tls)
        one = Subscription("s1", AUTHORITY, "p1", "bi", ("*",), "webhook", address, 1, None, "active", "")
        happened = (event("organisation.unit-stated", "x", position=1),)
        try:
            (result,) = await sender.deliver(Turn(one, "me", 0, Page(happened, 1), happened, frozenset()))
        finally:
            await sender.close()
        return result

    return asyncio.run(attempt())


def test_the_certificate_is_that_of_the_name(certificate: tuple[Path, Path]) -> None:
    """Not of the address, and the receiver is told the name; one that nobody trusts, or of another name, is none."""
    allowed = Guard.allowing(LOOPBACK)
    with receiving(certificate) as receiver:
        port = receiver.url.rpartition(":")[2].partition("/")[0]
        address = f"https://{NAME}:{port}/hook"
        assert delivered(address, certificate[0], allowed).delivered
        assert receiver.log[0].headers["host"] == f"{NAME}:{port}"
        assert not delivered(address, None, allowed).delivered
        assert not delivered(f"https://other.example:{port}/hook", certificate[0], allowed).delivered
        assert len(receiver.log) == 1


def test_a_name_that_leads_inside_is_refused_before_a_connection(certificate: tuple[Path, Path]) -> None:
    """Whatever it led to when the subscription was made."""
    with receiving(certificate) as receiver:
        port = receiver.url.rpartition(":")[2].partition("/")[0]
        result = delivered(f"https://{NAME}:{port}/hook", certificate[0], Guard())
        assert (result.delivered, result.status) == (False, None)
        assert "127.0.0.1 may not be reached" in result.note
        assert receiver.log == []


def test_without_a_check_at_the_connection_a_rebound_name_leads_inside(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check of the address when the subscription is made is not enough: the name leads elsewhere afterwards."""

    class Unguarded(GuardedNetwork):
        async def connect_tcp(self, host: str, port: int, *rest: Any, **named: Any) -> httpcore.AsyncNetworkStream:
            (found,) = await self.resolver(host, port)
            return await self._inner.connect_tcp(found, port, *rest, **named)

    monkeypatch.setattr(webhook, "GuardedNetwork", Unguarded)
    with receiving(certificate) as receiver:
        port = receiver.url.rpartition(":")[2].partition("/")[0]
        address = f"https://{NAME}:{port}/hook"
        Guard().url(address)
        assert delivered(address, certificate[0], Guard()).delivered
        assert len(receiver.log) == 1
