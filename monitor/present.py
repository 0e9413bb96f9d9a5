"""The moment that a judgement is made as of, where none was given."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawler.clock import Clock
from monitor.store import crawls

if TYPE_CHECKING:
    from monitor.store.database import Database

LARGEST_STEP_BACK = timedelta(days=1)


def present(database: Database, clock: Clock) -> datetime:
    """Now, or the end of the last run where that lies a little ahead of the clock.

    It does where the machine's clock was set back, and where a trial clock begins anew with each command. Judging
    as of a moment before the last run would leave out what that run brought. Raises StoreError.
    """
    return present_at(database, clock.now())


def present_at(database: Database, now: datetime) -> datetime:
    """The same where the clock says ``now``. Raises StoreError."""
    with database.reading() as session:
        runs = crawls.last_runs(session, now + LARGEST_STEP_BACK)
    return max([now, *(run.finished_at for run in runs)])
