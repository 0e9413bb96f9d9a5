"""Crawling: many portals at a time in a few long-lived processes; one broken portal never holds up others.

A process that dies or hangs takes the runs in it along. Each of them is then gone on with in a process of its own,
so that only the one that did it ends as ``crashed`` or ``timed_out``. What is said between the two sides of a line
is told in crawler.process. Light to import: Scrapy is loaded in the crawling processes only.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any

from crawler import logs
from crawler.captures import Archive, Place, PortalBusy
from crawler.clock import Clock
from crawler.forks import fork_server
from crawler.portals.definition import PortalDefinition
from crawler.recheck import Recheck
from crawler.records import KnownDocument, Outcome, RunFinished, RunStarted
from crawler.rendering.leftovers import end_browser

Progress = Callable[[str, int, int], None]
"""Told a portal's id, its captures so far, and its listed entries so far."""

PRELOADED = ("crawler.process",)
"""What the fork server loads once, so that crawling processes start at once."""

_START_SECONDS = 60.0
_HOST_BUSY_SECONDS = 1.0
_PATIENCE_ALONE = 20
"""So many times longer than among others a run alone may give no sign of life: it may take long over a page."""


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """How portals are visited.

    ``request_interval``: seconds between two requests to one host (a portal's definition may set its own; 0
    allows ``concurrency`` requests at once, for portals on this machine). ``contact`` is sent as the From header.
    ``request_seconds`` limits one request, ``run_seconds`` one run; a run that is hung is killed
    ``grace_seconds`` later, and so is a process of many runs that gives no sign of life for so long (one with a
    run by itself: twenty times as long).
    ``page_seconds`` limits the time that a browser takes for one page, without what is fetched for it meanwhile.
    ``largest_document`` in bytes. ``retry_pause`` seconds before the first of ``retries``, doubled before each
    further one. ``most_pages`` of one column's list are read. ``most_documents`` listed reports of a column are
    fetched (None: all): a look or a trial reads lists and at most a sample.
    ``recheck`` says how long known reports rest before they are asked for again.
    ``allow_private_addresses`` is for portals on this machine or in the house.
    """

    request_interval: float = 1.0
    user_agent: str = "Nianbao/0.1 (+https://example.org/nianbao; disclosure-report monitor)"
    contact: str = ""
    run_seconds: float = 3600.0
    page_seconds: float = 30.0
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
    recheck: Recheck = field(default_factory=Recheck)


@dataclass(frozen=True)
class CrawlJob:
    """One portal to crawl. ``known``: what the record knows, by address. ``full`` asks for everything anew.

    ``listed``: address and digest (:attr:`crawler.records.Entry.digest`) of the rows that the lists showed last.
    ``remember`` brings both when the job's turn comes: of thousands of portals they would fill the memory.
    ``archive_root``: where the archive lies; as a path, with everything in that folder.
    """

    portal: PortalDefinition
    run_id: str
    archive_root: Place | Path
    full: bool = False
    known: Mapping[str, KnownDocument] = field(default_factory=dict)
    listed: frozenset[tuple[str, str]] = frozenset()
    options: CrawlOptions = field(default_factory=CrawlOptions)
    clock: Clock = field(default_factory=Clock)
    remember: Callable[[], tuple[Mapping[str, KnownDocument], frozenset[tuple[str, str]]]] | None = None

    def ready(self) -> CrawlJob:
        """The job with all that is known, to be handed to a process."""
        if self.remember is None:
            return self
        known, listed = self.remember()
        return replace(self, known=known, listed=listed, remember=None)

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
    processes: int | None = None,
) -> list[RunFinished]:
    """Crawl portals, ``at_once`` of them at a time, and return how each run ended, in the order of the jobs.

    ``processes`` share the work (None: one a processor). Portals that share a host take turns, so that the host
    sees one visitor, whatever crawl it comes from. A portal that another process is crawling is refused:
    ``on_refused`` is told its id; without it PortalBusy is raised when all others are done.
    Raises ArchiveError where the archive takes no log.
    On Ctrl-C every run is ended as it stands, what was captured is kept, and KeyboardInterrupt goes on up.
    """
    going = _Pass(jobs, at_once, processes or len(os.sched_getaffinity(0)), on_progress)
    going.go()
    for portal_id in going.refused:
        if on_refused is None:
            raise PortalBusy(portal_id)
        on_refused(portal_id)
    return [going.ended[job.run_id] for job in jobs if job.run_id in going.ended]


