"""Judges what was published: obligations, checks of every current version, standings, and the alerts they make.

What was judged before is judged again only where something it rests on changed: the version itself, that of the
year before, the organ's further reports, the rules, or the county's register. The comparison reads no document.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from crawler.records import Outcome
from monitor.alerts.changes import Revision, differences, repaired
from monitor.alerts.conditions import FailedRequest, JudgedVersion, PortalHealth, PrintedCell, UnreadCapture
from monitor.alerts.engine import ReconcileResult, reconcile
from monitor.alerts.from_standings import conditions, grounds
from monitor.publication import PublicationState, Replaced, Standing
from monitor.registry.matching import CountyRegister
from monitor.registry.obligations import Years, not_owed, refresh_obligations, watched_years
from monitor.rules.base import EarlierYear, Matter, OrganFacts, OtherReport, Subject
from monitor.rules.cells import FORMS_WITH_TABLES
from monitor.settings import Settings
from monitor.standings import Record, gather, stand
from monitor.store import alerts as alerts_store
from monitor.store import assessments, crawls, register, versions
from monitor.store.assessments import Grounds, JudgedMatters
from monitor.store.crawls import RunSummary
from monitor.store.database import chunks
from monitor.store.versions import SeenReport, UnreadDocument
from monitor.working_days import working_days

if TYPE_CHECKING:
    from monitor.store.database import Database
    from parsers.schema import Report

OnProgress = Callable[[int, int | None], None]

MISREAD = "L-06"
"""The rule that tells a report of which a part is unread because two readings of it differ."""
WORTH_PROCESSES = 400
"""From so many versions on, judging them in several processes is faster than in this one."""
AT_ONCE = 100
EARLIER_YEARS = 5
"""So many years before the last one are looked at."""
OTHERS = 3
"""So many further reports of one organ and year are compared at most."""


@dataclass(frozen=True, slots=True)
class AssessResult:
    """What an assessment did.

    ``obligations`` there are; versions ``judged`` in this pass and ``unchanged`` since an earlier one; how many
    obligations stand in each state; what became of the alerts. ``problems`` name versions that could not be
    judged, one line each: what was said of them before stays.
    """

    obligations: int
    judged: int
    unchanged: int
    states: Mapping[PublicationState, int]
    conditions: int
    alerts: ReconcileResult
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One version to be judged: itself, the organ's other reports, whose it is and among whom."""

    version_id: int
    grounds: Grounds
    document: bytes
    previous: bytes | None
    organ: OrganFacts | None
    county_organs: tuple[str, ...]
    earlier: tuple[bytes, ...] = ()
    others: tuple[tuple[str, bytes], ...] | None = None


def assess(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    on_progress: OnProgress | None = None,
    *,
    workers: int | None = None,
) -> AssessResult:
    """Brings obligations, judgements and alerts in line with the record as it was at ``as_of`` (aware).

    The same record twice changes nothing. ``workers``: processes for judging (None: one for each processor).
    Raises StoreError, and DueRuleError or WorkingDaysError for a file of the user's that cannot be used.
    """
    calendar = working_days(settings)
    with database.begin() as session:
        record = gather(session, portals, settings, as_of)
        refresh_obligations(session, record.owed)
        scope = _Scope(record)
        known = assessments.known_grounds(session)
        stale = [(seen, wanted) for seen, wanted in scope.wanted() if known.get(seen.version_id) != wanted]
        # An organ's years one after the other: each is read once for itself and for the years after it.
        stale.sort(key=lambda one: (one[0].organ_code or "", one[0].report_year or 0, one[0].version_id))
    judged, problems = _judge_all(database, scope, stale, as_of, on_progress, workers)
    with database.begin() as session:
        standings = stand(record, assessments.counts(session))
        years = watched_years(settings.watch, as_of, register.obligation_years(session))
        judged_now = _judged(session, scope, years, {seen.version_id for seen, _ in stale} - judged)
        health = portal_health(session, portals, as_of, _misread(session, scope, judged_now))
        interval = timedelta(days=settings.crawl.interval_days)
        revised = revisions(session, standings)
        wrong = conditions(standings, judged_now, health, as_of, interval=interval, revisions=revised)
        alerts = reconcile(
            session,
            wrong,
            as_of,
            grounds=grounds(standings, judged_now, health).with_obligations_over(
                not_owed(scope.organs.values(), years, record.owed)
            ),
            channels=settings.notify.channels,
            calendar=calendar,
        )
    return AssessResult(
        obligations=len(record.owed),
        judged=len(judged),
        unchanged=len(scope.current) - len(stale),
        states=_states(standings),
        conditions=len(wrong),
        alerts=alerts,
        problems=tuple(problems),
    )


