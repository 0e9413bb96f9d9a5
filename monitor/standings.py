"""How every obligation stands: what was seen, gathered from the record and handed to the pure decision.

Set-based: a few queries for everything, whatever the number of obligations.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from crawler.addresses import page_key
from crawler.clock import SHANGHAI
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from monitor.decisions.deciding import Decisions
from monitor.decisions.switches import with_flags_decided
from monitor.language import N_, translate
from monitor.publication import (
    MIGRATION,
    MIGRATION_TWINS,
    Appearance,
    ColumnHistory,
    Decision,
    Evidence,
    Patience,
    PublicationState,
    Standing,
    Stretch,
    decide,
)
from monitor.registry.doubtful import CONFIDENCE
from monitor.registry.due import load_due_rules
from monitor.registry.lineage import Lineage
from monitor.registry.matching import TERRITORIES, CountyRegister, How, county_registers
from monitor.registry.obligations import Owed, Years, as_recorded, obligations_of, watched_years
from monitor.rules.timeliness import BACKDATING_MARGIN
from monitor.settings import Settings
from monitor.sites import Sites, sites_of
from monitor.store import assessments, crawls, register, versions
from monitor.store import decisions as decisions_store
from monitor.store.register import RegisteredOrgan
from monitor.store.successions import Reorganisation
from monitor.store.versions import SeenReport, UnreadDocument
from parsers.titles import TitleKind, read_title

if TYPE_CHECKING:
    from monitor.store.database import Database

ColumnKey = tuple[str, str]
WATCHED_TO_ITS_END = timedelta(days=7)
"""A column read whole so many days before its portal ended was watched to the end."""

_UNREADABLE = N_("栏目中有文件读不了，可能就是该报告：{title}")
_NO_REPORT = N_("栏目中有题为报告而没有读出报告内容的页面，可能就是该报告：{title}")
_UNMATCHED = N_("栏目中有尚不能确定单位或年度的报告，可能就是该报告：{title}")
_UNKNOWN_NAME = N_("栏目中有署名“{name}”的报告，名录中没有这个名称，不能排除是该单位更名：{title}")
_LISTED = N_("栏目中列有名称不明的页面，可能就是该报告：{title}")
_WAITING = N_("已采集的文件还没有解析完，请运行 nianbao ingest")
_OTHER_YEAR = N_("该单位在本年度期限前后公布的报告标的是{year}年度，年度可能写错：{title}")
_OF_RELATIVE = N_("“{name}”与该单位前后相承，已有它的本年度报告，可能就是该单位的报告：{title}")
_ENDED: Mapping[Reorganisation, str] = {
    Reorganisation.MERGED: N_("该单位自{day}起并为{names}，由后者报告全年"),
    Reorganisation.ABSORBED: N_("该单位自{day}起并入{names}，由后者报告全年"),
    Reorganisation.SPLIT: N_("该单位自{day}起分为{names}，由后者报告"),
    Reorganisation.ABOLISHED: N_("该单位自{day}起撤销"),
}
_BY_LINEAGE: Mapping[str, str] = {
    How.FORMERLY: N_("报告署名“{name}”，是承接前的单位，按沿革归于该单位（把握{sure}）"),
    How.LATER: N_("报告署名“{name}”，是后来的名称，按沿革归于该单位（把握{sure}）"),
}
REASONS = (
    *(_UNREADABLE, _NO_REPORT, _UNMATCHED, _UNKNOWN_NAME, _LISTED, _OTHER_YEAR, _OF_RELATIVE),
    *_ENDED.values(),
    *_BY_LINEAGE.values(),
)
"""The sentences of ``reason`` made here that are filled with names, days and titles."""
_GRASSROOTS = re.compile(r"(?:镇|乡|街道|苏木)(?:人民政府|政府|办事处)?$")
_COMMON = frozenset("省市县区旗州盟镇乡街道苏木人民政府办事处局委员会中心公室管理和与")
"""What is in the names of many organs and tells none of them."""
_MAY_BE_REPORT = re.compile(r"年报|年度报告|年度工作报告|公开.{0,8}报告|报告.{0,8}公开|公开.{0,6}总结")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Something seen in a column that may be a report: under which names, of which years, of which day."""

    reason: str
    title: str
    names: tuple[str, ...] = ()
    years: frozenset[int] = frozenset()
    dated: date | None = None
    organ_code: str | None = None


