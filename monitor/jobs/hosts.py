"""Which portals must take turns: those that share a host, and so those that share one with them.

A host is ``name``, which stands for all its ports, or ``name:port``, as in portal definitions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations

from crawler.portals.definition import PortalDefinition


def turns(portals: Iterable[PortalDefinition]) -> dict[str, str]:
    """For each portal (by id) the name of the turn it takes: the same for all that may not be visited at once."""
    root: dict[str, str] = {}

    def top(node: str) -> str:
        while root.setdefault(node, node) != node:
            node = root[node]
        return node

    def join(one: str, other: str) -> None:
        # The first name in order stands for all, so that it does not depend on the order of the definitions.
        first, second = sorted((top(one), top(other)))
        root[second] = first

    known = list(portals)
    whole = {host for portal in known for host in portal.hosts if not _port(host)}
    for portal in known:
        nodes = [*portal.hosts, *(name for name in map(_name, portal.hosts) if name in whole)]
        for node in nodes:
            top(node)
        for one, other in combinations(nodes, 2):
            join(one, other)
    return {portal.id: top(portal.hosts[0]) for portal in known}


def lock_keys(hosts: Collection[str]) -> Mapping[str, bool]:
    """What to hold for a visit to these hosts, and whether alone: ``name:port`` alone and its name with others."""
    wanted: dict[str, bool] = {}
    for host in hosts:
        name, port = _name(host), _port(host)
        wanted[name] = not port or wanted.get(name, False)
        if port:
            wanted[host] = True
    return dict(sorted(wanted.items()))


def _name(host: str) -> str:
    return re.sub(r":\d+$", "", host)


def _port(host: str) -> str:
    return host.removeprefix(_name(host)).removeprefix(":")
