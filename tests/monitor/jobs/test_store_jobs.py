"""Jobs in the record: put once, taken once, given back when their worker is gone."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.clock import SHANGHAI
from monitor.jobs.kinds import Ending, JobState, Kind, Task
from monitor.jobs.local import LANES
from monitor.jobs.queue import LocalQueue
from monitor.jobs.visiting import ask_for_visits
from monitor.pipeline import Work
from monitor.store import jobs as store
from tests.monitor.jobs.situations import made_work, portal

pytestmark = pytest.mark.both_databases
NOW = datetime(2024, 1, 30, 9, tzinfo=SHANGHAI)
INGEST, NOTIFY = Task(Kind.INGEST), Task(Kind.NOTIFY)
ENDING = Ending(failed=True, line={"text": "gone", "values": {}})


@pytest.fixture
def work(tmp_path: Path, engine: str) -> Work:
    """A record with two portals, in the days when they are visited every hour."""
    return made_work(tmp_path, NOW)


def waiting(work: Work) -> list[Task]:
    """What waits, the oldest first."""
    with work.database.reading() as session:
        return [job.task for job in reversed(store.listed(session, 100, [JobState.WAITING]))]


def test_the_same_waits_once_and_again_when_it_was_taken(work: Work) -> None:
    with work.database.begin() as session:
        assert store.put(session, [INGEST, INGEST, NOTIFY], NOW) == 2
        assert store.put(session, [INGEST], NOW) == 0
    with work.database.begin() as session:
        (taken,) = store.take(session, LANES["work"], "work-1", NOW)
        assert (taken.task, taken.state, taken.attempts) == (INGEST, JobState.RUNNING, 1)
        assert store.put(session, [INGEST], NOW) == 1
    assert waiting(work) == [NOTIFY, INGEST]


def test_what_is_done_is_kept_with_its_line(work: Work) -> None:
    with work.database.begin() as session:
        store.put(session, [INGEST], NOW)
        (job,) = store.take(session, LANES["work"], "work-1", NOW)
        assert store.finish(session, job.id, ENDING, NOW + timedelta(minutes=1))
        assert not store.finish(session, job.id, Ending(failed=False), NOW)
        (kept,) = store.listed(session, 10)
        assert (kept.state, kept.line) == (JobState.FAILED, ENDING.line)
        assert kept.started_at == NOW
        assert kept.finished_at == NOW + timedelta(minutes=1)
        assert store.forget(session, NOW) == 0
        assert store.forget(session, NOW + timedelta(days=1)) == 1


def test_what_a_lost_worker_had_waits_again_until_it_was_begun_too_often(work: Work) -> None:
    with work.database.begin() as session:
        store.put(session, [INGEST], NOW)
        for attempt in (1, 2, 3):
            (job,) = store.take(session, LANES["work"], f"work-{attempt}", NOW)
            assert job.attempts == attempt
            assert store.give_back(session, "another", 3, ENDING, NOW) == []
            assert store.give_back(session, f"work-{attempt}", 3, ENDING, NOW)
        (kept,) = store.listed(session, 10)
        assert kept.state is JobState.FAILED


def test_what_waits_again_by_itself_is_not_put_a_second_time(work: Work) -> None:
    with work.database.begin() as session:
        store.put(session, [INGEST], NOW)
        store.take(session, LANES["work"], "work-1", NOW)
        store.put(session, [INGEST], NOW)
        store.give_back(session, None, 3, ENDING, NOW)
    assert waiting(work) == [INGEST]


def test_a_visit_is_asked_for_once_a_slot_whoever_asks(work: Work) -> None:
    assert ask_for_visits(work, LocalQueue(), [INGEST]) == 2
    assert ask_for_visits(work, LocalQueue()) == 0
    assert waiting(work) == [Task(Kind.CRAWL, "one"), Task(Kind.CRAWL, "two"), INGEST]
    slow = made_work(work.settings.folder, NOW - timedelta(minutes=10))
    assert ask_for_visits(slow, LocalQueue()) == 0
    with work.database.begin() as session:
        store.take(session, LANES["work"], "work-1", NOW)
    # Ten minutes fast: the slot of 9:05 has come for this one, and is used when it comes for the others.
    fast = made_work(work.settings.folder, NOW + timedelta(minutes=10))
    assert ask_for_visits(fast, LocalQueue()) == 2
    assert ask_for_visits(made_work(work.settings.folder, NOW + timedelta(minutes=7)), LocalQueue()) == 0


def test_a_new_portal_is_visited_at_the_next_occasion_and_one_not_in_use_never(work: Work) -> None:
    ask_for_visits(work, LocalQueue())
    over = portal("over").model_copy(update={"valid_to": NOW.date() - timedelta(days=1)})
    later = made_work(work.settings.folder, NOW + timedelta(minutes=1), portal("one"), portal("new"), over)
    assert ask_for_visits(later, LocalQueue()) == 1
    assert waiting(work)[-1] == Task(Kind.CRAWL, "new")
