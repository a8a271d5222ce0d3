"""Calls that the service makes to addresses which others gave it: to public hosts only.

A name is resolved here, every address it has must be public, and the connection goes to the
address that was looked at: so a name cannot point elsewhere a moment later. No redirect is
followed, no proxy of the environment is used. Where the operator names hosts or networks
(DIACHISO_WEBHOOK_HOSTS), these may be called too, and without TLS.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext, create_default_context
from typing import Self
from urllib.parse import SplitResult, urlsplit

import httpx2

from diachiso.address.errors import WebhookRefused

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = {"https": 443, "http": 80}
LONGEST_URL = 2_000
CONNECT_S, ANSWER_S = 5.0, 15.0
TRANSLATED = tuple(
    ipaddress.ip_network(one)
    for one in (
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
    )
)
"""IPv6 networks whose addresses hold an IPv4 address: where they lead to is not plain."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator lets be called although it is not public."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read hosts, addresses and networks (10.0.0.0/8), separated by commas."""
        hosts, networks = set(), []
        for part in filter(None, (one.strip().lower() for one in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(part, strict=False))
            except ValueError:
                hosts.add(part.rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def names(self, host: str) -> bool:
        """Did the operator name this host?"""
        return host in self.hosts

    def holds(self, address: IP) -> bool:
        """Does it lie in a network that the operator named?"""
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: the address that was looked at, under the name that was asked for."""

    scheme: str
    host: str
    port: int
    address: str
    rest: str

    @property
    def url(self) -> str:
        """The URL by address."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{address}:{self.port}{self.rest}"

    @property
    def asked_for(self) -> str:
        """The header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str, allowed: Allowed) -> Target:
    """Where a URL leads, if it may be called.

    Raises:
        WebhookRefused: says why not.
    """
    parts, host, port = _parts(url)
    addresses = _resolved(host, port)
    free = allowed.names(host) or all(allowed.holds(one) for one in addresses)
    if parts.scheme != "https" and not free:
        raise WebhookRefused(
            f"{url}: cần https. / https is needed, but for hosts that the operator names."
        )
    for one in addresses:
        if not (free or allowed.holds(one) or is_public(one)):
            raise WebhookRefused(
                f"{host}: không phải máy chủ công cộng ({one}). / not a public host ({one}): an "
                "operator may allow it by DIACHISO_WEBHOOK_HOSTS."
            )
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, str(addresses[0]), rest)


def _parts(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode().lower()
        port = parts.port or PORTS.get(parts.scheme, 0)
    except (ValueError, UnicodeError):
        raise WebhookRefused(f"{url!r}: không phải URL. / not a URL.") from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not (plain and host and port and parts.scheme in PORTS):
        raise WebhookRefused(f"{url!r}: cần URL https. / an https URL is needed.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise WebhookRefused(
            f"{host}: URL không được có tên, mật khẩu hay #. / no user, password or # in the URL."
        )
    return parts, host, port


def _resolved(host: str, port: int) -> list[IP]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WebhookRefused(f"{host}: không có tên này. / no such host.") from None
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def is_public(address: IP) -> bool:
    """May anybody be reached there? Not ourselves, our neighbours, or a cloud's metadata."""
    if isinstance(address, ipaddress.IPv6Address) and any(address in net for net in TRANSLATED):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def post(
    target: Target, body: bytes, headers: Mapping[str, str], tls: SSLContext | None = None
) -> httpx2.Response:
    """Send, and return the answer without its body.

    Raises:
        httpx2.HTTPError: nobody answered, or not in time.
    """
    with (
        httpx2.Client(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(ANSWER_S, connect=CONNECT_S),
            verify=tls or create_default_context(),
        ) as client,
        client.stream(
            "POST",
            target.url,
            content=body,
            headers={**headers, "host": target.asked_for},
            extensions={"sni_hostname": target.host},
        ) as answer,
    ):
        return answer