class _Run:
    """A job that was given to a process; ``again`` where it goes on with a run whose process died."""

    def __init__(self, job: CrawlJob, *, again: bool) -> None:
        self.job = job
        self.again = again
        self.deadline = self._end(_START_SECONDS)
        self.over = False
        self.error: str | None = None

    def began(self) -> None:
        """The process has begun with it: its time counts from now."""
        self.deadline = self._end()

    def ended(self) -> None:
        """It has its end; what is still on the way of it is let go within the time of one request."""
        self.over = True
        options = self.job.options
        self.deadline = monotonic() + options.request_seconds + options.grace_seconds

    @property
    def late(self) -> bool:
        """Whether it should have ended by now."""
        return monotonic() > self.deadline

    def _end(self, more: float = 0.0) -> float:
        return monotonic() + self.job.options.run_seconds + self.job.options.grace_seconds + more

    def finish(self, outcome: Outcome, problem: str) -> RunFinished:
        """How the run ended: its log says so, or it is closed here with this outcome.

        Raises ArchiveError where no log can be written: a run that leaves none has not been.
        """
        # A browser has a process group of its own and outlives a crawling process that was killed.
        end_browser(self.job.run_id)
        archive = Archive(self.job.archive_root)
        found = archive.finish_of(self.job.run_id)
        if found is not None:
            return found
        now = self.job.clock.now()
        finished = RunFinished(self.job.run_id, now, outcome, problem)
        if not archive.close_run(finished) and self.job.run_id not in archive.log_ids():
            archive.start_run(replace(run_started(self.job), started_at=now)).finish(finished)
        return archive.finish_of(self.job.run_id) or finished


