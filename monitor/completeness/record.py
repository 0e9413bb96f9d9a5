"""The completeness report from the record: standings, findings, and how the columns were crawled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from monitor.alerts.conditions import JudgedVersion, PrintedCell
from monitor.alerts.from_standings import SIMILAR
from monitor.assess import judged_versions, revisions
from monitor.completeness.columns import count_columns as count_columns
from monitor.completeness.contents import content_rates
from monitor.completeness.corrections import Corrections, VersionChange, corrections
from monitor.completeness.course import MOST_YEARS, shown_years, year_states
from monitor.completeness.figures import Completeness, CountyCompleteness, gather
from monitor.completeness.pairs import SimilarPair, similar_pairs
from monitor.completeness.problem import Problem
from monitor.completeness.problems import dismissed_of, problems_of
from monitor.completeness.ranking import prefecture_key, rankings
from monitor.completeness.yearly import TwoYears, two_years
from monitor.decisions.deciding import DecidedVersion
from monitor.decisions.wording import notes_of
from monitor.publication import PublicationState, Standing
from monitor.registry.obligations import watched_years
from monitor.rules.base import Matter, Severity
from monitor.settings import Settings
from monitor.similarity.comparing import known_templates
from monitor.standings import of_no_watch, standings
from monitor.store import assessments, comparisons, crawls, decisions, register, versions
from parsers.schema import Number

if TYPE_CHECKING:
    from monitor.store.database import Database

_Matters = Mapping[int, tuple[tuple[Matter, ...], Mapping[str, PrintedCell]]]

USUAL_SPAN = timedelta(days=30)
"""Corrections are told of so many days before the report, where nobody says since when."""
OUTLIERS = frozenset({"P-01", "P-03", "P-07", "P-08", "P-09", "U-02", "X-02", "X-05", "Y-07"})
"""Rules that find numbers out of proportion: worth a look, and most often no mistake."""


def from_record(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    *,
    year: int,
    county: str | None = None,
    counties: Collection[str] | None = None,
    full: bool = False,
    since: datetime | None = None,
) -> Completeness:
    """The report on ``year`` as of ``as_of`` (aware), for all counties, one ``county``, or some ``counties``.

    Figures are of that moment: what was seen later is left out. ``full``: with rates of content, charts, numbers
    of two years, corrections since ``since`` (usually :data:`USUAL_SPAN` before) and the ranking of the
    prefecture, for which more is read. Raises StoreError.
    """
    view = _View(database, portals, settings)
    asked = counties if county is None else [county]
    report = view.plain(year, as_of, asked)
    if not full:
        return report
    before = view.plain(year, since or as_of - USUAL_SPAN, asked)
    watched = view.recorded(range(year - MOST_YEARS + 1, year), as_of, asked)
    past = {past: view.standings(past, as_of, asked) for past in {*(of for _, of in watched), year - 1}}
    told = {one.code: one for one in before.counties}
    shown = tuple(view.full(one, year, past, watched, told.get(one.code), before.as_of) for one in report.counties)
    beside = view.neighbours(shown)
    others = view.plain(year, as_of, beside).counties if beside else ()
    return replace(
        report,
        counties=shown,
        rankings=rankings([*shown, *others]),
        full=True,
    )


class _View:
    """What one report reads from the record."""

    def __init__(self, database: Database, portals: Sequence[PortalDefinition], settings: Settings) -> None:
        self._database = database
        self._portals = portals
        self._settings = settings
        self._language = settings.people.language
        with database.reading() as session:
            self._prefectures = {code: names[1] for code, names in register.counties(session).items()}

    def standings(self, year: int, as_of: datetime, counties: Collection[str] | None) -> list[Standing]:
        """How the obligations of one report year stood; nobody is missing in counties that do not watch it."""
        found = standings(self._database, self._portals, self._settings, as_of, year=year, counties=counties)
        recorded = self.recorded([year], as_of, counties)
        with self._database.reading() as session:
            years = watched_years(self._settings.watch, as_of, register.obligation_years(session))
        return [
            one
            if year in years.of(one.organ.county_code) or (one.organ.code, year) in recorded
            else of_no_watch(one)
            for one in found
        ]

    def recorded(
        self, years: Collection[int], as_of: datetime, counties: Collection[str] | None
    ) -> set[tuple[str, int]]:
        """Organs and years of which there were obligations: of others nobody said that anything was missing."""
        with self._database.reading() as session:
            return {row.key for row in register.obligations_at(session, as_of, years, counties=counties)}

    def plain(self, year: int, as_of: datetime, counties: Collection[str] | None) -> Completeness:
        """The report without what only a full one has."""
        found = self.standings(year, as_of, counties)
        judged = judged_versions(self._database, _version_ids(found), as_of, self._language)
        with self._database.reading() as session:
            counted = decisions.decisions(session, as_of)
            then = assessments.said_at(session, _version_ids(found), as_of, counted)
            decided = {**assessments.decided_versions(session, counted, _version_ids(found)), **then}
        if then:
            found = [_as_counted(standing, then.get(standing.version_id or 0)) for standing in found]
            judged = [self._as_said(version, then.get(version.version_id)) for version in judged]
        bearing = None if counties is None else {one.id for one in self._portals if one.county_code in counties}
        with self._database.reading() as session:
            passes = crawls.column_passes(session, as_of, bearing)
        return gather(
            year,
            as_of,
            found,
            columns=count_columns(self._portals, passes, year, as_of.astimezone(SHANGHAI).date()),
            problems=[problem for version in judged for problem in problems_of(version, self._language)],
            prefectures=self._prefectures,
            dismissed=[one for standing in found for one in dismissed_of(standing, decided, self._language)],
        )

    def _as_said(self, version: JudgedVersion, then: DecidedVersion | None) -> JudgedVersion:
        """The version with the matters that were told of it then, where they were others."""
        if then is None:
            return version
        notes = notes_of(then.decided, self._language)
        return replace(
            version, matters=then.decided.grave, cells=then.cells, withdrawn=then.withdrawn, notes=notes
        )

    def full(
        self,
        county: CountyCompleteness,
        year: int,
        past: Mapping[int, Sequence[Standing]],
        watched: Collection[tuple[str, int]],
        told: CountyCompleteness | None,
        since: datetime,
    ) -> CountyCompleteness:
        """The county with all blocks; ``past`` are the standings of earlier years, shown are those ``watched``."""
        expected = [one for one in county.standings if one.state is not PublicationState.NOT_EXPECTED]
        mine = {of: [one for one in rows if one.organ.county_code == county.code] for of, rows in past.items()}
        before = mine[year - 1]
        with self._database.reading() as session:
            kept = versions.documents(session, _version_ids(expected))
            earlier = versions.documents(session, _version_ids(before))
            switches = decisions.decisions(session, county.as_of).switches
        years = [year_states(year, county.standings)]
        shown = {of for of, rows in mine.items() if any((one.organ.code, of) in watched for one in rows)}
        years += [year_states(of, mine[of]) for of in sorted(shown)]
        rates = content_rates((one.organ, versions.unpack(document)) for one, document in _of(expected, kept))
        return replace(
            county,
            contents=tuple(rate for rate in rates if not switches.is_off(rate.rule, county.code)),
            course=shown_years(years, year),
            two_years=_two_years(year, expected, kept, before, earlier),
            outliers=self._outliers(expected, county.as_of),
            pairs=self._pairs(expected, county.as_of),
            corrections=self._corrections(county, told, since),
        )

    def neighbours(self, counties: Iterable[CountyCompleteness]) -> list[str]:
        """The other counties of the prefectures of these, as far as organs of them are registered."""
        own = {county.code for county in counties}
        wanted = {self._prefecture(code) for code in own} - {None}
        with_organs = register.county_codes(self._database, with_organs=True)
        return [code for code in with_organs if self._prefecture(code) in wanted and code not in own]

    def _prefecture(self, county_code: str) -> tuple[str, str] | None:
        name = self._prefectures.get(county_code)
        return prefecture_key(county_code, name) if name else None

    def _pairs(self, standings: Iterable[Standing], as_of: datetime) -> tuple[SimilarPair, ...]:
        """The pairs of which the rule still tells; not those that may be alike because a county's template is."""
        own = {one.version_id: one.organ for one in standings if one.version_id is not None}
        with self._database.reading() as session:
            decided = decisions.decisions(session, as_of)
            own = {id: own[id] for id in assessments.matters_by_rules(session, {SIMILAR}, own, decided)}
            rows = comparisons.pairs_of(session, own)
            ids = {version_id for row in rows for version_id in (row.first_id, row.second_id)}
            papers = comparisons.published(session, ids)
            every, known = comparisons.texts(session, ids), known_templates(session)
            texts = {id: row for id, row in every.items() if known(row.county_code, row.report_year)}
            codes = {row.organ_code for row in texts.values()}
            organs = {one.code: one.facts for one in register.organs_by_code(session, codes)}
        own = {id: organ for id, organ in own.items() if id in texts}
        others = {
            id: organs[row.organ_code] for id, row in texts.items() if id not in own and row.organ_code in organs
        }
        return similar_pairs(rows, own, others, papers)

    def _outliers(self, standings: Iterable[Standing], as_of: datetime) -> tuple[Problem, ...]:
        ids = _version_ids(standings)
        with self._database.reading() as session:
            decided = decisions.decisions(session, as_of)
            found = assessments.matters_by_rules(session, OUTLIERS, ids, decided)
        judged = judged_versions(self._database, found, as_of, self._language)
        return tuple(problem for version in judged for problem in self._told(version, found))

    def _told(self, version: JudgedVersion, found: _Matters) -> Iterable[Problem]:
        matters, cells = found[version.version_id]
        return problems_of(replace(version, matters=matters, cells=cells), self._language, notices=True)

    def _corrections(
        self, county: CountyCompleteness, told: CountyCompleteness | None, since: datetime
    ) -> Corrections:
        with self._database.reading() as session:
            revised = revisions(session, county.standings, decisions.decisions(session, county.as_of))
        changes = [
            VersionChange(
                standing.organ,
                one.before_seen_at,
                one.after_seen_at,
                len(one.differences),
                len(one.repaired),
            )
            for standing in county.standings
            for one in revised.get(standing.version_id or 0, ())
        ]
        return corrections(
            since,
            told.standings if told else (),
            county.standings,
            [*self._between(county, since), *(told.problems if told else ())],
            county.problems,
            changes,
        )

    def _between(self, county: CountyCompleteness, since: datetime) -> list[Problem]:
        """The problems of versions that were replaced since."""
        replaced = {
            one.before_id for each in county.standings for one in each.replaced if one.after_seen_at > since
        }
        judged = judged_versions(self._database, replaced, county.as_of, self._language)
        return [problem for version in judged for problem in problems_of(version, self._language)]


