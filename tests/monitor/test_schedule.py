"""The scheduler: one for each database, a missed run is made good, stopping ends the work."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from crawler.clock import SHANGHAI, Clock
from monitor import schedule
from monitor.schedule import DELIVERY, JOB, ScheduleError, make_scheduler, only_one, stop_scheduler, trigger_of


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database of its own."""
    made = create_engine(f"sqlite:///{tmp_path}/record.sqlite")
    yield made
    made.dispose()


def test_the_job_lies_in_the_database_and_outlives_the_scheduler(engine: Engine, tmp_path: Path) -> None:
    first = make_scheduler(engine, "30 6 * * *", "*/10 * * * *", tmp_path / "nianbao.toml")
    at = first.get_job(JOB).next_run_time
    assert (at.hour, at.minute, at.utcoffset()) == (6, 30, timedelta(hours=8))
    stop_scheduler(first)
    with sqlite3.connect(tmp_path / "record.sqlite") as rows:
        assert rows.execute("select id from apscheduler_jobs order by id").fetchall() == [(DELIVERY,), (JOB,)]


def test_a_run_missed_while_nothing_ran_is_still_to_come_unless_the_times_changed(engine: Engine) -> None:
    first = make_scheduler(engine, "30 6 * * *", "*/10 * * * *", None)
    missed = Clock().now() - timedelta(hours=1)
    first.modify_job(JOB, next_run_time=missed)
    stop_scheduler(first)
    second = make_scheduler(engine, "30 6 * * *", "*/10 * * * *", None)
    assert second.get_job(JOB).next_run_time == missed
    assert second.get_job(JOB).coalesce
    assert second.get_job(JOB).max_instances == 1
    assert second.get_job(JOB).misfire_grace_time >= 3600
    stop_scheduler(second)
    third = make_scheduler(engine, "0 7 * * *", "*/10 * * * *", None)
    assert third.get_job(JOB).next_run_time > Clock().now()
    stop_scheduler(third)


def test_delivery_is_a_job_of_its_own_between_the_main_jobs(engine: Engine) -> None:
    made = make_scheduler(engine, "30 6 * * *", "*/10 * * * *", None)
    job = made.get_job(DELIVERY)
    stop_scheduler(made)
    assert job.func is schedule.run_delivery
    assert timedelta() < job.next_run_time - Clock().now() <= timedelta(minutes=10)


def test_delivery_runs_the_command_notify(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    real = subprocess.Popen

    def starting(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(command)
        return real([sys.executable, "-c", "raise SystemExit(1)"], **options)

    monkeypatch.setattr("monitor.schedule.subprocess.Popen", starting)
    schedule.run_delivery("county.toml")
    assert [command[-3:] for command in started] == [["--config", "county.toml", "notify"]]


def test_a_wrong_crontab_is_said_in_one_line() -> None:
    with pytest.raises(ScheduleError, match="crontab") as raised:
        trigger_of("half past six")
    assert "\n" not in str(raised.value)


def test_a_second_scheduler_is_refused_and_the_lock_falls_with_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "var" / "scheduler.lock"
    with only_one(lock), pytest.raises(ScheduleError, match=str(os.getpid())), only_one(lock):
        pass
    with only_one(lock):
        pass


def test_the_job_runs_the_command_and_reports_its_failure(tmp_path: Path) -> None:
    with pytest.raises(schedule.MainJobFailed):
        schedule.run_main_job(str(tmp_path / "none.toml"))


def test_serving_ends_on_sigterm_and_takes_a_running_job_along(tmp_path: Path) -> None:
    """A scheduler whose job is due at once and lasts; after SIGTERM neither process is left."""
    script = tmp_path / "serving.py"
    script.write_text(
        "import sys, subprocess\n"
        "from pathlib import Path\n"
        "from sqlalchemy import create_engine\n"
        "from monitor import schedule\n"
        "from crawler.clock import Clock\n"
        "folder = Path(sys.argv[1])\n"
        "real = subprocess.Popen\n"
        "def lasting(command, **options):\n"
        "    job = real([sys.executable, '-c', 'import time; time.sleep(60)'], **options)\n"
        "    (folder / 'job').write_text(str(job.pid))\n"
        "    return job\n"
        "schedule.subprocess.Popen = lasting\n"
        "engine = create_engine(f'sqlite:///{folder}/record.sqlite')\n"
        "first = schedule.make_scheduler(engine, '30 6 * * *', '*/10 * * * *', None)\n"
        "first.modify_job(schedule.JOB, next_run_time=Clock().now())\n"
        "schedule.stop_scheduler(first)\n"
        "times = '30 6 * * *', '*/10 * * * *'\n"
        "schedule.serve(engine, *times, None, folder / 'lock', on_start=print, on_failure=print)\n",
        encoding="utf-8",
    )
    serving = subprocess.Popen([sys.executable, script, tmp_path], stdout=subprocess.PIPE)
    try:
        until = datetime.now(SHANGHAI) + timedelta(seconds=20)
        while not (tmp_path / "job").exists() or not (tmp_path / "job").read_text():
            assert datetime.now(SHANGHAI) < until, "the job was not started"
            time.sleep(0.05)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(20) == 0
    finally:
        serving.kill()
        serving.communicate()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "job").read_text()), 0)