@dataclass
class Record:
    """What the record holds up to a moment, gathered by obligation and column.

    ``counties``: only what their obligations rest on was gathered (None: all). ``near`` are reports of other
    counties on the same sites, from which a move of the site can be seen; ``site_of`` gives by county one of the
    counties that share its sites, the same for all of them. ``beside`` are portals elsewhere, by county, on which
    reports of its organs stand. ``lineage`` is that of the organs and of all their relatives, and ``owing`` are
    those of them that owe a report on a year. ``decisions`` are what staff had decided on findings by then. Of
    counties that are ``past``, assessed as of a later moment, the obligations are those that were recorded then.
    ``of_relatives``: those open because an organ before or after has a report on the year.
    """

    owed: list[Owed]
    portals: Sequence[PortalDefinition]
    as_of: datetime
    interval: timedelta
    counties: frozenset[str] | None = None
    seen: dict[tuple[str, int], list[SeenReport]] = field(default_factory=dict)
    unmatched: list[SeenReport] = field(default_factory=list)
    histories: dict[ColumnKey, ColumnHistory] = field(default_factory=dict)
    candidates: dict[ColumnKey, list[_Candidate]] = field(default_factory=dict)
    waiting: set[ColumnKey] = field(default_factory=set)
    registers: Mapping[str, CountyRegister] = field(default_factory=dict)
    migrations: Mapping[str, Collection[tuple[str, date]]] = field(default_factory=dict)
    gone: Mapping[tuple[str, str, datetime], str] = field(default_factory=dict)
    pages_gone: dict[tuple[str, str], datetime] = field(default_factory=dict)
    unread: dict[ColumnKey, list[tuple[_Candidate, Stretch]]] = field(default_factory=dict)
    organ_of_column: dict[ColumnKey, str] = field(default_factory=dict)
    ended: dict[str, date] = field(default_factory=dict)
    defined: Mapping[str, PortalDefinition] = field(default_factory=dict)
    near: dict[tuple[str, int], list[SeenReport]] = field(default_factory=dict)
    site_of: Mapping[str, str] = field(default_factory=dict)
    county_of: Mapping[str, str] = field(default_factory=dict)
    beside: dict[str, set[str]] = field(default_factory=dict)
    unread_documents: Sequence[UnreadDocument] = ()
    lineage: Lineage = field(default_factory=lambda: Lineage(()))
    owing: set[tuple[str, int]] = field(default_factory=set)
    decisions: Decisions = field(default_factory=Decisions)
    past: frozenset[str] = frozenset()
    of_relatives: set[tuple[str, int]] = field(default_factory=set)
    patience: Patience = field(default_factory=Patience)

    def covers(self, county: str) -> bool:
        """Whether the record was gathered for this county."""
        return self.counties is None or county in self.counties

    def standing_versions(self) -> list[int]:
        """The versions that stand for the obligations, as far as reports were found."""
        found = (self.current(owed.organ.code, owed.report_year) for owed in self.owed)
        return [one.version_id for one in found if one is not None]

    def current(self, organ_code: str, report_year: int) -> SeenReport | None:
        """What stands for an obligation, None where nothing was found."""
        found = self.seen.get((organ_code, report_year))
        return min(found, key=versions.precedence) if found else None


def standings(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    *,
    year: int | None = None,
    county: str | None = None,
    counties: Collection[str] | None = None,
) -> list[Standing]:
    """How all obligations stand at ``as_of`` (aware), or those of one report year, in order of codes.

    Of ``county``, or of some ``counties``, where they are given: then only what they rest on is read. Nothing from
    after that moment counts. A year that is asked for need not be watched. Raises StoreError, and DueRuleError for
    a file of due-date rules that cannot be used.
    """
    with database.reading() as session:
        counties = counties if county is None else {county}
        record = gather(session, portals, settings, as_of, year=year, counties=counties)
        counted = assessments.counts(session, record.standing_versions(), record.decisions)
    return [with_flags_decided(one, record.decisions.switches) for one in stand(record, counted)]


NOT_WATCHED = N_("没有监测该年度，不认定未公布")
"""Why an organ is not verified whose county does not watch the year."""


