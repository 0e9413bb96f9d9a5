"""Where a crawl may go: to the hosts of the portal's definition, and never to private addresses.

Every hop is checked, redirects included. Names are checked when they are resolved, so that the address that is
judged is the address that is connected to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.addresses import allowed, is_public, literal_ip

HOSTS_SETTING = "NIANBAO_HOSTS"
PRIVATE_SETTING = "NIANBAO_ALLOW_PRIVATE_ADDRESSES"

private_names: set[str] = set()
"""Names that this process found to lead to private addresses."""


class OffSite(IgnoreRequest):
    """The address lies on a host that is not registered, or leads to a private address."""


class HostGuard:
    """Downloader middleware: drops requests to hosts that the definition does not name."""

    def __init__(self, hosts: Sequence[str], allow_private: bool) -> None:
        self.hosts = tuple(hosts)
        self.allow_private = allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Reads the hosts from the run's settings."""
        return cls(crawler.settings.getlist(HOSTS_SETTING), crawler.settings.getbool(PRIVATE_SETTING))

    def process_request(self, request: Request) -> None:
        """Raises OffSite for an address that must not be visited."""
        if not allowed(request.url, self.hosts):
            raise OffSite(f"{request.url} is not on a registered host")
        ip = literal_ip(request.url)
        if ip is not None and not self.allow_private and not is_public(ip):
            raise OffSite(f"{request.url} is a private address")


class GuardedResolver(CachingThreadedResolver):
    """Resolves names, and refuses those that lead to private addresses."""

    allow_private = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Reads from the run's settings whether private addresses are allowed."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.allow_private = crawler.settings.getbool(PRIVATE_SETTING)
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """The address of a name; fails with DNSLookupError where it is private."""
        found = super().getHostByName(name, timeout)
        return found if self.allow_private else found.addCallback(self._refuse_private, name)

    @staticmethod
    def _refuse_private(ip: str, name: str) -> str:
        if not is_public(ip):
            private_names.add(name)
            raise DNSLookupError(f"{name} leads to the private address {ip}")
        return ip