def judged_versions(database: Database, version_ids: Collection[int]) -> list[JudgedVersion]:
    """The versions with the matters that weigh as error or warning, as they were last judged."""
    with database.reading() as session:
        organs = {organ.code: organ.facts for organ in register.all_organs(session)}
        return _versions(session, version_ids, organs)


def revisions(session: Session, standings: Iterable[Standing]) -> dict[int, tuple[Revision, ...]]:
    """What was changed in reports after they were published, by the id of the version that stands now.

    Reads the documents of changed reports only, which are few.
    """
    changed = {
        standing.version_id: standing.replaced
        for standing in standings
        if standing.replaced and standing.version_id is not None
    }
    ids = {id for found in changed.values() for one in found for id in (one.before_id, one.after_id)}
    if not ids:
        return {}
    kept = versions.documents(session, sorted(ids))
    matters = assessments.grave_matters(session, ids)
    judged = assessments.judged_of(session, ids)
    return {
        version_id: tuple(_revision(one, kept, matters, judged) for one in found)
        for version_id, found in changed.items()
    }


def _revision(
    one: Replaced,
    kept: Mapping[int, bytes],
    matters: Mapping[int, tuple[tuple[Matter, ...], object]],
    judged: Collection[int],
) -> Revision:
    before, after = (versions.unpack(kept[version_id]) for version_id in (one.before_id, one.after_id))
    # Of a version that was not judged yet nobody can say what it repairs.
    both = {one.before_id, one.after_id} <= set(judged)
    return Revision(
        before_id=one.before_id,
        after_id=one.after_id,
        before_seen_at=one.before_seen_at,
        after_seen_at=one.after_seen_at,
        differences=differences(before, after),
        repaired=repaired(matters.get(one.before_id, ((), {}))[0], matters.get(one.after_id, ((), {}))[0])
        if both
        else (),
    )


def portal_health(
    session: Session,
    portals: Sequence[PortalDefinition],
    as_of: datetime,
    misread: Mapping[str, Sequence[UnreadCapture]] | None = None,
) -> list[PortalHealth]:
    """How the portals fare at ``as_of``, also those never crawled.

    ``misread`` are reports, by portal, of which a part is unread because two readings of it differ.
    """
    runs: dict[str, list[RunSummary]] = {}
    for run in crawls.last_runs(session, as_of):
        runs.setdefault(run.portal_id, []).append(run)
    unread: dict[str, list[UnreadCapture]] = {}
    for document in versions.unread_documents(session, as_of):
        if document.kind == "unreadable" and document.current and document.gone_at is None:
            unread.setdefault(document.portal_id, []).append(_unread(document))
    return [
        replace(
            _health(
                portal,
                runs.get(portal.id, ()),
                (*unread.get(portal.id, ()), *(misread or {}).get(portal.id, ())),
                as_of,
            ),
            failed_request=_failed_request(session, runs.get(portal.id, ())),
        )
        for portal in portals
    ]