class _Process:
    """A crawling process, the runs in it, and the line to it. ``alone``: it does one run only."""

    def __init__(self, context: ForkServerContext, allow_private: bool, *, alone: bool) -> None:
        self.line, theirs = context.Pipe(duplex=True)
        self.process: ForkServerProcess = context.Process(
            target=_enter, args=(theirs, allow_private, logs.chosen), name="nianbao crawl", daemon=True
        )
        self.process.start()
        theirs.close()
        self.allow_private = allow_private
        self.alone = alone
        self.runs: dict[str, _Run] = {}
        self.line_open = True
        self.heard = monotonic() + _START_SECONDS
        # A process that hangs does not read its line, and who writes to it would hang with it.
        self._outbox: SimpleQueue[Any] = SimpleQueue()
        self._sender = threading.Thread(target=self._send, name="nianbao crawl jobs", daemon=True)
        self._sender.start()

    def give(self, job: CrawlJob, *, again: bool) -> _Run:
        """Hand over a job; ``again`` goes on with a run whose process died."""
        run = self.runs[job.run_id] = _Run(job, again=again)
        # The fork server keeps the folder it was started in.
        sent = replace(job, archive_root=job.archive_root.absolute(), known=dict(job.known))
        self._outbox.put((sent, again))
        return run

    def _send(self) -> None:
        with suppress(OSError):
            while (message := self._outbox.get()) is not None:
                self.line.send(message)

    def listen(self) -> Iterator[tuple[Any, ...]]:
        """What the process said."""
        try:
            while self.line_open and self.line.poll():
                message = self.line.recv()
                self.heard = max(self.heard, monotonic()) if message[0] != "alive" else monotonic()
                yield message
        except (EOFError, OSError):
            self.line_open = False

    @property
    def active(self) -> int:
        """How many runs go on in it."""
        return sum(not run.over for run in self.runs.values())

    @property
    def hung(self) -> bool:
        """Whether it gives no sign of life."""
        if not self.runs:
            return False
        patience = max(run.job.options.grace_seconds for run in self.runs.values())
        return monotonic() > self.heard + patience * (_PATIENCE_ALONE if self.alone else 1)

    def stop(self) -> None:
        """Ask it to end all runs as they stand."""
        if self.process.pid is not None and self.process.exitcode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the process and whatever it started."""
        if self.process.pid is not None and self.process.exitcode is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                # It had no time to become the head of its own group.
                self.process.kill()
            self.process.join(5)
        self._outbox.put(None)
        self._sender.join(5)
        self.line.close()


class _Pass:
    """One crawl of many portals as it goes on."""

    def __init__(
        self, jobs: Sequence[CrawlJob], at_once: int, processes: int, on_progress: Progress | None
    ) -> None:
        self.ended: dict[str, RunFinished] = {}
        self.refused: list[str] = []
        self._context = fork_server(PRELOADED)
        self._at_once = at_once
        self._most = processes
        self._on_progress = on_progress
        self._hosts = {job.run_id: _places(job.portal.hosts) for job in jobs}
        self._waiting = deque(jobs)
        self._suspects: deque[CrawlJob] = deque()
        self._later: list[tuple[float, deque[CrawlJob], CrawlJob]] = []
        self._visited: dict[str, Counter[str]] = {}
        self._processes: list[_Process] = []

    def go(self) -> None:
        """Until every job has ended or was refused."""
        try:
            while self._waiting or self._suspects or self._later or any(one.active for one in self._processes):
                self._hand_out()
                self._wait()
                for process in list(self._processes):
                    for message in process.listen():
                        self._hear(process, *message)
                    self._judge(process)
        except BaseException:
            # Ctrl-C, or an error of our own: no process is left behind either way.
            try:
                self._stop_all()
            finally:
                # A further Ctrl-C cuts the stopping short, and not the end of what hangs.
                for process in self._processes:
                    process.kill()
            raise
        for process in self._processes:
            # Nothing is unfinished; what a stopped run still had on the way is not wanted.
            process.kill()

    # --- who does what ----------------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        now = monotonic()
        for at, waiting, one in self._later:
            if at <= now:
                waiting.append(one)
        self._later = [each for each in self._later if each[0] > now]
        while sum(one.alone for one in self._processes) < self._most and (job := self._next(self._suspects)):
            self._give(self._start(job, alone=True), job, again=True)
        while sum(one.active for one in self._processes) < self._at_once and (job := self._next(self._waiting)):
            self._give(self._room_for(job), job)

    def _next(self, waiting: deque[CrawlJob]) -> CrawlJob | None:
        """The next job none of whose hosts is being visited, taken out of those that wait."""
        for index, job in enumerate(waiting):
            if not self._meets(job) and not (job.portal.needs_browser and self._browsers_taken()):
                del waiting[index]
                return job
        return None

    def _browsers_taken(self) -> bool:
        """Whether as many browsers may be running as there are processes: each takes the memory of ten portals."""
        runs = [run for process in self._processes for run in process.runs.values()]
        return sum(run.job.portal.needs_browser for run in runs) >= self._most

    def _meets(self, job: CrawlJob) -> bool:
        for name, port in self._hosts[job.run_id]:
            ports = self._visited.get(name)
            if ports and (not port or "" in ports or port in ports):
                return True
        return False

    def _room_for(self, job: CrawlJob) -> _Process:
        """The process with the fewest runs; another one while there may be more and none is without."""
        allow = job.options.allow_private_addresses
        shared = [one for one in self._processes if not one.alone]
        fitting = [one for one in shared if one.allow_private == allow]
        if len(shared) < self._most and all(one.runs for one in fitting):
            return self._start(job, alone=False)
        # With addresses in the house allowed for one portal and not for another, there is one process more.
        return min(fitting, key=lambda one: len(one.runs)) if fitting else self._start(job, alone=False)

    def _start(self, job: CrawlJob, *, alone: bool) -> _Process:
        process = _Process(self._context, job.options.allow_private_addresses, alone=alone)
        self._processes.append(process)
        return process

    def _give(self, process: _Process, job: CrawlJob, *, again: bool = False) -> None:
        job = job.ready()
        for name, port in self._hosts[job.run_id]:
            self._visited.setdefault(name, Counter())[port] += 1
        process.give(job, again=again)

    def _release(self, process: _Process, run: _Run) -> None:
        """Its hosts are free again."""
        del process.runs[run.job.run_id]
        for name, port in self._hosts[run.job.run_id]:
            ports = self._visited[name]
            ports[port] -= 1
            if not ports[port]:
                del ports[port]

    # --- what comes back --------------------------------------------------------------------------------------

    def _wait(self) -> None:
        """Until something happens in one of the processes, or it is time to look at the clock."""
        lines = [one.line for one in self._processes if one.line_open]
        wait([*lines, *(one.process.sentinel for one in self._processes)], timeout=0.25)

    def _hear(self, process: _Process, word: str, run_id: str = "", *rest: Any) -> None:
        run = process.runs.get(run_id)
        if run is None:
            return
        if word == "began":
            run.began()
        elif word == "progress":
            self._tell(run, *rest)
        elif word == "ended":
            self._tell(run, *rest)
            self._end(run, Outcome.CRASHED, "died")
        elif word == "crashed":
            self._end(run, Outcome.CRASHED, rest[0])
        elif word == "busy" and not run.again:
            self.refused.append(run.job.portal.id)
            run.ended()
        elif word in ("busy", "host_busy"):
            # A run that has begun is not refused: who came between when its process died will be done some time.
            waiting = self._suspects if run.again else self._waiting
            self._later.append((monotonic() + _HOST_BUSY_SECONDS, waiting, run.job))
            run.ended()
        elif word == "released":
            self._release(process, run)
            if process.alone:
                self._dismiss(process)

    def _tell(self, run: _Run, captures: int, listed: int) -> None:
        if self._on_progress:
            self._on_progress(run.job.portal.id, captures, listed)

    def _end(self, run: _Run, outcome: Outcome, problem: str) -> None:
        if not run.over:
            run.ended()
            self.ended[run.job.run_id] = run.finish(outcome, problem)

    def _judge(self, process: _Process) -> None:
        """Put an end to a process that died, hangs, or cannot end a run; go on with what it leaves behind."""
        hung = process.hung
        # It was given another try by itself, and hangs again.
        late = [run for run in process.runs.values() if run.late or (hung and process.alone)]
        dead = process.process.exitcode is not None
        if not (dead or late or hung):
            return
        if dead:
            for message in process.listen():
                self._hear(process, *message)
        died = f"died:{process.process.exitcode}"
        process.kill()
        runs = list(process.runs.values())
        left = [run for run in runs if not run.over]
        for run in runs:
            self._release(process, run)
            end_browser(run.job.run_id)
        self._dismiss(process)
        for run in left:
            if run in late:
                self._end(run, Outcome.TIMED_OUT, "timed_out")
            elif len(left) == 1 and dead:
                self._end(run, Outcome.CRASHED, run.error or died)
            else:
                self._suspects.append(run.job)

    def _dismiss(self, process: _Process) -> None:
        process.kill()
        if process in self._processes:
            self._processes.remove(process)

    def _stop_all(self) -> None:
        """End all runs as they stand; who does not end in time is killed. Another Ctrl-C kills at once."""
        for process in self._processes:
            process.stop()
        runs = [run for process in self._processes for run in process.runs.values() if not run.over]
        end = monotonic() + max((run.job.options.grace_seconds for run in runs), default=0)
        with suppress(KeyboardInterrupt):
            for process in self._processes:
                process.process.join(max(0.0, end - monotonic()))
        refused = set(self.refused)
        for process in self._processes:
            for message in process.listen():
                self._hear(process, *message)
            process.kill()
        for run in runs:
            if not run.over and run.job.portal.id not in refused:
                self._end(run, Outcome.PARTIAL, "interrupted")
        begun = [*self._suspects, *(job for _, waiting, job in self._later if waiting is self._suspects)]
        for job in begun:
            # Its process died, and no other has gone on with it yet.
            self._end(_Run(job, again=True), Outcome.PARTIAL, "interrupted")


def run_started(job: CrawlJob) -> RunStarted:
    """The first record of a job's log."""
    return RunStarted(job.run_id, job.portal.id, job.portal.county_code, job.clock.now(), job.full)


def _enter(line: Connection, allow_private: bool, choice: logs.LogChoice) -> None:
    from crawler.process import serve

    logs.begin_in_child(choice)
    serve(line, allow_private)


def _places(hosts: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Hosts as name and port; an empty port stands for all of them."""
    found = (re.fullmatch(r"(.*?)(?::(\d+))?", host) for host in hosts)
    return tuple({(one[1], one[2] or "") for one in found if one})
