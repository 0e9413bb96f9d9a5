"""What is kept of how obligations stand, beside what is found out anew, in one shape."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crawler.portals.definition import PortalDefinition
from monitor.figures import Figures, count
from monitor.publication import Standing
from monitor.settings import Settings
from monitor.standings import standings
from monitor.store import kept_standings
from monitor.store.database import Database
from monitor.store.kept_standings import KeptStanding
from monitor.store.tables import County

Rows = dict[tuple[str, int], tuple[Any, ...]]
FiguresBy = dict[tuple[int, str], Figures]


def kept(database: Database) -> tuple[Rows, FiguresBy]:
    """The rows by organ and year, and the figures by year and county, as the last assessments kept them."""
    with database.reading() as session:
        rows = [
            one for code in session.scalars(select(County.code)) for one in kept_standings.of_county(session, code)
        ]
        figures = {
            (year, county): one.figures
            for year in kept_standings.by_year(session)
            for county, one in kept_standings.by_county(session, year).items()
        }
    return {
        (one.organ_code, one.report_year): (
            one.name,
            one.kind,
            one.county_code,
            one.state,
            one.due_on,
            one.due_rule,
            *_facts(one),
        )
        for one in rows
    }, figures


def _facts(one: KeptStanding | Standing) -> tuple[Any, ...]:
    return (
        one.published_on,
        one.published_from,
        one.first_seen_at,
        one.days_late,
        one.address,
        one.version_id,
        one.errors,
        one.warnings,
        one.flags,
        one.reason,
    )


def live(
    database: Database, portals: Sequence[PortalDefinition], settings: Settings, as_of: datetime
) -> tuple[Rows, FiguresBy]:
    """The same, found out anew from the record."""
    found = standings(database, portals, settings, as_of)
    rows = {
        (one.organ.code, one.report_year): (
            one.organ.name,
            one.organ.kind,
            one.organ.county_code,
            one.state,
            one.due.on,
            one.due.rule,
            *_facts(one),
        )
        for one in found
    }
    keys = {(one.report_year, one.organ.county_code) for one in found}
    return rows, {
        (year, county): count(
            [one for one in found if (one.report_year, one.organ.county_code) == (year, county)], as_of
        )
        for year, county in keys
    }