def _misread(session: Session, scope: _Scope, judged: Iterable[JudgedVersion]) -> dict[str, list[UnreadCapture]]:
    """The judged reports whose broken sums two readings see differently, by portal: a matter for operators."""
    versions_of = {version.version_id: version for version in judged}
    first_seen = {seen.version_id: seen.first_seen_at for seen in scope.current}
    found: dict[str, list[UnreadCapture]] = {}
    for version_id, finding in assessments.told_by(session, MISREAD, versions_of).items():
        version = versions_of[version_id]
        found.setdefault(version.portal_id, []).append(
            UnreadCapture(
                address=version.address,
                sha256=version.sha256,
                error=finding.values["text"],
                fetched_at=first_seen[version_id],
                title=version.title,
                rule=MISREAD,
            )
        )
    return found


def _failed_request(session: Session, runs: Sequence[RunSummary]) -> FailedRequest | None:
    """What the portal answered in its last run, where that run failed."""
    if not runs or runs[-1].outcome.whole:
        return None
    return alerts_store.failed_request(session, runs[-1].portal_id, runs[-1].started_at, runs[-1].finished_at)


class _Scope:
    """The versions that count at the moment, and what the judgement of each rests on."""

    def __init__(self, record: Record) -> None:
        from monitor.rules.catalogue import rules_digest

        self.rules = rules_digest()
        self.registers = record.registers
        self.organs = {organ.code: organ for county in record.registers.values() for organ in county.organs}
        self.seen = record.seen
        self.of_key = {key: min(found, key=versions.precedence) for key, found in record.seen.items()}
        loose: dict[int, SeenReport] = {}
        for seen in record.unmatched:
            if seen.current and seen.gone_at is None:
                loose.setdefault(seen.version_id, seen)
        self.current = [*self.of_key.values(), *loose.values()]
        self._digests: dict[str, str] = {}

    def wanted(self) -> Iterator[tuple[SeenReport, Grounds]]:
        """Each version that counts, with what its judgement has to rest on."""
        for seen in self.current:
            yield seen, Grounds(self.previous(seen), self.rules, self._surroundings(seen))

    def _surroundings(self, seen: SeenReport) -> str:
        """A digest of what rules may know beside the version and that of the year before."""
        digest = self.register_digest(self.county(seen))
        further = [one.version_id for one in (*self.earlier(seen), *(self.others(seen) or ()))]
        if not further:
            return digest
        return hashlib.sha256(f"{digest} {further}".encode()).hexdigest()

    def previous(self, seen: SeenReport) -> int | None:
        """The version of the year before."""
        if seen.organ_code is None or seen.report_year is None:
            return None
        before = self.of_key.get((seen.organ_code, seen.report_year - 1))
        return before.version_id if before else None

    def earlier(self, seen: SeenReport) -> list[SeenReport]:
        """The reports of the years before that of :meth:`previous`, the latest first, those with tables."""
        if seen.organ_code is None or seen.report_year is None:
            return []
        years = range(seen.report_year - 2, seen.report_year - 2 - EARLIER_YEARS, -1)
        found = (self.of_key.get((seen.organ_code, year)) for year in years)
        return [one for one in found if one is not None and one.form in FORMS_WITH_TABLES]

    def others(self, seen: SeenReport) -> list[SeenReport] | None:
        """Further reports of the organ and year that stand on the same portal with other contents.

        None for a report whose organ or year is not settled, and for an attachment. An attachment is a part of
        its page, and on another portal stands what was published before a move.
        """
        if seen.organ_code is None or seen.report_year is None or seen.role == "attachment":
            return None
        rivals: dict[int, SeenReport] = {}
        for one in self.seen[seen.organ_code, seen.report_year]:
            if (
                one.current
                and one.gone_at is None
                and one.role != "attachment"
                and one.portal_id == seen.portal_id
                and one.address != seen.address
                and one.version_id != seen.version_id
            ):
                rivals.setdefault(one.version_id, one)
        return sorted(rivals.values(), key=versions.precedence)[:OTHERS]

    def county(self, seen: SeenReport) -> str:
        """The county whose register counts."""
        organ = self.organs.get(seen.organ_code or "")
        return organ.county_code if organ else seen.county_code

    def register_digest(self, county_code: str) -> str:
        """A digest of what rules may know of a county's organs."""
        if county_code not in self._digests:
            county = self.registers.get(county_code)
            facts = [
                [organ.code, organ.name, organ.kind.value, organ.county, list(organ.facts.aliases)]
                for organ in (county.organs if county else ())
            ]
            text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
            self._digests[county_code] = hashlib.sha256(text.encode()).hexdigest()
        return self._digests[county_code]

    def facts(self, seen: SeenReport) -> OrganFacts | None:
        """What rules may know of the organ."""
        organ = self.organs.get(seen.organ_code or "")
        return organ.facts if organ else None

    def names(self, seen: SeenReport) -> tuple[str, ...]:
        """The names of the county's organs."""
        return self._names.get(self.county(seen), ())

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        return {code: _all_names(county) for code, county in self.registers.items()}


