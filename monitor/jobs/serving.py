"""`nianbao serve` as one tree of processes: pages, scheduler, workers, watchdog; begun and ended together."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from monitor.jobs.children import Children
from monitor.jobs.local import LocalWorker
from monitor.jobs.queue import queue_of
from monitor.schedule import Service, next_main_job, only_one, scheduling

if TYPE_CHECKING:
    from monitor.pipeline import Work


@dataclass(frozen=True)
class Told:
    """Who is told what while it goes on. ``start``: the time of the next main job, once this process plans it."""

    start: Callable[[datetime], None]
    failure: Callable[[str], None]
    pass_failed: Callable[[int], None]


def serve(
    work: Work,
    work_now: Callable[[], Work],
    config: Path | None,
    lock: Path,
    told: Told,
    beside: Callable[[], AbstractContextManager[object]],
) -> None:
    """Serves until SIGTERM or Ctrl-C, then ends what is running cleanly.

    ``work_now`` gives the portals as they are defined at the moment; ``beside`` goes on as long (the web pages).
    Raises ScheduleError where another process serves this database from here, holding ``lock``.
    """
    children = Children(config)
    stopping = threading.Event()
    with ExitStack() as parts:
        parts.enter_context(only_one(lock))
        parts.enter_context(beside())
        parts.enter_context(_ended_by_signal(stopping))
        worker = LocalWorker(work.database, work.clock, children, told.pass_failed)
        service = Service(
            work=work,
            work_now=work_now,
            queue=lambda work: queue_of(work.database, work.portals),
            children=children,
            stopping=stopping,
            wake=worker.wake,
            complain=told.failure,
        )
        parts.enter_context(worker.working())
        scheduler = parts.enter_context(scheduling(work.database.engine, work.settings, service, told.failure))
        # Before the scheduler and the worker, which wait for what they have started.
        parts.callback(children.end)
        scheduler.resume()
        told.start(next_main_job(scheduler))
        stopping.wait()


@contextmanager
def _ended_by_signal(stopping: threading.Event) -> Iterator[None]:
    def end(number: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
