"""The completeness report from the record: standings, findings, and how the columns were crawled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from monitor.assess import judged_versions
from monitor.completeness.figures import Completeness, gather
from monitor.completeness.problems import problems_of
from monitor.settings import Settings
from monitor.standings import standings
from monitor.store import crawls, register
from monitor.store.crawls import PassSummary

if TYPE_CHECKING:
    from monitor.store.database import Database


def from_record(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    as_of: datetime,
    *,
    year: int,
    county: str | None = None,
) -> Completeness:
    """The report on ``year`` as of ``as_of`` (aware), for all counties or one.

    Figures are of that moment: what was seen later is left out. Raises StoreError.
    """
    found = standings(database, portals, settings, as_of, year=year, county=county)
    version_ids = [standing.version_id for standing in found if standing.version_id is not None]
    judged = judged_versions(database, version_ids)
    with database.reading() as session:
        passes = crawls.column_passes(session, as_of)
        prefectures = {code: names[1] for code, names in register.counties(session).items()}
    return gather(
        year,
        as_of,
        found,
        columns=count_columns(portals, passes, year, as_of.astimezone(SHANGHAI).date()),
        problems=[problem for version in judged for problem in problems_of(version, settings.people.language)],
        prefectures=prefectures,
    )


def count_columns(
    portals: Iterable[PortalDefinition], passes: Iterable[PassSummary], year: int, today: date
) -> dict[str, tuple[int, int]]:
    """For each county: how many columns may hold reports on ``year``, and how many of them were last read whole.

    ``passes`` are in the order of time. A column never crawled counts as not whole. Portals that are not in use
    on ``today`` do not count.
    """
    last = {(one.portal_id, one.column_id): one.whole for one in passes}
    counted: dict[str, tuple[int, int]] = {}
    for portal in portals:
        if not portal.valid_on(today):
            continue
        for column in portal.columns:
            if column.years and year not in column.years:
                continue
            columns, whole = counted.get(portal.county_code, (0, 0))
            counted[portal.county_code] = columns + 1, whole + last.get((portal.id, column.id), False)
    return counted
