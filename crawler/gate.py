"""The one gate for addresses that are fetched from portals: every way to fetch asks it, at every hop.

Two questions, because a name says nothing of where it leads: may this address be asked for at all
(:func:`check_address`: scheme, host, port, spelling), and may this IP address be connected to
(:func:`check_ip`, or :func:`resolve` where the caller connects itself). Whoever connects must connect to the very
IP address that was checked: asking for the name again gives a hostile name server another answer (DNS rebinding).

Scrapy asks it through crawler.guard. No network but in :func:`resolve`, and light to import.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.addresses import USUAL_PORTS, allowed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PLAIN_AUTHORITY = re.compile(r"[A-Za-z0-9._-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|\d+)(?:\.(?:0[xX][0-9A-Fa-f]*|\d+)){0,3}")
# Ports of other services: a browser opens none of them either (Fetch standard, "bad port").
_OTHER_SERVICES = frozenset(
    {1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
     109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
     526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
     3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)  # fmt: skip
_CARRIERS = (
    (ipaddress.ip_network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052): the IPv4 address in the last 32 bits
    (ipaddress.ip_network("::ffff:0:0:0/96"), 0),  # translated (RFC 2765)
    (ipaddress.ip_network("::/96"), 0),  # IPv4-compatible (RFC 4291, 2.5.5.1), long out of use
    (ipaddress.ip_network("2002::/16"), 80),  # 6to4 (RFC 3056): after the first 16 bits
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # the only part of IPv6 that IANA gives out (RFC 4291, 2.4)


class Refused(Exception):
    """The address must not be fetched; ``word`` is the problem word for it (crawler.records.Capture)."""

    word = "off_site"


class OffSite(Refused):
    """The address lies on a host that is not registered, or is spelled so that no one can tell where it leads."""

    word = "off_site"


class PrivateAddress(Refused):
    """The address is, or leads to, one that is not of the open Internet, and those are not allowed."""

    word = "private_address"


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate of one portal: ``hosts`` of its definition, and whether the operator allowed private addresses."""

    hosts: tuple[str, ...]
    allow_private: bool = False

    def check(self, address: str) -> None:
        """As :func:`check_address`."""
        check_address(address, self.hosts, self.allow_private)

    def resolve(self, address: str) -> tuple[str, ...]:
        """The IP addresses of a checked address's host, as :func:`resolve`. Raises as both checks do."""
        self.check(address)
        parts = urlsplit(address)
        return resolve(parts.hostname or "", parts.port or USUAL_PORTS[parts.scheme], self.allow_private)


def check_address(address: str, hosts: Iterable[str], allow_private: bool = False) -> None:
    """Whether an address may be asked for: each address before it is fetched, and each hop of a redirect.

    Raises OffSite where it is not http or https, lies on none of ``hosts`` (``name`` allows the ports of web
    servers, ``name:port`` that port alone), names a user, or spells its host unusually (dot at the end, zone,
    backslash, control characters); PrivateAddress where its host is an IP address, in whatever spelling, that is
    not public.
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise OffSite(f"{address!r} is no web address") from error
    if any(character <= " " or character == "\x7f" for character in address):
        raise OffSite(f"{address!r} holds blanks or control characters")
    if "@" in parts.netloc:
        raise OffSite(f"{address} names a user")
    if parts.scheme not in USUAL_PORTS or not _PLAIN_AUTHORITY.fullmatch(parts.netloc) or host.endswith("."):
        raise OffSite(f"{address} is no plain web address")
    hosts = tuple(hosts)
    if not allowed(address, hosts):
        raise OffSite(f"{address} is not on a registered host")
    if port in _OTHER_SERVICES and f"{host}:{port}" not in hosts:
        raise OffSite(f"{address} names the port of another service")
    number = literal_number(host)
    if number is not None:
        check_ip(str(number), host, allow_private)


def check_ip(ip: str, name: str, allow_private: bool = False) -> None:
    """Whether this IP address may be connected to for the host ``name``. Raises PrivateAddress."""
    if not allow_private and not is_public(ip):
        raise PrivateAddress(f"{name} leads to the private address {ip}")


def resolve(host: str, port: int, allow_private: bool = False) -> tuple[str, ...]:
    """The IP addresses of a host, each checked; connect to one of them and to nothing else. Blocks.

    Raises PrivateAddress where any is private (a name that leads to both is no honest one), OSError where there
    are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    for ip in addresses:
        check_ip(ip, host, allow_private)
    return addresses


def is_public(ip: str) -> bool:
    """Whether an IP address is one of the open Internet: not private, loopback, link-local, shared or reserved.

    An IPv6 address that carries an IPv4 address is public where that one is.
    """
    number = ipaddress.ip_address(ip.partition("%")[0])
    carried = list(_carried(number))
    if carried:
        return all(one.is_global and not one.is_multicast for one in carried)
    if isinstance(number, ipaddress.IPv6Address) and number not in _GLOBAL_UNICAST:
        return False
    return number.is_global and not number.is_multicast and not number.is_reserved


def literal_number(host: str) -> Address | None:
    """The IP address a host is, in any spelling that connects (``0x7f.1``, ``2130706433``), None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    if not _NUMBER.fullmatch(host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _carried(number: Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses inside an IPv6 address."""
    if not isinstance(number, ipaddress.IPv6Address):
        return
    if number.ipv4_mapped is not None:
        yield number.ipv4_mapped
        return
    for network, shift in _CARRIERS:
        if number in network:
            yield ipaddress.IPv4Address((int(number) >> shift) & 0xFFFFFFFF)
            return
