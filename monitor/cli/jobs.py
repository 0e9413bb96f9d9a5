"""`nianbao worker`, and the command by which workers have jobs done: `nianbao job`."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.frame import (
    FAILED,
    WRONG_USAGE,
    CommandError,
    Situation,
    command,
    complain,
    explain,
    help_text,
)
from monitor.language import N_

if TYPE_CHECKING:
    from types import FrameType

    from monitor.jobs.kinds import Ending, Job, Task

_PATIENCE_SECONDS = 60.0


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    from monitor.cli.main_job import SERVICE

    command(app, "worker", N_("常驻：取任务来做，可在多台机器上（数据库须为 PostgreSQL）"), panel=SERVICE)(worker)
    command(app, "job", N_("做一个工作进程取到的任务"), hidden=True)(job)


def worker(
    situation: Situation,
    queue: Annotated[
        list[str] | None,
        typer.Option(
            "--queue",
            metavar="NAME",
            help=help_text(N_("只取这一类任务：crawl、browser、parse、judge；可以重复，默认全部")),
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, max=200, help=help_text(N_("同时做几个；默认为 [schedule] jobs_at_once"))),
    ] = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Takes jobs until SIGTERM or Ctrl-C; what is going on then is broken off in good order and waits again."""
    from monitor.access.base import KnownPortals
    from monitor.archives import make_sure
    from monitor.jobs.children import Children, end_with_parent
    from monitor.settings import configuration_path
    from monitor.store.engines import POSTGRESQL

    database = situation.database
    if database.backend != POSTGRESQL:
        raise CommandError(
            situation.say(
                N_("数据库是 SQLite，任务由 nianbao serve 自己做；要用多台机器，[store] database 须为 PostgreSQL")
            ),
            WRONG_USAGE,
        )
    from monitor.jobs.engine import EngineQueue
    from monitor.jobs.kinds import Queue
    from monitor.jobs.worker import EngineWorker, Place, queue_names

    try:
        queues = queue_names(queue)
    except ValueError:
        known = situation.say(N_("、")).join(Queue)
        raise CommandError(
            situation.say(N_("没有这样的任务队列；--queue 可用 {known}"), known=known), WRONG_USAGE
        ) from None
    portals = KnownPortals(situation.settings.path(situation.settings.crawl.portals))
    children = Children(configuration_path(situation.config))
    # What is wrong with the database is said at once.
    database.engine  # noqa: B018
    make_sure(database, situation.archive)
    place = Place(
        database,
        situation.clock,
        lambda: EngineQueue(portals()),
        children,
        situation.settings.schedule.lost_seconds,
    )
    stopping = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if with_parent:
        end_with_parent()
    else:
        situation.tell(N_("取任务：{queues}。按 Ctrl-C 停止。"), queues=situation.say(N_("、")).join(queues))
    EngineWorker(place, queues, jobs or situation.settings.schedule.jobs_at_once).work(stopping)


def job(
    situation: Situation,
    worker: Annotated[str, typer.Argument(metavar="WORKER", help=help_text(N_("哪个工作进程的任务")))],
) -> None:
    """Does the jobs that a worker of this machine has taken. For workers, not for people.

    What can be said of a job in a line is a failed job; a process that dies leaves its jobs to be done again.
    """
    from monitor.jobs.children import end_with_parent
    from monitor.jobs.local import LANES

    end_with_parent()
    lane = worker.partition("-")[0]
    if lane in LANES:
        _do_all(situation, worker, lane)
    else:
        _do_one(situation, worker)


def _do_all(situation: Situation, worker: str, lane: str) -> None:
    """What the worker of a machine alone has taken, as one pass of the main job."""
    from monitor.cli.main_job import work_of
    from monitor.cli.progress import CommandReporter
    from monitor.jobs.children import in_turn
    from monitor.jobs.kinds import Kind
    from monitor.jobs.performing import perform_all

    locks = situation.settings.path(situation.settings.store.captures) / "locks"
    with in_turn(locks / f"jobs-{lane}.lock"):
        taken = _taken(situation, worker)
        try:
            ended = perform_all(work_of(situation), [one.task for one in taken], CommandReporter(situation))
        except Exception as problem:
            _note(situation, taken, dict.fromkeys((one.task for one in taken), _failed(situation, problem)))
            raise
        _note(situation, taken, ended)
    if any(one.task.kind is not Kind.NOTIFY for one in taken):
        _beat(situation, ended.values())


def _do_one(situation: Situation, worker: str) -> None:
    """The one job that a worker of many machines has taken; what comes after it waits when its end is noted."""
    from monitor.cli.main_job import work_of
    from monitor.cli.progress import CommandReporter
    from monitor.jobs.kinds import Kind
    from monitor.jobs.performing import Busy, perform
    from monitor.jobs.worker import BUSY

    # What was fetched is not to be fetched again because the database was restarted meanwhile.
    situation.database.patience = _PATIENCE_SECONDS
    for taken in _taken(situation, worker):
        try:
            ending = perform(work_of(situation), taken.task, CommandReporter(situation))
        except Busy:
            raise typer.Exit(BUSY) from None
        except Exception as problem:
            _note(situation, [taken], {taken.task: _failed(situation, problem)})
            raise
        _note(situation, [taken], {taken.task: ending})
        if taken.task.kind is Kind.ASSESS:
            _beat(situation, [ending])
        elif ending.failed:
            raise typer.Exit(FAILED)


def _taken(situation: Situation, worker: str) -> list[Job]:
    from monitor.store import jobs

    with situation.database.reading() as session:
        return jobs.running(session, worker)


def _failed(situation: Situation, problem: Exception) -> Ending:
    from monitor.jobs.lines import failure

    return failure(" ".join(explain(problem, situation)[1]))


def _note(situation: Situation, taken: Sequence[Job], ended: Mapping[Task, Ending]) -> None:
    """Keeps how jobs ended, in one step with what comes after them."""
    from monitor.jobs.queue import queue_of
    from monitor.store import jobs

    now = situation.clock.now()
    queue = queue_of(situation.database, ())
    with situation.database.begin() as session:
        for one in taken:
            if jobs.finish(session, one.id, ended[one.task], now):
                queue.put_next(session, one, now)


def _beat(situation: Situation, endings: Iterable[Ending]) -> None:
    """The sign of life; what failed makes the status 1."""
    from monitor.heartbeat import beat

    failed = any(ending.failed for ending in endings)
    for line in beat(situation.database, situation.settings, situation.clock, failed=failed):
        complain(line)
    if failed:
        raise typer.Exit(FAILED)
