"""Where a webhook may go: https addresses on the public internet, checked after resolving."""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]

_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9])?|[0-9a-f:.]{2,45}")
_NEVER = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "240.0.0.0/4", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
        "64:ff9b:1::/48", "::ffff:0:0:0/96", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""Blocks that some supported Python calls global, or that only a translator should see.

Source: IANA special-purpose address registries.
"""
_NAT64 = ip_network("64:ff9b::/96")
_IPV4_COMPATIBLE = ip_network("::/96")


class ForbiddenDestination(Exception):
    """The address is not one that a webhook may go to; the reason is stable and snake_case."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnresolvedDestination(Exception):
    """The name could not be looked up just now."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address that was checked: connect to one of `addresses`, ask for `host`, send `target`."""

    host: str
    port: int
    target: str
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """Return what the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


def private_hosts(setting: str) -> frozenset[str]:
    """Read a comma separated list of `host` and `host:port`."""
    return frozenset(name.strip().lower() for name in setting.split(",") if name.strip())


def resolve(url: str, *, private_hosts: frozenset[str], resolver: Resolver) -> Destination:
    """Look the address up once and return where to connect.

    Args:
        private_hosts: `host` or `host:port` of the company's own systems, exempt from the rules
            about ports and address ranges, never from https.

    Raises:
        ForbiddenDestination: it is malformed, not https, or leads inside.
        UnresolvedDestination: no answer from the name service.
    """
    host, port, target = _split(url)
    private = host in private_hosts or f"{host}:{port}" in private_hosts
    if port != 443 and not private:
        raise ForbiddenDestination("port_not_allowed")
    addresses = tuple(resolver(host, port))
    if not addresses:
        raise UnresolvedDestination(host)
    if not private and not all(is_public(address) for address in addresses):
        raise ForbiddenDestination("address_not_public")
    return Destination(host, port, target, addresses)


def _split(url: str) -> tuple[str, int, str]:
    if not url.isprintable() or " " in url or "\\" in url:
        raise ForbiddenDestination("malformed_url")
    try:
        parts = urlsplit(url)
        port = 443 if parts.port is None else parts.port
        host = (parts.hostname or "").rstrip(".")
        host = host if ":" in host else host.encode("idna").decode().lower()
    except ValueError as error:
        raise ForbiddenDestination("malformed_url") from error
    if parts.scheme != "https":
        raise ForbiddenDestination("not_https")
    if "@" in parts.netloc:
        raise ForbiddenDestination("userinfo_not_allowed")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _HOST.fullmatch(host) or not target.isascii():
        raise ForbiddenDestination("malformed_url")
    return host, port, target


def is_public(address: str) -> bool:
    """Tell whether the address, and every address hidden in it, is on the public internet."""
    try:
        return all(_is_public(each) for each in _unwrapped(ip_address(address)))
    except ValueError:
        return False


def _is_public(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in block for block in _NEVER if block.version == address.version)
    )


def _unwrapped(address: Address) -> Iterable[Address]:
    """Yield what traffic to the address would reach: an IPv4 mapped, tunnelled or translated."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            yield address.ipv4_mapped
            return
        if address.sixtofour:
            yield address.sixtofour
        if address in _NAT64 or address in _IPV4_COMPATIBLE:
            yield IPv4Address(int(address) & 0xFFFFFFFF)
    yield address


def look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver; an empty list means that it had no answer just now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