def of_no_watch(standing: Standing) -> Standing:
    """The standing of an organ whose county does not watch the year: what was found stays, nothing is missing.

    Portals take old reports down, and nobody asked for these: that they are not there accuses no one.
    """
    if standing.state is PublicationState.MISSING or (
        standing.state is PublicationState.UNVERIFIED and standing.version_id is None
    ):
        return replace(
            standing, state=PublicationState.UNVERIFIED, reason=translate(NOT_WATCHED), proof=(), looked_at=()
        )
    return standing


def of_unwatched_years(
    session: Session,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    years: Years,
    counties: Iterable[str],
    sites: Sites,
) -> list[Standing]:
    """How the reports of these counties stand of the years that other counties watch and they do not.

    Who asks for such a year is told of all counties alike; nobody is missing in these.
    """
    of_year: dict[int, set[str]] = {}
    for county in counties:
        for year in years.elsewhere(county):
            of_year.setdefault(year, set()).add(county)
    found = []
    for year, some in sorted(of_year.items()):
        record = gather(session, portals, settings, as_of, year=year, counties=some, sites=sites)
        counted = assessments.counts(session, record.standing_versions(), record.decisions)
        found += [
            of_no_watch(with_flags_decided(one, record.decisions.switches)) for one in stand(record, counted)
        ]
    return found


def gather(
    session: Session,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    *,
    year: int | None = None,
    counties: Collection[str] | None = None,
    sites: Sites | None = None,
) -> Record:
    """What the record holds for the obligations, up to ``as_of``.

    ``counties``: for the obligations of their organs, which come out as they would among all others; only what
    they rest on is read. ``portals`` are always all that are defined, and ``sites`` what was made of them.
    """
    rules = load_due_rules(settings.path(settings.watch.due_rules) if settings.watch.due_rules else None)
    sites = sites or sites_of(session, portals, everywhere=counties is None)
    organs = register.all_organs(session, counties=counties)
    if year is not None:
        years = Years(frozenset({year}), {})
    else:
        years = watched_years(settings.watch, as_of, register.obligation_years(session))
    known = {organ.code for organ in organs}
    relatives = {other for code in known for other in sites.families.get(code, ())} - known
    lineage = Lineage([*organs, *register.organs_by_code(session, relatives)])
    owed = obligations_of(organs, years, rules, lineage)
    past = assessments.assessed_later(session, as_of, counties)
    if past:
        asked = None if year is None else {year}
        recorded = register.obligations_at(session, as_of, asked, counties=past)
        owed = as_recorded(recorded, owed, lineage)
    owing = (*owed, *obligations_of((lineage.organs[code] for code in relatives), years, rules, lineage))
    record = Record(
        owed,
        portals,
        as_of,
        settings.crawl.interval_in_season,
        None if counties is None else frozenset(counties),
        lineage=lineage,
        owing={(one.organ.code, one.report_year) for one in owing if not one.ended},
        decisions=decisions_store.decisions(session, as_of),
        past=past,
        patience=Patience(settings.watch.missing_days, settings.watch.removed_passes),
    )
    _add_reports(session, record, sites, organs)
    record.organ_of_column = {
        (portal.id, column.id): column.organ for portal in portals for column in portal.columns if column.organ
    }
    record.ended = {portal.id: portal.valid_to for portal in portals if portal.valid_to is not None}
    record.defined = sites.portals
    bearing = None if counties is None else {portal.id for portal in record.portals}
    record.histories = _histories(record.portals, crawls.column_passes(session, as_of, bearing), as_of)
    record.gone = versions.gone_answers(session, as_of, bearing)
    record.waiting = crawls.columns_with_unsettled_captures(session, as_of)
    record.unread_documents = versions.unread_documents(session, as_of, bearing)
    _add_unread(record, record.unread_documents)
    _add_entries(record, crawls.other_entries(session, as_of, bearing))
    return record


def stand(record: Record, counted: Mapping[int, tuple[int, int]]) -> list[Standing]:
    """The standings from what was gathered; ``counted`` are errors and warnings by version."""
    record.migrations = _migrations(record)
    columns = _Columns(record)
    found = []
    for owed in record.owed:
        evidence = _evidence(record, owed, columns.required(owed), columns.of(owed))
        local_on = owed.due.local.on if owed.due.local else None
        decision = decide(
            owed.report_year,
            owed.due.on,
            owed.expected,
            evidence,
            record.as_of,
            record.interval,
            local_on,
            record.patience,
        )
        found.append(_standing(owed, decision, counted, record))
    return found