def _all_names(county: CountyRegister) -> tuple[str, ...]:
    return tuple(organ.name for organ in county.organs)


def _judge_all(
    database: Database,
    scope: _Scope,
    stale: Sequence[tuple[SeenReport, Grounds]],
    as_of: datetime,
    on_progress: OnProgress | None,
    workers: int | None,
) -> tuple[set[int], list[str]]:
    """Judges versions and keeps what was said, part by part; gives the judged ones and the problems."""
    judged: set[int] = set()
    problems: list[str] = []
    done = 0
    for results in _results(database, scope, stale, workers):
        good = [result for result in results if isinstance(result, JudgedMatters)]
        problems += [result for result in results if isinstance(result, str)]
        with database.begin() as session:
            assessments.put_judgements(session, good, as_of)
        judged |= {result.version_id for result in good}
        done += len(results)
        if on_progress:
            on_progress(done, len(stale))
    return judged, problems


def _results(
    database: Database, scope: _Scope, stale: Sequence[tuple[SeenReport, Grounds]], workers: int | None
) -> Iterator[list[JudgedMatters | str]]:
    parts = (_cases(database, scope, part) for part in chunks(stale, AT_ONCE))
    processes = workers if workers is not None else os.cpu_count() or 1
    if len(stale) < WORTH_PROCESSES or processes < 2:
        yield from map(_judge_part, parts)
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        running = []
        for part in parts:
            running.append(pool.submit(_judge_part, part))
            if len(running) > 2 * processes:  # no more documents in memory than the workers are fed with
                yield running.pop(0).result()
        for future in running:
            yield future.result()


def _cases(database: Database, scope: _Scope, part: Sequence[tuple[SeenReport, Grounds]]) -> list[_Case]:
    earlier = {seen.version_id: scope.earlier(seen) for seen, _ in part}
    others = {seen.version_id: scope.others(seen) for seen, _ in part}
    ids = {seen.version_id for seen, _ in part} | {
        wanted.previous_version_id for _, wanted in part if wanted.previous_version_id is not None
    }
    ids |= {one.version_id for found in (*earlier.values(), *others.values()) for one in found or ()}
    with database.reading() as session:
        documents = versions.documents(session, sorted(ids))
    return [
        _Case(
            version_id=seen.version_id,
            grounds=wanted,
            document=documents[seen.version_id],
            previous=documents.get(wanted.previous_version_id or 0),
            organ=scope.facts(seen),
            county_organs=scope.names(seen),
            earlier=tuple(documents[one.version_id] for one in earlier[seen.version_id]),
            others=_with_documents(others[seen.version_id], documents),
        )
        for seen, wanted in part
    ]


def _with_documents(
    found: list[SeenReport] | None, documents: Mapping[int, bytes]
) -> tuple[tuple[str, bytes], ...] | None:
    return None if found is None else tuple((one.address, documents[one.version_id]) for one in found)


def _judge_part(cases: Iterable[_Case]) -> list[JudgedMatters | str]:
    read, read_numbers = cache(versions.unpack), cache(_earlier_year)
    return [_judge(case, read, read_numbers) for case in cases]


