"""Jobs of many machines: Procrastinate, in the tables that it has in the PostgreSQL database of the record.

Its lock keeps two jobs of one turn (monitor.jobs.hosts) from running at once, its queueing lock the same job from
waiting twice. A job is put in the transaction of whoever puts it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from sqlalchemy.orm import Session

from crawler.portals.definition import PortalDefinition
from monitor.jobs.hosts import turns
from monitor.jobs.kinds import NEXT, QUEUES, Job, Kind, Queue, Task
from monitor.store import jobs as store

TASK = "nianbao"
INGEST_PAUSE = timedelta(seconds=15)
ASSESS_PAUSE = timedelta(minutes=5)
"""How long parsing and judging wait for more while visits go on."""
_AWAY_SECONDS = 1.0


class PatientConnector(PsycopgConnector):
    """A connector that outlives its server: what could not be asked is asked again until it answers."""

    patient = True

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        """Asks until it is answered."""
        await self._insist(super().execute_query_async, query, arguments)

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        """Asks until it is answered."""
        found: dict[str, Any] = await self._insist(super().execute_query_one_async, query, arguments)
        return found

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        """Asks until it is answered."""
        found: list[dict[str, Any]] = await self._insist(super().execute_query_all_async, query, arguments)
        return found

    async def _insist(self, ask: Any, query: Any, arguments: dict[str, Any]) -> Any:
        while True:
            try:
                return await ask(query, **arguments)
            except ConnectorException as problem:
                if not self.patient or not is_away(problem):
                    raise
            await asyncio.sleep(_AWAY_SECONDS)


def is_away(problem: ConnectorException) -> bool:
    """Whether the server did not answer, as opposed to an answer that is an error."""
    import psycopg
    import psycopg_pool

    cause = problem.__cause__
    away = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | psycopg_pool.PoolTimeout)
    # An error with a state is an answer, unless it says that the server or the connection goes down (08, 57P).
    state = getattr(cause, "sqlstate", None) or "08"
    return away and state[:2] in ("08", "57")


class EngineQueue:
    """Jobs that wait for a worker of any machine."""

    def __init__(self, portals: Sequence[PortalDefinition]) -> None:
        self._turns = turns(portals)
        # Portals that take turns wait in one queue: none waits for a machine that cannot do the one before.
        browsing = {self._turns[portal.id] for portal in portals if portal.needs_browser}
        self._browsing = {portal_id for portal_id, turn in self._turns.items() if turn in browsing}
        # Jobs are put over the caller's connection; this connector never has one of its own.
        self._app = App(connector=PsycopgConnector())

    def put(
        self,
        session: Session,
        tasks: Sequence[Task],
        at: datetime,
        *,
        attempt: int = 1,
        pause: timedelta = timedelta(),
    ) -> int:
        """Lets tasks wait, except those of which the same waits already; how many that are.

        ``attempt``: how often they have been begun then; ``pause``: they are not begun before it is over.
        """
        connection = session.connection()
        new = 0
        for task in dict.fromkeys(tasks):
            deferrer = self._app.configure_task(
                TASK,
                queue=self._queue(task).value,
                lock=self._lock(task),
                queueing_lock=task.key,
                schedule_in={"seconds": pause.total_seconds()} if pause else None,
                connection=connection.connection.driver_connection,
            )
            try:
                with connection.begin_nested():
                    deferrer.defer(kind=task.kind.value, subject=task.subject, attempt=attempt)
            except AlreadyEnqueued:
                if not pause:
                    store.hasten(session, task)
                continue
            new += 1
        return new

    def put_next(self, session: Session, job: Job, at: datetime) -> None:
        """Lets what comes after a job wait: for more of the same while other visits wait or go on."""
        following = NEXT.get(job.task.kind)
        if following is None:
            return
        pause = timedelta()
        if following in (Kind.INGEST, Kind.ASSESS) and store.visits_elsewhere(session, job.id):
            pause = INGEST_PAUSE if following is Kind.INGEST else ASSESS_PAUSE
        self.put(session, [Task(following)], at, pause=pause)

    def jobs(self, session: Session, most: int) -> list[Job]:
        """The latest jobs of every state, the last one first."""
        return [*store.waiting_elsewhere(session, most), *store.listed(session, most)][:most]

    def _queue(self, task: Task) -> Queue:
        if task.kind is Kind.CRAWL:
            return Queue.BROWSER if task.subject in self._browsing else Queue.CRAWL
        return QUEUES[task.kind]

    def _lock(self, task: Task) -> str:
        if task.kind is Kind.CRAWL:
            return f"hosts/{self._turns.get(task.subject, task.subject)}"
        return task.kind.value
