"""Rows of lists that stand as links in a page or a piece of one, where articles have an address form."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from crawler.addresses import without_scheme
from crawler.families.page import Link, Page, Row, has_year, is_aside, is_furniture, kind_of_title
from crawler.records import EntryKind


@dataclass(frozen=True, slots=True)
class LinkedRows:
    """Rows found, titles that lead nowhere, and whether the links prove that this is the column's list."""

    rows: tuple[Row, ...]
    unaddressed: tuple[str, ...]
    proven: bool


def linked_rows(
    page: Page,
    known: Collection[str],
    is_document: Callable[[str], bool],
    is_column: Callable[[str], bool] = lambda address: False,
) -> LinkedRows:
    """The rows of a whole page; columns of years in its menu are none.

    Rows are the documents below the column's own folder, those that stand in one list with them, and every link
    titled as a report of a year: a report that cannot be fetched must not pass for one that is not there.
    Only addresses of the software's own form prove the list, for a menu of years is titled like reports too; and
    none in a box of recommendations.
    """
    folder = without_scheme(page.folder)
    documents = [link for link in page.links if is_document(link.address) or link.address in known]
    reports = [link for link in documents if link.address in known or is_report(link)]
    own = [link for link in documents if without_scheme(link.address).startswith(folder)]
    lists = {id(page.list_of(link)) for link in own or reports}
    listed = {id(link.element) for link in (*own, *reports)}
    rows: dict[str, Row] = {}
    for link in page.links:
        if link.address in rows or not link.title:
            continue
        in_list = id(page.list_of(link)) in lists
        if is_document(link.address) or link.address in known:
            is_row = id(link.element) in listed or in_list
        else:
            is_row = not is_column(link.address) and is_report_elsewhere(link, page, in_list)
        if is_row:
            rows[link.address] = page.row(link)
    by_form = [link for link in documents if is_document(link.address)]
    proven = any(is_document(link.address) and not is_aside(link) for link in own)
    proven = proven or stand_beside_others(page, reports, by_form)
    return LinkedRows(tuple(rows.values()), page.unaddressed(lists, rows.values()), proven)


def rows_of_piece(page: Page, within: Callable[[Link], bool] = lambda link: True) -> LinkedRows:
    """The rows of a piece of a page that is the list and nothing else: every link that leads to another page."""
    rows: dict[str, Row] = {}
    for link in page.links:
        if link.address not in rows and link.title and page.leads_elsewhere(link) and within(link):
            rows[link.address] = page.row(link)
    told = {row.title for row in rows.values()}
    unaddressed = tuple(link.title for link in page.scripted if link.title not in told and is_report(link))
    return LinkedRows(tuple(rows.values()), unaddressed, bool(rows))


def is_report(link: Link) -> bool:
    """Whether a link is titled as a report."""
    return kind_of_title(link.title) is EntryKind.REPORT


def is_report_elsewhere(link: Link, page: Page, in_list: bool) -> bool:
    """Whether a link of another form of address is a row: a report in the list, or one of a year beside it."""
    if not is_report(link) or not page.leads_elsewhere(link):
        return False
    return in_list or (has_year(link.title) and not is_furniture(link))


def stand_beside_others(page: Page, reports: list[Link], documents: list[Link]) -> bool:
    """Whether a report of another folder stands among other documents: alone it may be a recommendation aside."""
    lists = {id(page.list_of(link)) for link in reports if not is_aside(link)}
    return any(sum(id(page.list_of(link)) == one for link in documents) > 1 for one in lists)
