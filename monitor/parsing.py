"""Parses captured documents in processes of their own: one that crashes, hangs or eats memory harms no other.

Bytes are read from the archive by the worker; what comes back is small. A worker that dies or is too slow is
replaced, and its document is ``unreadable`` with the reason.
"""

from __future__ import annotations

import gc
import hashlib
import os
import resource
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import orjson

from crawler.forks import fork_server
from monitor.language import N_, spoken_language, translate
from monitor.store.versions import Parsed, pack
from parsers.schema import DocumentKind, Report

SECONDS = 60.0
"""How long one document may take."""
START_SECONDS = 60.0
"""How long a worker may take to start, before its first document counts."""
MEMORY = 2 * 1024**3
"""How much memory, in bytes, a worker may take beyond what it starts with."""

TOO_SLOW = N_("解析超过 {seconds} 秒，已放弃")
DIED = N_("解析进程意外终止")
NOT_STARTED = N_("解析进程无法启动，没有解析任何文件；请用 script/setup 重新安装，并检查可用内存")
TOO_LARGE = N_("解析占用内存过多，已放弃")
_PUBLISHER_NAMES = (
    "发布机构",
    "公开机构",
    "发文机关",
    "发文机构",
    "信息来源",
    "来源",
    "contentsource",
    "ContentSource",
)


