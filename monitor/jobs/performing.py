"""Doing jobs: one stage at a time for an engine, everything from the earliest stage on for the machine alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from crawler.clock import SHANGHAI
from monitor.jobs import lines
from monitor.jobs.kinds import Ending, Kind, Task
from monitor.pipeline import assess_stage, crawl_stage, ingest_stage, main_job, notify_stage

if TYPE_CHECKING:
    from monitor.pipeline import PortalRun, Reporter, Work


class Busy(Exception):
    """Somebody else is visiting the portal, or one of its hosts."""


def perform(work: Work, task: Task, reporter: Reporter) -> Ending:
    """Does one job and says how it ended. Raises Busy, and what its stage raises."""
    if task.kind is not Kind.CRAWL:
        return _STAGES[task.kind](work, reporter)
    today = work.clock.now().astimezone(SHANGHAI).date()
    portals = [portal for portal in work.portals if portal.id == task.subject and portal.valid_on(today)]
    if not portals:
        return lines.NO_SUCH_PORTAL
    (run,) = crawl_stage(work, portals, reporter, planned=True)
    if run.finished is None and run.left_out_until is None:
        raise Busy(task.subject)
    return lines.ending_of_run(run)


def perform_all(work: Work, tasks: Sequence[Task], reporter: Reporter) -> Mapping[Task, Ending]:
    """Does jobs as one pass of the main job, from the earliest of their stages to its end.

    The ingest goes on beside the crawl. Raises what a stage raises.
    """
    stages = {task.kind for task in tasks}
    ended: dict[Task, Ending] = {}
    if Kind.CRAWL in stages:
        result = main_job(work, reporter, due=[task.subject for task in tasks if task.kind is Kind.CRAWL])
        runs: dict[str, PortalRun] = {run.portal.id: run for run in result.runs}
        for task in tasks:
            if task.kind is Kind.CRAWL:
                run = runs.get(task.subject)
                ended[task] = lines.ending_of_run(run) if run else lines.NO_SUCH_PORTAL
        ended[Task(Kind.INGEST)] = lines.ending_of_ingest(result.ingested)
        ended[Task(Kind.ASSESS)] = lines.ending_of_assess(result.assessed)
        ended[Task(Kind.NOTIFY)] = lines.ending_of_notify(result.notified)
        return ended
    first = next(kind for kind in _STAGES if kind in stages)
    for kind in list(_STAGES)[list(_STAGES).index(first) :]:
        ended[Task(kind)] = _STAGES[kind](work, reporter)
    return ended


def _ingest(work: Work, reporter: Reporter) -> Ending:
    return lines.ending_of_ingest(ingest_stage(work, reporter))


def _assess(work: Work, reporter: Reporter) -> Ending:
    return lines.ending_of_assess(assess_stage(work, reporter))


def _notify(work: Work, reporter: Reporter) -> Ending:
    return lines.ending_of_notify(notify_stage(work, reporter))


_STAGES: Mapping[Kind, Callable[[Work, Reporter], Ending]] = {
    Kind.INGEST: _ingest,
    Kind.ASSESS: _assess,
    Kind.NOTIFY: _notify,
}
"""The stages behind the visits, in their order."""