def _judge(
    case: _Case, read: Callable[[bytes], Report], read_numbers: Callable[[bytes], EarlierYear]
) -> JudgedMatters | str:
    """What the rules say of one version, or one line where they could not say it."""
    from monitor.rules.catalogue import judge

    report = read(case.document)
    subject = Subject(
        report,
        organ=case.organ,
        previous=read(case.previous) if case.previous is not None else None,
        county_organs=case.county_organs,
        earlier=tuple(read_numbers(document) for document in case.earlier),
        others=None
        if case.others is None
        else tuple(OtherReport(address, read(document)) for address, document in case.others),
    )
    try:
        judgement = judge(subject)
    except Exception as problem:  # noqa: BLE001 - one report must not keep all others from being judged
        what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
        return f"version {case.version_id}（{report.title}）: {what}"
    named = {key for matter in judgement.matters for finding in matter.findings for key in finding.cells}
    named |= {cell.cell for matter in judgement.matters for cell in matter.should_read}
    cells = {key: PrintedCell.of(report.cells[key]) for key in named if key in report.cells}
    return JudgedMatters(case.version_id, case.grounds, judgement.matters, cells)


def _earlier_year(document: bytes) -> EarlierYear:
    year, form, numbers = versions.numbers(document)
    return EarlierYear(year or 0, form, numbers)


def _judged(session: Session, scope: _Scope, years: Years, failed: Collection[int]) -> list[JudgedVersion]:
    """The current versions of the watched years (and those of no year yet) that are judged."""
    wanted = [
        seen.version_id
        for seen in scope.current
        if seen.version_id not in failed
        and (seen.report_year is None or seen.report_year in years.of(scope.county(seen)))
    ]
    return _versions(session, wanted, {code: organ.facts for code, organ in scope.organs.items()})


def _versions(
    session: Session, version_ids: Collection[int], organs: Mapping[str, OrganFacts]
) -> list[JudgedVersion]:
    matters = assessments.grave_matters(session, version_ids)
    found = []
    for facts in assessments.version_facts(session, version_ids):
        grave, cells = matters.get(facts.version_id, ((), {}))
        found.append(
            JudgedVersion(
                version_id=facts.version_id,
                organ=organs.get(facts.organ_code or ""),
                report_year=facts.report_year,
                county_code=facts.county_code,
                portal_id=facts.portal_id,
                address=facts.address,
                sha256=facts.sha256,
                form=facts.form,
                published_on=facts.published_on,
                matters=grave,
                cells=cells,
                organ_printed=facts.organ_printed,
                title=facts.title,
            )
        )
    return found


def _unread(document: UnreadDocument) -> UnreadCapture:
    return UnreadCapture(
        address=document.address,
        sha256=document.sha256,
        error=document.error or "",
        fetched_at=document.first_seen_at,
        title=document.listed_title or document.title,
    )


def _health(
    portal: PortalDefinition, runs: Sequence[RunSummary], unread: tuple[UnreadCapture, ...], as_of: datetime
) -> PortalHealth:
    whole = [run for run in runs if run.outcome.whole]
    failing = 0
    for run in reversed(runs):
        if run.outcome.whole:
            break
        failing += 1
    last = runs[-1] if runs else None
    return PortalHealth(
        portal_id=portal.id,
        name=portal.name,
        county_code=portal.county_code,
        last_outcome=last.outcome if last else None,
        last_problem=_in_words(last),
        last_run_at=last.finished_at if last else None,
        last_whole_at=whole[-1].finished_at if whole else None,
        first_run_at=runs[0].started_at if runs else None,
        failing_runs=failing,
        unread=unread,
        in_use=portal.valid_on(as_of.astimezone(SHANGHAI).date()),
        hosts=portal.hosts,
    )


def _in_words(run: RunSummary | None) -> str | None:
    from crawler.outcomes import in_words

    return in_words(run.problem) if run and run.problem and run.outcome is not Outcome.COLLECTED else None


def _states(standings: Iterable[Standing]) -> dict[PublicationState, int]:
    counted = dict.fromkeys(PublicationState, 0)
    for standing in standings:
        counted[standing.state] += 1
    return counted
