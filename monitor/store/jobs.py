"""Jobs in the record: those that wait and run on this machine, and how those of every machine went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from monitor.jobs.kinds import Ending, Job, JobState, Kind, Task
from monitor.store.database import chunks
from monitor.store.locks import Space
from monitor.store.tables import AwareDateTime, JobRow, Run, VisitSlot


def put(session: Session, tasks: Sequence[Task], at: datetime) -> int:
    """Lets tasks wait, in their order, except those of which the same waits already; how many that are."""
    waiting = {job.task for job in _jobs(session, JobRow.state == JobState.WAITING.value)}
    new = [task for task in dict.fromkeys(tasks) if task not in waiting]
    for part in chunks(new):
        rows = [
            {
                "kind": task.kind.value,
                "subject": task.subject,
                "state": JobState.WAITING.value,
                "attempts": 0,
                "queued_at": at,
            }
            for task in part
        ]
        session.execute(insert(JobRow), rows)
    return len(new)


def take(session: Session, kinds: Collection[Kind], worker: str, at: datetime) -> list[Job]:
    """Everything of these kinds that waits, from now on running at ``worker``, the oldest first."""
    waiting = JobRow.state == JobState.WAITING.value
    of_kinds = JobRow.kind.in_([kind.value for kind in kinds])
    session.execute(
        update(JobRow)
        .where(waiting, of_kinds)
        .values(state=JobState.RUNNING.value, worker=worker, started_at=at, attempts=JobRow.attempts + 1)
    )
    return running(session, worker)


def is_waiting(session: Session, kinds: Collection[Kind]) -> bool:
    """Whether anything of these kinds waits."""
    found = select(JobRow.id).where(
        JobRow.state == JobState.WAITING.value, JobRow.kind.in_([kind.value for kind in kinds])
    )
    return session.scalar(found.limit(1)) is not None


def running(session: Session, worker: str) -> list[Job]:
    """What is running at a worker, the oldest first."""
    return _jobs(session, JobRow.state == JobState.RUNNING.value, JobRow.worker == worker)


def begin(session: Session, job: Job) -> bool:
    """Notes that a job that waited elsewhere is running now. False where it has come to its end before."""
    if finished(session, job.id, job.task):
        return False
    session.execute(delete(JobRow).where(JobRow.id == job.id))
    session.execute(
        insert(JobRow),
        [
            {
                "id": job.id,
                "kind": job.task.kind.value,
                "subject": job.task.subject,
                "state": JobState.RUNNING.value,
                "attempts": job.attempts,
                "queued_at": job.queued_at,
                "started_at": job.started_at,
                "worker": job.worker,
            }
        ],
    )
    return True


def finish(session: Session, job_id: int, ending: Ending, at: datetime) -> bool:
    """Notes how a running job ended. False where it is not running (any more)."""
    done = session.connection().execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == JobState.RUNNING.value)
        .values(
            state=(JobState.FAILED if ending.failed else JobState.DONE).value,
            finished_at=at,
            line=dict(ending.line) if ending.line is not None else None,
        )
    )
    return done.rowcount > 0


def take_back(session: Session, job_id: int) -> None:
    """Forgets that a job was begun: it waits again elsewhere, under another id."""
    session.execute(delete(JobRow).where(JobRow.id == job_id, JobRow.state == JobState.RUNNING.value))


def give_back(session: Session, worker: str | None, most_attempts: int, ending: Ending, at: datetime) -> list[Job]:
    """Lets what was running at a worker that is gone (None: at any) wait again; gives what was running.

    What was begun ``most_attempts`` times ends as ``ending``; what waits again already ends as done by that.
    """
    lost = _jobs(session, JobRow.state == JobState.RUNNING.value, *([JobRow.worker == worker] if worker else []))
    waiting = {job.task for job in _jobs(session, JobRow.state == JobState.WAITING.value)}
    for job in lost:
        if job.attempts >= most_attempts or job.task in waiting:
            finish(session, job.id, ending, at)
        else:
            waiting.add(job.task)
            session.execute(
                update(JobRow).where(JobRow.id == job.id).values(state=JobState.WAITING.value, worker=None)
            )
    return lost


def finished(session: Session, job_id: int, task: Task) -> bool:
    """Whether a job has come to its end."""
    row = session.get(JobRow, job_id)
    return row is not None and (row.kind, row.subject) == (task.kind.value, task.subject) and bool(row.finished_at)


def listed(session: Session, most: int, states: Collection[JobState] = ()) -> list[Job]:
    """The latest jobs, the last one first; of these states alone where any are given."""
    chosen = [JobRow.state.in_([state.value for state in states])] if states else []
    return list(reversed(_jobs(session, *chosen, most=most)))


def forget(session: Session, before: datetime) -> int:
    """Takes away jobs that ended before a moment; how many that were."""
    gone = session.connection().execute(delete(JobRow).where(JobRow.finished_at < before))
    return gone.rowcount


def last_slots(session: Session) -> dict[str, datetime]:
    """The last slot that was used, by portal; the last visit that was begun where none ever was.

    Where there is a slot visits do not count: they bear the time of another machine's clock.
    """
    begun = select(Run.portal_id, func.max(Run.started_at).label("at")).group_by(Run.portal_id)
    found: dict[str, datetime] = {row.portal_id: row.at for row in session.execute(begun)}
    used = select(VisitSlot.portal_id, VisitSlot.slot)
    return found | {row.portal_id: row.slot for row in session.execute(used)}


def use_slots(session: Session, slots: Mapping[str, datetime]) -> None:
    """Keeps the slot that was used for each of these portals."""
    for part in chunks(sorted(slots)):
        session.execute(delete(VisitSlot).where(VisitSlot.portal_id.in_(part)))
        session.execute(insert(VisitSlot), [{"portal_id": one, "slot": slots[one]} for one in part])


def waiting_elsewhere(session: Session, most: int) -> list[Job]:
    """The latest jobs that wait in the tables of Procrastinate, the last one first."""
    statement = text(
        "SELECT job.id, job.args, (SELECT min(at) FROM procrastinate_events WHERE job_id = job.id) AS queued_at"
        " FROM procrastinate_jobs job WHERE job.status = 'todo' ORDER BY job.id DESC LIMIT :most"
    ).columns(queued_at=AwareDateTime())
    return [
        Job(row.id, _task(row.args), JobState.WAITING, row.args["attempt"] - 1, row.queued_at)
        for row in session.execute(statement, {"most": most})
    ]


def hasten(session: Session, task: Task) -> None:
    """Lets a task that waits in the tables of Procrastinate for some time be done as soon as there is a worker."""
    statement = text(
        "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE queueing_lock = :key AND status = 'todo'"
    )
    session.execute(statement, {"key": task.key})


def visits_elsewhere(session: Session, but: int) -> bool:
    """Whether a visit other than that of one job waits or goes on in the tables of Procrastinate."""
    statement = text(
        "SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND id <> :but"
        " AND args->>'kind' = :kind LIMIT 1"
    )
    return session.execute(statement, {"but": but, "kind": Kind.CRAWL.value}).first() is not None


def abandoned(session: Session) -> list[tuple[int, Task, int]]:
    """Jobs that some worker took from Procrastinate and of which no worker holds the lock; with their attempt."""
    statement = text(
        "SELECT job.id, job.args FROM procrastinate_jobs job WHERE job.status = 'doing' AND NOT EXISTS ("
        "SELECT 1 FROM pg_locks held WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 2"
        " AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND held.classid::bigint = :space AND held.objid::bigint = job.id) ORDER BY job.id"
    )
    rows = session.execute(statement, {"space": int(Space.JOB)})
    return [(row.id, _task(row.args), row.args["attempt"]) for row in rows]


def drop_taken(session: Session, job_id: int) -> None:
    """Takes a job that some worker had taken out of the tables of Procrastinate."""
    session.execute(text("DELETE FROM procrastinate_jobs WHERE id = :id AND status = 'doing'"), {"id": job_id})


def _task(arguments: Mapping[str, Any]) -> Task:
    return Task(Kind(arguments["kind"]), arguments["subject"])


def _jobs(session: Session, *where: Any, most: int | None = None) -> list[Job]:
    """Jobs in their order; with ``most`` the last ones."""
    statement = select(
        JobRow.id,
        JobRow.kind,
        JobRow.subject,
        JobRow.state,
        JobRow.attempts,
        JobRow.queued_at,
        JobRow.started_at,
        JobRow.finished_at,
        JobRow.worker,
        JobRow.line,
    ).where(*where)
    if most is None:
        statement = statement.order_by(JobRow.queued_at, JobRow.id)
    else:
        statement = statement.order_by(JobRow.queued_at.desc(), JobRow.id.desc()).limit(most)
    rows: list[Any] = list(session.execute(statement))
    if most is not None:
        rows.reverse()
    return [
        Job(
            id=row.id,
            task=Task(Kind(row.kind), row.subject),
            state=JobState(row.state),
            attempts=row.attempts,
            queued_at=row.queued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            worker=row.worker,
            line=row.line,
        )
        for row in rows
    ]
