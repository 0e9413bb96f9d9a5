"""Takes away what the settings say need not be kept; what a report, a finding or an alert rests on always stays.

Rows are taken away in one transaction each; a body in the archive only when nothing in the record holds on to it,
while its portal is not being crawled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from crawler.captures import Archive, PortalBusy
from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from monitor.archives import make_sure
from monitor.jobs.holding import hosts_held
from monitor.retention.passes import Grounds, PassOver, kept_passes
from monitor.settings import Settings
from monitor.store import jobs, retention
from monitor.store.database import Database
from monitor.store.retention import PassRow


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken away, or would be: how many of each, and bytes in the archive; ``busy`` portals were left."""

    list_pages: int = 0
    list_bytes: int = 0
    run_logs: int = 0
    log_bytes: int = 0
    completeness: int = 0
    messages: int = 0
    jobs: int = 0
    busy: tuple[str, ...] = field(default_factory=tuple)


class _NotMeant(Exception):
    """Undoes a transaction that was only tried."""


def prune(
    database: Database,
    archive: Archive,
    settings: Settings,
    now: datetime,
    *,
    really: bool,
    portals: Sequence[PortalDefinition] = (),
) -> Pruned:
    """Takes away what is beyond its time; without ``really`` it only tells what it would.

    ``portals``: all that are defined; their hosts are held meanwhile, against visits from other machines.
    Raises StoreError, ArchiveError.
    """
    if really:
        make_sure(database, archive)
    defined = {portal.id: portal for portal in portals}
    rules = settings.retention

    def before(days: int | None) -> datetime | None:
        return None if days is None else now - timedelta(days=days)

    lists_before, logs_before = before(rules.list_pages_days), before(rules.run_logs_days)
    pages, logs, busy = (0, 0), (0, 0), list[str]()
    if lists_before or logs_before:
        with database.reading() as session:
            crawled = retention.portals_crawled(session)
            quiet: dict[str, list[str]] = defaultdict(list)
            for portal_id, run_id in retention.quiet_runs(session, logs_before) if logs_before else ():
                quiet[portal_id].append(run_id)
        for portal_id, counties in crawled:
            with _held(database, archive, portal_id, defined.get(portal_id), settings) as held:
                if not held:
                    busy.append(portal_id)
                    continue
                with database.reading() as session:
                    kept = _kept_runs(session, portal_id, counties, settings.watch.missing_days)
                    digests = _doomed_bodies(session, portal_id, kept, lists_before) if lists_before else []
                stay = set[str]().union(*kept.values())
                runs = [run_id for run_id in quiet[portal_id] if run_id not in stay]
                pages = _add(pages, [archive.drop(digest, really=really) for digest in digests])
                logs = _add(logs, [archive.drop_log(run_id, really=really) for run_id in runs])
    days = (rules.completeness_days, rules.messages_days, rules.jobs_days)
    completeness, messages, jobs_done = _rows(database, [before(each) for each in days], really)
    return Pruned(*pages, *logs, completeness, messages, jobs_done, tuple(busy))


@contextmanager
def _held(
    database: Database, archive: Archive, portal_id: str, portal: PortalDefinition | None, settings: Settings
) -> Iterator[bool]:
    """Keeps visits away from a portal: those of this machine, and by its hosts all others. False: one goes on."""
    visited = [portal] if portal else []
    try:
        lock = archive.lock_portal(portal_id)
    except PortalBusy:
        yield False
        return
    try:
        with hosts_held(database, visited, settings.schedule.lost_seconds / 2) as free:
            yield len(free) == len(visited)
    finally:
        lock.release()


def _rows(database: Database, moments: Sequence[datetime | None], really: bool) -> list[int]:
    ways = (retention.forget_completeness, retention.forget_messages, jobs.forget)
    counts = [0 for _ in ways]
    if not any(moments):
        return counts
    try:
        with database.begin() as session:
            for place, (forget, moment) in enumerate(zip(ways, moments, strict=True)):
                if moment is not None:
                    counts[place] = forget(session, moment)
            if not really:
                raise _NotMeant
    except _NotMeant:
        pass
    return counts


def _kept_runs(
    session: Session, portal_id: str, counties: Sequence[str], days_of_proof: int
) -> Mapping[str, set[str]]:
    """By column, the runs whose passes something rests on."""
    by_column: dict[str, list[PassRow]] = defaultdict(list)
    for one in retention.passes_of(session, portal_id):
        by_column[one.column_id].append(one)
    seen = retention.seen_at(session, portal_id)
    # A portal may show reports of other counties too, and theirs may be missing there.
    due = retention.due_days(session)
    late = retention.first_sights(session, {*counties, *retention.counties_seen(session, portal_id)})

    spans = [
        (begin, at)
        for day, at in set(late)
        if at > (begin := datetime.combine(day, time(), SHANGHAI)) + timedelta(days=1)
    ]
    kept = {}
    for column_id, passes in by_column.items():
        of_column = [one for one in seen if one.column_id in (None, column_id)]
        moments = {at for one in of_column for at in (one.first_seen_at, one.last_seen_at, one.gone_at) if at}
        grounds = Grounds(tuple(moments), tuple(spans), tuple(due), days_of_proof)
        kept[column_id] = kept_passes([PassOver(one.run_id, one.at, one.whole) for one in passes], grounds)
    return kept


def _doomed_bodies(session: Session, portal_id: str, kept: Mapping[str, set[str]], before: datetime) -> list[str]:
    # A column without any pass is none that we understand: its lists stay.
    old = [
        (column, run, digest)
        for column, run, digest in retention.old_lists(session, portal_id, before)
        if column in kept and run not in kept[column]
    ]
    digests = {digest for _, _, digest in old}
    if not digests:
        return []
    held = retention.digests_kept(session, portal_id, {(column, run) for column, run, _ in old}, digests)
    return sorted(digests - held - retention.digests_in_open_alerts(session))


def _add(before: tuple[int, int], sizes: Sequence[int | None]) -> tuple[int, int]:
    there = [size for size in sizes if size is not None]
    return before[0] + len(there), before[1] + sum(there)
