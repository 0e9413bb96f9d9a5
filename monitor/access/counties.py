"""The season at a glance, and one county: how the obligations stand, and how much of the ground was crawled.

Read from what assessments kept (:mod:`monitor.store.kept_standings`), never found out anew: that would take
minutes over a thousand counties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from monitor.access.base import Access, NotFound, audiences_of
from monitor.accounts.scope import Scope
from monitor.alerts.outbox import alert_json
from monitor.completeness.columns import count_read
from monitor.figures import Figures
from monitor.publication import PublicationState
from monitor.registry.obligations import watched_years
from monitor.rules.base import OrganKind
from monitor.store import alert_news, crawls, kept_standings, register
from monitor.store.alert_news import NewsCount
from monitor.store.kept_standings import KeptFigures, KeptStanding, PageKey

USUAL_SPAN = timedelta(days=7)
"""News is of so many days for who was never here before."""
NEWEST = 20
"""So many alerts are named among the news; the others are counted."""


@dataclass(frozen=True, slots=True)
class Ground:
    """How much was really crawled: of the ``columns`` that may hold reports, so many were last read ``whole``."""

    columns: int = 0
    whole: int = 0

    @property
    def share(self) -> float:
        """The share that was read whole, 0 to 1; 0 where there are no columns."""
        return round(self.whole / self.columns, 4) if self.columns else 0.0


@dataclass(frozen=True, slots=True)
class CountyLine:
    """One county of the overview.

    ``next_due``: when the next report falls due. ``assessed_at`` None: the county was not assessed for the year.
    ``opened`` and ``over``: so many alerts came since the reader's last visit, or ended.
    """

    code: str
    name: str
    prefecture: str | None
    province: str | None
    figures: Figures
    ground: Ground
    next_due: date | None
    assessed_at: datetime | None
    opened: int
    over: int


@dataclass(frozen=True, slots=True)
class News:
    """What is new after ``since``: how many alerts came and stand, and how many ended, by audience and kind.

    ``newest`` are the last of them, in the contract's shape (3.3).
    """

    since: datetime
    opened: Mapping[str, Mapping[str, int]]
    over: Mapping[str, Mapping[str, int]]
    newest: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The season of a report year, county by county.

    ``years`` are those of which anything is known, the latest first. ``assessed_from`` and ``assessed_to``: the
    moments between which the counties were assessed. ``days_left``: to ``next_due``, None where nothing comes.
    ``unwatched``: so many counties do not watch the year, and have reports of it that are not verified for that.
    """

    year: int
    years: tuple[int, ...]
    counties: tuple[CountyLine, ...]
    totals: Figures
    ground: Ground
    next_due: date | None
    days_left: int | None
    assessed_from: datetime | None
    assessed_to: datetime | None
    news: News
    unwatched: int


@dataclass(frozen=True, slots=True)
class OrganLine:
    """One organ of a county with how its obligations stand, by report year."""

    code: str
    name: str
    kind: OrganKind
    valid_from: date | None
    valid_to: date | None
    standings: Mapping[int, KeptStanding]


@dataclass(frozen=True, slots=True)
class County:
    """A county: its organs by years, the figures of each year (the latest first), and what is new."""

    code: str
    name: str
    prefecture: str | None
    province: str | None
    years: Mapping[int, KeptFigures]
    organs: tuple[OrganLine, ...]
    ground: Ground
    assessed_at: datetime | None
    today: date
    news: News


@dataclass(frozen=True, slots=True)
class ListedStanding:
    """One line of a list over counties."""

    county: str
    standing: KeptStanding


@dataclass(frozen=True, slots=True)
class StatePage:
    """A page of the obligations in one state. ``after``: what to ask for the next page with, None at the end."""

    lines: tuple[ListedStanding, ...]
    after: str | None


NOTHING = Figures(*(0 for _ in fields(Figures)))


def overview(access: Access, year: int | None = None, place: str = "") -> Overview:
    """The season of a report year (None: the latest that is known) in the reader's counties.

    ``place``: in those alone whose codes begin so. Counties stand in it of which organs owe a report on the year
    or that have a portal. Raises NotFound where the reader sees nothing of the place, StoreError.
    """
    scope = access.scope.narrowed(Scope.of([place] if place else []))
    if scope is None:
        raise NotFound(place)
    portals = tuple(one for one in access.portals() if scope.covers(one.county_code))
    today = access.now.astimezone(SHANGHAI).date()
    with access.reading() as session:
        totals = kept_standings.by_year(session, scope)
        wanted = year if year is not None else max(totals, default=today.year - 1)
        figures = kept_standings.by_county(session, wanted, scope)
        names = register.counties(session)
        columns = count_read(crawls.last_read_whole(session, portals), portals, wanted, today)
        since, counted = _counted(access, session, scope)
        news = _news(access, session, scope, since, counted)
        watched = watched_years(access.settings.watch, access.now, register.obligation_years(session))
    opened, over = _by_county(counted, over=False), _by_county(counted, over=True)
    lines = tuple(
        CountyLine(
            code,
            *names.get(code, (code, None, None)),
            figures=figures[code].figures if code in figures else NOTHING,
            ground=Ground(*columns.get(code, (0, 0))),
            next_due=figures[code].next_due if code in figures else None,
            assessed_at=figures[code].assessed_at if code in figures else None,
            opened=opened[code],
            over=over[code],
        )
        for code in sorted({*figures, *columns})
    )
    next_due = next_deadline(lines, today)
    moments = [one.assessed_at for one in lines if one.assessed_at is not None]
    return Overview(
        year=wanted,
        years=tuple(sorted(totals, reverse=True)),
        counties=lines,
        totals=totals.get(wanted, NOTHING),
        ground=_together(columns.values()),
        next_due=next_due,
        days_left=(next_due - today).days if next_due is not None else None,
        assessed_from=min(moments, default=None),
        assessed_to=max(moments, default=None),
        news=news,
        unwatched=sum(
            one.figures.unverified > 0 and wanted not in watched.of(code) for code, one in figures.items()
        ),
    )


