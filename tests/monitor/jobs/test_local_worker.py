"""The worker of a machine alone: what it does with a process that dies, and when it is told to stop."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from crawler.clock import SHANGHAI
from monitor.jobs.children import Children
from monitor.jobs.kinds import Job, JobState, Kind, Task
from monitor.jobs.local import MOST_ATTEMPTS, LocalWorker
from monitor.pipeline import Work
from monitor.store import jobs as store
from tests.monitor.jobs.situations import made_work

NOW = datetime(2024, 1, 30, 9, tzinfo=SHANGHAI)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A record in which something waits."""
    made = made_work(tmp_path, NOW)
    with made.database.begin() as session:
        store.put(session, [Task(Kind.INGEST)], NOW)
    return made


def instead(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Lets a program be run instead of our own commands."""
    real = subprocess.Popen

    def starting(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        return real([sys.executable, "-c", program, *command[4:]], **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr("monitor.jobs.children.subprocess.Popen", starting)


def job_of(work: Work) -> Job:
    """The job."""
    with work.database.reading() as session:
        return store.listed(session, 1)[0]


def wait_for(condition: Callable[[], bool]) -> None:
    """Waits until something holds."""
    until = monotonic() + 60
    while not condition():
        assert monotonic() < until
        sleep(0.05)


def test_who_is_told_to_stop_ends_its_process_and_the_job_waits_as_if_begun_once(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, "import time; time.sleep(60)")
    children = Children(None)
    failed: list[int] = []
    with LocalWorker(work.database, work.clock, children, failed.append).working():
        wait_for(lambda: job_of(work).state is JobState.RUNNING)
        children.end()
        sleep(0.2)
    assert (job_of(work).state, job_of(work).attempts) == (JobState.WAITING, 1)
    assert failed == []


def test_a_job_whose_process_dies_is_begun_again_and_then_given_up(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, "raise SystemExit(3)")
    failed: list[int] = []
    with LocalWorker(work.database, work.clock, Children(None), failed.append).working():
        wait_for(lambda: job_of(work).state is JobState.FAILED)
    assert job_of(work).attempts == MOST_ATTEMPTS
    assert failed == [3] * MOST_ATTEMPTS


def test_a_child_ends_with_its_parent_and_in_peace(tmp_path: Path) -> None:
    program = """
import sys, time
from monitor.jobs.children import end_with_parent
end_with_parent()
if sys.argv[1:] == ["stay"]:
    try:
        print("ready", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print("interrupted")
"""
    quick = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert quick.wait(60) == 0
    assert quick.communicate()[1] == b""
    orphan = subprocess.Popen(
        [sys.executable, "-c", program, "stay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert orphan.stdout is not None
    assert orphan.stdout.readline() == b"ready\n"
    assert orphan.communicate(timeout=60)[0] == b"interrupted\n"