def _standing(owed: Owed, decision: Decision, counted: Mapping[int, tuple[int, int]], record: Record) -> Standing:
    errors, warnings = counted.get(decision.version_id or 0, (0, 0))
    reason = _ended(owed, record) if owed.ended else decision.reason or _under_another_name(owed, decision, record)
    return Standing(
        organ=owed.organ.facts,
        report_year=owed.report_year,
        due=owed.due,
        state=decision.state,
        published_on=decision.published_on,
        published_from=decision.published_from,
        first_seen_at=decision.first_seen_at,
        days_late=decision.days_late,
        address=decision.address,
        version_id=decision.version_id,
        versions=decision.versions,
        errors=errors,
        warnings=warnings,
        flags=() if owed.ended else decision.flags,
        reason=reason,
        proof=decision.proof,
        looked_at=decision.looked_at,
        last_seen_at=decision.last_seen_at,
        gone_at=decision.gone_at,
        gone_answer=decision.gone_answer,
        file_gone=decision.file_gone,
        away=decision.away and not owed.ended,
        replaced=decision.replaced,
        dates=decision.dates,
        dated_at=decision.dated_at,
    )


def _ended(owed: Owed, record: Record) -> str:
    """How an organ ended that would else owe a report."""
    first = owed.ended[0]
    organs = record.lineage.organs
    names = "、".join(organs[one.successor].name for one in owed.ended if one.successor in organs)
    return translate(_ENDED[first.how], values={"day": first.day, "names": names})


def _under_another_name(owed: Owed, decision: Decision, record: Record) -> str | None:
    """That the report bears the name of an organ before or after this one, and how sure it is that it is its."""
    for one in record.seen.get((owed.organ.code, owed.report_year), ()):
        how = one.organ_match or ""
        if one.version_id == decision.version_id and how in _BY_LINEAGE:
            sure = f"{CONFIDENCE[How(how)]:.0%}"
            return translate(_BY_LINEAGE[how], values={"name": one.organ_printed or one.title or "", "sure": sure})
    return None


class _Columns:
    """Which columns cover an organ and year: those of its county's portals, and any that name its code.

    Those of a portal that ended before the report fell due need not be read whole any more: its successor's
    columns take over. Where it ended while reports were already coming in, it must have been watched to its end:
    what was put there and seen by nobody would else be told to be missing.
    """

    def __init__(self, record: Record) -> None:
        self._histories = record.histories
        self._lineage = record.lineage
        self._portals = {portal.id: portal for portal in record.portals}
        self._by_county: dict[str, list[tuple[PortalDefinition, ColumnDefinition]]] = defaultdict(list)
        self._by_code: dict[str, list[tuple[PortalDefinition, ColumnDefinition]]] = defaultdict(list)
        for portal in record.portals:
            for column in portal.columns:
                self._by_county[portal.county_code].append((portal, column))
                for code in (column.organ, *column.covers):
                    if code:
                        self._by_code[code].append((portal, column))

    def required(self, owed: Owed) -> list[ColumnHistory]:
        """The columns that must be read whole before the report may be told to be missing."""
        return [history for history in self.of(owed) if self._counts(history, owed)]

    def _counts(self, history: ColumnHistory, owed: Owed) -> bool:
        """Whether the column's portal was in use when the report fell due, or was left unwatched at its end."""
        ended = self._portals[history.portal_id].valid_to
        if ended is None or owed.due.on <= ended:
            return True
        if ended < date(owed.report_year, 12, 1):
            return False
        watched_to = history.whole[-1].astimezone(SHANGHAI).date() if history.whole else date.min
        return watched_to + WATCHED_TO_ITS_END < ended

    def of(self, owed: Owed) -> list[ColumnHistory]:
        """The columns in which the report may appear, or might have before their portal ended."""
        organ = owed.organ
        found = {
            (portal.id, column.id): column
            for portal, column in self._by_county[organ.county_code]
            if covers(column, organ.code, organ.kind.value)
        }
        for code in (organ.code, *self._lineage.relatives(organ.code)):
            found |= {(portal.id, column.id): column for portal, column in self._by_code.get(code, ())}
        for code in self._lineage.same_bodies(organ.code):
            # A town that became a subdistrict may still be listed where the towns are.
            kind = self._lineage.organs[code].kind.value
            found |= {
                (portal.id, column.id): column
                for portal, column in self._by_county[organ.county_code]
                if covers(column, code, kind)
            }
        return [
            self._histories[key]
            for key, column in found.items()
            if not column.years or owed.report_year in column.years
        ]