def next_deadline(lines: Iterable[CountyLine], today: date) -> date | None:
    """The next due date of these counties; one that has passed since the assessment is no longer the next."""
    return min((one.next_due for one in lines if one.next_due is not None and one.next_due >= today), default=None)


def county(access: Access, code: str) -> County:
    """One county. Raises NotFound where there is none or the reader may not see it, and StoreError."""
    access.county(code)
    portals = [one for one in access.portals() if one.county_code == code]
    today = access.now.astimezone(SHANGHAI).date()
    with access.reading() as session:
        named = register.county_names(session, code)
        if named is None:
            raise NotFound(code)
        scope = Scope.of([code])
        organs = register.all_organs(session, code)
        standings: dict[str, dict[int, KeptStanding]] = {}
        for one in kept_standings.of_county(session, code):
            standings.setdefault(one.organ_code, {})[one.report_year] = one
        years = {
            year: kept_standings.by_county(session, year, scope)[code]
            for year in sorted({year for of in standings.values() for year in of}, reverse=True)
        }
        since, counted = _counted(access, session, scope)
        news = _news(access, session, scope, since, counted)
        ground = _ground(session, portals, max(years, default=today.year - 1), today)
    return County(
        code,
        *named,
        years=years,
        organs=tuple(
            OrganLine(
                organ.code,
                organ.name,
                organ.kind,
                organ.valid_from,
                organ.valid_to,
                standings.get(organ.code, {}),
            )
            for organ in organs
        ),
        ground=ground,
        assessed_at=max((one.assessed_at for one in years.values()), default=None),
        today=today,
        news=news,
    )


def in_state(
    access: Access, year: int, state: PublicationState, *, after: str | None = None, limit: int = 50
) -> StatePage:
    """The obligations of a report year in one state, a page at a time, in the order of counties and organs.

    ``after``: as the page before gives it. Raises NotFound for one that no page gives, and StoreError.
    """
    key = None
    if after is not None:
        county_code, between, organ_code = after.partition("-")
        if not between or not (county_code + organ_code).isalnum():
            raise NotFound(after)
        key = PageKey(county_code, organ_code)
    with access.reading() as session:
        found = kept_standings.in_state(session, year, state, access.scope, after=key, limit=limit)
        names = register.names_of_counties(session, {one.county_code for one in found.standings})
    return StatePage(
        tuple(ListedStanding(names.get(one.county_code, one.county_code), one) for one in found.standings),
        "-".join(found.next) if found.next else None,
    )


def _ground(session: Session, portals: Iterable[PortalDefinition], year: int, today: date) -> Ground:
    portals = tuple(portals)
    return _together(count_read(crawls.last_read_whole(session, portals), portals, year, today).values())


def _together(columns: Iterable[tuple[int, int]]) -> Ground:
    every = tuple(columns)
    return Ground(sum(one[0] for one in every), sum(one[1] for one in every))


def _counted(access: Access, session: Session, scope: Scope) -> tuple[datetime, list[NewsCount]]:
    since = access.since or access.now - USUAL_SPAN
    return since, alert_news.counts_since(session, since, scope, audiences_of(access))


def _news(access: Access, session: Session, scope: Scope, since: datetime, counted: list[NewsCount]) -> News:
    newest = alert_news.newest_since(session, since, scope, audiences_of(access), NEWEST) if counted else []
    return News(
        since,
        opened=_by_kind(counted, over=False),
        over=_by_kind(counted, over=True),
        newest=tuple(alert_json(shown, access.language) for shown in newest),
    )


def _by_kind(counted: Iterable[NewsCount], *, over: bool) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for one in counted:
        if one.over is over:
            found.setdefault(one.audience, Counter())[one.kind] += one.number
    return {audience: dict(sorted(kinds.items())) for audience, kinds in sorted(found.items())}


def _by_county(counted: Iterable[NewsCount], *, over: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in counted:
        if one.over is over and one.county_code is not None:
            found[one.county_code] += one.number
    return found
