"""Crawling: each portal in a process of its own, with a limit of time; one broken portal never holds up others.

Light to import: Scrapy is loaded in the crawling processes only.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from time import monotonic

from crawler.addresses import host_of
from crawler.captures import Archive, PortalBusy
from crawler.clock import Clock
from crawler.forks import fork_server
from crawler.portals.definition import PortalDefinition
from crawler.records import KnownDocument, Outcome, RunFinished, RunStarted

Progress = Callable[[str, int, int], None]
"""Told a portal's id, its captures so far, and its listed entries so far."""

PRELOADED = ("crawler.process",)
"""What the fork server loads once, so that crawling processes start at once."""


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """How portals are visited.

    ``request_interval``: seconds between two requests to one host (a portal's definition may set its own; 0
    allows ``concurrency`` requests at once, for portals on this machine). ``contact`` is sent as the From header.
    ``request_seconds`` limits one request, ``run_seconds`` one run; a run that is hung is killed
    ``grace_seconds`` later. ``largest_document`` in bytes. ``retry_pause`` seconds before the first of
    ``retries``, doubled before each further one. ``most_pages`` of one column's list are read. ``most_documents``
    listed reports of a column are fetched (None: all): a look or a trial reads lists and at most a sample.
    ``allow_private_addresses`` is for portals on this machine or in the house.
    """

    request_interval: float = 1.0
    user_agent: str = "Nianbao/0.1 (+https://example.org/nianbao; disclosure-report monitor)"
    contact: str = ""
    run_seconds: float = 3600.0
    request_seconds: float = 30.0
    largest_document: int = 64 * 1024 * 1024
    obey_robots: bool = True
    allow_private_addresses: bool = False
    concurrency: int = 16
    retries: int = 2
    retry_pause: float = 5.0
    most_pages: int = 500
    most_documents: int | None = None
    grace_seconds: float = 15.0


@dataclass(frozen=True)
class CrawlJob:
    """One portal to crawl. ``known``: what the record knows, by address. ``full`` asks for everything anew."""

    portal: PortalDefinition
    run_id: str
    archive_root: Path
    full: bool = False
    known: Mapping[str, KnownDocument] = field(default_factory=dict)
    options: CrawlOptions = field(default_factory=CrawlOptions)
    clock: Clock = field(default_factory=Clock)

    @property
    def interval(self) -> float:
        """Seconds between two requests to one host."""
        chosen = self.portal.request_interval
        return self.options.request_interval if chosen is None else chosen


def new_run_id(now: datetime, portal_id: str) -> str:
    """An id for a run: it begins with the time, so that ids sort by it, and is safe as a file name."""
    return f"{now:%Y%m%dT%H%M%S}-{re.sub(r'[^a-z0-9_-]', '-', portal_id)}-{secrets.token_hex(3)}"


def crawl(
    jobs: Sequence[CrawlJob],
    at_once: int = 4,
    on_progress: Progress | None = None,
    on_refused: Callable[[str], None] | None = None,
) -> list[RunFinished]:
    """Crawl portals, ``at_once`` of them at a time, and return how each run ended, in the order of the jobs.

    Portals that share a host take turns, so that the host sees one visitor. A portal that another process is
    crawling is refused: ``on_refused`` is told its id; without it PortalBusy is raised when all others are done.
    Raises ArchiveError where the archive takes no log.
    On Ctrl-C every run is ended as it stands, what was captured is kept, and KeyboardInterrupt goes on up.
    """
    context = fork_server(PRELOADED)
    waiting = deque(jobs)
    running: list[_Running] = []
    ended: dict[str, RunFinished] = {}
    refused: list[str] = []
    try:
        while waiting or running:
            while len(running) < at_once and (job := _next_free(waiting, running)):
                running.append(_Running.start(context, job))
            _wait(running, on_progress)
            for one in [one for one in running if one.over()]:
                running.remove(one)
                _collect(one, ended, refused)
    except BaseException:
        # Ctrl-C, or an error of our own: no process is left behind either way.
        _stop_all(running)
        raise
    for portal_id in refused:
        if on_refused is None:
            raise PortalBusy(portal_id)
        on_refused(portal_id)
    return [ended[job.run_id] for job in jobs if job.run_id in ended]


