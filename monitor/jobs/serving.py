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

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from monitor.jobs.children import STOP_SECONDS, Children
from monitor.jobs.local import LocalWorker
from monitor.jobs.queue import queue_of
from monitor.schedule import Service, next_main_job, only_one, scheduling
from monitor.store.engines import POSTGRESQL
from monitor.store.locks import Locks, Space

if TYPE_CHECKING:
    from monitor.pipeline import Work
    from monitor.store.database import Database

_LOOK_SECONDS = 2.0
_AGAIN_SECONDS = 5.0


@dataclass(frozen=True)
class Told:
    """Who is told what while it goes on. ``start``: the time of the next main job, once this process plans it.

    ``standby``: another process plans. ``pass_failed``: the status of a pass, or of a worker, that ended badly.
    """

    start: Callable[[datetime], None]
    failure: Callable[[str], None]
    pass_failed: Callable[[int], None]
    standby: Callable[[], None]


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
    many = work.database.backend == POSTGRESQL
    with ExitStack() as parts:
        if not many:
            parts.enter_context(only_one(lock))
        parts.enter_context(_ended_by_signal(stopping))
        parts.enter_context(beside())
        local = None if many else LocalWorker(work.database, work.clock, children, told.pass_failed)
        service = Service(
            work=work,
            work_now=work_now,
            queue=lambda work: queue_of(work.database, work.portals),
            children=children,
            stopping=stopping,
            wake=local.wake if local else lambda: None,
            complain=told.failure,
        )
        if local:
            parts.enter_context(local.working())
        else:
            parts.enter_context(_workers(work.settings.schedule.workers, children, stopping, told))
        scheduler = parts.enter_context(scheduling(work.database.engine, work.settings, service, told.failure))
        # Before the scheduler and the workers, which wait for what they have started.
        parts.callback(children.end, STOP_SECONDS * (1.5 if many else 1))
        if many:
            parts.enter_context(_leading(work.database, scheduler, stopping, told))
        else:
            scheduler.resume()
            told.start(next_main_job(scheduler))
        stopping.wait()


@contextmanager
def _workers(number: int, children: Children, stopping: threading.Event, told: Told) -> Iterator[None]:
    """So many workers of this machine for the length of the block, begun again where they end."""

    def keep() -> None:
        while not stopping.is_set():
            status = children.run("worker", "--with-parent")
            if not stopping.is_set():
                told.pass_failed(status)
                stopping.wait(_AGAIN_SECONDS)

    threads = [threading.Thread(target=keep, name="nianbao worker", daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


@contextmanager
def _leading(
    database: Database, scheduler: BackgroundScheduler, stopping: threading.Event, told: Told
) -> Iterator[None]:
    """Lets the scheduler act while this process alone, of all with this database, has the right to."""
    locks = Locks(database)

    def lead() -> None:
        leading = waiting = False
        while not stopping.is_set():
            try:
                if leading and not locks.still_held():
                    leading = False
                    scheduler.pause()
                    locks.forget()
                if not leading and locks.take(Space.SCHEDULER, {0: True}):
                    told.start(next_main_job(scheduler))
                    scheduler.resume()
                    leading = True
                elif not leading and not waiting:
                    told.standby()
                    waiting = True
            except DBAPIError:
                # The lock was there for a moment and the database is not: to be had anew.
                locks.forget()
            stopping.wait(_LOOK_SECONDS)

    thread = threading.Thread(target=lead, name="nianbao leading", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        locks.close()


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
