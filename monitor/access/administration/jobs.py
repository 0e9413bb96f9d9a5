"""Jobs that wait, run, are done or failed: visits to an administrator's portals; all for who sees everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.alerts.wording import say
from monitor.jobs.kinds import Job, JobState, Kind
from monitor.jobs.queue import queue_of

LOOKED_AT = 500
"""So many of the latest jobs are looked at."""


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job; ``line`` says how it ended, in the reader's language; ``portal`` is the name of the one visited."""

    job: Job
    portal: str
    line: str


@dataclass(frozen=True, slots=True)
class Jobs:
    """The latest jobs, and how many of these stand how."""

    lines: tuple[JobLine, ...]
    counts: Mapping[JobState, int]


def jobs(access: Access, state: str = "") -> Jobs:
    """The latest jobs, of one state where it is named. Raises NotAllowed."""
    access.require(Right.ADMINISTER)
    names = {portal.id: portal.name for portal in access.portals()}
    with access.reading() as session:
        found = queue_of(access.database, access.record.portals()).jobs(session, LOOKED_AT)
    mine = [one for one in found if access.scope.everything or _is_visit_to(one, names)]
    return Jobs(
        tuple(
            JobLine(one, names.get(one.task.subject, one.task.subject), _line(one, access.language))
            for one in mine
            if state in ("", one.state)
        ),
        Counter(one.state for one in mine),
    )


def _is_visit_to(job: Job, portals: Mapping[str, str]) -> bool:
    return job.task.kind is Kind.CRAWL and job.task.subject in portals


def _line(job: Job, language: str) -> str:
    return say(job.line["text"], job.line["values"], language) if job.line else ""
