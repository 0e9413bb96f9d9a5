"""Portals as a reader may see them: how each fares, its runs, what was read of it, and how it is defined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from crawler.clock import SHANGHAI
from crawler.families import NAMES
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Outcome
from monitor.access.base import Access, NotFound
from monitor.alerts.conditions import PortalHealth
from monitor.alerts.from_standings import staleness
from monitor.crawl_words import problem_in_words
from monitor.definition_words import files_in_words
from monitor.jobs.lines import OUTCOME_NAMES
from monitor.jobs.seasons import usual_interval
from monitor.language import N_, translate
from monitor.store import portal_history, register
from monitor.store.portal_history import CaptureRecord, LastRuns, PassRecord, RunRecord
from monitor.visits import organs_of

ON_A_PAGE = 50
"""So many portals, runs or captures stand on one page."""


class Health(StrEnum):
    """How a portal fares, the worst first."""

    FAILING = "failing"
    STALE = "stale"
    NEVER = "never"
    GOOD = "good"
    UNUSED = "unused"


HEALTH_NAMES: Mapping[Health, str] = {
    Health.FAILING: N_("最近一次没有抓全"),
    Health.STALE: N_("很久没有抓全"),
    Health.NEVER: N_("还没有抓过"),
    Health.GOOD: N_("正常"),
    Health.UNUSED: N_("今天不启用"),
}
HEALTH_BADGES: Mapping[Health, str] = {
    Health.FAILING: "error",
    Health.STALE: "error",
    Health.NEVER: "warning",
    Health.GOOD: "over",
    Health.UNUSED: "notice",
}
ROLE_NAMES = {
    "list": N_("列表"),
    "document": N_("年报页面"),
    "attachment": N_("附件"),
}


@dataclass(frozen=True, slots=True)
class PortalLine:
    """One portal in the list. ``problem`` are words in the reader's language, empty where nothing is wrong."""

    id: str
    name: str
    county_code: str
    hosts: tuple[str, ...]
    columns: int
    health: Health
    outcome: Outcome | None
    problem: str
    last_run_at: datetime | None
    last_whole_at: datetime | None


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A definition that cannot be used: its file's name, and one line for each error."""

    file: str
    county_code: str | None
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PortalList:
    """A page of the list; ``counts`` are of all the reader's portals, ``found`` how many the filters leave.

    ``counties`` are those that have a portal, with their names.
    """

    lines: tuple[PortalLine, ...]
    found: int
    page: int
    pages: int
    counts: Mapping[Health, int]
    broken: tuple[BrokenLine, ...]
    counties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column: whose reports it counts for, and how it was last read, and last read whole."""

    id: str
    name: str
    address: str
    organs: tuple[str, ...]
    last: PassRecord | None
    last_problem: str
    last_whole: PassRecord | None


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run; ``problem`` in the reader's language."""

    run: RunRecord
    problem: str


