"""Worker processes: each limit holds, and what one task does harms no other."""

import os
import time
from pathlib import Path

import pytest

from monitor.workers import DIED, TOO_LARGE, Allow, Limits, Trouble, WorkerPool

MEGABYTE = 1024 * 1024


def work(task: str, allow: Allow) -> str:
    """Does what the task says."""
    what, _, number = task.partition(" ")
    if what == "die":
        os._exit(3)
    if what == "scan":
        allow(True)
        what = "sleep"
    if what == "sleep":
        time.sleep(float(number))
    if what == "eat":
        return str(len(bytearray(int(number) * MEGABYTE)))
    if what == "start":
        os.spawnlp(os.P_NOWAIT, "sh", "sh", "-c", f"sleep 2; touch {number}")
        time.sleep(60)
    return f"{task} by {os.getpid()}" if what == "who" else task


def failed(task: str, trouble: Trouble) -> str:
    """The answer in place of work's."""
    return f"{task}: {trouble.in_words()}"


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))  # a worker has to find this module


def pool(**limits: float) -> WorkerPool[str, str]:
    given = {
        name: int(value) if name != "seconds" and name != "scan_seconds" else value
        for name, value in limits.items()
    }
    return WorkerPool(work, failed, preloaded=("monitor.workers",), workers=2, limits=Limits(**given))  # type: ignore[arg-type]


def test_every_task_is_answered_once() -> None:
    with pool() as workers:
        assert sorted(workers.run(f"say {number}" for number in range(50))) == sorted(
            (f"say {number}", f"say {number}") for number in range(50)
        )
        assert dict(workers.run(["again"])) == {"again": "again"}
        assert dict(workers.run([])) == {}


def test_a_death_and_a_hang_cost_one_answer_each() -> None:
    with pool(seconds=1.0) as workers:
        answers = dict(workers.run(["die", "sleep 60", "a", "b", "c"]))
    assert answers["die"] == f"die: {DIED}"
    assert "1 秒" in answers["sleep 60"]
    assert [answers[name] for name in "abc"] == ["a", "b", "c"]


def test_a_scan_may_take_longer() -> None:
    with pool(seconds=0.5, scan_seconds=20.0) as workers:
        answers = dict(workers.run(["scan 1.2", "sleep 1.2"]))
    assert answers["scan 1.2"] == "scan 1.2"
    assert "0.5 秒" in answers["sleep 1.2"]


def test_memory_is_limited_and_a_scan_has_more() -> None:
    with pool(memory=200 * MEGABYTE, scan_memory=600 * MEGABYTE) as workers:
        answers = dict(workers.run(["eat 300", "eat 100"]))
    assert answers == {"eat 300": f"eat 300: {TOO_LARGE}", "eat 100": str(100 * MEGABYTE)}


def test_workers_are_replaced_after_some_tasks() -> None:
    with pool(tasks=3) as workers:
        pids = [answer.split()[-1] for _, answer in workers.run(f"who {number}" for number in range(12))]
    assert all(pids.count(pid) <= 3 for pid in pids)


def test_what_a_worker_started_ends_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pool(seconds=0.5) as workers:
        assert "0.5 秒" in dict(workers.run([f"start {mark}"]))[f"start {mark}"]
    time.sleep(2.5)
    assert not mark.exists()
