"""Trying again, a few times and with growing pauses, and leaving a host alone for as long as it asks."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from crawler.addresses import host_of
from crawler.clock import Clock
from crawler.failures import Forbidden, private_names
from crawler.pauses import seconds_asked

PAUSE_SETTING = "NIANBAO_RETRY_PAUSE"
_LONGEST_PAUSE = 60.0
_ASKING = frozenset({429, 503})


class PatientRetry(RetryMiddleware):
    """Scrapy's retries with a pause before each, doubled every time.

    What Retry-After asks holds for the whole host: up to 60 s every request to it waits; where more is asked,
    nothing is tried again, and no request goes there for that time.
    """

    first_pause = 5.0
    left_alone: dict[str, float]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Reads the first pause, in seconds, from the run's settings."""
        middleware = super().from_crawler(crawler)
        middleware.left_alone = {}
        middleware.first_pause = crawler.settings.getfloat(PAUSE_SETTING, 5.0)
        return middleware

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Waits where the host asked for a short pause; raises Forbidden where it asked for a long one."""
        left = self.left_alone.get(host_of(request.url), 0.0) - monotonic()
        if left > _LONGEST_PAUSE:
            raise Forbidden("rate_limited", f"{host_of(request.url)} asked to be left alone for {left:.0f} s")
        if left > 0:
            await asyncio.sleep(left)

    async def process_response(  # type: ignore[override] # Scrapy awaits it where it is a coroutine
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """The answer, or the request again after a pause."""
        asked = None
        if response.status in _ASKING:
            asked = seconds_asked((response.headers.get("Retry-After") or b"").decode("latin-1"), Clock().now())
        if asked is not None:
            host = host_of(request.url)
            self.left_alone[host] = max(self.left_alone.get(host, 0.0), monotonic() + asked)
            if asked > _LONGEST_PAUSE:
                return response
        result = super().process_response(request, response)
        if isinstance(result, Request) and asked is None:
            await asyncio.sleep(self.pause(result))
        return result

    async def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        """The request again after a pause, or None where it is given up."""
        if urlsplit(request.url).hostname in private_names or "certificate" in str(exception):
            return None
        result = super().process_exception(request, exception)
        if isinstance(result, Request):
            await asyncio.sleep(self.pause(result))
        return result

    def pause(self, again: Request) -> float:
        """Seconds to wait before this try."""
        return float(min(self.first_pause * 2 ** (again.meta.get("retry_times", 1) - 1), _LONGEST_PAUSE))
