"""`nianbao serve` on SQLite: what waits is done, and a kill -9 in the midst of it costs nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from crawler.captures import Archive
from crawler.clock import SHANGHAI
from crawler.records import Capture
from monitor.jobs.kinds import JobState, Kind, Task
from monitor.store import jobs as store
from monitor.store.database import Database, open_database
from monitor.store.engines import SQLITE
from tests.benchmarks.killed import COUNTIES, Stand, copy_of, differences, record, stand
from tests.databases import using

ROOT = Path(__file__).parents[3]
NOW = datetime(2024, 2, 5, 9, tzinfo=SHANGHAI)
CRAWLS = [Task(Kind.CRAWL, f"p{county}") for county in COUNTIES]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Two portals, and what an undisturbed pass makes of them."""
    with using(SQLITE), stand(tmp_path_factory.mktemp("stand")) as ready:
        yield ready


@contextmanager
def serving(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`nianbao serve` in a folder; ended at the end of the block."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", "serve"], cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "NIANBAO_WEB__PORT": "0"}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()
        process.wait()


def states(database: Database) -> dict[Task, JobState]:
    """How the jobs stand."""
    with database.reading() as session:
        return {job.task: job.state for job in store.listed(session, 20)}


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Waits until something holds."""
    until = monotonic() + seconds
    while not condition():
        assert monotonic() < until
        sleep(0.05)


def processes_in(folder: Path) -> list[str]:
    """The processes that work in a folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(folder):
                found.append(" ".join(process.cmdline()))
    return found


def test_neither_a_kill_nor_a_stop_in_the_midst_of_a_job_costs_anything(made: Stand, tmp_path: Path) -> None:
    folder = copy_of(made.prepared, tmp_path / "served")
    database = open_database("sqlite:///var/nianbao.sqlite", folder)
    with database.begin() as session:
        store.put(session, [*CRAWLS, Task(Kind.INGEST)], NOW)
    archive = Archive(folder / "var" / "captures")

    def going_on() -> bool:
        """Whether some run goes on and has captured something."""
        going = [run_id for run_id in archive.log_ids() if archive.finish_of(run_id) is None]
        return any(isinstance(one, Capture) for run_id in going for _, one in archive.read_log(run_id))

    with serving(folder) as process:
        wait_for(going_on)
        process.kill()
        process.wait()
    assert states(database)[CRAWLS[0]] is JobState.RUNNING
    wait_for(lambda: processes_in(folder) == [])

    with serving(folder) as process:
        wait_for(going_on)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert states(database)[CRAWLS[0]] is JobState.WAITING
    assert processes_in(folder) == []

    with serving(folder) as process:
        wait_for(lambda: set(states(database).values()) == {JobState.DONE})
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    with database.reading() as session:
        kept = {job.task: job for job in store.listed(session, 20)}
    database.close()
    assert kept[CRAWLS[0]].attempts == 3
    assert kept[CRAWLS[0]].line is not None
    assert differences(made.expected, record(folder)) == []
