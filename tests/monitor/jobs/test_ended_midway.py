"""Processes killed, stopped and cut off in the midst of a job, with wrong clocks: nothing is lost or done twice.

On SQLite `nianbao serve` by itself; on PostgreSQL workers of many machines, each of them a process on this one.
The portals' server sees which worker asked by its name.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from crawler.captures import Archive
from crawler.clock import SHANGHAI, Clock
from crawler.records import Capture, RunStarted
from monitor.jobs.kinds import Job, JobState, Kind, Task
from monitor.registry.organs import import_organs
from monitor.schedule import JOB, make_scheduler, stop_scheduler
from monitor.settings import Settings
from monitor.store import jobs as store
from monitor.store.database import Database, StoreError, open_database
from monitor.store.engines import POSTGRESQL, SQLITE
from tests.benchmarks.killed import COUNTIES, Stand, copy_of, differences, record, stand
from tests.databases import address_in, server, store_section, using

ROOT = Path(__file__).parents[3]
CRAWLS = {Task(Kind.CRAWL, f"p{county}") for county in COUNTIES}
NOW = datetime(2024, 2, 5, 9, tzinfo=SHANGHAI)
CLOCKS = ("2024-02-05T09:00:00", "2024-02-05T09:10:00", "2024-02-05T08:50:00")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Two portals, and what an undisturbed pass makes of them: the same on both databases."""
    with using(SQLITE), stand(tmp_path_factory.mktemp("stand")) as ready:
        yield ready


@contextmanager
def started(folder: Path, *command: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a folder with further settings; ended at the end of the block, in good order."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", *command], cwd=folder, text=True, stdout=subprocess.PIPE,
        env={**kept, "PYTHONPATH": str(ROOT), "NIANBAO_WEB__PORT": "0", "NIANBAO_SCHEDULE__LOST_SECONDS": "10",
             **settings},
    )  # fmt: skip
    try:
        yield process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def prepared_on_postgresql(prepared: Path, folder: Path) -> Database:
    """A folder made ready like another one, with its record on PostgreSQL and portals that take longer."""
    shutil.copytree(prepared, folder, ignore=shutil.ignore_patterns("var"))
    settings = folder / "nianbao.toml"
    settings.write_text(store_section(folder) + settings.read_text(encoding="utf-8"), encoding="utf-8")
    for file in (folder / "portals").iterdir():
        text = file.read_text(encoding="utf-8").replace("request_interval: 0.04", "request_interval: 0.2")
        file.write_text(text, encoding="utf-8")
    database = open_database(address_in(folder), folder)
    database.migrate()
    import_organs(database, folder / "organs.csv")
    return database


def wait_for(condition: Callable[[], bool], seconds: float = 240) -> None:
    """Waits until something holds; a database that is away says nothing."""
    until = monotonic() + seconds
    while True:
        with suppress(StoreError):
            if condition():
                return
        assert monotonic() < until
        sleep(0.3)


def jobs_of(database: Database) -> list[Job]:
    """Jobs that were begun, the first one first."""
    with database.reading() as session:
        return list(reversed(store.listed(session, 100)))


def all_over(database: Database) -> bool:
    """Whether everything came to its end."""
    with database.reading() as session:
        idle = not store.waiting_elsewhere(session, 1) and not store.visits_elsewhere(session, 0)
    jobs = jobs_of(database)
    tasks = {job.task for job in jobs}
    return idle and tasks >= {*CRAWLS, Task(Kind.NOTIFY)} and all(job.state is JobState.DONE for job in jobs)


