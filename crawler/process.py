"""What a crawling process does: one run of one portal, from the lock to the last line of its log."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any, NoReturn

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

import crawler.settings
from crawler.captures import Archive, ArchiveError, PortalBusy
from crawler.guard import HOSTS_SETTING, PRIVATE_SETTING
from crawler.retry import PAUSE_SETTING
from crawler.runner import CrawlJob, run_started
from crawler.spiders.portal import PortalSpider
from crawler.visit import Visit

_PROGRESS_SECONDS = 0.1


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


def run(job: CrawlJob, line: Connection) -> None:
    """Do one job. ``line`` leads to the parent: progress goes up, ``stop`` comes down, and its end means the
    parent is gone.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    archive = Archive(job.archive_root)
    try:
        lock = archive.lock_portal(job.portal.id)
    except PortalBusy:
        line.send(("busy",))
        return
    except ArchiveError as error:
        _die(archive, job.run_id, line, error)
    try:
        _Course(job, archive, line).go()
    except Exception as error:  # noqa: BLE001 - the last line of defence: the parent closes the log as crashed
        _die(archive, job.run_id, line, error)
    finally:
        lock.release()


def _die(archive: Archive, run_id: str, line: Connection, error: Exception) -> NoReturn:
    """End the process for an error; the parent is told it in one line and closes the log as crashed."""
    archive.leave_note(run_id, "".join(traceback.format_exception(error)))
    with suppress(OSError):
        line.send(("crashed", _in_one_line(error)))
    os._exit(1)


def _in_one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


class _Course:
    """The run as it goes on: the visit, Scrapy around it, and the line to the parent."""

    def __init__(self, job: CrawlJob, archive: Archive, line: Connection) -> None:
        self.job = job
        self.archive = archive
        self.line = line
        self.told_at = 0.0
        log = archive.start_run(run_started(job))
        self.visit = Visit(
            job.portal,
            job.known,
            archive,
            log,
            job.clock,
            full=job.full,
            most_pages=job.options.most_pages,
            most_documents=job.options.most_documents,
        )
        self.process = AsyncCrawlerProcess(scrapy_settings(job))
        crawling = self.process.create_crawler(PortalSpider)
        crawling.signals.connect(self.on_opened, signals.spider_opened)
        crawling.signals.connect(self.on_left, signals.request_left_downloader)
        crawling.signals.connect(self.on_error, signals.spider_error)
        at_once = job.options.concurrency * 2 if job.interval == 0 else 2
        self.crawling = crawling
        self.task = self.process.crawl(crawling, visit=self.visit, at_once=at_once)

    def go(self) -> None:
        """Crawl to the end and write it down."""
        self.process.start(stop_after_crawl=True, install_signal_handlers=False)
        error = self.task.exception() if self.task.done() and not self.task.cancelled() else None
        if error is not None:
            self.note(error)
        self.end()

    def end(self, stopped: str | None = None) -> None:
        """Write the end of the run, unless it has one."""
        if not self.visit.closed:
            self.visit.finish(stopped)
        self.tell()

    def on_opened(self, spider: Spider) -> None:
        """Listen to the parent and mind the time."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self.line.fileno(), self.on_word)
        loop.add_signal_handler(signal.SIGTERM, self.stop, "interrupted")
        loop.call_later(self.job.options.run_seconds, self.stop, "timed_out")

    def on_word(self) -> None:
        """The parent said stop, or is gone: end the run as it stands."""
        self.stop("interrupted")

    def stop(self, why: str) -> None:
        """End the run and the process now: what is on the way is given up, what was captured is kept."""
        try:
            self.end(why)
        except Exception as error:  # noqa: BLE001 - the parent closes the log
            _die(self.archive, self.job.run_id, self.line, error)
        os._exit(0)

    def on_left(self) -> None:
        """Tell the parent how far the run is, not too often."""
        if monotonic() - self.told_at > _PROGRESS_SECONDS:
            self.tell()

    def tell(self) -> None:
        """Tell the parent how far the run is."""
        self.told_at = monotonic()
        try:
            self.line.send(("progress", self.visit.captures, self.visit.listed))
        except OSError:
            # The parent is gone; the reader of the line ends the run.
            return

    def on_error(self, failure: Failure) -> None:
        """An error of our own while an answer was read: the run cannot be trusted to be whole and ends here."""
        self.note(failure.value)
        asyncio.get_running_loop().create_task(self.crawling.stop_async())

    def note(self, error: BaseException | None) -> None:
        """Remember the first error as the reason of the crash."""
        if self.visit.crashed is None and error is not None:
            self.visit.crashed = _in_one_line(error)
            self.archive.leave_note(self.job.run_id, "".join(traceback.format_exception(error)))


def scrapy_settings(job: CrawlJob) -> Settings:
    """Scrapy's settings for one job: those of the project and what the job chooses."""
    options = job.options
    settings = Settings()
    settings.setmodule(crawler.settings, priority="project")
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