class _Running:
    """A crawling process and the line to it."""

    def __init__(self, job: CrawlJob, process: ForkServerProcess, line: Connection) -> None:
        self.job = job
        self.process = process
        self.line = line
        self.deadline = monotonic() + job.options.run_seconds + job.options.grace_seconds
        self.told_to_stop = False
        self.killed = False
        self.busy = False
        self.error: str | None = None
        self.line_open = True

    @classmethod
    def start(cls, context: ForkServerContext, job: CrawlJob) -> _Running:
        """Start the process of a job."""
        # The fork server keeps the folder it was started in.
        job = replace(job, archive_root=job.archive_root.absolute(), known=dict(job.known))
        ours, theirs = context.Pipe(duplex=True)
        process = context.Process(target=_enter, args=(job, theirs), name=f"crawl {job.portal.id}", daemon=True)
        process.start()
        theirs.close()
        return cls(job, process, ours)

    def listen(self, on_progress: Progress | None) -> None:
        """Take what the process said."""
        try:
            while self.line_open and self.line.poll():
                message = self.line.recv()
                if message[0] == "progress" and on_progress:
                    on_progress(self.job.portal.id, message[1], message[2])
                self.busy |= message[0] == "busy"
                if message[0] == "crashed":
                    self.error = message[1]
        except (EOFError, OSError):
            self.line_open = False

    def over(self) -> bool:
        """Whether the process has ended; one past its time is killed."""
        if monotonic() > self.deadline and self.process.exitcode is None:
            self.kill()
        return self.process.exitcode is not None

    def stop(self) -> None:
        """Ask the process to end its run as it stands."""
        self.told_to_stop = True
        with suppress(OSError):
            self.line.send("stop")

    def kill(self) -> None:
        """End the process and whatever it started."""
        self.killed = True
        if self.process.pid is not None and self.process.exitcode is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                # It had no time to become the head of its own group.
                self.process.kill()
            self.process.join(5)

    def finish(self) -> RunFinished:
        """How the run ended: its log says so, or it died and the log is closed here.

        Raises ArchiveError where no log can be written: a run that leaves none has not been.
        """
        self.process.join()
        self.line.close()
        archive = Archive(self.job.archive_root)
        found = archive.finish_of(self.job.run_id)
        if found is not None:
            return found
        now = self.job.clock.now()
        if self.told_to_stop:
            finished = RunFinished(self.job.run_id, now, Outcome.PARTIAL, "interrupted")
        elif self.killed:
            finished = RunFinished(self.job.run_id, now, Outcome.TIMED_OUT, "timed_out")
        else:
            finished = RunFinished(
                self.job.run_id, now, Outcome.CRASHED, self.error or f"died:{self.process.exitcode}"
            )
        if not archive.close_run(finished) and self.job.run_id not in archive.log_ids():
            archive.start_run(replace(run_started(self.job), started_at=now)).finish(finished)
        return archive.finish_of(self.job.run_id) or finished


def run_started(job: CrawlJob) -> RunStarted:
    """The first record of a job's log."""
    return RunStarted(job.run_id, job.portal.id, job.portal.county_code, job.clock.now(), job.full)


def _enter(job: CrawlJob, line: Connection) -> None:
    from crawler.process import run

    run(job, line)


def _next_free(waiting: deque[CrawlJob], running: Sequence[_Running]) -> CrawlJob | None:
    """The next job none of whose hosts is being visited, taken out of those that wait."""
    visited = {host for one in running for host in _hosts(one.job)}
    for job in waiting:
        if job.interval == 0 or not visited.intersection(_hosts(job)):
            waiting.remove(job)
            return job
    return None


def _hosts(job: CrawlJob) -> set[str]:
    return (
        {*job.portal.hosts, *(host_of(column.address) for column in job.portal.columns)} if job.interval else set()
    )


def _wait(running: Sequence[_Running], on_progress: Progress | None) -> None:
    """Until something happens in one of the processes, or the first of them is past its time."""
    if not running:
        return
    seconds = max(0.0, min(one.deadline for one in running) - monotonic())
    lines = [one.line for one in running if one.line_open]
    wait([*lines, *(one.process.sentinel for one in running)], timeout=min(seconds, 1.0))
    for one in running:
        one.listen(on_progress)


def _collect(one: _Running, ended: dict[str, RunFinished], refused: list[str]) -> None:
    one.listen(None)
    if one.busy:
        one.process.join()
        one.line.close()
        refused.append(one.job.portal.id)
    else:
        ended[one.job.run_id] = one.finish()


def _stop_all(running: Sequence[_Running]) -> None:
    """End all runs as they stand; whoever does not end in time is killed. Another Ctrl-C kills at once."""
    for one in running:
        one.stop()
    end = monotonic() + max((one.job.options.grace_seconds for one in running), default=0)
    with suppress(KeyboardInterrupt):
        for one in running:
            one.process.join(max(0.0, end - monotonic()))
    for one in running:
        one.kill()
        one.listen(None)
        if not one.busy:
            one.finish()