def columns_of(record: Record, organ_code: str, report_year: int) -> list[ColumnHistory]:
    """The columns in which an organ's report on a year may appear; none where it owes none."""
    columns = _Columns(record)
    return [
        history
        for owed in record.owed
        if (owed.organ.code, owed.report_year) == (organ_code, report_year)
        for history in columns.of(owed)
    ]


def covers(column: ColumnDefinition, organ_code: str, kind: str) -> bool:
    """Whether reports of the organ appear in a column of its county."""
    if column.organ is not None:
        return column.organ == organ_code
    return not column.covers or kind in column.covers or organ_code in column.covers


def _add_reports(session: Session, record: Record, sites: Sites, organs: list[RegisteredOrgan]) -> None:
    """The reports, and which portals bear on the counties: their own, and those on which their reports stand."""
    county_of = {organ.code: organ.county_code for organ in organs}
    for one in versions.seen_reports(session, record.as_of, record.counties):
        record.seen.setdefault(_key(one), []).append(one)
    if record.counties is None:
        unsettled = versions.unsettled_reports(session, record.as_of)
    else:
        record.portals = _bearing(record, sites, county_of)
        near = {other for county in record.counties for other in sites.together(county)} - record.counties
        for one in versions.seen_reports(session, record.as_of, near):
            record.near.setdefault(_key(one), []).append(one)
        captured_for = record.counties | {portal.county_code for portal in record.portals}
        unsettled = versions.unsettled_reports(session, record.as_of, captured_for)
        codes = {one.organ_code for one in (*unsettled, *(found[0] for found in record.near.values()))}
        elsewhere = register.county_by_organ(session, {code for code in codes if code and code not in county_of})
        county_of |= elsewhere
        more = {
            elsewhere[one.organ_code or ""]
            for one in unsettled
            if one.county_code in record.counties and one.organ_code in elsewhere
        }
        organs = [*organs, *register.all_organs(session, counties=more)] if more else organs
    record.county_of = county_of
    record.registers = county_registers(organs)
    record.site_of = {county: min(sites.together(county)) for county in set(county_of.values())}
    bearing = {portal.id for portal in record.portals}
    for one in unsettled:
        if record.counties is not None and one.county_code not in record.counties and one.portal_id not in bearing:
            continue
        record.unmatched.append(one)
        if one.current and one.gone_at is None:
            years = frozenset({one.report_year} if one.report_year else ())
            names = (one.organ_printed,) if one.organ_printed else ()
            candidate = _Candidate(
                _UNMATCHED, one.title or one.address, names, years, one.published_on, one.organ_code
            )
            record.candidates.setdefault((one.portal_id, one.column_id or ""), []).append(candidate)


def _key(one: SeenReport) -> tuple[str, int]:
    return one.organ_code or "", one.report_year or 0


def _bearing(record: Record, sites: Sites, county_of: Mapping[str, str]) -> list[PortalDefinition]:
    """The portals that bear on the counties of the record."""
    own = {
        county: {portal.id: portal for portal in sites.portals_of(county)}
        for county in sorted(record.counties or ())
    }
    for (code, _), found in record.seen.items():
        county = county_of[code]
        for one in found:
            if one.portal_id not in own[county]:
                record.beside.setdefault(county, set()).add(one.portal_id)
    bearing = {id: portal for portals in own.values() for id, portal in portals.items()}
    for ids in record.beside.values():
        bearing |= {id: sites.portals[id] for id in ids if id in sites.portals}
    return list(bearing.values())


def _add_unread(record: Record, unread: Sequence[UnreadDocument]) -> None:
    pages = {(one.portal_id, one.address): one for one in unread if one.current}
    record.pages_gone = {key: one.gone_at for key, one in pages.items() if one.gone_at is not None}
    unreadable: dict[ColumnKey, list[_Candidate]] = defaultdict(list)
    others: dict[ColumnKey, list[_Candidate]] = defaultdict(list)
    for one in unread:
        parent = pages.get((one.portal_id, one.parent_address or ""))
        if (candidate := _candidate(one, parent)) is None:
            continue
        key = (one.portal_id, one.column_id or "")
        record.unread.setdefault(key, []).append((candidate, Stretch(one.first_seen_at, one.gone_at)))
        copy = one.role == "attachment" and one.of_a_report
        if one.current and one.gone_at is None and not copy:
            (unreadable if one.kind == "unreadable" else others)[key].append(candidate)
    # That a file cannot be read says more than that its page has no text.
    for key in (*unreadable, *others):
        record.candidates.setdefault(key, []).extend((*unreadable.pop(key, ()), *others.pop(key, ())))