@dataclass(frozen=True, slots=True)
class Task:
    """One document to parse, by its digest; the rest is what the server said of it."""

    sha256: str
    name: str | None = None
    media_type: str | None = None
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it parsed; ``document`` is the kept form of a report, None for everything else."""

    parsed: Parsed
    document: bytes | None = None


PRELOADED = ("monitor.parsing", "parsers.reading", "parsers.narrative")
"""What the fork server loads once, so that workers start at once, where it is not running yet."""

Read = Callable[[Path, Task], Outcome]


def content_digest(report: Report) -> str:
    """Digest of what a report says: title, organ, year, form, cells and sections.

    Not of dates, of places in the document, or of what stands around the report: a page whose counter ticks or
    whose frame was redrawn is no other version.
    """
    said = [
        report.title,
        report.organ,
        report.report_year,
        report.form,
        [[number, part.present, part.heading, part.text] for number, part in sorted(report.sections.items())],
        [[key, str(cell.value), cell.raw, cell.state.value] for key, cell in sorted(report.cells.items())],
    ]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def read_document(archive_root: Path, task: Task) -> Outcome:
    """Parse one document of the archive. What it cannot read is told in the outcome, never raised."""
    from crawler.captures import Archive, ArchiveError
    from parsers import reading
    from parsers.schema import UnreadableDocument

    try:
        data = Archive(archive_root).get(task.sha256)
        report = reading.parse(data, name=task.name, media_type=task.media_type, charset=task.charset)
    except (UnreadableDocument, ArchiveError) as problem:
        return unreadable(task.sha256, str(problem))
    except MemoryError:
        return unreadable(task.sha256, TOO_LARGE)
    except Exception as problem:  # noqa: BLE001 - whatever a hostile file does to the parser, the others go on
        return unreadable(task.sha256, f"{type(problem).__name__}: {problem}")
    return outcome_of(task.sha256, report)


def outcome_of(sha256: str, report: Report) -> Outcome:
    """The outcome of bytes that gave this report."""
    is_report = report.kind is DocumentKind.REPORT
    parsed = Parsed(
        sha256=sha256,
        parser=parser_version(),
        kind=report.kind.value,
        title=report.title,
        organ_printed=report.organ,
        report_year=report.report_year,
        form=report.form,
        published_on=report.published_on,
        published_from=report.published_from,
        publisher=next((report.metadata[name] for name in _PUBLISHER_NAMES if report.metadata.get(name)), None),
        content_digest=content_digest(report) if is_report else None,
    )
    return Outcome(parsed, pack(report) if is_report else None)


def unreadable(sha256: str, reason: str) -> Outcome:
    """The outcome of bytes that could not be read, with the reason in one line."""
    error = " ".join(reason.split())[:300] or "?"
    return Outcome(Parsed(sha256, parser_version(), "unreadable", error=error))


def parser_version() -> str:
    """Version of the parser."""
    from parsers.reading import PARSER

    return PARSER


class ParserStartError(RuntimeError):
    """The parsing processes do not start: our own fault, which says nothing of any document."""


class ParsePool:
    """Worker processes that parse documents, started when the first one is needed."""

    def __init__(
        self, archive_root: Path, workers: int | None = None, seconds: float = SECONDS, read: Read = read_document
    ) -> None:
        self._root = archive_root
        self._size = max(1, workers or os.cpu_count() or 1)
        self._seconds = seconds
        self._read = read
        self._workers: list[_Worker] = []

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Parses documents and gives their outcomes as they come, in no order."""
        waiting = deque(tasks)
        idle = list(self._workers)
        busy: list[_Worker] = []
        try:
            while waiting or busy:
                while waiting and len(busy) < self._size:
                    if idle:
                        worker = idle.pop()
                    else:
                        worker = _Worker(self._root, self._seconds, self._read)
                        self._workers.append(worker)
                    worker.give(waiting.popleft())
                    busy.append(worker)
                for worker, outcome in _answers(busy):
                    busy.remove(worker)
                    if worker.alive:
                        idle.append(worker)
                    else:
                        self._workers.remove(worker)
                    yield outcome
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the workers."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Worker:
    """One worker process and the line to it."""

    def __init__(self, archive_root: Path, seconds: float, read: Read) -> None:
        context = fork_server(PRELOADED)
        self.line, theirs = context.Pipe(duplex=True)
        self.process: ForkServerProcess = context.Process(
            target=_work, args=(archive_root, theirs, read), name="nianbao parse", daemon=True
        )
        self.process.start()
        theirs.close()
        self.alive = True
        self.ready = False
        self.seconds = seconds
        self.task: Task | None = None
        self.deadline = 0.0

    def give(self, task: Task) -> None:
        """Hand over a document."""
        self.task = task
        self.deadline = monotonic() + (self.seconds if self.ready else self.seconds + START_SECONDS)
        try:
            self.line.send(task)
        except OSError:
            self.alive = False

    def take(self) -> Outcome | None:
        """The outcome of the document in hand, None while there is none."""
        assert self.task is not None
        try:
            if self.alive and self.line.poll():
                answer: Outcome | None = self.line.recv()
                if answer is not None:
                    return answer
                self.ready = True
                self.deadline = monotonic() + self.seconds
        except (EOFError, OSError):
            self.alive = False
        if self.alive and monotonic() < self.deadline:
            return None
        if not self.ready:
            self.end()
            raise ParserStartError(translate(NOT_STARTED, spoken_language()))
        reason = TOO_SLOW.format(seconds=f"{self.seconds:g}") if self.alive else DIED
        self.end()
        return unreadable(self.task.sha256, reason)

    def end(self) -> None:
        """End the process."""
        self.alive = False
        self.line.close()
        self.process.kill()
        self.process.join(5)


def _answers(busy: list[_Worker]) -> list[tuple[_Worker, Outcome]]:
    """Waits for at least one of the workers to answer, die, or be out of time."""
    while True:
        soonest = min(worker.deadline for worker in busy)
        wait([worker.line for worker in busy if worker.alive], timeout=max(0.0, soonest - monotonic()))
        found = [(worker, outcome) for worker in busy if (outcome := worker.take()) is not None]
        if found:
            return found


def _work(archive_root: Path, line: Connection, read: Read) -> None:
    """What a worker does until its line ends: say that it is ready, then one outcome for each task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser_version()
    # What is loaded stays, and a report is thousands of small objects without cycles: the collector need neither
    # look through the one again and again nor come by many times for the other.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    _limit_memory()
    line.send(None)
    while True:
        try:
            task: Task = line.recv()
        except (EOFError, OSError):
            return
        line.send(read(archive_root, task))


def _limit_memory() -> None:
    """Sets the limit on top of what the process holds already; where the system does not tell, there is none."""
    try:
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
