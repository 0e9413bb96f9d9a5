"""The main job, stage by stage: crawl, ingest, assess, notify.

Each stage leaves a durable record before the next one begins and can be run alone, again, or after a kill: what
was done stays, what was not done is done the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

from crawler.captures import Archive
from crawler.clock import SHANGHAI, Clock
from crawler.forks import fork_server
from crawler.portals.definition import PortalDefinition, PortalError
from crawler.records import KnownDocument, RunFinished
from crawler.runner import PRELOADED as CRAWLING
from crawler.runner import CrawlJob, Progress, crawl, new_run_id
from monitor import ingest as ingestion
from monitor.archives import make_sure
from monitor.backoff import is_near_due, left_out_until
from monitor.ingest import IngestResult
from monitor.jobs.holding import hosts_held
from monitor.language import N_
from monitor.meanwhile import Meanwhile
from monitor.parsing import PRELOADED as PARSING
from monitor.parsing import ParsePool
from monitor.present import present
from monitor.registry.due import load_due_rules
from monitor.settings import Settings
from monitor.store import stages
from monitor.store.crawls import RunSummary, crawled_ever, known_documents, last_runs, listed_rows
from monitor.visits import crawl_options
from monitor.workers import Limits

if TYPE_CHECKING:
    from monitor.alerts.sender import NotifyResult
    from monitor.assess import AssessResult
    from monitor.store.database import Database

_RUNS_LOOKED_AT = timedelta(days=90)

OnProgress = Callable[[int, int | None], None]
"""How many are done, of how many (None: unknown)."""


@dataclass(frozen=True, slots=True)
class PortalRun:
    """One run and the portal it was at.

    ``finished`` is None where there was none: another process was crawling that portal, or it keeps failing and is
    left out until ``left_out_until``. Either way it was not crawled whole.
    """

    portal: PortalDefinition
    finished: RunFinished | None
    left_out_until: datetime | None = None

    @property
    def whole(self) -> bool:
        """Whether the portal was crawled whole."""
        return self.finished is not None and self.finished.outcome.whole


_NO_DEFINITIONS = N_(
    "记录中有采集过的门户，现在却一个门户定义也没有：没有检查，什么也没有改动；"
    "请检查 [crawl] portals 所指的文件夹（可能没有挂载，或已搬走）"
)


class Reporter(Protocol):
    """Who is told how the main job goes on: the command line, the demo."""

    def crawling(self, portals: Sequence[PortalDefinition]) -> AbstractContextManager[Progress]:
        """Progress bars, one for each portal, for the length of the block."""
        ...

    def working(self, stage: str) -> AbstractContextManager[OnProgress]:
        """A progress bar for a stage (``ingest``, ``assess``), for the length of the block."""
        ...

    def crawled(self, runs: Sequence[PortalRun]) -> None:
        """The crawl pass is over."""
        ...

    def damaged(self, problems: Sequence[str]) -> None:
        """Logs of runs are damaged: one line for each. Everything else goes on."""
        ...

    def ingested(self, result: IngestResult) -> None:
        """What was captured has been parsed."""
        ...

    def assessed(self, result: AssessResult) -> None:
        """Obligations, checks and alerts are up to date."""
        ...

    def notified(self, result: NotifyResult) -> None:
        """What was due has been delivered, or not."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """What the stages work with; ``portals`` are all that are defined.

    ``unread`` stand for definitions that cannot be used: not crawled, but they make nobody missing.
    """

    settings: Settings
    database: Database
    archive: Archive
    portals: tuple[PortalDefinition, ...]
    clock: Clock
    unread: tuple[PortalDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class MainJobResult:
    """What the stages gave, in their order."""

    runs: tuple[PortalRun, ...]
    ingested: IngestResult
    assessed: AssessResult
    notified: NotifyResult

    @property
    def failed(self) -> bool:
        """Whether something failed that operators must look at.

        A run not whole, an original that the archive could not give, a message not delivered.
        """
        whole = all(run.whole for run in self.runs)
        return not whole or bool(self.ingested.lost) or bool(self.notified.problems)


def main_job(
    work: Work, reporter: Reporter, *, full: bool = False, due: Collection[str] | None = None
) -> MainJobResult:
    """Crawl, ingest, assess, notify: once, all portals in use. The ingest begins beside the crawl.

    ``due``: only the portals with these ids, whose time has come.
    """
    fork_server((*CRAWLING, *PARSING))
    with parse_pool(work) as pool:
        meanwhile = Meanwhile(work.database, work.archive, work.portals, pool)
        today = work.clock.now().astimezone(SHANGHAI).date()
        in_use = [
            portal for portal in work.portals if portal.valid_on(today) and (due is None or portal.id in due)
        ]
        runs = crawl_stage(work, in_use, reporter, full=full, planned=due is not None, meanwhile=meanwhile)
        ingested = ingest_stage(work, reporter, meanwhile=meanwhile)
    assessed = assess_stage(work, reporter)
    return MainJobResult(runs, ingested, assessed, notify_stage(work, reporter))


def parse_pool(work: Work) -> ParsePool:
    """The processes that parse, with the limits of the settings."""
    chosen = work.settings.parse
    limits = Limits(
        seconds=chosen.seconds,
        scan_seconds=chosen.scan_seconds,
        memory=chosen.memory_megabytes * 1024**2,
        scan_memory=chosen.scan_memory_megabytes * 1024**2,
    )
    return ParsePool(work.archive.place, chosen.processes or None, limits)


def crawl_stage(
    work: Work,
    portals: Sequence[PortalDefinition],
    reporter: Reporter,
    *,
    full: bool = False,
    at_once: bool = False,
    planned: bool = False,
    meanwhile: Meanwhile | None = None,
) -> tuple[PortalRun, ...]:
    """One run of each of ``portals``; the logs are in the database afterwards.

    A portal that keeps failing is left out for a while (monitor.backoff), unless it is to be visited ``at_once``.
    ``planned``: the portals were chosen because their time has come, not by somebody.

    ``full`` asks for every document again, without conditions. Logs of a pass that was killed come first, so that
    what it fetched is known and not fetched again. A run that is broken off (KeyboardInterrupt) keeps what it has.
    """
    make_sure(work.database, work.archive)
    _bring_in_logs(work, reporter)
    now = work.clock.now()
    resting = {} if at_once else left_out(work, portals, now)
    visited = [portal for portal in portals if portal.id not in resting]
    refused: list[str] = []
    try:
        # Sooner than somebody else takes over what this process does.
        lost_seconds = work.settings.schedule.lost_seconds / 2
        with hosts_held(work.database, visited, lost_seconds) as free:
            jobs = [_crawl_job(work, portal, now, full=full) for portal in free]
            with meanwhile.going_on() if meanwhile else nullcontext(), reporter.crawling(free) as on_progress:
                ended = crawl(jobs, work.settings.crawl.portals_at_once, on_progress, refused.append)
    finally:
        _bring_in_logs(work, reporter)
    finished = {run.run_id: run for run in ended}
    ran = {job.portal.id: finished.get(job.run_id) for job in jobs}
    runs = tuple(PortalRun(portal, ran.get(portal.id), resting.get(portal.id)) for portal in portals)
    asked = {portal.id for portal in portals}
    today = now.astimezone(SHANGHAI).date()
    # A visit that somebody made to a single portal says nothing of whether the planned ones still happen.
    every = planned or all(each.id in asked for each in work.portals if each.valid_on(today))
    if any(run.whole for run in runs) and every:
        _ended_well(work, "crawl")
    reporter.crawled(runs)
    return runs


def _crawl_job(work: Work, portal: PortalDefinition, now: datetime, *, full: bool) -> CrawlJob:
    return CrawlJob(
        portal=portal,
        run_id=new_run_id(now, portal.id),
        archive_root=work.archive.place,
        full=full,
        options=crawl_options(work.settings),
        clock=work.clock,
        remember=partial(_what_is_known, work.database, portal.id),
    )


def _what_is_known(
    database: Database, portal_id: str
) -> tuple[dict[str, KnownDocument], frozenset[tuple[str, str]]]:
    """The documents of a portal and the rows of its lists, as the record has them."""
    return known_documents(database, portal_id), listed_rows(database, portal_id)


def left_out(work: Work, portals: Sequence[PortalDefinition], now: datetime) -> dict[str, datetime]:
    """The portals that are left out of a pass, and until when."""
    chosen = work.settings.crawl
    file = work.settings.watch.due_rules
    rules = load_due_rules(work.settings.path(file) if file else None)
    runs: dict[str, list[RunSummary]] = {}
    with work.database.reading() as session:
        for run in last_runs(session, now, since=now - _RUNS_LOOKED_AT):
            runs.setdefault(run.portal_id, []).append(run)
    today = now.astimezone(SHANGHAI).date()
    near = {
        county: is_near_due(rules, county, today, chosen.backoff_near_due_days)
        for county in {portal.county_code for portal in portals}
    }
    found = {
        portal.id: left_out_until(
            runs.get(portal.id, ()), now, chosen.backoff_days, near_due=near[portal.county_code]
        )
        for portal in portals
    }
    return {portal_id: until for portal_id, until in found.items() if until is not None}


def _bring_in_logs(work: Work, reporter: Reporter) -> None:
    """Closes the logs of runs that were killed, and brings all logs into the database as far as they go."""
    work.archive.close_unfinished(work.clock.now())
    damaged = ingestion.import_logs(work.database, work.archive).problems
    if damaged:
        reporter.damaged(damaged)


def ingest_stage(
    work: Work, reporter: Reporter, *, reparse: bool = False, meanwhile: Meanwhile | None = None
) -> IngestResult:
    """Parses what was captured and not yet parsed, or everything again; goes on where ``meanwhile`` stopped."""
    make_sure(work.database, work.archive)
    _bring_in_logs(work, reporter)
    parsing = nullcontext(meanwhile.pool) if meanwhile else parse_pool(work)
    with parsing as pool, reporter.working("ingest") as on_progress:
        result = ingestion.ingest(
            work.database,
            work.archive,
            portals=work.portals,
            reparse=reparse,
            on_progress=on_progress,
            pool=pool,
        )
    if meanwhile:
        result = result.after(meanwhile.result)
    _ended_well(work, "ingest")
    reporter.ingested(result)
    return result


def assess_stage(
    work: Work, reporter: Reporter, as_of: datetime | None = None, *, full: bool = False
) -> AssessResult:
    """Obligations, checks, year over year, alerts; as of now where no moment is given.

    ``full``: every report is judged anew, whatever changed. Raises PortalError where portals were crawled and no
    definition is left: a folder that is not there must not settle or open anything.
    """
    if not (work.portals or work.unread):
        _refuse_without_definitions(work)
    # Imported here and below: a process that only crawls would wait for it in vain.
    from monitor.assess import assess

    with reporter.working("assess") as on_progress:
        result = assess(
            work.database,
            (*work.portals, *work.unread),
            work.settings,
            as_of or present(work.database, work.clock),
            on_progress=on_progress,
            full=full,
        )
    if as_of is None:
        _ended_well(work, "assess")
    reporter.assessed(result)
    return result


def _refuse_without_definitions(work: Work) -> None:
    with work.database.reading() as session:
        if crawled_ever(session):
            raise PortalError([_NO_DEFINITIONS])


def notify_stage(work: Work, reporter: Reporter) -> NotifyResult:
    """Delivers what is due to be delivered."""
    from monitor.alerts.sender import notify

    result = notify(work.database, work.settings, work.clock)
    _ended_well(work, "notify")
    reporter.notified(result)
    return result


def _ended_well(work: Work, stage: str) -> None:
    """Notes for the watchdog that a stage came to its end."""
    with work.database.begin() as session:
        stages.record(session, stage, work.clock.now())
