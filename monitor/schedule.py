"""When the main job runs, and when what could not be delivered is tried again in between.

APScheduler with its jobs in the database, one scheduler for each database. The scheduler only decides when; the
work is done by ``nianbao run`` and ``nianbao notify`` in processes of their own, so that stopping the
scheduler stops the work cleanly and nothing of a day's run stays in the memory of a process that lives for months.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from types import FrameType

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Engine

from crawler.clock import SHANGHAI
from monitor.language import N_, spoken_language, translate

JOB = "main-job"
DELIVERY = "delivery"
JOB_TABLE = "apscheduler_jobs"
MISFIRE_GRACE_SECONDS = 12 * 3600
"""How late a run may still begin: after a night without power the day's run is made good, once."""
STOP_SECONDS = 60
"""How long a running main job gets to end cleanly when the scheduler is stopped."""

_running: list[subprocess.Popen[bytes]] = []
_stopping = threading.Event()
_logger = logging.getLogger(__name__)


class ScheduleError(Exception):
    """The scheduler cannot run; the message is one readable line."""


class WrongTimesError(ScheduleError):
    """A setting for the times of a job cannot be understood."""


class MainJobFailed(Exception):
    """The main job ended with another status than 0; its own lines have said why."""


def run_main_job(config: str | None) -> None:
    """The scheduled job: ``nianbao run`` once, with the configuration file ``config``. Raises MainJobFailed."""
    status = _run(config, "run")
    if status and not _stopping.is_set():
        raise MainJobFailed(status)


def run_delivery(config: str | None) -> None:
    """The scheduled job between main jobs: ``nianbao notify`` once. Only its problems are said, by itself."""
    _run(config, "notify", stdout=subprocess.DEVNULL)


def _run(config: str | None, command: str, stdout: int | None = None) -> int:
    """Runs a command to its end; its exit status, 0 where the scheduler is being stopped."""
    if _stopping.is_set():
        return 0
    common = ["--config", config] if config else []
    # A session of its own: Ctrl-C reaches the scheduler alone, which then ends the job in good order.
    job = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", *common, command], stdout=stdout, start_new_session=True
    )
    _running.append(job)
    try:
        return job.wait()
    finally:
        _running.remove(job)


def trigger_of(crontab: str) -> CronTrigger:
    """The trigger for a crontab expression in Asia/Shanghai. Raises WrongTimesError."""
    try:
        return CronTrigger.from_crontab(crontab, timezone=SHANGHAI)
    except ValueError:
        message = N_("“{crontab}”不是五段的 crontab 表达式；例如 30 6 * * * 为每天 6:30")
        raise WrongTimesError(translate(message, spoken_language(), {"crontab": crontab})) from None


def make_scheduler(engine: Engine, crontab: str, delivery: str, config: Path | None) -> BackgroundScheduler:
    """A paused scheduler that holds the main job, at the times ``crontab``, and that of delivery.

    A job that is already in the database with the same times stays as it is, so that a run missed while nothing
    was running is made good. Raises ScheduleError.
    """
    jobs = ((JOB, run_main_job, trigger_of(crontab)), (DELIVERY, run_delivery, trigger_of(delivery)))
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine, tablename=JOB_TABLE)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_SECONDS},
        timezone=SHANGHAI,
    )
    scheduler.start(paused=True)
    arguments = [str(config.resolve()) if config else None]
    for name, function, trigger in jobs:
        known = scheduler.get_job(name)
        if known is None or str(known.trigger) != str(trigger) or list(known.args) != arguments:
            scheduler.add_job(function, trigger, id=name, name=name, args=arguments, replace_existing=True)
    return scheduler


def serve(
    engine: Engine,
    crontab: str,
    delivery: str,
    config: Path | None,
    lock: Path,
    *,
    on_start: Callable[[datetime], None],
    on_failure: Callable[[str], None],
    beside: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Runs the scheduler until SIGTERM or Ctrl-C, then ends what is running cleanly.

    ``on_start`` is told the next time, ``on_failure`` of a main job that failed or was missed; ``beside`` goes on
    as long as the scheduler does (the web pages). Raises ScheduleError where another scheduler holds ``lock``.
    """
    with only_one(lock), beside():
        scheduler = make_scheduler(engine, crontab, delivery, config)
        stop = threading.Event()

        def tell(event: JobExecutionEvent) -> None:
            if event.code != EVENT_JOB_EXECUTED and event.job_id == JOB:
                on_failure(f"{type(event.exception).__name__}: {event.exception}" if event.exception else "missed")

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        scheduler.add_listener(tell, EVENT_JOB_ERROR | EVENT_JOB_EXECUTED | EVENT_JOB_MISSED)
        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        _stopping.clear()
        try:
            scheduler.resume()
            on_start(scheduler.get_job(JOB).next_run_time)
            stop.wait()
        finally:
            _stopping.set()
            end_running()
            stop_scheduler(scheduler)
            for number, handler in before.items():
                signal.signal(number, handler)


def stop_scheduler(scheduler: BackgroundScheduler) -> None:
    """Ends the scheduler; a job that is just due stays due.

    APScheduler 3.11 looks at its jobs once more while it shuts down, cannot start them any more, and notes them as
    run; without their store it finds none.
    """
    scheduler.pause()
    scheduler.remove_jobstore("default")
    scheduler.shutdown(wait=True)


def end_running() -> None:
    """Asks running jobs to end (as Ctrl-C would), and ends them where they do not."""
    for job in list(_running):
        job.send_signal(signal.SIGINT)
        try:
            job.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            _logger.warning("the main job did not end within %s seconds and is killed", STOP_SECONDS)
            job.kill()


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
