"""Where a crawl may go: to the hosts of the portal's definition, and never to private addresses.

Every hop is checked, redirects included. Names are checked when they are resolved, so that the address that is
judged is the address that is connected to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from scrapy.robotstxt import RobotParser
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.addresses import allowed, is_public, literal_ip

HOSTS_SETTING = "NIANBAO_HOSTS"
PRIVATE_SETTING = "NIANBAO_ALLOW_PRIVATE_ADDRESSES"

private_names: set[str] = set()
"""Names that this process found to lead to private addresses."""


class OffSite(IgnoreRequest):
    """The address lies on a host that is not registered."""


class PrivateAddress(IgnoreRequest):
    """The address is a private one, and those are not allowed."""


class RobotsUnavailable(IgnoreRequest):
    """The host's robots.txt could not be had for an error of the server."""


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
        """Raises OffSite or PrivateAddress for an address that must not be visited."""
        if not allowed(request.url, self.hosts):
            raise OffSite(f"{request.url} is not on a registered host")
        ip = literal_ip(request.url)
        if ip is not None and not self.allow_private and not is_public(ip):
            raise PrivateAddress(f"{request.url} is a private address")


class CautiousRobots(RobotsTxtMiddleware):
    """Obeys robots.txt as Scrapy does, and visits no host whose robots.txt a server error hides.

    So says RFC 9309, 2.3.1.4: what cannot be had for an error of the server forbids everything.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.unavailable: set[str] = set()

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            self.unavailable.add(netloc)
        await super()._parse_robots(response, netloc, request)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises RobotsUnavailable, or IgnoreRequest where the rules forbid the address."""
        if urlsplit(request.url).netloc in self.unavailable:
            raise RobotsUnavailable(f"the robots.txt for {request.url} answers with a server error")
        super().process_request_2(rp, request)


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