@dataclass(frozen=True, slots=True)
class PortalPage:
    """Everything on one portal. ``earlier``: the moment before which older runs lie, None where there are none."""

    line: PortalLine
    county: str
    family: str
    validity: str
    verified: date | None
    failing_runs: int
    columns: tuple[ColumnLine, ...]
    runs: tuple[RunLine, ...]
    earlier: datetime | None
    file: str
    definition: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run with the passes over its columns and what it fetched; ``after``: where the next captures begin."""

    portal_id: str
    portal: str
    line: RunLine
    passes: tuple[tuple[PassRecord, str, str], ...]
    captures: tuple[CaptureRecord, ...]
    after: int | None


def health_of(
    portal: PortalDefinition, runs: LastRuns | None, now: datetime, interval: timedelta
) -> tuple[Health, str]:
    """How a portal fares and, where it is our matter, the word of the crawler for why."""
    if not portal.valid_on(now.astimezone(SHANGHAI).date()):
        return Health.UNUSED, ""
    if runs is None:
        return Health.NEVER, ""
    last, whole = runs.last, runs.last_whole
    if last.outcome is None or not last.outcome.whole:
        return Health.FAILING, last.problem or ""
    seen = PortalHealth(
        portal_id=portal.id,
        name=portal.name,
        county_code=portal.county_code,
        last_run_at=last.finished_at,
        last_whole_at=whole.finished_at if whole else None,
        first_run_at=last.started_at,
    )
    return (Health.STALE if staleness(seen, now, interval) else Health.GOOD), ""


def portal_list(
    access: Access, *, text: str = "", county: str = "", health: str = "", page: int = 1
) -> PortalList:
    """The portals of the reader's counties, the worst first; ``text`` stands in the id, the name or a host."""
    known = access.portals()
    now = access.now
    interval = usual_interval(access.settings, now)
    with access.reading() as session:
        runs = portal_history.last_runs_of(session, [portal.id for portal in known])
        names = register.names_of_counties(session, {portal.county_code for portal in known})
    lines = [_line(access, portal, runs.get(portal.id), now, interval) for portal in known]
    wanted = text.strip().lower()
    found = [
        line
        for line in lines
        if county in ("", line.county_code)
        and health in ("", line.health)
        and (not wanted or any(wanted in each.lower() for each in (line.id, line.name, *line.hosts)))
    ]
    order = list(Health)
    found.sort(key=lambda line: (order.index(line.health), line.county_code, line.id))
    pages = max(1, -(-len(found) // ON_A_PAGE))
    page = min(max(1, page), pages)
    return PortalList(
        lines=tuple(found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]),
        found=len(found),
        page=page,
        pages=pages,
        counts=Counter(line.health for line in lines),
        broken=broken_definitions(access),
        counties={code: names.get(code, code) for code in sorted({portal.county_code for portal in known})},
    )


def broken_definitions(access: Access) -> tuple[BrokenLine, ...]:
    """The definitions of the reader's counties that cannot be used; of no county: for who sees everything."""
    return tuple(
        BrokenLine(one.path.name, one.county_code, files_in_words(one, access.language))
        for one in access.record.portals.broken()
        if access.scope.covers(one.county_code)
    )


def portal_page(access: Access, portal_id: str, *, before: datetime | None = None) -> PortalPage:
    """One portal. Raises NotFound."""
    portal = portal_named(access, portal_id)
    now = access.now
    with access.reading() as session:
        last = portal_history.last_runs_of(session, [portal.id]).get(portal.id)
        whole_at = last.last_whole.started_at if last and last.last_whole else None
        failing = portal_history.failing_since(session, portal.id, whole_at)
        runs = portal_history.runs_of(session, portal.id, before=before, limit=ON_A_PAGE + 1)
        passes = portal_history.last_passes(session, portal.id, [column.id for column in portal.columns])
        organs = register.all_organs(session, portal.county_code)
        county = register.names_of_counties(session, {portal.county_code})
    interval = usual_interval(access.settings, now)
    file, text = _definition(access.settings.path(access.settings.crawl.portals), portal.id)
    return PortalPage(
        line=_line(access, portal, last, now, interval),
        county=county.get(portal.county_code, ""),
        family=translate(NAMES[portal.family], access.language),
        validity=validity(portal, now.astimezone(SHANGHAI).date(), access.language),
        verified=portal.verified,
        failing_runs=failing,
        columns=tuple(
            _column(
                access,
                column,
                passes.get(column.id),
                tuple(one.name for one in organs_of(portal, column, organs)),
            )
            for column in portal.columns
        ),
        runs=tuple(_run(access, run) for run in runs[:ON_A_PAGE]),
        earlier=runs[ON_A_PAGE - 1].started_at if len(runs) > ON_A_PAGE else None,
        file=file,
        definition=text,
    )


def run_page(access: Access, portal_id: str, run_id: str, *, after: int = -1) -> RunPage:
    """One run of a portal. Raises NotFound."""
    portal = portal_named(access, portal_id)
    names = {column.id: column.name for column in portal.columns}
    with access.reading() as session:
        run = portal_history.run_with(session, run_id)
        if run is None or run.portal_id != portal.id:
            raise NotFound(run_id)
        passes = portal_history.passes_of(session, run_id)
        captures = portal_history.captures_of(session, run_id, after=after, limit=ON_A_PAGE + 1)
    more = len(captures) > ON_A_PAGE
    captures = captures[:ON_A_PAGE]
    return RunPage(
        portal_id=portal.id,
        portal=portal.name,
        line=_run(access, run),
        passes=tuple(
            (one, names.get(one.column_id, one.column_id), _words(access, one.problem)) for one in passes
        ),
        captures=tuple(captures),
        after=captures[-1].sequence if more else None,
    )


def portal_named(access: Access, portal_id: str) -> PortalDefinition:
    """The portal of an id within the reader's counties. Raises NotFound."""
    portal = next((one for one in access.record.portals() if one.id == portal_id), None)
    if portal is None:
        raise NotFound(portal_id)
    access.county(portal.county_code)
    return portal


def validity(portal: PortalDefinition, day: date, language: str) -> str:
    """How a definition stands on a day, in words."""
    if portal.begins_after(day):
        return translate(N_("{day} 起启用"), language, {"day": portal.valid_from})
    if not portal.ended_before(day):
        if portal.valid_to is None:
            return translate(N_("有效"), language)
        return translate(N_("有效，用到 {day}"), language, {"day": portal.valid_to})
    if portal.successor is None:
        return translate(N_("已于 {day} 停用"), language, {"day": portal.valid_to})
    values = {"day": portal.valid_to, "successor": portal.successor}
    return translate(N_("已于 {day} 停用，由 {successor} 接替"), language, values)


def outcome_in_words(outcome: Outcome | None, language: str) -> str:
    """What an outcome is called; None: the run goes on."""
    return translate(OUTCOME_NAMES[outcome] if outcome else N_("正在进行"), language)


def _line(
    access: Access, portal: PortalDefinition, runs: LastRuns | None, now: datetime, interval: timedelta
) -> PortalLine:
    health, problem = health_of(portal, runs, now, interval)
    return PortalLine(
        id=portal.id,
        name=portal.name,
        county_code=portal.county_code,
        hosts=portal.hosts,
        columns=len(portal.columns),
        health=health,
        outcome=runs.last.outcome if runs else None,
        problem=problem_in_words(problem, access.language),
        last_run_at=runs.last.finished_at if runs else None,
        last_whole_at=runs.last_whole.finished_at if runs and runs.last_whole else None,
    )


def _column(
    access: Access,
    column: ColumnDefinition,
    passes: tuple[PassRecord, PassRecord | None] | None,
    organs: Sequence[str],
) -> ColumnLine:
    last, whole = passes or (None, None)
    return ColumnLine(
        id=column.id,
        name=column.name,
        address=column.address,
        organs=tuple(organs),
        last=last,
        last_problem=_words(access, last.problem if last else None),
        last_whole=whole,
    )


def _run(access: Access, run: RunRecord) -> RunLine:
    return RunLine(run, _words(access, run.problem))


def _words(access: Access, problem: str | None) -> str:
    return problem_in_words(problem, access.language)


def _definition(folder: Path, portal_id: str) -> tuple[str, str]:
    """The name and the text of the file that defines a portal; both empty where it has gone by now."""
    says_so = re.compile(rf"""^\ufeff?id:\s*["']?{re.escape(portal_id)}["']?\s*(?:#.*)?$""", re.MULTILINE)
    usual = [folder / f"{portal_id}.yaml", folder / f"{portal_id}.yml"]
    for path in [*usual, *sorted(folder.glob("*.y*ml"))]:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if says_so.search(text):
            return path.name, text
    return "", ""