def _as_counted(standing: Standing, then: DecidedVersion | None) -> Standing:
    """The standing with the numbers of errors and warnings that were told of its version then."""
    if then is None:
        return standing
    errors, warnings = then.decided.count(Severity.ERROR), then.decided.count(Severity.WARNING)
    return replace(standing, errors=errors, warnings=warnings)


def _two_years(
    year: int,
    expected: Sequence[Standing],
    kept: Mapping[int, bytes],
    past: Sequence[Standing],
    earlier: Mapping[int, bytes],
) -> TwoYears | None:
    return two_years(year, [one.organ for one in expected], _numbers(past, earlier), _numbers(expected, kept))


def _numbers(standings: Iterable[Standing], kept: Mapping[int, bytes]) -> dict[str, Mapping[str, Number]]:
    """The printed numbers of the reports, by organ code and cell key."""
    return {one.organ.code: versions.numbers(document)[2] for one, document in _of(standings, kept)}


def _of(standings: Iterable[Standing], kept: Mapping[int, bytes]) -> Iterable[tuple[Standing, bytes]]:
    """The standings of which there is a report, with its document."""
    for one in standings:
        if one.version_id is not None and one.version_id in kept:
            yield one, kept[one.version_id]


def _version_ids(standings: Iterable[Standing]) -> list[int]:
    return sorted({one.version_id for one in standings if one.version_id is not None})
