"""The spider of every portal: it carries the tasks of a visit to the network and its answers back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, UsageError
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from twisted.python.failure import Failure

from crawler.failures import problem_of_failure
from crawler.visit import Answer, Task, Visit

_LONGEST_CRAWL_DELAY = 60.0


class PortalSpider(Spider):
    """Visits one portal. How its lists are read is the visit's matter (crawler.families)."""

    name = "portal"

    def __init__(self, visit: Visit | None = None, at_once: int = 1, **arguments: Any) -> None:
        super().__init__(**arguments)
        if visit is None:
            raise UsageError("a spider needs a run to work in: start it by `nianbao crawl`")
        self.visit = visit
        self.at_once = at_once

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Connects to the signals it lives by."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_robots, signals.robots_parsed)
        crawler.signals.connect(spider.on_idle, signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """The first requests; each answer brings the next."""
        for request in self.requests():
            yield request

    def requests(self) -> Iterator[Request]:
        """As many requests as may be out at once."""
        while self.visit.in_flight < self.at_once:
            task = self.visit.next_task()
            if task is None:
                return
            yield Request(
                task.address,
                method=task.method,
                body=task.body or b"",
                callback=self.on_answer,
                errback=self.on_failure,
                headers=dict(task.headers),
                meta={"task": task},
                dont_filter=True,
            )

    def on_answer(self, response: Response) -> Iterator[Request]:
        """Hand an answer of whatever status to the visit and go on."""
        task: Task = response.meta["task"]
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        cut_short = "partial" in response.flags
        self.visit.take(task, Answer(response.status, headers, response.body, response.url, cut_short))
        yield from self.requests()

    def on_failure(self, failure: Failure) -> Iterator[Request]:
        """Hand a failure to the visit and go on."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy sets it
        task: Task = request.meta["task"]
        self.visit.fail(task, problem_of_failure(failure.value, request.url), request.url)
        yield from self.requests()

    def on_idle(self) -> None:
        """Nothing is out though the visit is not done: tell lost tasks from none, and go on with what is left."""
        for task in self.visit.lost_tasks():
            self.visit.fail(task, "broken")
        waiting = list(self.requests())
        for request in waiting:
            self.crawler.engine.crawl(request)
        if waiting:
            raise DontCloseSpider

    def on_robots(self, robotparser: RobotParser, request: Request) -> None:
        """Honour a Crawl-delay that is longer than our own interval."""
        agent = str(self.settings.get("ROBOTSTXT_USER_AGENT") or "*")
        asked = robotparser.crawl_delay(agent)
        if not asked:
            return
        downloader = self.crawler.engine.downloader
        host = downloader.get_slot_key(Request(request.url))
        delay = min(float(asked), _LONGEST_CRAWL_DELAY)
        slot = downloader.slots.get(host)
        if slot is not None and slot.delay < delay:
            slot.delay, slot.concurrency = delay, 1
        if self.settings.getfloat("DOWNLOAD_DELAY") < delay:
            downloader.per_slot_settings[host] = {"delay": delay, "concurrency": 1, "jitter": 0}
