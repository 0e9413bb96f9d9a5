"""A worker of any machine: takes jobs from Procrastinate and has each done in a process of its own.

While a job is being done its worker holds an advisory lock on it. What was taken and of which nobody holds the
lock for a while has lost its worker, and whoever sees it first lets it wait again. A job that came to its end is
in the record before the engine hears of it, and is not done again whatever happens in between.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from procrastinate import App
from procrastinate.job_context import JobContext
from procrastinate.retry import RetryStrategy
from procrastinate.worker import Worker

from crawler.clock import Clock
from monitor.jobs import lines
from monitor.jobs.children import Children
from monitor.jobs.engine import TASK, EngineQueue, PatientConnector
from monitor.jobs.kinds import Job, JobState, Kind, Queue, Task
from monitor.jobs.local import MOST_ATTEMPTS
from monitor.store import jobs as store
from monitor.store.database import StoreError
from monitor.store.locks import Locks, Space

if TYPE_CHECKING:
    from monitor.store.database import Database

BUSY = 75
"""Exit status of a job whose portal or host somebody else is visiting: to be tried again later (EX_TEMPFAIL)."""
BUSY_PAUSE = timedelta(seconds=20)
POLL_SECONDS = 1.0
_LOOK_SECONDS = 2.0
_AWAY_SECONDS = 1.0
_logger = logging.getLogger(__name__)
R = TypeVar("R")


class NotBegunError(Exception):
    """A job was taken and could not be begun before everything ended: the engine lets it wait again."""


@dataclass(frozen=True)
class Place:
    """What a worker works with. ``queue`` is made anew for each use: portals may come and go.

    ``lost_seconds``: so long nobody must hold a job before it is taken over.
    """

    database: Database
    clock: Clock
    queue: Callable[[], EngineQueue]
    children: Children
    lost_seconds: float


class EngineWorker:
    """Takes jobs of some queues, ``at_once`` of them at a time."""

    def __init__(self, place: Place, queues: Collection[Queue], at_once: int) -> None:
        self._place = place
        self._queues = queues
        self._at_once = at_once
        self._name = f"{socket.gethostname()}/{os.getpid()}"
        self._stopping = threading.Event()
        self._locks = Locks(place.database)
        self._locks_lock = threading.Lock()
        self._suspects: dict[int, float] = {}

    def work(self, stopping: threading.Event) -> None:
        """Works until ``stopping``; the jobs that are going on then wait again. Raises StoreError."""
        self._stopping = stopping
        looking = threading.Thread(target=self._look_around, name="nianbao lost jobs", daemon=True)
        looking.start()
        try:
            asyncio.run(self._go())
        finally:
            stopping.set()
            looking.join()
            self._locks.close()

    async def _go(self) -> None:
        connector = PatientConnector(
            kwargs=self._place.database.connection_arguments, min_size=1, max_size=4, timeout=10
        )
        app = App(connector=connector)
        threads = ThreadPoolExecutor(self._at_once + 1, thread_name_prefix="nianbao job")
        loop = asyncio.get_running_loop()

        async def do(context: JobContext, kind: str, subject: str, attempt: int) -> None:
            """One job, in a process of its own."""
            job_id = context.job.id
            assert job_id is not None
            await loop.run_in_executor(threads, self._do, job_id, Task(Kind(kind), subject), attempt)

        # What goes wrong outside of a job's own process says nothing of the job.
        app.task(name=TASK, pass_context=True, retry=RetryStrategy(wait=int(_AWAY_SECONDS)))(do)
        async with app.open_async():
            worker = Worker(
                app,
                queues=[queue.value for queue in self._queues],
                name=self._name,
                concurrency=self._at_once,
                fetch_job_polling_interval=POLL_SECONDS,
                listen_notify=False,
                install_signal_handlers=False,
                delete_jobs="always",
            )
            running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
            stop = loop.run_in_executor(threads, self._stopping.wait)
            await asyncio.wait([running, stop], return_when=asyncio.FIRST_COMPLETED)
            connector.patient = False
            self._stopping.set()
            worker.stop()  # type: ignore[no-untyped-call]
            await loop.run_in_executor(None, self._place.children.end)
            await running
            threads.shutdown()

    # --- one job ------------------------------------------------------------------------------------------------

    def _do(self, job_id: int, task: Task, attempt: int) -> None:
        """Has a job done. Returns when it is over in the record, or waits again."""
        while not self._hold(job_id):
            if self._stopping.wait(_AWAY_SECONDS):
                raise NotBegunError
        try:
            self._have_done(job_id, task, attempt)
        finally:
            with self._locks_lock:
                self._locks.release(Space.JOB, job_id)

    def _hold(self, job_id: int) -> bool:
        with self._locks_lock:
            return self._locks.take(Space.JOB, {job_id: True})

    def _have_done(self, job_id: int, task: Task, attempt: int) -> None:
        place = self._place
        worker = f"engine-{self._name}-{job_id}-{secrets.token_hex(4)}"
        now = place.clock.now()
        job = Job(job_id, task, JobState.RUNNING, attempt, now, now, worker=worker)
        if self._insist(lambda: self._begin(job)):
            return
        status = place.children.run("job", worker)
        self._insist(lambda: self._after(job, status))

    def _begin(self, job: Job) -> bool:
        """Notes that a job begins; whether it is over already."""
        with self._place.database.begin() as session:
            return not store.begin(session, job)

    def _after(self, job: Job, status: int) -> None:
        """Lets a job that has not come to its end wait again, or gives it up."""
        place = self._place
        queue = place.queue()
        with place.database.begin() as session:
            if store.finished(session, job.id, job.task):
                return
            if place.children.stopping or status == BUSY:
                pause = BUSY_PAUSE if status == BUSY else timedelta()
                queue.put(session, [job.task], place.clock.now(), attempt=job.attempts, pause=pause)
                store.take_back(session, job.id)
            else:
                self._try_again(session, queue, job.id, job.task, job.attempts)

    def _try_again(self, session: Any, queue: EngineQueue, job_id: int, task: Task, attempt: int) -> None:
        now = self._place.clock.now()
        if attempt >= MOST_ATTEMPTS:
            store.finish(session, job_id, lines.DIED, now)
        else:
            queue.put(session, [task], now, attempt=attempt + 1)
            store.take_back(session, job_id)

    def _insist(self, ask: Callable[[], R]) -> R:
        """Asks the record until it answers. Raises StoreError where it does not before everything ends."""
        while True:
            try:
                return ask()
            except StoreError as problem:
                if self._stopping.wait(_AWAY_SECONDS):
                    raise
                _logger.warning("%s", problem)

    # --- jobs whose worker is gone ------------------------------------------------------------------------------

    def _look_around(self) -> None:
        """Keeps the locks of our own jobs, and looks for jobs of which nobody has the lock."""
        while not self._stopping.wait(_LOOK_SECONDS):
            try:
                with self._locks_lock:
                    self._locks.still_held()
                self._take_over()
            except StoreError as problem:
                # Nothing is known of anybody then.
                self._suspects.clear()
                _logger.warning("%s", problem)

    def _take_over(self) -> None:
        """Lets jobs wait again that nobody has held for long enough, as often as we looked."""
        with self._place.database.reading() as session:
            found = {job_id for job_id, _, _ in store.abandoned(session)}
        now = monotonic()
        self._suspects = {job_id: self._suspects.get(job_id, now) for job_id in found}
        lost = {job_id for job_id, since in self._suspects.items() if now - since > self._place.lost_seconds}
        if not lost:
            return
        queue = self._place.queue()
        with self._place.database.begin() as session:
            # Somebody else may have been first.
            for job_id, task, attempt in store.abandoned(session):
                if job_id not in lost:
                    continue
                _logger.warning("job %s (%s) has lost its worker and waits again", job_id, task.key)
                store.drop_taken(session, job_id)
                if not store.finished(session, job_id, task):
                    self._try_again(session, queue, job_id, task, attempt)


def queue_names(names: Collection[str] | None) -> tuple[Queue, ...]:
    """The queues of these names, or all of them. Raises ValueError for a name that is none."""
    return tuple(Queue(name) for name in dict.fromkeys(names)) if names else tuple(Queue)
