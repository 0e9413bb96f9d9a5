"""List pages of 安徽政务公开（商网、龙讯）: report objects, organs in a tree, years in a menu.

A report stands at ``/XxgkAnnualReport/show/<id>.html``, at ``/OpennessAnnualReport/year/show/<organ>/<year>.html``
or in place at ``/public/column/<organ>?type=3&action=detail&nav=3&title=<year>`` (portals.md 4.4).
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from bs4.element import Tag

from crawler.addresses import host_of
from crawler.families.family import Family, ListAnswer
from crawler.families.generic import paging, read_generic_list, read_standing
from crawler.families.page import (
    Link,
    ListPage,
    Page,
    Row,
    branches_at,
    has_year,
    is_furniture,
    kind_of_title,
    year_of_words,
)
from crawler.families.standing import (
    holds_report,
    is_page_of_year,
    standing_report,
    year_in_address,
    years_beside,
)
from crawler.records import EntryKind
from parsers.titles import is_report_name, read_title

_REPORT = re.compile(
    r"/(?:Openness|Xxgk)AnnualReport/(?:year/)?show/|/Xxgknb/show/|/openness/detail/annual_report/[0-9a-f]{24}\."
)
_BY_YEAR = re.compile(r"/OpennessAnnualReport/year/show/(\d+)/((?:19|20)\d{2})\.html")
_ARTICLE = re.compile(r"/public/\d+/\d{5,}\.html$")
_ORGAN = re.compile(r"/public/column/(\d+)$")
_NOT_ORGAN = re.compile(r"年报|年度报告|信息公开|公开|指南|目录|规定|申请|首页|更多|年$")


def read_anhui_list(answer: ListAnswer) -> ListPage:
    """Read one page: a report in place with its menu of years, a list of report objects, or the tree of organs.

    The tree leads on to each organ's own page, and that to each year's. In the tree the words of a link to a
    report may be its year alone: the organ is then that of the branch it stands in. A year's page proves itself
    by the report that stands there, or by the software's words that there is none.
    """
    page = Page(answer.text, answer.address)
    report = standing_report(page, answer.text, answer)
    if report is not None and (holds_report(page, answer.text) or is_report_page(answer.address)):
        return read_standing(page, answer, report)
    rows = {row.address: row for link in page.links if (row := _row(link, page)) is not None}
    organs = _organ_pages(page, answer)
    declared = page.declared()
    pages, count = paging(page)
    years = list(years_beside(page).values())
    telling = [row for row in rows.values() if row.report_year or row.shown_on]
    if len(telling) > 1 or (telling and page.is_annual_report_column()):
        further = branches_at([*organs, *(year for year in years if year not in rows)])
        unaddressed = page.unaddressed(
            {id(page.list_of(link)) for link in page.links if link.address in rows}, rows.values()
        )
        return ListPage("rows", tuple(rows.values()), (*pages, *further), declared, count, unaddressed)
    further = branches_at([*organs, *years])
    if not rows and (proof := page.empty_proof(rendered=answer.rendered)):
        return ListPage(proof, (), further, declared, count)
    if further:
        return ListPage(None, (), further, declared, count, shell=not is_page_of_year(page, answer))
    return read_generic_list(answer)


def is_report_page(address: str) -> bool:
    """Whether an address is that of a report: a report object, or an organ's page of one year."""
    parts = urlsplit(address)
    return _REPORT.search(parts.path) is not None or (
        _ORGAN.search(parts.path) is not None and year_in_address(address) is not None
    )


def _row(link: Link, page: Page) -> Row | None:
    """The row of a link to a report object, or of an article that is titled as a report."""
    path = urlsplit(link.address).path
    if _REPORT.search(path):
        row = page.row(link)
        year = _year_of(link)
        kind = EntryKind.REPORT if year_of_words(link.words) or _BY_YEAR.search(path) else row.kind
        organ = _branch_of(link) if read_title(link.title).organ is None else None
        return replace(row, kind=kind, organ=organ, report_year=year)
    if _ARTICLE.search(path) and (
        kind_of_title(link.title) is not EntryKind.OTHER or page.is_annual_report_column()
    ):
        if not has_year(link.title) and not page.date_beside(link):
            return None
        return replace(page.row(link), report_year=read_title(link.title).year)
    return None


def _year_of(link: Link) -> int | None:
    match = _BY_YEAR.search(link.address)
    return int(match[2]) if match else year_of_words(link.words) or read_title(link.title).year


def _branch_of(link: Link) -> str | None:
    """The organ whose branch of the tree a link stands in: the first words before it that name no year."""
    for parent in link.element.parents:
        if not isinstance(parent, Tag) or parent.name in ("body", "html", "[document]"):
            return None
        for sibling in parent.find_previous_siblings(["a", "h2", "h3", "h4", "h5", "dt", "span", "strong", "p"])[
            :1
        ]:
            words = " ".join((str(sibling.get("title") or "") or sibling.get_text(" ")).split())
            if 2 < len(words) <= 40 and not has_year(words) and not is_report_name(words):
                return None if _NOT_ORGAN.search(words) else words
    return None


def _organ_pages(page: Page, answer: ListAnswer) -> list[str]:
    """Pages of the organs that a tree lists, on this host: reports in place (``type=3``) or lists of them.

    A tree may lead to an organ in another way than to its neighbours: it is followed all the same, and where no
    list is found there the column counts as read in part.
    """
    if not page.is_annual_report_column() or _kind(answer.address) == "3" or is_report_page(answer.address):
        return []
    own = _ORGAN.search(urlsplit(answer.address).path)
    found = []
    for link in page.links:
        organ = _ORGAN.search(urlsplit(link.address).path)
        if organ is None or host_of(link.address) != host_of(answer.address) or is_furniture(link):
            continue
        named = not year_of_words(link.words) and not _NOT_ORGAN.search(link.title)
        named = named and link.words not in page.breadcrumb
        if named and (own is None or organ[1] != own[1] or _kind(link.address) == "3"):
            found.append(link.address)
    return list(dict.fromkeys(found))


def _kind(address: str) -> str:
    """Which part of an organ's disclosure an address shows: 2 its front page, 3 its annual reports, 4 lists."""
    return parse_qs(urlsplit(address).query).get("type", [""])[0]


def anhui_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of the software: its report objects, its column addresses, the menu of years by its id."""
    marks = []
    if _REPORT.search(html) or _REPORT.search(urlsplit(address).path):
        marks.append("addresses …AnnualReport/show/<id>.html")
    if re.search(r"/public/column/\d+\?[^\"'\s>]*\btype=\d", html) or (
        _ORGAN.search(urlsplit(address).path) and "type=" in address
    ):
        marks.append("addresses /public/column/<organ>?type=")
    if re.search(r"<ul[^>]+id=[\"']?timeFrame\b", html):
        marks.append("menu of years ul#timeFrame")
    if re.search(r"/public/\d+/\d{6,}\.html", html):
        marks.append("addresses /public/<organ>/<id>.html")
    return tuple(marks)


ANHUI = Family("anhui", read_anhui_list, anhui_marks)
