"""Trying again, a few times and with growing pauses."""

from __future__ import annotations

import asyncio
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from crawler.failures import private_names

PAUSE_SETTING = "NIANBAO_RETRY_PAUSE"
_LONGEST_PAUSE = 60.0


class PatientRetry(RetryMiddleware):
    """Scrapy's retries with a pause before each, doubled every time, or as Retry-After asks (up to 60 s)."""

    first_pause = 5.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Reads the first pause, in seconds, from the run's settings."""
        middleware = super().from_crawler(crawler)
        middleware.first_pause = crawler.settings.getfloat(PAUSE_SETTING, 5.0)
        return middleware

    async def process_response(  # type: ignore[override] # Scrapy awaits it where it is a coroutine
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """The answer, or the request again after a pause."""
        result = super().process_response(request, response)
        if isinstance(result, Request):
            await asyncio.sleep(self.pause(result, response))
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

    def pause(self, again: Request, response: Response | None = None) -> float:
        """Seconds to wait before this try."""
        asked = response.headers.get("Retry-After") if response is not None else None
        if asked and asked.isdigit():
            return min(float(asked), _LONGEST_PAUSE)
        return float(min(self.first_pause * 2 ** (again.meta.get("retry_times", 1) - 1), _LONGEST_PAUSE))