def test_nothing_is_lost_or_done_twice_whatever_ends_in_the_midst_of_it(made: Stand, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    with using(POSTGRESQL):
        database = prepared_on_postgresql(made.prepared, folder)
    planned = make_scheduler(database.engine, Settings())
    planned.modify_job(JOB, next_run_time=Clock().now() - timedelta(hours=1))
    stop_scheduler(planned)
    archive = Archive(folder / "var" / "captures")
    before = len(made.requests)

    def visiting() -> Job | None:
        """A visit that goes on and has captured something."""
        going = [run_id for run_id in archive.log_ids() if archive.finish_of(run_id) is None]
        records = [record for run_id in going for _, record in archive.read_log(run_id)]
        portals = {one.portal_id for one in records if isinstance(one, RunStarted)}
        captured = any(isinstance(one, Capture) for one in records)
        running = [
            job for job in jobs_of(database) if job.state is JobState.RUNNING and job.task.subject in portals
        ]
        return running[0] if captured and running else None

    with ExitStack() as all_of_them:
        schedulers = [
            all_of_them.enter_context(started(folder, "serve", NIANBAO_SCHEDULE__WORKERS="0")) for _ in "12"
        ]
        workers = [
            all_of_them.enter_context(
                started(
                    folder, "worker", "--jobs", "1", NIANBAO_CLOCK__NOW=now, NIANBAO_CRAWL__USER_AGENT=f"w{number}"
                )
            )
            for number, now in enumerate(CLOCKS)
        ]
        wait_for(lambda: visiting() is not None)
        job = visiting()
        assert job is not None
        assert job.worker is not None
        killed = next(one for one in workers if f"/{one.pid}-" in job.worker)
        killed.kill()
        schedulers[0].kill()
        server.restart()
        wait_for(lambda: all_over(database))

    jobs = jobs_of(database)
    database.close()
    done = Counter(job.task for job in jobs)
    assert {task: done[task] for task in CRAWLS} == dict.fromkeys(CRAWLS, 1)
    assert {one.task: one.attempts for one in jobs if one.task in CRAWLS} == {
        task: 2 if task == job.task else 1 for task in CRAWLS
    }
    runs = Counter(next(archive.read_log(run_id))[1].portal_id for run_id in archive.log_ids())  # type: ignore[union-attr]
    assert runs == {task.subject: 2 if task == job.task else 1 for task in CRAWLS}
    for county in COUNTIES:
        visitors = [one.user_agent for one in made.requests[before:] if one.site == county]
        assert len([who for who, _ in groupby(visitors)]) == runs[f"p{county}"]
    with using(POSTGRESQL):
        assert differences(made.expected, record(folder)) == []


def states(database: Database) -> dict[Task, JobState]:
    """How the jobs stand."""
    with database.reading() as session:
        return {job.task: job.state for job in store.listed(session, 20)}


def processes_in(folder: Path) -> list[str]:
    """The processes that work in a folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(folder):
                found.append(" ".join(process.cmdline()))
    return found


def test_a_kill_in_the_midst_of_a_job_costs_nothing(made: Stand, tmp_path: Path) -> None:
    folder = copy_of(made.prepared, tmp_path / "served")
    database = open_database("sqlite:///var/nianbao.sqlite", folder)
    with database.begin() as session:
        store.put(session, [*sorted(CRAWLS, key=lambda task: task.subject), Task(Kind.INGEST)], NOW)
    archive = Archive(folder / "var" / "captures")
    first = min(CRAWLS, key=lambda task: task.subject)

    def going_on() -> bool:
        """Whether some run goes on and has captured something."""
        going = [run_id for run_id in archive.log_ids() if archive.finish_of(run_id) is None]
        return any(isinstance(one, Capture) for run_id in going for _, one in archive.read_log(run_id))

    with started(folder, "serve") as process:
        wait_for(going_on)
        process.kill()
        process.wait()
    assert states(database)[first] is JobState.RUNNING
    wait_for(lambda: processes_in(folder) == [])

    with started(folder, "serve") as process:
        wait_for(lambda: set(states(database).values()) == {JobState.DONE})
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    with database.reading() as session:
        kept = {job.task: job for job in store.listed(session, 20)}
    database.close()
    assert kept[first].attempts == 2
    assert kept[first].line is not None
    assert differences(made.expected, record(folder)) == []