def _candidate(one: UnreadDocument, parent: UnreadDocument | None) -> _Candidate | None:
    """A document that was not read, as what may be a report; None where it cannot be one."""
    if one.role == "attachment" and one.kind != "unreadable":
        return None
    titles = [one.listed_title, one.title]
    if parent is not None:
        titles += [parent.listed_title, parent.title]
    read = [read_title(title) for title in titles if title]
    if one.kind == "other" and not any(title.kind is TitleKind.REPORT for title in read):
        return None
    if read and all(title.kind is TitleKind.LOOK_ALIKE for title in read):
        return None
    return _Candidate(
        _UNREADABLE if one.kind == "unreadable" else _NO_REPORT,
        next((title for title in titles if title), one.address),
        tuple(title.organ for title in read if title.organ),
        frozenset(title.year for title in read if title.year),
        one.listed_on,
    )


def _add_entries(record: Record, entries: Iterable[crawls.ListedEntry]) -> None:
    """Rows that may be reports though their titles do not say whose or of which year, and were not fetched."""
    for one in entries:
        history = record.histories.get((one.portal_id, one.column_id))
        if history is None or (history.whole and one.last_listed_at < history.whole[-1]):
            continue
        if not _MAY_BE_REPORT.search(one.title):
            continue
        read = read_title(one.title)
        if read.kind is not TitleKind.OTHER or ("信息公开" not in one.title and "政务公开" not in one.title):
            continue
        candidate = _Candidate(
            _LISTED,
            one.title,
            (read.organ,) if read.organ else (),
            frozenset({read.year} if read.year else ()),
            one.shown_on,
        )
        record.candidates.setdefault((one.portal_id, one.column_id), []).append(candidate)


def _histories(
    portals: Sequence[PortalDefinition], passes: Iterable[crawls.PassSummary], as_of: datetime
) -> dict[ColumnKey, ColumnHistory]:
    whole: dict[ColumnKey, list[tuple[datetime, datetime]]] = defaultdict(list)
    last = {}
    ended = {portal.id: portal.valid_to for portal in portals if portal.valid_to is not None}
    addresses = {
        (portal.id, column.id): page_key(column.address) for portal in portals for column in portal.columns
    }
    for one in passes:
        if one.portal_id in ended and one.at.astimezone(SHANGHAI).date() > ended[one.portal_id]:
            # What the old address showed after the portal had moved says nothing of any organ.
            continue
        key = (one.portal_id, one.column_id)
        if one.address is not None and key in addresses and page_key(one.address) != addresses[key]:
            # The definition names another page by now: what stood on that one says nothing of this one.
            continue
        last[key] = one.outcome
        if one.whole:
            whole[key].append((one.at, one.ended_at))
    return {
        (portal.id, column.id): ColumnHistory(
            portal.id,
            column.id,
            column.name,
            tuple(at for at, _ in whole[portal.id, column.id]),
            last.get((portal.id, column.id)),
            portal.name,
            column.address,
            tuple(end for _, end in whole[portal.id, column.id]),
            in_use=not portal.ended_before(as_of.astimezone(SHANGHAI).date()),
            valid_from=portal.valid_from,
        )
        for portal in portals
        for column in portal.columns
    }


Moves = dict[str, set[tuple[str, date]]]
"""By site (:attr:`Record.site_of`), hosts and days on which it was moved."""


