"""What a dry pass tells of a site that has changed: other software, another address or host, folders of years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crawler.addresses import page_key
from crawler.discovery.clues import Clues, LeadKind
from crawler.families.family import ListAnswer
from crawler.families.page import PageRequest
from crawler.families.registry import FAMILIES
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from monitor.visits import PortalCheck


class ChangeKind(StrEnum):
    """How a site has changed."""

    HOST = "host"
    ADDRESS = "address"
    GONE = "gone"
    SOFTWARE = "software"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``detail`` is the new address, the family, or the years of the new folders."""

    kind: ChangeKind
    column: ColumnDefinition
    detail: str = ""


def changes_of(check: PortalCheck, today: date) -> list[Change]:
    """What the first pages of a dry pass tell; nothing of a site that blocks us or is not there."""
    found = []
    for column in check.portal.columns:
        found += list(_of_column(check, column, today))
    return found


def _of_column(check: PortalCheck, column: ColumnDefinition, today: date) -> Iterator[Change]:
    seen = check.first_pages.get(column.id)
    if seen is None:
        return
    if seen.problem == "off_site":
        yield Change(ChangeKind.HOST, column, seen.final_address)
        return
    if seen.problem in ("gone", "soft_404"):
        yield Change(ChangeKind.GONE, column, seen.address)
        return
    if seen.problem or seen.text is None:
        return
    if page_key(seen.final_address) != page_key(seen.address):
        yield Change(ChangeKind.ADDRESS, column, seen.final_address)
    family = _other_family(check.portal, seen.text, seen.final_address)
    passed = next((one for one in check.columns if one.column_id == column.id), None)
    if family is not None and passed is not None and not passed.outcome.whole:
        yield Change(ChangeKind.SOFTWARE, column, family)
    years = _new_folders(check.portal, column, Clues(seen.text, seen.final_address), today)
    if years:
        yield Change(ChangeKind.YEARS, column, "、".join(str(year) for year in years))


def _other_family(portal: PortalDefinition, text: str, address: str) -> str | None:
    """The family whose marks a page bears where it bears none of the definition's; None where nothing is told."""
    counted = {name: len(family.marks(text, address)) for name, family in FAMILIES.items()}
    if counted.get(portal.family):
        return None
    best = max(counted, key=lambda name: counted[name])
    if counted[best]:
        return best
    return "generic" if portal.family != "generic" else None


def _new_folders(portal: PortalDefinition, column: ColumnDefinition, clues: Clues, today: date) -> list[int]:
    """The years of folders beside or below a column that the definition does not name, from its own time on."""
    named = {page_key(one.address) for one in portal.columns}
    known = {year for one in portal.columns for year in one.years}
    asked = ListAnswer(clues.text, clues.address, PageRequest(column.address), parameters=column.parameters)
    page = FAMILIES[portal.family].read(asked)
    rows = {page_key(row.address) for row in page.rows} | {page_key(one.address) for one in page.pages}
    found = set()
    for lead in clues.leads(0, None, in_column=True):
        if lead.kind is not LeadKind.YEAR or lead.year is None or not portal.allows(lead.address):
            continue
        if column.by_year or page_key(lead.address) in named | rows:
            continue
        # A list that goes back beyond its folders of years holds those years itself.
        if lead.year not in known and today.year - 3 <= lead.year <= today.year:
            found.add(lead.year)
    return sorted(found)
