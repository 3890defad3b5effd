"""Where webhooks may go, as far as addresses and names say it."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

import httpcore
import pytest

from consumers.deliveries.guard import Guard, GuardedNetwork
from kernel.errors import Invalid

PUBLIC = "93.184.215.14"
WITHIN = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",  # noqa: S104 - refused
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::7f00:1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "64:ff9b::a00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:a00:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", WITHIN)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    """Private, link-local, metadata, multicast, reserved, and IPv6 forms that carry such an IPv4 address."""
    with pytest.raises(Invalid):
        Guard().require(ip_address(address), plain=False)


@pytest.mark.parametrize("address", [PUBLIC, "::ffff:93.184.215.14", "64:ff9b::5db8:d70e", "2606:2800:220:1::1"])
def test_a_public_address_is_reached(address: str) -> None:
    """Also where IPv6 carries it."""
    Guard().require(ip_address(address), plain=False)


@pytest.mark.parametrize(
    "address",
    [
        "https://2852039166/",
        "https://0251.0376.0251.0376/",
        "https://0xa9fea9fe/",
        "https://169.254.43518/",
        "https://0xa9.254.169.254/",
        "https://127.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1:8443/",
        "http://example.com/",
        "ftp://example.com/",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "https:///path",
        "https://example.com:0/",
        "https://example.com:70000/",
        "//example.com",
        "not an address",
    ],
)
def test_an_address_that_hides_where_it_goes_is_refused(address: str) -> None:
    """Decimal, octal and hexadecimal hosts, users, fragments, and whatever is no https."""
    with pytest.raises(Invalid):
        Guard().url(address)


def test_a_name_is_written_as_the_network_takes_it() -> None:
    """Danish letters become IDNA."""
    assert Guard().url("https://modtager.kommune-ærø.dk/hook").raw_host == b"modtager.xn--kommune-r-n3a3r.dk"


def test_networks_of_ones_own_are_allowed_by_name() -> None:
    """Over http too, but only these."""
    guard = Guard.allowing(["10.20.0.0/16", "127.0.0.0/8"])
    assert guard.url("http://127.0.0.1:8099/hook").port == 8099
    guard.require(ip_address("10.20.3.4"), plain=True)
    for address in ("10.21.0.1", PUBLIC):
        with pytest.raises(Invalid):
            guard.require(ip_address(address), plain=True)
    with pytest.raises(Invalid):
        Guard.allowing(["10.20.0.0/8"])


class Connected(Exception):
    pass


class NowhereElse(httpcore.AsyncNetworkBackend):
    """Says where it was asked to connect to."""

    async def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        raise Connected(host)


def connecting(answers: Sequence[Sequence[str]], *, plain: bool = False) -> str:
    """Where a connection to a name goes that resolves to each of the answers in turn."""
    turns = iter(answers)

    async def resolver(host: str, port: int) -> Sequence[str]:
        return next(turns)

    network = GuardedNetwork(Guard(), resolver, plain, NowhereElse())
    with pytest.raises(Connected) as reached:
        asyncio.run(network.connect_tcp("receiver.example", 443))
    return str(reached.value)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that answers otherwise the second time (DNS rebinding) is not asked a second time."""
    assert connecting([[PUBLIC], ["127.0.0.1"]]) == PUBLIC


def test_one_closed_address_of_a_name_closes_it() -> None:
    """Else the next connection might go there."""
    with pytest.raises(Invalid):
        connecting([[PUBLIC, "169.254.169.254"]])


def test_a_name_that_was_allowed_is_checked_again_at_the_connection() -> None:
    """Whatever it led to when the subscription was made."""
    Guard().url("https://receiver.example/hook")
    with pytest.raises(Invalid):
        connecting([["127.0.0.1"]])
