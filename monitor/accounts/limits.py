"""How often somebody may try to log in: after some failures a name, or an address, has to wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

SPAN = timedelta(minutes=15)
"""Failures count for so long."""
OF_A_NAME, OF_AN_ADDRESS = 5, 40
"""So many failures within :data:`SPAN` lock a name, or an address (an office has one for all its people)."""


def locked_until(failures: Iterable[datetime], limit: int, now: datetime) -> datetime | None:
    """Until when (aware) nobody is let in after these failures; None where trying is allowed."""
    recent = sorted(at for at in failures if now - SPAN < at <= now)
    return recent[-limit] + SPAN if len(recent) >= limit else None


def counted_as(address: str) -> str:
    """As whose a failure from an address counts: of IPv6 the network of 64 bits, which one household has whole."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
