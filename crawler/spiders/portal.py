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

from crawler.detection import is_html, problem_of_answer
from crawler.failures import problem_of_failure
from crawler.records import CaptureRole
from crawler.rendering.browser import Browser
from crawler.rendering.rendering import Bounds, Fetched, NotFetched, Rendering, RenderingError, Wanted
from crawler.text import charset_of, decode_page
from crawler.visit import Answer, Task, Visit

_LONGEST_CRAWL_DELAY = 60.0


class PortalSpider(Spider):
    """Visits one portal. How its lists are read is the visit's matter (crawler.families)."""

    name = "portal"

    def __init__(
        self,
        visit: Visit | None = None,
        at_once: int = 1,
        run_id: str = "",
        bounds: Bounds | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        if visit is None:
            raise UsageError("a spider needs a run to work in: start it by `nianbao crawl`")
        self.visit = visit
        self.at_once = at_once
        self.run_id = run_id
        self.bounds = bounds
        self._browser: Browser | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Connects to the signals it lives by."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_robots, signals.robots_parsed)
        crawler.signals.connect(spider.on_idle, signals.spider_idle)
        crawler.signals.connect(spider.on_closed, signals.spider_closed)
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
            if task.render and self.browser.missing:
                self.visit.fail(task, "no_browser")
                continue
            yield Request(
                task.address,
                method=task.method,
                body=task.body or b"",
                callback=self.on_shell if task.render else self.on_answer,
                errback=self.on_failure,
                headers=dict(task.headers),
                meta={"task": task},
                dont_filter=True,
            )

    def on_answer(self, response: Response) -> Iterator[Request]:
        """Hand an answer of whatever status to the visit and go on."""
        task: Task = response.meta["task"]
        self.visit.take(task, _answer_of(response))
        yield from self.requests()

    async def on_shell(self, response: Response) -> AsyncIterator[Request]:
        """Hand the page of an answer to the visit as a browser builds it; what is no good page as it came."""
        task: Task = response.meta["task"]
        answer = _answer_of(response)
        if worth_rendering(task, answer):
            try:
                rendering = await self.browser.render(_page_of(answer))
            except RenderingError as error:
                self.visit.fail(task, error.problem, answer.final_address)
            else:
                self.visit.take(task, _rendered(answer, rendering))
        else:
            self.visit.take(task, answer)
        for request in self.requests():
            yield request

    @property
    def browser(self) -> Browser:
        """The browser of the run; it starts when it is first asked to render."""
        if self._browser is None:
            agent = str(self.settings["USER_AGENT"])
            self._browser = Browser(self.run_id, self.fetch, agent, bounds=self.bounds)
        return self._browser

    async def fetch(self, wanted: Wanted) -> Fetched:
        """Fetch what a page in the browser asks for, by the gate and manners of all else. Raises NotFetched."""
        try:
            request = Request(
                wanted.address,
                method=wanted.method,
                headers=dict(wanted.headers),
                body=wanted.body or b"",
                meta={"max_retry_times": 1},
                dont_filter=True,
            )
            answer = _answer_of(await self.crawler.engine.download_async(request))
        except ValueError:
            raise NotFetched("off_site") from None
        except Exception as error:  # noqa: BLE001 - Scrapy has an error for each way in which nothing comes
            raise NotFetched(problem_of_failure(error, wanted.address)) from None
        if is_challenge(answer):
            raise NotFetched("blocked")
        if 300 <= answer.status < 400:
            raise NotFetched("broken")
        return Fetched(answer.status, answer.headers, answer.body, answer.final_address)

    def abandon(self) -> None:
        """End the browser at once: the run has its end, whatever is still being shown."""
        if self._browser is not None:
            self._browser.kill()

    async def on_closed(self) -> None:
        """End the browser with the run."""
        if self._browser is not None:
            await self._browser.close()

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


def worth_rendering(task: Task, answer: Answer) -> bool:
    """Whether an answer is a page to be shown in the browser: a challenge is not, nor a refusal, nor a file."""
    if answer.status != 200 or not is_html(answer.headers.get("content-type"), answer.final_address, answer.body):
        return False
    return _problem(answer, task.address) is None


def is_challenge(answer: Answer) -> bool:
    """Whether what came for a page in the browser is a challenge or a refusal: such a thing is never run."""
    return _problem(answer, answer.final_address) == "blocked"


def _problem(answer: Answer, requested: str) -> str | None:
    return problem_of_answer(
        answer.status,
        answer.headers,
        answer.body,
        requested=requested,
        final=answer.final_address,
        role=CaptureRole.LIST,
        cut_short=answer.cut_short,
    )


def _answer_of(response: Response) -> Answer:
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return Answer(response.status, headers, response.body, response.url, "partial" in response.flags)


def _page_of(answer: Answer) -> Fetched:
    """The page for the browser, in UTF-8: what it is in, we tell more surely than a browser does."""
    text = decode_page(answer.body, charset_of(answer.headers.get("content-type")))
    headers = {**answer.headers, "content-type": "text/html; charset=utf-8"}
    return Fetched(answer.status, headers, text.encode(), answer.final_address)


def _rendered(answer: Answer, rendering: Rendering) -> Answer:
    """The answer with the page as the browser built it; the validators were those of the empty page."""
    kept = {name: value for name, value in answer.headers.items() if name in ("date", "server")}
    headers = {**kept, "content-type": "text/html; charset=utf-8"}
    return Answer(answer.status, headers, rendering.html.encode(), rendering.address, rendering=rendering)