def _migrations(record: Record) -> Moves:
    """Hosts and days on which a site was moved.

    Many pages appeared there that bear much older dates, or some that are known from other addresses; or the host
    is new to a portal that was read at another one before. What stands on other sites says nothing of it.
    """
    old: dict[tuple[str, str, date], set[tuple[str, int]]] = defaultdict(set)
    known: dict[tuple[str, str, date], set[tuple[str, int]]] = defaultdict(set)
    hosts: dict[tuple[str, str], dict[str, date]] = defaultdict(dict)
    margin = record.interval + BACKDATING_MARGIN
    for key, found in (*record.seen.items(), *record.near.items()):
        site = record.site_of.get(record.county_of.get(key[0], ""), "")
        dated = min((one.published_on for one in found if one.published_on is not None), default=None)
        before: set[tuple[str, str]] = set()
        first: date | None = None
        for one in sorted(found, key=lambda one: one.first_seen_at):
            where, day = (one.portal_id, one.address), one.first_seen_at.astimezone(SHANGHAI).date()
            host = _host(one.address)
            days = hosts[site, one.portal_id]
            days[host] = min(day, days.get(host, day))
            if where in before:
                continue
            before.add(where)
            if dated is not None and dated + margin < day:
                old[site, host, day].add(key)
            if first is not None and first < day:
                known[site, host, day].add(key)
            first = first or day
    moved: Moves = defaultdict(set)
    for found_keys, least in ((old, MIGRATION), (known, MIGRATION_TWINS)):
        for (site, host, day), keys in found_keys.items():
            if len(keys) >= least:
                moved[site].add((host, day))
    for (site, _), seen in hosts.items():
        begun = min(seen.values())
        moved[site] |= {(host, day) for host, day in seen.items() if day > begun}
    return moved


def _evidence(
    record: Record, owed: Owed, required: Sequence[ColumnHistory], columns: Sequence[ColumnHistory]
) -> Evidence:
    found = record.seen.get((owed.organ.code, owed.report_year), ())
    return Evidence(
        appearances=[_appearance(one, record, owed.organ) for one in found],
        columns=required,
        doubts=() if found else _doubts(record, owed, columns),
        migrations=record.migrations.get(record.site_of.get(owed.organ.county_code, ""), ()),
        histories=record.histories,
        unread=_unread_before(record, owed, found, required),
    )


def _unread_before(
    record: Record, owed: Owed, found: Sequence[SeenReport], required: Sequence[ColumnHistory]
) -> list[Stretch]:
    """When something stood in the columns of the found report that may have been it and was not read."""
    if not found:
        return []
    county = record.registers.get(owed.organ.county_code)
    columns = {(one.portal_id, one.column_id or "") for one in found}
    columns |= {(one.portal_id, one.column_id) for one in required}
    return [
        stretch
        for key in columns
        for candidate, stretch in record.unread.get(key, ())
        if _may_be(candidate, owed, county)
    ]


def _appearance(one: SeenReport, record: Record, organ: RegisteredOrgan) -> Appearance:
    """The appearance; a file of which the page is gone is gone with it: nobody finds it any more."""
    page = (one.portal_id, one.parent_address or "")
    page_gone_at = record.pages_gone.get(page) if one.role == "attachment" and one.gone_at is None else None
    address = page[1] if page_gone_at else one.address
    gone_at = page_gone_at or one.gone_at
    ended = record.ended.get(one.portal_id)
    if gone_at is not None and ended is not None and gone_at.astimezone(SHANGHAI).date() > ended:
        # The portal moved: that its old addresses answer no more is not the organ's doing.
        page_gone_at = gone_at = None
    return Appearance(
        version_id=one.version_id,
        portal_id=one.portal_id,
        column_id=one.column_id,
        address=one.address,
        host=_host(one.address),
        role=one.role,
        published_on=one.published_on,
        published_from=one.published_from,
        first_seen_at=one.first_seen_at,
        gone_at=gone_at,
        current=one.current,
        last_seen_at=min(one.last_seen_at, record.as_of),
        gone_answer=record.gone.get((one.portal_id, address, gone_at)) if gone_at else None,
        has_tables=one.form is not None,
        page_gone=page_gone_at is not None,
        astray=_is_astray(one, record, organ),
        watched=_is_watched(one, record),
        parent_address=one.parent_address,
    )


def _is_watched(one: SeenReport, record: Record) -> bool:
    """Whether its address is still looked at: its portal is in use, and its host in the definition."""
    portal = record.defined.get(one.portal_id)
    return portal is None or (
        not portal.ended_before(record.as_of.astimezone(SHANGHAI).date()) and portal.allows(one.address)
    )


def _is_astray(one: SeenReport, record: Record, organ: RegisteredOrgan) -> bool:
    """Whether a report stands in a column of another organ, where it should not.

    The report of a body that is no more rightly stands with its successor, that of a government with its office.
    """
    owner = record.organ_of_column.get((one.portal_id, one.column_id or ""))
    return (
        owner not in (None, organ.code, *record.lineage.relatives(organ.code))
        and organ.valid_to is None
        and organ.kind not in TERRITORIES
    )


