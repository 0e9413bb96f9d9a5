"""The scheduler: what is planned lies in the database, what was missed is made good, asking twice asks once."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from crawler.clock import SHANGHAI, Clock
from monitor import schedule
from monitor.jobs.children import Children
from monitor.jobs.kinds import Kind, Task
from monitor.jobs.queue import LocalQueue
from monitor.schedule import (
    DELIVERY,
    JOB,
    WATCHDOG,
    ScheduleError,
    Service,
    make_scheduler,
    only_one,
    scheduling,
    stop_scheduler,
    trigger_of,
)
from monitor.settings import ScheduleSettings, Settings
from monitor.store import jobs as store
from monitor.store.database import StoreError
from tests.monitor.jobs.situations import made_work

EVERY_SEASON = ["visits-1", "visits-2", "visits-3"]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database of its own."""
    made = create_engine(f"sqlite:///{tmp_path}/record.sqlite")
    yield made
    made.dispose()


def test_what_is_planned_lies_in_the_database_and_outlives_the_scheduler(engine: Engine, tmp_path: Path) -> None:
    first = make_scheduler(engine, Settings())
    at = first.get_job(JOB).next_run_time
    assert (at.hour, at.minute, at.utcoffset()) == (6, 30, timedelta(hours=8))
    stop_scheduler(first)
    with sqlite3.connect(tmp_path / "record.sqlite") as rows:
        found = rows.execute("select id from apscheduler_jobs order by id").fetchall()
    assert [row[0] for row in found] == [DELIVERY, JOB, *EVERY_SEASON, WATCHDOG]


def test_what_was_missed_while_nothing_ran_is_still_to_come_unless_the_times_changed(engine: Engine) -> None:
    first = make_scheduler(engine, Settings())
    missed = Clock().now() - timedelta(days=3)
    first.modify_job(JOB, next_run_time=missed)
    stop_scheduler(first)
    second = make_scheduler(engine, Settings())
    assert second.get_job(JOB).next_run_time == missed
    assert second.get_job(JOB).coalesce
    assert second.get_job(JOB).max_instances == 1
    assert second.get_job(JOB).misfire_grace_time is None
    stop_scheduler(second)
    third = make_scheduler(engine, Settings(schedule=ScheduleSettings(main_job="0 7 * * *")))
    assert third.get_job(JOB).next_run_time > Clock().now()
    stop_scheduler(third)


def test_what_is_planned_no_more_goes(engine: Engine, tmp_path: Path) -> None:
    stop_scheduler(make_scheduler(engine, Settings()))
    own = tmp_path / "seasons.yaml"
    own.write_text('seasons:\n  - {id: always, times: "0 5 * * *"}\n', encoding="utf-8")
    made = make_scheduler(engine, Settings(schedule=ScheduleSettings(seasons=own)))
    jobs = {job.id: job.next_run_time for job in made.get_jobs()}
    stop_scheduler(made)
    assert sorted(jobs) == [DELIVERY, JOB, "visits-1", WATCHDOG]
    assert jobs["visits-1"].hour == 5


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


def test_what_falls_due_waits_in_the_record_and_the_worker_is_woken(tmp_path: Path) -> None:
    work = made_work(tmp_path, now=datetime(2024, 1, 30, 9, tzinfo=SHANGHAI))
    woken = threading.Event()
    with serving(work, woken) as scheduler:
        scheduler.modify_job(JOB, next_run_time=Clock().now() - timedelta(days=2))
        scheduler.modify_job(DELIVERY, next_run_time=Clock().now())
        scheduler.resume()
        assert woken.wait(10)
        for _ in range(100):
            with work.database.reading() as session:
                waiting = {job.task for job in store.listed(session, 10)}
            if len(waiting) == 4:
                break
            threading.Event().wait(0.05)
    assert waiting == {
        Task(Kind.CRAWL, "one"),
        Task(Kind.CRAWL, "two"),
        Task(Kind.INGEST),
        Task(Kind.NOTIFY),
    }


def test_a_database_that_is_away_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "RETRY_SECONDS", 0.01)
    work = made_work(tmp_path, now=datetime(2024, 1, 30, 9, tzinfo=SHANGHAI))
    away = [True, True]

    class Away(LocalQueue):
        """A queue whose database answers at the third try."""

        def put(self, *asked: Any) -> int:
            """What it was asked for, once it answers."""
            if away:
                away.pop()
                raise StoreError("down for a moment")
            return super().put(*asked)

    said: list[str] = []
    with serving(work, threading.Event(), queue=Away(), complain=said.append):
        schedule.ask_main_job()
    with work.database.reading() as session:
        assert len(store.listed(session, 10)) == 3
    assert said == ["down for a moment"]


def serving(work: Any, woken: threading.Event, **changed: Any) -> Any:
    """A scheduler at work for what ``work`` holds."""
    queue = changed.pop("queue", LocalQueue())
    service = Service(
        work=work,
        work_now=lambda: work,
        queue=lambda work: queue,
        children=Children(None),
        stopping=threading.Event(),
        wake=woken.set,
        complain=lambda problem: None,
    )
    said: list[str] = []
    return scheduling(work.database.engine, work.settings, replace(service, **changed), said.append)
