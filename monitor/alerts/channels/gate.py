"""The gate for addresses that messages are posted to: where they may lead, decided once and then kept.

A webhook's address comes from configuration, but what its name resolves to does not: without this gate a changed
name record would make us post into the machine's own network.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

import httpx2

from monitor.alerts.channels import NotDelivered
from monitor.alerts.wording import say
from monitor.language import N_, spoken_language

_PORTS = {"http": 80, "https": 443}
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: carries an IPv4 address in its last 32 bits
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: what to connect to, under which name (as on the wire). ``addresses`` in order."""

    url: httpx2.URL
    name: str
    addresses: tuple[str, ...]


def check(address: str, *, allow_private: bool) -> Target:
    """Resolves the host of ``address`` once and checks where it leads.

    Raises NotDelivered where it is no http(s) address, names a user, does not resolve, or leads to an address that
    is not public while ``allow_private`` is off.
    """
    try:
        url = httpx2.URL(address)
    except (httpx2.InvalidURL, ValueError) as error:
        raise _refused(N_("地址写法不对；请改正配置")) from error
    if url.port is not None and not 0 < url.port < 65536:
        raise _refused(N_("地址写法不对；请改正配置"))
    if url.scheme not in _PORTS or not url.host:
        raise _refused(N_("地址必须以 http:// 或 https:// 开头；请改正配置"))
    if url.userinfo:
        raise _refused(N_("地址里不能写用户名和密码：{address}；请改正配置"), url.host)
    name = url.raw_host.decode("ascii")
    try:
        found = socket.getaddrinfo(name, url.port or _PORTS[url.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _refused(N_("找不到主机 {address}；请检查域名和网络"), url.host) from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    if not allow_private and not all(is_public(ipaddress.ip_address(each)) for each in addresses):
        raise _refused(
            N_("{address} 指向内网或本机地址，未发送；确属内部接收端时，请给该渠道设置 allow_private_addresses"),
            url.host,
        )
    return Target(url, name, addresses)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public network, also where it is wrapped into another one."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if wrapped is None and address in _TRANSLATED:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(wrapped)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _refused(template: str, address: str = "") -> NotDelivered:
    # At most the host: the rest of an address is often the key of who may post there.
    return NotDelivered(say(template, {"address": address}, spoken_language()))