def _doubts(record: Record, owed: Owed, columns: Sequence[ColumnHistory]) -> list[str]:
    """What was seen in the columns that may be the report after all, as sentences."""
    if record.as_of.astimezone(SHANGHAI).date() <= owed.due.on:
        return []
    county = record.registers.get(owed.organ.county_code)
    doubts = []
    for column in columns:
        key = (column.portal_id, column.column_id)
        doubts += [
            _doubt(candidate, owed, county)
            for candidate in record.candidates.get(key, ())
            if _may_be(candidate, owed, county)
        ]
        if key in record.waiting:
            doubts.append(translate(_WAITING))
    return doubts or _wrong_years(record, owed) or _of_relatives(record, owed)


def _of_relatives(record: Record, owed: Owed) -> list[str]:
    """Reports of the year by who came before or after the organ and owes none on it: it may be this one's."""
    doubts = []
    for code in sorted(record.lineage.relatives(owed.organ.code)):
        key = (code, owed.report_year)
        if key in record.owing:
            continue
        doubts += [
            translate(
                _OF_RELATIVE, values={"name": record.lineage.organs[code].name, "title": one.title or one.address}
            )
            for one in (*record.seen.get(key, ()), *record.near.get(key, ()))
            if one.current and one.gone_at is None
        ]
    if doubts:
        record.of_relatives.add((owed.organ.code, owed.report_year))
    return doubts


def _doubt(candidate: _Candidate, owed: Owed, county: CountyRegister | None) -> str:
    reason, name = candidate.reason, next(iter(candidate.names), "")
    if name and county and not any(_is_like(each, owed.organ, county) for each in candidate.names):
        reason = _UNKNOWN_NAME
    return translate(reason, values={"title": candidate.title, "name": name})


def _may_be(candidate: _Candidate, owed: Owed, county: CountyRegister | None) -> bool:
    if candidate.organ_code is not None and candidate.organ_code != owed.organ.code:
        return False
    if candidate.years and owed.report_year not in candidate.years:
        return False
    if candidate.dated is not None and candidate.dated < date(owed.report_year, 7, 1):
        return False
    if not candidate.names or county is None:
        return True
    return any(_may_be_named(name, owed.organ, county) for name in candidate.names)


def _may_be_named(printed: str, organ: RegisteredOrgan, county: CountyRegister) -> bool:
    """Whether a report under a name that is nobody's may be the organ's.

    Only where the names have something in common; where the name is like nobody's of its class it may be the new
    name of any of them.
    """
    if not county.may_be(printed, organ) or _is_grassroots(printed) != _is_grassroots(organ.name):
        return False
    return _is_like(printed, organ, county) or not any(
        county.may_be(printed, other)
        and _is_grassroots(other.name) == _is_grassroots(printed)
        and _is_like(printed, other, county)
        for other in county.organs
    )


def _is_grassroots(name: str) -> bool:
    return bool(_GRASSROOTS.search(name))


def _is_like(printed: str, organ: RegisteredOrgan, county: CountyRegister) -> bool:
    """Whether a printed name has a character of its own in common with one of the organ's names."""
    own = _own_characters(printed, county)
    names = (organ.name, *organ.aliases)
    return not own or any(own & _own_characters(name, county) for name in names)


def _own_characters(name: str, county: CountyRegister) -> set[str]:
    """The characters of a name that many names do not share: without the places above and the kind of organ."""
    return set(county.without_places(name)) - _COMMON


def _wrong_years(record: Record, owed: Owed) -> list[str]:
    """Reports of the organ under an earlier year, that appeared in this report's season beside that year's own."""
    doubts = []
    for year in range(owed.report_year - 3, owed.report_year):
        found = record.seen.get((owed.organ.code, year), ())
        if len({one.version_id for one in found}) < 2:
            continue
        for one in found:
            day = one.published_on or one.first_seen_at.astimezone(SHANGHAI).date()
            if day > date(owed.report_year, 12, 31) and one.current and one.gone_at is None:
                doubts.append(translate(_OTHER_YEAR, values={"year": year, "title": one.title or one.address}))
    return doubts


def _host(address: str) -> str:
    """Host and port of an address; web addresses of captures are in one spelling (crawler.addresses)."""
    return address.split("/", 3)[2]
