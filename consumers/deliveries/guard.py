"""Where webhooks may go: to public addresses only, whatever a name says when it is asked again.

Every address of a name is checked and the connection goes to a checked one, so that a name which changes its answer
between the check and the connection (DNS rebinding) gains nothing. TLS and `Host` keep the name. Nothing is redirected,
and no proxy of the environment is used.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore
import httpx

from kernel.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The port of names: host and port to addresses as text."""

CARRIED = {
    ip_network("64:ff9b::/96"): 0,  # NAT64, RFC 6052
    ip_network("2002::/16"): 80,  # 6to4, RFC 3056
}
"""IPv6 networks that carry an IPv4 address, and how many bits stand after it."""
CLOSED: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # shared by carriers, RFC 6598
            "168.63.129.16/32",  # a cloud's own services for its machines
            "192.0.0.0/24",  # protocol assignments, RFC 6890
            "192.88.99.0/24",  # 6to4 relays, RFC 7526
            "::/96",  # IPv4-compatible, RFC 4291
            "64:ff9b:1::/48",  # local NAT64, RFC 8215
            "2001::/32",  # Teredo, RFC 4380
            "fec0::/10",  # site-local, RFC 3879
        ),
    )
)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|\d+)", re.IGNORECASE)
_HINT = "webhooks go to public addresses; SAMSPIL_WEBHOOK_ALLOW names networks of your own that may be reached"


@dataclass(frozen=True)
class Guard:
    """What may be reached: public addresses over https, and over http too what stands in `allow`."""

    allow: tuple[Network, ...] = ()

    @classmethod
    def allowing(cls, networks: Iterable[str]) -> "Guard":
        """Raises Invalid for what is no network."""
        try:
            return cls(tuple(ip_network(each) for each in networks))
        except ValueError as error:
            raise Invalid(f"this is no network: {error}", hint="write it as 10.20.0.0/16") from None

    def url(self, address: str) -> httpx.URL:
        """The address as a URL. Raises Invalid for any that a webhook never goes to, as far as it says by itself."""
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Invalid(f"the address is no URL: {error}") from None
        if url.scheme != "https" and not (url.scheme == "http" and self.allow):
            raise Invalid("a webhook's address begins with https://")
        if url.userinfo or url.fragment or not url.host:
            raise Invalid("a webhook's address has a host, and neither a user nor a fragment")
        if url.port is not None and not 0 < url.port < 65_536:
            raise Invalid(f"{url.port} is no port")
        if (literal := _literal(url.host)) is not None:
            self.require(literal, plain=url.scheme == "http")
        return url

    def require(self, address: Address, *, plain: bool) -> None:
        """Raises Invalid unless it may be reached; over http (`plain`) only what is allowed by name."""
        for each in _meant(address):
            listed = any(each.version == network.version and each in network for network in self.allow)
            if not listed and (plain or not _public(each)):
                raise Invalid(f"{address} may not be reached", hint=_HINT)


def _literal(host: str) -> Address | None:
    """The address a host is written as, None for a name. Raises Invalid for numbers that only some read as addresses.

    `2852039166`, `0251.0376.0251.0376` and `0xa9fea9fe` are all 169.254.169.254 to some resolvers. Source: WHATWG URL,
    a host whose last label is a number is an IPv4 address; only the form of four plain decimals is taken.
    """
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        pass
    if _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise Invalid(f"the host {host} is a number and no plain address")
    return None


def _meant(address: Address) -> tuple[Address, ...]:
    """Where a packet to the address ends up: the IPv4 address that an IPv6 one carries, else itself."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    for network, after in CARRIED.items():
        if address in network:
            return (IPv4Address(int(address) >> after & 0xFFFF_FFFF),)
    return (address,)


def _public(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not any(address.version == network.version and address in network for network in CLOSED)
    )


@dataclass
class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connections to checked addresses only."""

    guard: Guard
    resolver: Resolver
    plain: bool = False
    _inner: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises Invalid when any of the host's addresses may not be reached, ConnectError when none answers."""
        literal = _literal(host)
        found = [literal] if literal else [ip_address(each) for each in await self.resolver(host, port)]
        for address in found:
            self.guard.require(address, plain=self.plain)
        for number, address in enumerate(found, 1):
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                if number == len(found):
                    raise
        raise httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
