"""Which counties are to be assessed: those of which anything changed that they rest on, or whose time has come.

An assessment of a county rests on its register, on its portals as they are defined and on what stands on them, on
the years that are watched and the settings and rules, on what staff decided on findings, on the program itself,
and on what stands on the sites that it shares with other counties. All of that goes into one digest, without
reading any of it: what changes bears marks (:mod:`monitor.store.marks`). Decision 0016.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from monitor.alerts.from_standings import ESCALATIONS
from monitor.publication import PublicationState, Standing
from monitor.registry.due import load_due_rules
from monitor.registry.obligations import Years, watched_years
from monitor.settings import Settings
from monitor.sites import Sites, sites_of
from monitor.standings import Record
from monitor.store import alerts, assessments, decisions, register, versions
from monitor.store.assessments import CountyState
from monitor.store.marks import Kind, Mark, Marks, all_marks

AT_ONCE = 20
"""So many counties are read at once: few statements for many, and little in memory."""
_NEVER = Mark(0)


@dataclass(frozen=True)
class Outline:
    """All counties, what the assessment of each has to rest on, and what their last ones rested on."""

    sites: Sites
    known: Mapping[str, CountyState]
    grounds: Mapping[str, str]
    due: tuple[str, ...] = field(default=())
    """The counties that are to be assessed, those on the same sites one after the other."""
    marked: Mapping[str, str] = field(default_factory=dict)
    """What bears marks of the record of each of these: :func:`marked_now` is another where the record is."""

    def batches(self) -> Iterator[tuple[str, ...]]:
        """The counties that are to be assessed, some at a time; those on the same sites together."""
        batch: list[str] = []
        site = ""
        for county in self.due:
            of_county = min(self.sites.together(county))
            if len(batch) >= AT_ONCE and of_county != site:
                yield tuple(batch)
                batch = []
            batch.append(county)
            site = of_county
        if batch:
            yield tuple(batch)


def outline(
    session: Session,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    *,
    everything: bool = False,
) -> Outline:
    """What is to be assessed at ``as_of``; with ``everything``, all counties whatever changed."""
    marks = all_marks(session)
    known = assessments.county_states(session)
    sites = sites_of(session, portals, everywhere=True)
    years = watched_years(settings.watch, as_of, register.obligation_years(session))
    counties = {
        *register.county_by_organ(session).values(),
        *sites.counties,
        *versions.version_counties(session),
        *alerts.alert_counties(session),
        *known,
    }
    ended_mutes = alerts.counties_with_ended_mutes(session, as_of)
    common = _common(settings, marks)
    decided = decisions.decisions(session, as_of)
    today = as_of.astimezone(SHANGHAI).date()
    on_site: dict[frozenset[str], _Site] = {}
    grounds: dict[str, str] = {}
    due = []
    for county in counties:
        together = sites.together(county)
        if together not in on_site:
            on_site[together] = _site(together, sites, marks)
        digest, latest = _grounds(county, on_site[together], sites, years, marks, known.get(county), today)
        grounds[county] = _digest(common, digest, decided.about(county))
        if everything or county in ended_mutes or not _holds(known.get(county), grounds[county], as_of, latest):
            due.append(county)
    due.sort(key=lambda county: (min(sites.together(county)), county))
    marked = {county: on_site[sites.together(county)].digest for county in due}
    return Outline(sites, known, grounds, tuple(due), marked)


def marked_now(session: Session, outlined: Outline) -> dict[str, str]:
    """The marks of the counties that are due, as they are by now."""
    marks, sites = all_marks(session), outlined.sites
    return {county: _site(sites.together(county), sites, marks).digest for county in outlined.due}


def state_of(
    county: str,
    outlined: Outline,
    record: Record,
    standings: Iterable[Standing],
    as_of: datetime,
    *,
    unwatched: Iterable[Standing] = (),
    held: int,
    counts: Mapping[str, object],
    complete: bool,
) -> CountyState:
    """What is remembered of an assessment of a county; where it is not ``complete``, it is done again next time.

    ``held``: so many alerts could not be judged; a pass over a portal may settle that. ``unwatched``: how the
    reports of years stand that only other counties watch.
    """
    portals = {portal.id for portal in outlined.sites.portals_of(county)} | record.beside.get(county, set())
    waiting = any(portal_id in portals for portal_id, _ in record.waiting)
    standings = tuple(standings)
    return CountyState(
        county_code=county,
        grounds=outlined.grounds[county] if complete else "",
        as_of=as_of,
        until=as_of if waiting else _next_moment({owed.due.on for owed in (*standings, *unwatched)}, as_of),
        rests_on_passes=held > 0 or any(_rests_on_passes(standing, record) for standing in standings),
        beside=tuple(sorted(record.beside.get(county, ()))),
        counts=counts,
    )


def _holds(known: CountyState | None, grounds: str, as_of: datetime, latest: datetime | None) -> bool:
    """Whether what was said of a county at its last assessment is what would be said now.

    It was of an earlier moment, no moment lies between at which time alone changes an answer, all that is in the
    record had happened by then, and nothing changed.
    """
    return (
        known is not None
        and known.grounds == grounds
        and known.as_of <= as_of
        and (known.until is None or as_of < known.until)
        and (latest is None or latest <= known.as_of)
    )


def _next_moment(due: Collection[date], as_of: datetime) -> datetime | None:
    """The next moment at which time alone may change what is said: a due day ends, or has ended long ago."""
    steps = (0, *(days for days, _ in ESCALATIONS))
    moments = (datetime.combine(on + timedelta(days=days + 1), time(), SHANGHAI) for on in due for days in steps)
    return min((moment for moment in moments if moment > as_of), default=None)


def _rests_on_passes(standing: Standing, record: Record) -> bool:
    """Whether another pass over the columns may change what is said of an obligation.

    Of a report that was found and still stands where it should, passes after it was seen say nothing.
    """
    if standing.state in (PublicationState.UNVERIFIED, PublicationState.MISSING):
        return True
    code = standing.organ.code
    return any(
        one.gone_at is not None
        or (one.portal_id, one.parent_address or "") in record.pages_gone
        or record.organ_of_column.get((one.portal_id, one.column_id or ""), code) != code
        for one in record.seen.get((code, standing.report_year), ())
    )


def _common(settings: Settings, marks: Marks) -> str:
    """What all assessments rest on."""
    from monitor.rules.catalogue import rules_digest

    rules = load_due_rules(settings.path(settings.watch.due_rules) if settings.watch.due_rules else None)
    parsed = marks.get((Kind.PARSED.value, ""), _NEVER).revision
    patience = (settings.watch.missing_days, settings.watch.removed_passes)
    days = settings.crawl.interval_in_season / timedelta(days=1)
    return _digest(program_digest(), rules_digest(), repr(rules), days, patience, parsed)


@dataclass(frozen=True, slots=True)
class _Site:
    """What is known, without reading it, of counties that share sites: a digest, and the latest moment in it."""

    digest: str
    latest: datetime | None


def _site(together: Collection[str], sites: Sites, marks: Marks) -> _Site:
    keys = [(Kind.COUNTY.value, county) for county in sorted(together)]
    portals = {portal.id for county in together for portal in sites.portals_of(county)}
    keys += [(Kind.PORTAL.value, portal_id) for portal_id in sorted(portals)]
    found = [(*key, marks.get(key, _NEVER)) for key in keys]
    return _Site(
        _digest(*((kind, key, one.revision) for kind, key, one in found)),
        _last(one for _, _, one in found),
    )


def _grounds(
    county: str, site: _Site, sites: Sites, years: Years, marks: Marks, known: CountyState | None, today: date
) -> tuple[str, datetime | None]:
    """The digest of one county beside what is common to all, and the latest moment that its record tells of."""
    portals = {portal.id: portal for portal in sites.portals_of(county)}
    for portal_id in known.beside if known else ():
        if portal_id in sites.portals:
            portals[portal_id] = sites.portals[portal_id]
    passes = [marks.get((Kind.PASSES.value, portal_id), _NEVER) for portal_id in sorted(portals)]
    counted = known is not None and known.rests_on_passes
    digest = _digest(
        site.digest,
        sorted(years.of(county)),
        sorted(years.elsewhere(county)),
        [
            [portal.model_dump_json(), portal.valid_on(today), portal.ended_before(today)]
            for _, portal in sorted(portals.items())
        ],
        [one.revision for one in passes] if counted else None,
    )
    return digest, _last([Mark(0, site.latest), *(passes if counted else ())])


def _last(marks: Iterable[Mark]) -> datetime | None:
    return max((one.latest for one in marks if one.latest is not None), default=None)


@cache
def program_digest() -> str:
    """A digest of the program that assesses: another program may say something else of the same record."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for room in ("monitor", "crawler", "parsers"):
        for path in sorted((root / room).rglob("*")):
            name = path.relative_to(root)
            if path.suffix in (".py", ".yaml") and name.parts[1] not in _ELSEWHERE:
                digest.update(str(name).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


_ELSEWHERE = frozenset(
    {
        *("access", "accounts", "api", "cli", "completeness", "demo", "evidence", "jobs", "locales"),
        *("sandbox", "spiders", "web"),
    }
)
"""Parts of the program that an assessment does not use."""


def _digest(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
