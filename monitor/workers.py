"""Worker processes with limits on time and memory: what crashes, hangs or eats memory harms one task only.

A worker that dies or is too slow is replaced, and its task is answered by the caller's own word for that. Workers
are replaced after a number of tasks, too, so that what a library leaks never grows for days.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from crawler.forks import fork_server
from crawler.memory import give_back
from monitor.language import N_, spoken_language, translate

START_SECONDS = 60.0
"""How long a worker may take to start, before its first task counts."""

TASKS_BETWEEN_TIDYING = 50
"""After so many tasks a worker gives free memory back: reports scatter small objects over its whole heap."""

TOO_SLOW = N_("解析超过 {seconds} 秒，已放弃")
DIED = N_("解析进程意外终止")
TOO_LARGE = N_("解析占用内存过多，已放弃")
NOT_STARTED = N_("解析进程无法启动，没有解析任何文件；请用 script/setup 重新安装，并检查可用内存")

T = TypeVar("T")
R = TypeVar("R")
Allow = Callable[[bool], None]
"""What a worker calls once it knows the file: whether it is one that may take the time and memory of a scan."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a task has no answer of its own: a Chinese line with places, and what fills them."""

    template: str
    values: Mapping[str, str] = field(default_factory=dict)

    def in_words(self, language: str = "zh") -> str:
        """The line for people."""
        return translate(self.template, language, self.values)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may take, in seconds and in bytes beyond what the worker starts with.

    Scans, and files that may turn out to be scans, have limits of their own. A worker is replaced after ``tasks``.
    """

    seconds: float = 30.0
    scan_seconds: float = 120.0
    memory: int = 1024**3
    scan_memory: int = 2 * 1024**3
    tasks: int = 2000

    def time_for(self, scan: bool) -> float:
        """Seconds for one task."""
        return self.scan_seconds if scan else self.seconds

    def memory_for(self, scan: bool) -> int:
        """Bytes for one task."""
        return self.scan_memory if scan else self.memory


class WorkerStartError(RuntimeError):
    """The worker processes do not start: our own fault, which says nothing of any document."""


class WorkerPool(Generic[T, R]):
    """Worker processes, started when the first one is needed.

    ``work`` does one task in a worker (both must be picklable); ``failed`` gives the answer for a task
    whose worker died, was out of time or out of memory.
    """

    def __init__(
        self,
        work: Callable[[T, Allow], R],
        failed: Callable[[T, Trouble], R],
        *,
        preloaded: Sequence[str],
        workers: int | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._work = work
        self._failed = failed
        self._preloaded = preloaded
        self._size = max(1, workers or os.cpu_count() or 1)
        self._limits = limits or Limits()
        self._workers: list[_Worker[T, R]] = []

    def run(self, tasks: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Does tasks and gives each with its answer as they come, in no order. Raises WorkerStartError."""
        waiting = deque(tasks)
        idle = list(self._workers)
        busy: list[_Worker[T, R]] = []
        try:
            while waiting or busy:
                while waiting and len(busy) < self._size:
                    worker = idle.pop() if idle else self._start()
                    worker.give(waiting.popleft())
                    busy.append(worker)
                for worker, task, answer in _answers(busy):
                    busy.remove(worker)
                    if worker.spent:
                        worker.end()
                    if worker.alive:
                        idle.append(worker)
                    else:
                        self._workers.remove(worker)
                    yield task, answer
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

    def _start(self) -> _Worker[T, R]:
        worker: _Worker[T, R] = _Worker(self._work, self._failed, self._limits, self._preloaded)
        self._workers.append(worker)
        return worker


@dataclass(frozen=True, slots=True)
class _Ready:
    """The worker has started."""


@dataclass(frozen=True, slots=True)
class _Scan:
    """The task in hand may take the time of a scan."""

    scan: bool


@dataclass(frozen=True, slots=True)
class _Done:
    """The answer to the task in hand; ``spent`` asks for another worker."""

    answer: Any
    spent: bool = False


