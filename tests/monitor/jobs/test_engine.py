"""Jobs in Procrastinate: put in the caller's transaction, once; in turns; taken over when their worker is gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from procrastinate import App, PsycopgConnector

from crawler.clock import SHANGHAI, Clock
from monitor.jobs.children import Children
from monitor.jobs.engine import EngineQueue
from monitor.jobs.kinds import Ending, Job, JobState, Kind, Queue, Task
from monitor.jobs.queue import queue_of
from monitor.jobs.visiting import ask_for_visits
from monitor.jobs.worker import EngineWorker, Place
from monitor.pipeline import Work
from monitor.store import engine_schema
from monitor.store import jobs as store
from monitor.store.engines import POSTGRESQL
from monitor.store.locks import Locks, Space
from tests.databases import using
from tests.monitor.jobs.situations import made_work, portal

NOW = datetime(2024, 1, 30, 9, tzinfo=SHANGHAI)
PORTALS = (
    portal("one", "x.example.org"),
    portal("two", "x.example.org", "y.example.org"),
    portal("three", "z.example.org"),
    portal("four", "w.example.org", render="脚本生成"),
)
ONE, TWO, THREE, FOUR = (Task(Kind.CRAWL, name) for name in ("one", "two", "three", "four"))
INGEST, ASSESS = Task(Kind.INGEST), Task(Kind.ASSESS)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    """A record on PostgreSQL."""
    with using(POSTGRESQL):
        made = made_work(tmp_path, NOW, *PORTALS)
        yield made
        made.database.close()


@pytest.fixture
def queue(work: Work) -> EngineQueue:
    """Its queue."""
    made = queue_of(work.database, PORTALS)
    assert isinstance(made, EngineQueue)
    return made


def waiting(work: Work) -> list[Task]:
    """What waits, the oldest first."""
    with work.database.reading() as session:
        return [job.task for job in reversed(store.waiting_elsewhere(session, 50))]


def taken(work: Work, *queues: Queue) -> list[Job]:
    """What a worker of the engine takes now, and does not come to do."""

    async def fetch() -> list[Any]:
        async with App(connector=PsycopgConnector(kwargs=work.database.connection_arguments)).open_async() as app:
            worker = await app.job_manager.register_worker()
            found = []
            while job := await app.job_manager.fetch_job([one.value for one in queues] or None, worker):
                found.append(job)
            return found

    return [
        Job(one.id, Task(Kind(one.task_kwargs["kind"]), one.task_kwargs["subject"]), JobState.RUNNING,
            one.task_kwargs["attempt"], NOW, NOW, worker="engine-1")
        for one in asyncio.run(fetch())
    ]  # fmt: skip


def test_what_is_put_waits_with_the_transaction_and_once(work: Work, queue: EngineQueue) -> None:
    with work.database.begin() as session:
        assert queue.put(session, [ONE], NOW) == 1
        session.rollback()
    assert waiting(work) == []
    with work.database.begin() as session:
        assert queue.put(session, [ONE, INGEST, ONE], NOW) == 2
        assert queue.put(session, [INGEST, TWO], NOW) == 1
    assert waiting(work) == [ONE, INGEST, TWO]


def test_visits_are_asked_for_as_on_sqlite(work: Work, queue: EngineQueue) -> None:
    assert ask_for_visits(work, queue, [INGEST]) == 4
    assert ask_for_visits(work, queue, [INGEST]) == 0
    assert waiting(work) == [ONE, TWO, THREE, FOUR, INGEST]


def test_no_two_that_share_a_host_are_taken_at_once_and_browsers_have_their_queue(
    work: Work, queue: EngineQueue
) -> None:
    with work.database.begin() as session:
        queue.put(session, [ONE, TWO, THREE, FOUR, INGEST], NOW)
    assert [job.task for job in taken(work, Queue.CRAWL)] == [ONE, THREE]
    assert [job.task for job in taken(work, Queue.BROWSER, Queue.PARSE)] == [FOUR, INGEST]
    assert waiting(work) == [TWO]


def test_what_comes_next_waits_for_more_while_visits_go_on_and_then_no_longer(
    work: Work, queue: EngineQueue
) -> None:
    with work.database.begin() as session:
        queue.put(session, [ONE, THREE], NOW)
    first, second = taken(work)
    with work.database.begin() as session:
        queue.put_next(session, first, NOW)
    assert waiting(work) == [INGEST]
    assert taken(work) == []
    with work.database.begin() as session:
        store.drop_taken(session, first.id)
        queue.put_next(session, second, NOW)
    (ingest,) = taken(work)
    with work.database.begin() as session:
        store.drop_taken(session, second.id)
        queue.put_next(session, ingest, NOW)
    assert [job.task for job in taken(work)] == [ASSESS]


def test_a_job_without_a_worker_is_taken_over_once_and_one_that_is_over_is_not_done_again(
    work: Work, queue: EngineQueue
) -> None:
    with work.database.begin() as session:
        queue.put(session, [ONE, THREE, INGEST, FOUR], NOW)
    kept, lost, over, often = taken(work)
    holder = Locks(work.database)
    assert holder.take(Space.JOB, {kept.id: True})
    with work.database.begin() as session:
        for job in (lost, over):
            assert store.begin(session, job)
        store.finish(session, over.id, Ending(failed=False), NOW)
        assert not store.begin(session, over)
    rescuers = [EngineWorker(place(work, queue), tuple(Queue), 1) for _ in range(2)]
    threads = [threading.Thread(target=look, args=(one,)) for one in rescuers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    holder.close()
    assert waiting(work) == [lost.task, often.task]
    with work.database.reading() as session:
        again = store.abandoned(session)
    assert [(job_id, task) for job_id, task, _ in again] == [(kept.id, kept.task)]
    assert [job.attempts for job in taken(work) if job.task == lost.task] == [2]


def place(work: Work, queue: EngineQueue) -> Place:
    """What a worker works with."""
    return Place(work.database, Clock.showing(NOW), lambda: queue, Children(None), lost_seconds=0.2)


def look(rescuer: EngineWorker) -> None:
    """Looks around for half a second."""
    until = monotonic() + 0.6
    while monotonic() < until:
        rescuer._take_over()
        threading.Event().wait(0.05)


def test_locks_fall_with_their_connection_and_are_had_again(work: Work) -> None:
    mine, other = Locks(work.database), Locks(work.database)
    assert mine.take(Space.HOST, {1: False, 2: True})
    assert other.take(Space.HOST, {1: False})
    assert not other.take(Space.HOST, {3: True, 2: True})
    assert mine.take(Space.HOST, {3: True}), "what was taken before the refusal was let go of"
    mine._connection.close()
    assert other.take(Space.HOST, {4: True})
    assert mine.still_held()
    assert not other.take(Space.HOST, {2: True})
    mine._connection.close()
    until = monotonic() + 10
    while not other.take(Space.HOST, {2: True}):
        assert monotonic() < until
    assert not mine.still_held()
    mine.close()
    other.close()


def test_the_tables_of_the_engine_are_made_once_and_brought_up(work: Work) -> None:
    with work.database.engine.begin() as connection:
        assert not engine_schema.bring_up(connection)
        trigger = "procrastinate_trigger_function_status_events_update_v1"
        before = "nianbao: 03.04.00_01_pre_add_retry_failed_job_procedure"
        connection.exec_driver_sql(f"COMMENT ON TABLE procrastinate_jobs IS '{before}'")
        connection.exec_driver_sql(f"DROP FUNCTION {trigger} CASCADE")
    assert work.database.migrate()
    assert not work.database.migrate()
    with work.database.engine.begin() as connection:
        assert connection.exec_driver_sql(f"SELECT to_regproc('{trigger}')").scalar_one() == trigger


def test_old_jobs_are_forgotten(work: Work) -> None:
    with work.database.begin() as session:
        store.begin(session, Job(7, INGEST, JobState.RUNNING, 1, NOW, NOW, worker="engine-1"))
        store.finish(session, 7, Ending(failed=False), NOW)
        assert store.forget(session, NOW + timedelta(seconds=1)) == 1
