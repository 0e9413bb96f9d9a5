"""How much of the ground was crawled: the columns of counties, and how many of them were last read whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from crawler.portals.definition import PortalDefinition
from monitor.store.crawls import PassSummary


def count_columns(
    portals: Iterable[PortalDefinition], passes: Iterable[PassSummary], year: int, today: date
) -> dict[str, tuple[int, int]]:
    """For each county: how many columns may hold reports on ``year``, and how many of them were last read whole.

    ``passes`` are in the order of time. A column never crawled counts as not whole. Portals that are not in use
    on ``today`` do not count.
    """
    return count_read({(one.portal_id, one.column_id): one.whole for one in passes}, portals, year, today)


def count_read(
    whole: Mapping[tuple[str, str], bool], portals: Iterable[PortalDefinition], year: int, today: date
) -> dict[str, tuple[int, int]]:
    """The same, given by portal and column whether the last pass was whole."""
    counted: dict[str, tuple[int, int]] = {}
    for portal in portals:
        if not portal.valid_on(today):
            continue
        for column in portal.columns:
            if column.years and year not in column.years:
                continue
            columns, read = counted.get(portal.county_code, (0, 0))
            counted[portal.county_code] = columns + 1, read + whole.get((portal.id, column.id), False)
    return counted
