"""How Scrapy asks the gate (crawler.gate): at every request and hop, and again when a name is resolved.

The resolver's answer is what Twisted connects to: the address that is judged is the address that is connected to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from scrapy.robotstxt import RobotParser
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.failures import Forbidden, private_names, problem_of_failure
from crawler.gate import Gate, PrivateAddress, Refused, check_ip

HOSTS_SETTING = "NIANBAO_HOSTS"
PRIVATE_SETTING = "NIANBAO_ALLOW_PRIVATE_ADDRESSES"

# What a failed robots.txt says of the whole host: asking for its pages would only fail the same way.
_OF_THE_HOST = frozenset({"unreachable", "certificate", "private_address"})

# So much of a robots.txt is read (RFC 9309, 2.5, asks for 500 KiB at least); more would hold up the process.
_LARGEST_ROBOTS = 1024 * 1024


class HostGuard:
    """Downloader middleware: drops what the gate refuses. Redirects and robots.txt come through here too."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Reads the hosts from the run's settings."""
        hosts = tuple(crawler.settings.getlist(HOSTS_SETTING))
        return cls(Gate(hosts, crawler.settings.getbool(PRIVATE_SETTING)))

    def process_request(self, request: Request) -> None:
        """Raises Forbidden for an address that must not be fetched."""
        try:
            self.gate.check(request.url)
        except Refused as refusal:
            raise Forbidden(refusal.word, str(refusal)) from refusal


class CautiousRobots(RobotsTxtMiddleware):
    """Obeys robots.txt as Scrapy does, and visits no host whose robots.txt cannot be had.

    So says RFC 9309, 2.3.1.4: what cannot be had for an error of the server or the network forbids everything. A
    robots.txt that leads off the registered hosts is not followed, so what it says is not known either.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.unavailable: dict[str, str] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            self.unavailable[netloc] = "robots_unavailable"
        if len(response.body) > _LARGEST_ROBOTS:
            whole_lines = response.body[:_LARGEST_ROBOTS].rpartition(b"\n")[0]
            response = response.replace(body=whole_lines)
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if "redirections" not in str(exc):  # a robots.txt behind a loop of redirects is none (RFC 9309, 2.3.1.2)
            word = problem_of_failure(exc, f"http://{netloc}/robots.txt")
            self.unavailable[netloc] = word if word in _OF_THE_HOST else "robots_unavailable"
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises Forbidden where robots.txt cannot be had, IgnoreRequest where the rules forbid the address."""
        word = self.unavailable.get(urlsplit(request.url).netloc)
        if word:
            raise Forbidden(word, f"the robots.txt for {request.url} cannot be had")
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
        try:
            check_ip(ip, name)
        except PrivateAddress as refusal:
            private_names.add(name)
            raise DNSLookupError(str(refusal)) from refusal
        private_names.discard(name)
        return ip
