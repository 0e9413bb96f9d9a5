"""Judges what was published: obligations, checks of every current version, standings, and the alerts they make.

County by county, and only those of which anything changed (monitor.counties). Within them what was judged before
is judged again only where something it rests on changed: the version itself, that of the year before, the organ's
further reports, those of other organs that it is compared with, the rules, or the county's register. That is told
without reading a document. A county that is left out has come to what it would come to now (decision 0016).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from crawler.portals.definition import PortalDefinition
from monitor.alerts.changes import Revision, differences, only_in
from monitor.alerts.conditions import (
    ON_DUE_DATE,
    ON_RUNS,
    AlertKind,
    Condition,
    Grounds,
    JudgedVersion,
    PortalHealth,
)
from monitor.alerts.engine import ReconcileResult, Steps, bring_in_line, tell
from monitor.alerts.from_standings import (
    conditions,
    grounds,
    notes,
    run_conditions,
    settled_portals,
    unread_conditions,
    weighed,
)
from monitor.alerts.from_texts import similar_conditions
from monitor.alerts.subscriptions import destinations
from monitor.counties import Outline, marked_now, outline, state_of
from monitor.decisions.deciding import Decisions
from monitor.decisions.switches import with_flags_decided
from monitor.decisions.wording import notes_of
from monitor.health import portal_health, with_unread
from monitor.jobs.seasons import usual_interval
from monitor.judging import Again, Failure, Part, Scope, Wanted, changed_rules, judgements, to_be_asked
from monitor.publication import PublicationState, Replaced, Standing
from monitor.registry.obligations import MovedDate, Years, not_owed, refresh_obligations, watched_years
from monitor.rules.base import Matter, OrganFacts
from monitor.settings import Settings
from monitor.similarity.comparing import Batch, compare, current_reports
from monitor.similarity.groups import Group, groups
from monitor.similarity.showing import shared_sentences
from monitor.standings import Record, gather, of_unwatched_years, stand
from monitor.store import alerts as alerts_store
from monitor.store import assessments, kept_standings, register, versions
from monitor.store import decisions as decisions_store
from monitor.store.alerts import Among
from monitor.store.assessments import JudgedMatters
from monitor.working_days import working_days

if TYPE_CHECKING:
    from monitor.store.database import Database
    from parsers.schema import Report

OnProgress = Callable[[int, int | None], None]

_OF_COUNTIES = frozenset(AlertKind) - ON_RUNS
KEPT_COUNTIES = 200
"""Of so many counties what was read is kept for all steps: some 40,000 obligations in memory."""


@dataclass(frozen=True, slots=True)
class AssessResult:
    """What an assessment did.

    ``obligations`` there are; versions ``judged`` in this pass and ``unchanged`` since an earlier one; how many
    obligations stand in each state; what became of the alerts. ``problems`` name versions that could not be
    judged, one line each: what was said of them before stays. ``counties`` of ``of_counties`` were assessed: of
    the others nothing had changed. ``moved`` are the obligations whose due date is another one than before.
    """

    obligations: int
    judged: int
    unchanged: int
    states: Mapping[PublicationState, int]
    conditions: int
    alerts: ReconcileResult
    problems: tuple[str, ...] = ()
    counties: int = 0
    of_counties: int = 0
    moved: tuple[MovedDate, ...] = ()


def assess(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    on_progress: OnProgress | None = None,
    *,
    workers: int | None = None,
    full: bool = False,
) -> AssessResult:
    """Brings obligations, judgements and alerts in line with the record as it was at ``as_of`` (aware).

    The same record twice changes nothing. ``workers``: processes for reading and judging (None: one for each
    processor). ``full``: assesses all counties and judges every version anew, whatever changed; it comes to the
    same.
    Raises StoreError, and DueRuleError or WorkingDaysError for a file of the user's that cannot be used.
    """
    calendar = working_days(settings)
    scopes = _Scopes(portals, settings, as_of)
    with database.reading() as session:
        outlined = outline(session, portals, settings, as_of, everything=full)
    if _compare(database, outlined, scopes, workers):
        before = outlined
        with database.reading() as session:
            outlined = outline(session, portals, settings, as_of, everything=full)
        # Else it would be kept that counties were assessed with what came meanwhile, which nobody has looked at.
        scopes.forget(before.grounds, outlined.grounds)
        scopes.forget(before.known, outlined.known)
    judged, problems = _judge(database, outlined, scopes, as_of, on_progress, workers, anew=full)
    with database.begin() as session:
        health = portal_health(session, portals, as_of)
        interval = usual_interval(settings, as_of)
        wrong = run_conditions(health, as_of, interval=interval)
        settled = Grounds(portals=settled_portals(health))
        steps = [bring_in_line(session, wrong, as_of, grounds=settled, among=Among(kinds=ON_RUNS))]
        alike = groups(session, only_known=True) if outlined.due else []
        moves: list[MovedDate] = []
        # What another process found to be in order, or staff set right meanwhile, must not be accused again.
        scopes.forget_changed(session, outlined)
        for counties in outlined.batches():
            scope = scopes.for_the_last_time(session, outlined, counties)
            record = scope.record
            now = [one for one in record.owed if one.organ.county_code not in record.past]
            moved = refresh_obligations(session, now, set(counties) - record.past, as_of)
            moves += moved
            steps += _tell_of(session, scope, outlined, health, settled, settings, alike, portals, moved)
        states = assessments.county_states(session)
        counts = [state.counts for state in states.values()]
        held = {*steps[0].held, *(identity for one in counts for identity in one["held"])}
        alerts = tell(session, steps, held, as_of, destinations(session, settings), calendar)
    return AssessResult(
        obligations=sum(one["obligations"] for one in counts),
        judged=judged,
        unchanged=sum(one["reports"] for one in counts) - judged - len(problems),
        states={state: sum(one["states"].get(state.value, 0) for one in counts) for state in PublicationState},
        conditions=len(wrong) + sum(one["conditions"] for one in counts),
        alerts=alerts,
        problems=tuple(problems),
        counties=len(outlined.due),
        of_counties=len(outlined.grounds),
        moved=tuple(moves),
    )


class _Scopes:
    """What is read of the counties that are due, some at a time.

    Of few counties it is read once and kept for all steps, as long as nothing changes of them. Of many it is read
    for each step anew, to save memory.
    """

    def __init__(self, portals: Sequence[PortalDefinition], settings: Settings, as_of: datetime) -> None:
        self._portals, self._settings, self._as_of = portals, settings, as_of
        self._records: dict[tuple[str, ...], Record] = {}
        self._scopes: dict[tuple[str, ...], Scope] = {}

    def record(self, session: Session, outlined: Outline, counties: tuple[str, ...]) -> Record:
        """What the record holds for the obligations of some counties."""
        found = self._records.get(counties)
        if found is None:
            found = gather(
                session, self._portals, self._settings, self._as_of, counties=counties, sites=outlined.sites
            )
            if len(outlined.due) <= KEPT_COUNTIES:
                self._records[counties] = found
        return found

    def of(self, session: Session, outlined: Outline, counties: tuple[str, ...]) -> Scope:
        """The versions that count there, once they have been compared."""
        found = self._scopes.get(counties)
        if found is None:
            found = Scope(session, self.record(session, outlined, counties))
            if counties in self._records:
                self._scopes[counties] = found
        return found

    def forget(self, before: Mapping[str, object], now: Mapping[str, object]) -> None:
        """Forgets what was read of counties that were one thing before and are another now."""
        for counties in list(self._records):
            if any(before.get(county) != now.get(county) for county in counties):
                del self._records[counties]
                self._scopes.pop(counties, None)

    def forget_changed(self, session: Session, outlined: Outline) -> None:
        """Forgets what was read of counties that another process assessed, or whose record changed, since."""
        if self._records:
            self.forget(outlined.known, assessments.county_states(session))
            self.forget(outlined.marked, marked_now(session, outlined))

    def for_the_last_time(self, session: Session, outlined: Outline, counties: tuple[str, ...]) -> Scope:
        """The same, and it is not kept any longer."""
        found = self.of(session, outlined, counties)
        self._records.pop(counties, None)
        self._scopes.pop(counties, None)
        return found


def _compare(database: Database, outlined: Outline, scopes: _Scopes, workers: int | None) -> bool:
    """Compares the reports of the counties that are due with all others; whether that concerns other counties."""

    def batches() -> Iterator[Batch]:
        for counties in outlined.batches():
            with database.reading() as session:
                yield current_reports(scopes.record(session, outlined, counties))

    return bool(compare(database, batches(), workers).elsewhere)


def _judge(
    database: Database,
    outlined: Outline,
    scopes: _Scopes,
    as_of: datetime,
    on_progress: OnProgress | None,
    workers: int | None,
    *,
    anew: bool,
) -> tuple[int, list[str]]:
    """Judges the versions that have to be and keeps what was said; how many were, and the problems of others."""
    from monitor.rules.catalogue import rule_versions

    judged = done = 0
    problems: list[str] = []

    def parts() -> Iterator[Part]:
        for counties in outlined.batches():
            with database.reading() as session:
                scope = scopes.of(session, outlined, counties)
                known = {} if anew else assessments.known_grounds(session, scope.version_ids)
                stale = [(seen, wanted) for seen, wanted in scope.wanted if known.get(seen.version_id) != wanted]
                again = _again(session, stale, known, scope.rules)
                named = assessments.years_named(session, again)
            same = {id for id, one in again.items() if not to_be_asked(one, named.get(id))}
            if stale:
                with database.begin() as session:
                    assessments.put_rule_set(session, scope.rules, rule_versions())
                    assessments.judged_by(session, same, scope.rules)
            stale = [(seen, wanted) for seen, wanted in stale if seen.version_id not in same]
            if stale:
                yield Part(scope, stale, again)

    for results in judgements(database, parts(), workers):
        good = [result for result in results if isinstance(result, JudgedMatters)]
        problems += [result.problem for result in results if isinstance(result, Failure)]
        with database.begin() as session:
            assessments.put_judgements(session, good, as_of)
        judged += len(good)
        done += len(results)
        if on_progress:
            on_progress(done, None)
    return judged, problems


def _again(
    session: Session, stale: Iterable[Wanted], known: Mapping[int, assessments.Grounds], rules: str
) -> dict[int, Again]:
    """The versions for which nothing has changed but rules, and which of these.

    ``rules`` are those that are asked everywhere: where others are switched on, a version is judged by all.
    """
    from monitor.rules.catalogue import rule_versions

    sets, now = assessments.rule_sets(session), rule_versions()
    changed = {digest: changed_rules(before, now) for digest, before in sets.items()}
    by_rules = {
        seen.version_id: changed[before.rules_digest]
        for seen, wanted in stale
        if (before := known.get(seen.version_id)) is not None
        and before.rules_digest in changed
        and wanted.rules_digest == rules
        and replace(before, rules_digest=wanted.rules_digest) == wanted
    }
    findings = assessments.findings_of(session, by_rules)
    return {id: Again(rules, findings.get(id, ())) for id, rules in by_rules.items()}


def _tell_of(
    session: Session,
    scope: Scope,
    outlined: Outline,
    health: Sequence[PortalHealth],
    settled: Grounds,
    settings: Settings,
    alike: Sequence[Group],
    portals: Sequence[PortalDefinition],
    moved: Sequence[MovedDate] = (),
) -> list[Steps]:
    """Brings the alerts of some counties in line with how their obligations stand, and remembers it was done."""
    record, as_of = scope.record, scope.record.as_of
    decided, language = record.decisions, settings.people.language
    standings = stand(record, assessments.counts(session, scope.version_ids, decided))
    known = assessments.known_grounds(session, scope.version_ids)
    # What came into the record meanwhile, or could not be judged, is not told of before it is.
    unjudged = {seen.version_id for seen, wanted in scope.wanted if known.get(seen.version_id) != wanted}
    years = watched_years(settings.watch, as_of, register.obligation_years(session))
    judged = _judged(session, scope, years, unjudged, language)
    unread = with_unread(
        session, {portal.portal_id: portal for portal in health}, scope, record.unread_documents, judged
    )
    revised = revisions(session, standings, decided)
    every = conditions(standings, judged, as_of, revisions=revised)
    found, said = weighed(every, decided.switches, language)
    said |= notes(judged)
    found += unread_conditions(unread)
    found += similar_conditions(alike, judged, partial(shared_sentences, session))
    portals_settled = settled.portals | {(AlertKind.SIMILAR, "")}  # who is like whom was found out in this pass
    covered = replace(grounds(standings, judged), portals=portals_settled).with_obligations_over(
        not_owed(scope.organs.values(), years, record.owed)
    )
    # What was said by another due date holds no more, whether or not it is proven by this one.
    words = {(one.organ_code, one.report_year): one.in_words() for one in moved}
    # Nor does an accusation of before the lineage was told.
    covered = replace(covered, publication=covered.publication | words.keys() | record.of_relatives)
    unwatched = of_unwatched_years(session, portals, settings, as_of, years, record.counties or (), outlined.sites)
    decided_flags = [with_flags_decided(one, decided.switches) for one in standings]
    kept_standings.put(session, record.counties or (), [*decided_flags, *unwatched], as_of)
    of_county = _by_county(record, scope, standings)
    wrong: dict[str, list[Condition]] = defaultdict(list)
    for condition in found:
        wrong[condition.county_code or ""].append(condition)
    steps = []
    for county in sorted(record.counties or ()):
        among = Among(frozenset({county}), _OF_COUNTIES)
        taken = bring_in_line(session, wrong[county], as_of, grounds=covered, among=among, notes=said)
        steps.append(taken)
        if words:
            alerts_store.add_notes(session, taken.taken, ON_DUE_DATE, words)
        stands, current = of_county[county]
        assessments.put_county_state(
            session,
            state_of(
                county,
                outlined,
                record,
                stands,
                as_of,
                unwatched=[one for one in unwatched if one.organ.county_code == county],
                held=len(taken.held),
                counts={
                    "obligations": len(stands),
                    "reports": len(current),
                    "states": dict(Counter(standing.state.value for standing in stands)),
                    "conditions": len(wrong[county]),
                    "held": list(taken.held),
                },
                complete=unjudged.isdisjoint(current),
            ),
        )
    return steps


def _by_county(
    record: Record, scope: Scope, standings: Iterable[Standing]
) -> dict[str, tuple[list[Standing], set[int]]]:
    """By county, how its obligations stand, and the versions that count there."""
    found: dict[str, tuple[list[Standing], set[int]]] = {county: ([], set()) for county in record.counties or ()}
    for standing in standings:
        found[standing.organ.county_code][0].append(standing)
    for seen in scope.current:
        found[scope.place(seen)][1].add(seen.version_id)
    return found


def judged_versions(
    database: Database, version_ids: Collection[int], as_of: datetime | None = None, language: str = "zh"
) -> list[JudgedVersion]:
    """The versions with the matters that weigh as error or warning, as they were last judged.

    What staff had decided by ``as_of`` (None: up to now) counts.
    """
    with database.reading() as session:
        return _versions(session, version_ids, decisions_store.decisions(session, as_of), language)


def revisions(
    session: Session, standings: Iterable[Standing], decisions: Decisions | None = None
) -> dict[int, tuple[Revision, ...]]:
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
    matters = assessments.grave_matters(session, ids, decisions)
    judged = assessments.judged_of(session, ids)
    read = cache(lambda version_id: versions.unpack(kept[version_id]))
    return {
        version_id: tuple(_revision(one, read, matters, judged) for one in found)
        for version_id, found in changed.items()
    }


def _revision(
    one: Replaced,
    read: Callable[[int], Report],
    matters: Mapping[int, tuple[tuple[Matter, ...], object]],
    judged: Collection[int],
) -> Revision:
    before, after = read(one.before_id), read(one.after_id)
    # Of a version that was not judged yet nobody can say what it repairs.
    both = {one.before_id, one.after_id} <= set(judged)
    return Revision(
        before_id=one.before_id,
        after_id=one.after_id,
        before_seen_at=one.before_seen_at,
        after_seen_at=one.after_seen_at,
        differences=differences(before, after),
        repaired=only_in(matters.get(one.before_id, ((), {}))[0], matters.get(one.after_id, ((), {}))[0])
        if both
        else (),
    )


def _judged(
    session: Session, scope: Scope, years: Years, failed: Collection[int], language: str
) -> list[JudgedVersion]:
    """The current versions of the watched years (and those of no year yet) that are judged."""
    wanted = [
        seen.version_id
        for seen in scope.current
        if seen.version_id not in failed
        and (seen.report_year is None or seen.report_year in years.of(scope.county(seen)))
    ]
    organs = {code: organ.facts for code, organ in scope.organs.items()}
    return _versions(session, wanted, scope.record.decisions, language, organs)


def _versions(
    session: Session,
    version_ids: Collection[int],
    decisions: Decisions,
    language: str,
    organs: Mapping[str, OrganFacts] | None = None,
) -> list[JudgedVersion]:
    matters = assessments.grave_matters(session, version_ids)
    decided = assessments.decided_versions(session, decisions, version_ids)
    every = assessments.version_facts(session, version_ids)
    if organs is None:
        codes = {facts.organ_code for facts in every if facts.organ_code is not None}
        organs = {organ.code: organ.facts for organ in register.organs_by_code(session, codes)}
    found = []
    for facts in every:
        grave, cells = matters.get(facts.version_id, ((), {}))
        one = decided.get(facts.version_id)
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
                matters=one.decided.grave if one else grave,
                cells=one.cells if one else cells,
                organ_printed=facts.organ_printed,
                title=facts.title,
                withdrawn=one.withdrawn if one else (),
                notes=notes_of(one.decided, language) if one else {},
            )
        )
    return found
