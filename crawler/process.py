"""What a crawling process does: runs of many portals in one reactor, each from its locks to the end of its log."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import signal
import traceback
from math import ceil
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

import crawler.settings
from crawler.captures import Archive, HostBusy, Lock, PortalBusy, RunLog
from crawler.guard import HOSTS_SETTING, PRIVATE_SETTING
from crawler.rendering.leftovers import end_browser
from crawler.rendering.rendering import Bounds
from crawler.retry import PAUSE_SETTING
from crawler.runner import CrawlJob, run_started
from crawler.spiders.portal import PortalSpider
from crawler.text import without_controls
from crawler.visit import Visit

_BEAT_SECONDS = 0.25


def _load_early() -> None:
    """Load what Scrapy loads when a crawl starts: once in the fork server instead of once for each portal.

    None of it may install a reactor: that is for the forked process to do.
    """
    settings = Settings()
    for group in ("DOWNLOADER_MIDDLEWARES_BASE", "SPIDER_MIDDLEWARES_BASE", "EXTENSIONS_BASE"):
        for component in settings[group]:
            load_object(component)
    for name in ("SCHEDULER", "SCHEDULER_PRIORITY_QUEUE", "SCHEDULER_MEMORY_QUEUE", "DOWNLOADER", "LOG_FORMATTER"):
        load_object(settings[name])
    for scheme in ("http", "https"):
        load_object(settings["DOWNLOAD_HANDLERS_BASE"][scheme])
    importlib.import_module("twisted.internet.asyncioreactor")


_load_early()


def serve(line: Connection, allow_private: bool) -> None:
    """Do the jobs that come down the line, many at a time, until the line ends: then the parent is gone.

    Down come ``(job, again)``: a job, and whether to go on with a run whose process died. Up go ``alive`` as a
    sign of life, and each with the id of a run: ``began``; ``progress`` and ``ended`` (the log has its end) with
    the numbers of captures and entries; ``crashed`` with a line for people (the log has no end); ``busy``
    or ``host_busy``, where somebody else has the portal or one of its hosts; and at the very end ``released``.
    SIGTERM ends all runs as they stand. ``allow_private`` holds for all jobs of a process: names are resolved for
    the whole of it.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is loaded stays: the collector need not look through it again and again.
    gc.freeze()
    _Crew(line, allow_private).go()


def _in_one_line(error: BaseException) -> str:
    return without_controls(f"{type(error).__name__}: {error}".splitlines()[0])[:300]


class _Crew:
    """A crawling process: the runs in it, and the line to the parent."""

    def __init__(self, line: Connection, allow_private: bool) -> None:
        self.line = line
        self.courses: dict[str, _Course] = {}
        settings = _project_settings()
        settings.set(PRIVATE_SETTING, allow_private, priority="cmdline")
        self.scrapy = AsyncCrawlerProcess(settings)

    def go(self) -> None:
        """Until the process ends."""
        from twisted.internet import reactor

        reactor.callWhenRunning(self.begin)
        self.scrapy.start(stop_after_crawl=False, install_signal_handlers=False)

    def begin(self) -> None:
        """Listen to the parent and give signs of life."""
        # The reactor calls this just before the loop runs.
        loop = asyncio.get_event_loop()
        loop.add_reader(self.line.fileno(), self.on_word)
        loop.add_signal_handler(signal.SIGTERM, self.stop)
        loop.call_soon(self.on_beat)

    def on_beat(self) -> None:
        """Tell the parent that we are alive, and how far the runs are."""
        self.set_alarm()
        self.say("alive")
        for course in self.courses.values():
            course.tell()
        asyncio.get_running_loop().call_later(_BEAT_SECONDS, self.on_beat)

    def set_alarm(self) -> None:
        """Be killed by the system if none of this is reached any more for as long as a run may take.

        The parent ends a process that hangs; where it has died itself, the locks would be held for ever.
        """
        chosen = [course.job.options for course in self.courses.values()]
        signal.alarm(ceil(max((one.run_seconds + one.grace_seconds for one in chosen), default=-1)) + 1)

    def on_word(self) -> None:
        """A job, or the end of the line."""
        try:
            job, again = self.line.recv()
        except (EOFError, OSError):
            self.stop()
        else:
            self.courses[job.run_id] = course = _Course(self, job)
            self.set_alarm()
            course.start(again=again)

    def stop(self) -> NoReturn:
        """End all runs as they stand, and the process. What was captured is kept, what is on the way is not."""
        for course in self.courses.values():
            course.end("interrupted")
            end_browser(course.job.run_id)
        os._exit(0)

    def say(self, *message: object) -> None:
        """Tell the parent something."""
        try:
            self.line.send(message)
        except OSError:
            # The parent is gone; the reader of the line ends the runs.
            return


