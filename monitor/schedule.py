"""When what is asked for: visits by the season, the main job behind them, delivery, the watchdog.

APScheduler with its times in the database, one that acts for each database. The scheduler only decides when and
lets jobs wait (monitor.jobs); workers do them, so that nothing of a day's work stays in the memory of a process
that lives for months. What fell due while nothing ran is asked for once.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.job import Job as ScheduledJob
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from crawler.clock import SHANGHAI
from monitor.jobs.children import Children
from monitor.jobs.kinds import Kind, Task
from monitor.jobs.queue import JobQueue
from monitor.jobs.seasons import seasons_of
from monitor.jobs.visiting import ask_for_visits
from monitor.language import N_, spoken_language, translate
from monitor.settings import Settings
from monitor.store import jobs as store
from monitor.store.database import StoreError

if TYPE_CHECKING:
    from monitor.pipeline import Work

JOB = "main-job"
VISITS = "visits"
DELIVERY = "delivery"
WATCHDOG = "watchdog"
JOB_TABLE = "apscheduler_jobs"
JOBS_KEPT = timedelta(days=90)
"""How long it is kept how jobs ended."""
RETRY_SECONDS = 10.0
"""How long to wait before asking again where the database does not answer."""
_logger = logging.getLogger(__name__)


class ScheduleError(Exception):
    """The scheduler cannot run; the message is one readable line."""


class WrongTimesError(ScheduleError):
    """A setting for the times of a job cannot be understood."""


@dataclass(frozen=True)
class Service:
    """What the scheduled functions work with. ``work_now`` reads the portals as they are defined at the moment.

    ``wake`` tells a worker of this machine that something waits.
    """

    work: Work
    work_now: Callable[[], Work]
    queue: Callable[[Work], JobQueue]
    children: Children
    stopping: threading.Event
    wake: Callable[[], None]
    complain: Callable[[str], None]


_service: Service | None = None
"""What is served at the moment: the database keeps the names of the functions below and no objects."""


def ask_main_job() -> None:
    """What was captured is to be parsed and judged, and what follows told; visits that are due come before it."""
    _ask((Task(Kind.INGEST),))
    _insist(_forget)


def ask_visits() -> None:
    """Portals whose time has come are to be visited."""
    _ask(())


def ask_delivery() -> None:
    """What is due is to be delivered, and what was not delivered tried again."""

    def ask(service: Service) -> None:
        work = service.work
        with work.database.begin() as session:
            service.queue(work).put(session, [Task(Kind.NOTIFY)], work.clock.now())

    _insist(ask)


def run_watchdog() -> None:
    """`nianbao watchdog` once, in a process of its own: it stands beside the queue that it watches."""
    if _service is not None:
        _service.children.run("watchdog", "--quiet")


def _forget(service: Service) -> None:
    work = service.work
    with work.database.begin() as session:
        store.forget(session, work.clock.now() - JOBS_KEPT)


def _ask(further: Sequence[Task]) -> None:
    def ask(service: Service) -> None:
        work = service.work_now()
        ask_for_visits(work, service.queue(work), further)

    _insist(ask)


def _insist(ask: Callable[[Service], None]) -> None:
    """Asks until the database has taken it, or everything is being ended: then it is still due the next time."""
    told = False
    while (service := _service) is not None and not service.stopping.is_set():
        try:
            ask(service)
        except StoreError as problem:
            if not told:
                service.complain(str(problem))
                told = True
            service.stopping.wait(RETRY_SECONDS)
        else:
            service.wake()
            return


def trigger_of(crontab: str) -> CronTrigger:
    """The trigger for a crontab expression in Asia/Shanghai. Raises WrongTimesError."""
    try:
        return CronTrigger.from_crontab(crontab, timezone=SHANGHAI)
    except ValueError:
        message = N_("“{crontab}”不是五段的 crontab 表达式；例如 30 6 * * * 为每天 6:30")
        raise WrongTimesError(translate(message, spoken_language(), {"crontab": crontab})) from None


class _Store(SQLAlchemyJobStore):  # type: ignore[misc]  # APScheduler has no types
    """Keeps the times in the database, and outlives it when it is away."""

    def update_job(self, job: ScheduledJob) -> None:
        """Keeps the next time. Where that fails the job is due once more, and asking twice asks once."""
        try:
            super().update_job(job)
        except DBAPIError as problem:
            _logger.warning("the next time of %s was not kept: %s", job.id, problem.orig)


def make_scheduler(engine: Engine, settings: Settings) -> BackgroundScheduler:
    """A paused scheduler that holds all that is planned by the settings.

    What is already in the database with the same times stays as it is, so that what was missed while nothing was
    running is made good. Raises ScheduleError, and SeasonError for a file of seasons that cannot be used.
    """
    chosen = settings.schedule
    planned: dict[str, tuple[Callable[[], None], CronTrigger]] = {
        f"{VISITS}-{number}": (ask_visits, trigger_of(crontab))
        for number, crontab in enumerate(seasons_of(settings).crontabs, start=1)
    }
    planned[JOB] = (ask_main_job, trigger_of(chosen.main_job))
    planned[DELIVERY] = (ask_delivery, trigger_of(chosen.delivery))
    planned[WATCHDOG] = (run_watchdog, trigger_of(chosen.watchdog))
    scheduler = BackgroundScheduler(
        jobstores={"default": _Store(engine=engine, tablename=JOB_TABLE)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=SHANGHAI,
    )
    scheduler.start(paused=True)
    known = {job.id: job for job in scheduler.get_jobs()}
    for name in known.keys() - planned.keys():
        scheduler.remove_job(name)
    for name, (function, trigger) in planned.items():
        old = known.get(name)
        if old is None or str(old.trigger) != str(trigger) or old.func is not function:
            scheduler.add_job(function, trigger, id=name, name=name, replace_existing=True)
    return scheduler


@contextmanager
def scheduling(
    engine: Engine, settings: Settings, service: Service, on_failure: Callable[[str], None]
) -> Iterator[BackgroundScheduler]:
    """A scheduler for the length of the block, paused at first. ``on_failure`` is told why something failed.

    Raises what :func:`make_scheduler` raises.
    """
    global _service
    scheduler = make_scheduler(engine, settings)
    scheduler.add_listener(lambda event: _tell(event, on_failure), EVENT_JOB_ERROR)
    _service = service
    try:
        yield scheduler
    finally:
        service.stopping.set()
        stop_scheduler(scheduler)
        _service = None


def _tell(event: JobExecutionEvent, on_failure: Callable[[str], None]) -> None:
    on_failure(" ".join(f"{event.exception}".split()) or type(event.exception).__name__)


def next_main_job(scheduler: BackgroundScheduler) -> datetime:
    """When the main job is next asked for."""
    at: datetime = scheduler.get_job(JOB).next_run_time
    return at


def stop_scheduler(scheduler: BackgroundScheduler) -> None:
    """Ends the scheduler; a job that is just due stays due.

    APScheduler 3.11 looks at its jobs once more while it shuts down, cannot start them any more, and notes them as
    run; without their store it finds none.
    """
    scheduler.pause()
    scheduler.remove_jobstore("default")
    scheduler.shutdown(wait=True)


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Holds ``lock`` for the block; it falls with the process, however that ends. Raises ScheduleError if held."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "?"
            message = N_("这个数据库已有一个调度器在运行（进程 {holder}，锁文件 {lock}）；请先停下它")
            raise ScheduleError(translate(message, spoken_language(), {"holder": holder, "lock": lock})) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        yield
    finally:
        os.close(descriptor)
