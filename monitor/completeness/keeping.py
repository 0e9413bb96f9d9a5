"""A report that was made is kept, and told again as it was: whatever was read, decided or registered since.

Of a moment of which no report was made, or where somebody wants it anew, it is reckoned from the record: what had
been fetched by then, by the rules, the register and the readings of today, and the report says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from monitor.completeness.figures import Completeness, CountyCompleteness
from monitor.completeness.ranking import Ranking
from monitor.completeness.record import USUAL_SPAN, from_record
from monitor.settings import Settings
from monitor.store import kept_reports, register
from monitor.store.kept_reports import ReportKey

if TYPE_CHECKING:
    from monitor.store.database import Database

MANY = 40
"""A report on more counties than these has figures, names and problems only."""

_NO_MOMENT = datetime(1970, 1, 1, tzinfo=SHANGHAI)


@dataclass(frozen=True, slots=True)
class _Head:
    """What a kept report has beside its counties."""

    full: bool
    rankings: tuple[Ranking, ...]


def keep(
    database: Database,
    settings: Settings,
    report: Completeness,
    *,
    county: str | None = None,
    since: datetime | None = None,
) -> None:
    """Keeps a report of the present moment as it was made by :func:`report_now`. Raises StoreError."""
    key = ReportKey(county, report.year, report.as_of, settings.people.language, since)
    with database.begin() as session:
        kept_reports.put(session, key, _written(report))


def report_now(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    now: datetime,
    *,
    year: int,
    county: str | None = None,
    since: datetime | None = None,
) -> Completeness:
    """The report of the present moment, with all blocks unless it is on more than :data:`MANY` counties.

    Raises StoreError.
    """
    return _made(database, portals, settings, now, year, county, since)


def report_as_of(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    *,
    year: int,
    county: str | None = None,
    since: datetime | None = None,
    anew: bool = False,
) -> Completeness:
    """The report as of a moment: as it was made then, if it was (``anew``: not so), else made of the record.

    One that is made now of a moment after which something was fetched or judged is told to be ``reconstructed``.
    Raises StoreError.
    """
    key = ReportKey(county, year, as_of, settings.people.language, since)
    if not anew and (kept := _kept(database, key)) is not None:
        return kept
    with database.reading() as session:
        over = kept_reports.record_goes_on(session, as_of)
    return replace(_made(database, portals, settings, as_of, year, county, since), reconstructed=over)


def _made(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    year: int,
    county: str | None,
    since: datetime | None,
) -> Completeness:
    full = county is not None or len(register.county_codes(database, with_organs=True)) <= MANY
    begun = since or as_of - USUAL_SPAN
    return from_record(database, portals, settings, as_of, year=year, county=county, full=full, since=begun)


def _kept(database: Database, key: ReportKey) -> Completeness | None:
    """The report as it was made then, or the county's part of one that was made on all counties."""
    with database.reading() as session:
        kept = kept_reports.get(session, key)
        on_all = (
            None if kept or key.county_code is None else kept_reports.get(session, replace(key, county_code=None))
        )
    try:
        if kept is not None:
            return _read(*kept, key)
        if on_all is not None:
            return _only(_read(*on_all, key), key.county_code)
    except ValidationError:
        # Kept by another edition of the program, of which the shape is not known any more.
        return None
    return None


def _only(report: Completeness, county: str | None) -> Completeness | None:
    """The part of one county; None where the report does not have it, or not with all blocks."""
    counties = tuple(one for one in report.counties if one.code == county)
    rankings = tuple(one for one in report.rankings if any(place.code == county for place in one.places))
    return replace(report, counties=counties, rankings=rankings) if counties and report.full else None


def _written(report: Completeness) -> list[bytes]:
    """The head, then each county; without the moment, so that what did not change is kept once."""
    head, counties = _adapters()
    return [
        head.dump_json(_Head(report.full, report.rankings)),
        *(counties.dump_json(_at(county, _NO_MOMENT, _NO_MOMENT)) for county in report.counties),
    ]


def _read(as_of: datetime, parts: Sequence[bytes], key: ReportKey) -> Completeness:
    heads, counties = _adapters()
    head = heads.validate_json(parts[0])
    since = key.since or as_of - USUAL_SPAN
    return Completeness(
        year=key.report_year,
        as_of=as_of,
        counties=tuple(_at(counties.validate_json(part), as_of, since) for part in parts[1:]),
        rankings=head.rankings,
        full=head.full,
    )


def _at(county: CountyCompleteness, as_of: datetime, since: datetime) -> CountyCompleteness:
    changes = county.corrections
    return replace(county, as_of=as_of, corrections=replace(changes, since=since) if changes else None)


@cache
def _adapters() -> tuple[TypeAdapter[_Head], TypeAdapter[CountyCompleteness]]:
    return TypeAdapter(_Head), TypeAdapter(CountyCompleteness)