class _Course:
    """A run as it goes on: the visit, Scrapy around it, and the word to the parent."""

    def __init__(self, crew: _Crew, job: CrawlJob) -> None:
        self.crew = crew
        self.job = job
        self.archive = Archive(job.archive_root)
        self.locks: list[Lock] = []
        self.log: RunLog | None = None
        self.visit: Visit | None = None
        self.crawling: Crawler | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.told = (-1, -1)
        self.over = False

    def start(self, *, again: bool) -> None:
        """From the locks to the first request."""
        try:
            self.locks.append(self.archive.lock_portal(self.job.portal.id))
            self.locks.append(self.archive.lock_hosts(self.job.portal.hosts))
            self.begin(again=again)
        except PortalBusy:
            self.leave("busy")
        except HostBusy:
            self.leave("host_busy")
        except Exception as error:  # noqa: BLE001 - the last line of defence: the parent closes the log as crashed
            self.give_up(error)
            self.release()

    def begin(self, *, again: bool) -> None:
        """The log, the visit, and Scrapy around it."""
        job = self.job
        started = run_started(job)
        log, sequence = self.archive.resume_run(started) if again else (self.archive.start_run(started), 0)
        self.log = log
        self.visit = Visit(
            job.portal,
            job.known,
            self.archive,
            log,
            job.clock,
            full=job.full,
            most_pages=job.options.most_pages,
            most_documents=job.options.most_documents,
            sequence=sequence,
            listed=job.listed,
            recheck=job.options.recheck,
        )
        self.crawling = Crawler(PortalSpider, scrapy_settings(job))
        self.crawling.signals.connect(self.on_error, signals.spider_error)
        at_once = job.options.concurrency * 2 if job.interval == 0 else 2
        self.timer = asyncio.get_running_loop().call_later(job.options.run_seconds, self.on_late)
        self.crew.say("began", job.run_id)
        bounds = Bounds(page_seconds=job.options.page_seconds)
        crawl = self.crew.scrapy.crawl(
            self.crawling, visit=self.visit, at_once=at_once, run_id=job.run_id, bounds=bounds
        )
        crawl.add_done_callback(self.on_done)

    def on_done(self, task: asyncio.Task[None]) -> None:
        """Scrapy is done with it."""
        error = task.exception() if not task.cancelled() else None
        if error is not None:
            self.note(error)
        self.end()
        self.release()

    def on_late(self) -> None:
        """The run is beyond its time: it ends as it stands, and what is on the way comes to nothing."""
        self.end("timed_out")
        self.stop()

    def on_error(self, failure: Failure) -> None:
        """An error of our own while an answer was read: the run cannot be trusted to be whole and ends here."""
        self.note(failure.value)
        self.stop()

    def stop(self) -> None:
        """Have Scrapy end, and not wait for what a browser is at."""
        if self.crawling is not None:
            if isinstance(self.crawling.spider, PortalSpider):
                self.crawling.spider.abandon()
            task = asyncio.get_running_loop().create_task(self.crawling.stop_async())
            _stopping.add(task)
            task.add_done_callback(_stopping.discard)

    def end(self, stopped: str | None = None) -> None:
        """Write the end of the run, unless it has one, and tell it."""
        if self.over or self.visit is None:
            return
        self.over = True
        try:
            if not self.visit.closed:
                self.visit.finish(stopped)
        except Exception as error:  # noqa: BLE001 - the parent closes the log
            self.give_up(error)
        else:
            self.crew.say("ended", self.job.run_id, self.visit.captures, self.visit.listed)

    def give_up(self, error: Exception) -> None:
        """The log takes no end; the parent is told why in one line and closes it as crashed."""
        self.over = True
        self.archive.leave_note(self.job.run_id, "".join(traceback.format_exception(error)))
        if self.log is not None:
            self.log.close()
        self.crew.say("crashed", self.job.run_id, _in_one_line(error))

    def leave(self, why: str) -> None:
        """Not now, or not at all."""
        self.over = True
        self.crew.say(why, self.job.run_id)
        self.release()

    def release(self) -> None:
        """Nothing of the run is left in this process."""
        if self.timer is not None:
            self.timer.cancel()
        for lock in self.locks:
            lock.release()
        self.crew.courses.pop(self.job.run_id, None)
        self.crew.say("released", self.job.run_id)

    def tell(self) -> None:
        """Tell the parent how far the run is, where it is further than before."""
        if self.visit is None or self.over:
            return
        now = (self.visit.captures, self.visit.listed)
        if now != self.told:
            self.told = now
            self.crew.say("progress", self.job.run_id, *now)

    def note(self, error: BaseException | None) -> None:
        """Remember the first error as the reason of the crash."""
        if self.visit is not None and self.visit.crashed is None and error is not None:
            self.visit.crashed = _in_one_line(error)
            self.archive.leave_note(self.job.run_id, "".join(traceback.format_exception(error)))


_stopping: set[asyncio.Task[None]] = set()
"""Crawlers on their way to an end: the loop itself would not keep their tasks."""


def _project_settings() -> Settings:
    settings = Settings()
    settings.setmodule(crawler.settings, priority="project")
    return settings


def scrapy_settings(job: CrawlJob) -> Settings:
    """Scrapy's settings for one job: those of the project and what the job chooses."""
    options = job.options
    settings = _project_settings()
    chosen: dict[str, Any] = {
        HOSTS_SETTING: list(job.portal.hosts),
        PRIVATE_SETTING: options.allow_private_addresses,
        PAUSE_SETTING: options.retry_pause,
        "USER_AGENT": options.user_agent,
        "ROBOTSTXT_USER_AGENT": options.user_agent.partition("/")[0].split()[0],
        "ROBOTSTXT_OBEY": options.obey_robots,
        "DOWNLOAD_DELAY": job.interval,
        "CONCURRENT_REQUESTS": options.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1 if job.interval else options.concurrency,
        "DOWNLOAD_TIMEOUT": options.request_seconds,
        "DOWNLOAD_MAXSIZE": options.largest_document,
        "RETRY_TIMES": options.retries,
    }
    settings.setdict(chosen, priority="cmdline")
    if options.contact:
        settings.set(
            "DEFAULT_REQUEST_HEADERS",
            {**crawler.settings.DEFAULT_REQUEST_HEADERS, "From": options.contact},
            priority="cmdline",
        )
    return settings
