"""Portals that fail together: one matter of the platform they share, not one of each portal.

Pure. A platform is a host that several portals stand on, a domain (the portals of a prefecture often run on one
machine under many names), or, where nearly everything fails the same way, our own way to the Internet.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.records import Outcome
from monitor.alerts.conditions import PortalHealth

TOGETHER = frozenset({Outcome.UNREACHABLE, Outcome.BLOCKED})
"""Outcomes that a platform brings about; a rebuilt list is a matter of each portal."""
FEWEST_ON_A_HOST = 2
FEWEST_IN_A_DOMAIN = 3
FEWEST_OF_ALL = 5
"""So many portals have to fail the same way before it is a matter of their platform (judgement)."""
SHARE_OF_A_PLATFORM = 0.5
SHARE_OF_ALL = 0.8
"""And so large a part of those that stand on it, or of all that are crawled (judgement)."""
EVERYTHING = "*"
_PUBLIC = frozenset({"com", "net", "org", "gov", "edu", "ac", "mil"})


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that fails: its key (a host, ``*.`` and a domain, or ``*``), the portals, all failing alike."""

    key: str
    outcome: Outcome
    portals: tuple[PortalHealth, ...]


def failing_platforms(portals: Collection[PortalHealth]) -> list[Platform]:
    """The platforms that fail at this moment; each failing portal belongs to one of them at most, the widest."""
    in_use = [portal for portal in portals if portal.in_use and portal.last_outcome is not None]
    standing = _by_key(in_use)
    found: list[Platform] = []
    for outcome in sorted(TOGETHER):
        failing = [portal for portal in in_use if portal.last_outcome is outcome]
        taken: set[str] = set()
        groups = _by_key(failing)
        for key in sorted(groups, key=_width):
            members = [portal for portal in groups[key] if portal.portal_id not in taken]
            if key.startswith("*.") and any(groups[host] == groups[key] for host in groups if host[0] != "*"):
                # All of the domain that fails stands on one host: that host is the platform.
                continue
            if len(members) >= _fewest(key) and len(members) >= _share(key) * len(standing[key]):
                found.append(Platform(key, outcome, tuple(members)))
                taken |= {portal.portal_id for portal in members}
    return found


def keys_of(portal: PortalHealth) -> set[str]:
    """The keys of all platforms that a portal may stand on."""
    hosts = set(portal.hosts)
    if portal.failed_request is not None:
        hosts.add(urlsplit(portal.failed_request.address).netloc.lower())
    return {EVERYTHING, *hosts, *(f"*.{domain}" for domain in map(_domain, hosts) if domain)}


def _by_key(portals: Iterable[PortalHealth]) -> Mapping[str, list[PortalHealth]]:
    groups: dict[str, list[PortalHealth]] = {}
    for portal in portals:
        for key in keys_of(portal):
            groups.setdefault(key, []).append(portal)
    return groups


def _width(key: str) -> tuple[int, str]:
    """Widest first: everything, a domain, a host."""
    return (0 if key == EVERYTHING else 1 if key.startswith("*.") else 2, key)


def _fewest(key: str) -> int:
    return (FEWEST_OF_ALL, FEWEST_IN_A_DOMAIN, FEWEST_ON_A_HOST)[_width(key)[0]]


def _share(key: str) -> float:
    return SHARE_OF_ALL if key == EVERYTHING else SHARE_OF_A_PLATFORM


def _domain(host: str) -> str | None:
    """The part of a host's name that one body registered: ``a.xx.gov.cn`` → ``xx.gov.cn``; None for a number."""
    name = re.sub(r":\d+$", "", host).strip("[]").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        labels = name.split(".")
    else:
        return None
    return ".".join(list(_tail(labels))) if len(labels) > 1 else None


def _tail(labels: list[str]) -> Iterator[str]:
    """``xx.gov.cn``, ``xx.cn``, ``xx.example``: the last two labels, three under a public suffix of two."""
    yield from labels[-3:] if len(labels) > 2 and labels[-2] in _PUBLIC else labels[-2:]
