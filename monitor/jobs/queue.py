"""Where jobs wait: one interface, the record on SQLite, Procrastinate on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.orm import Session

from crawler.portals.definition import PortalDefinition
from monitor.jobs.kinds import Job, Task
from monitor.store import jobs as store
from monitor.store.engines import POSTGRESQL

if TYPE_CHECKING:
    from monitor.store.database import Database


class JobQueue(Protocol):
    """Jobs that wait. ``session`` is one that may write: what is put waits when its transaction is through."""

    def put(self, session: Session, tasks: Sequence[Task], at: datetime) -> int:
        """Lets tasks wait, except those of which the same waits already; how many that are."""
        ...

    def put_next(self, session: Session, job: Job, at: datetime) -> None:
        """Lets what comes after a job wait, where the worker does not do it with the job."""
        ...

    def jobs(self, session: Session, most: int) -> list[Job]:
        """The latest jobs of every state, the last one first."""
        ...


class LocalQueue:
    """Jobs of one machine, in the record itself."""

    def put(self, session: Session, tasks: Sequence[Task], at: datetime) -> int:
        """Lets tasks wait, except those of which the same waits already; how many that are."""
        return store.put(session, tasks, at)

    def put_next(self, session: Session, job: Job, at: datetime) -> None:
        """Nothing: the worker does everything to the end of the main job."""

    def jobs(self, session: Session, most: int) -> list[Job]:
        """The latest jobs of every state, the last one first."""
        return store.listed(session, most)


def queue_of(database: Database, portals: Sequence[PortalDefinition]) -> JobQueue:
    """The queue of a database; ``portals`` tell which visits must take turns. Raises StoreError."""
    if database.backend != POSTGRESQL:
        return LocalQueue()
    from monitor.jobs.engine import EngineQueue

    return EngineQueue(portals)