class _Worker(Generic[T, R]):
    """One worker process and the line to it."""

    def __init__(
        self,
        work: Callable[[T, Allow], R],
        failed: Callable[[T, Trouble], R],
        limits: Limits,
        preloaded: Sequence[str],
    ) -> None:
        context = fork_server(preloaded)
        self.line, theirs = context.Pipe(duplex=True)
        self.process: ForkServerProcess = context.Process(
            target=_serve, args=(theirs, work, failed, limits), name="nianbao worker", daemon=True
        )
        self.process.start()
        theirs.close()
        self.alive = True
        self.ready = False
        self.spent = False
        self.given = 0
        self.failed = failed
        self.limits = limits
        self.seconds = limits.seconds
        self.task: T | None = None
        self.deadline = 0.0

    def give(self, task: T) -> None:
        """Hand over a task."""
        self.task = task
        self.given += 1
        self.seconds = self.limits.seconds
        self.deadline = monotonic() + self.seconds + (0.0 if self.ready else START_SECONDS)
        try:
            self.line.send(task)
        except OSError:
            self.alive = False

    def take(self) -> tuple[T, R] | None:
        """The task in hand with its answer, None while there is none."""
        assert self.task is not None
        try:
            while self.alive and self.line.poll():
                said = self.line.recv()
                if isinstance(said, _Done):
                    self.spent = said.spent or self.given >= self.limits.tasks
                    return self.task, said.answer
                if isinstance(said, _Ready):
                    self.ready = True
                else:
                    self.seconds = self.limits.time_for(said.scan)
                self.deadline = monotonic() + self.seconds
        except (EOFError, OSError):
            self.alive = False
        if self.alive and monotonic() < self.deadline:
            return None
        if not self.ready:
            self.end()
            raise WorkerStartError(translate(NOT_STARTED, spoken_language()))
        trouble = Trouble(TOO_SLOW, {"seconds": f"{self.seconds:g}"}) if self.alive else Trouble(DIED)
        self.end()
        return self.task, self.failed(self.task, trouble)

    def end(self) -> None:
        """End the process and whatever it has started."""
        self.alive = False
        self.line.close()
        if self.ready and self.process.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join(5)


def _answers(busy: Sequence[_Worker[T, R]]) -> list[tuple[_Worker[T, R], T, R]]:
    """Waits for at least one of the workers to answer, die, or be out of time."""
    while True:
        soonest = min(worker.deadline for worker in busy)
        wait([worker.line for worker in busy if worker.alive], timeout=max(0.0, soonest - monotonic()))
        found = [(worker, *taken) for worker in busy if (taken := worker.take()) is not None]
        if found:
            return found


def _serve(
    line: Connection, work: Callable[[T, Allow], R], failed: Callable[[T, Trouble], R], limits: Limits
) -> None:
    """What a worker does until its line ends: say that it is ready, then one answer for each task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A group of its own, so that a program it has started ends with it.
    os.setpgid(0, 0)
    # What is loaded stays, and a report is thousands of small objects without cycles: the collector need neither
    # look through the one again and again nor come by many times for the other.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    start = _memory_in_use()
    line.send(_Ready())
    for number in count(1):
        try:
            task: T = line.recv()
        except (EOFError, OSError):
            return
        _limit_memory(start, limits.memory)
        spent = False
        try:
            answer = work(task, partial(_allow, line, limits, start))
        except MemoryError:
            answer, spent = failed(task, Trouble(TOO_LARGE)), True
        line.send(_Done(answer, spent))
        if number % TASKS_BETWEEN_TIDYING == 0:
            give_back()


def _allow(line: Connection, limits: Limits, start: int | None, scan: bool) -> None:
    line.send(_Scan(scan))
    _limit_memory(start, limits.memory_for(scan))


def _memory_in_use() -> int | None:
    """Private writable memory of this process in bytes; None where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[5]
    except (OSError, ValueError, IndexError):
        return None
    return int(pages) * resource.getpagesize()


def _limit_memory(start: int | None, memory: int) -> None:
    """Limits what the process may take; where the system does not tell what it holds, there is no limit."""
    if start is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (start + memory, resource.getrlimit(resource.RLIMIT_DATA)[1]))
