"""Reports that stand in the list page itself, with a menu of years beside them (portals.md 4.4 and 4.8).

Software without a list shows one report under one address and leads by a menu to those of other years. Such a page
is read for what it is: the report that stands in it is a row with the page's own address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bs4.element import Tag

from crawler.addresses import folder_of, host_of, normalise
from crawler.families.family import ListAnswer
from crawler.families.page import Page, Row, has_year, kind_of_title, organ_code_in, same_path, year_of_words
from crawler.records import EntryKind
from parsers.attachments import shows_report
from parsers.documents.links import is_file_name
from parsers.titles import is_report_title, read_title

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_YEAR_FIELDS = frozenset(
    {"title", "timeframe", "nbyear", "year", "nd", "nf", "niandu", "fbtime", "y", "reportyear"}
)
_NO_NAME = re.compile(r"发布|日期|时间|公开|浏览|本网|字[号体]|文号")
_PERIOD = re.compile(r"(20\d{2})\s*年\s*1\s*月\s*1\s*日")


def standing_report(page: Page, html: str, answer: ListAnswer) -> Row | None:
    """The report that stands in a page, as a row with the address that was asked; None where none does.

    The page holds cells of a report's tables or its section titles, or it is titled as the report of one year and
    links files. Title, date and organ are those that the page shows; the year is that of the title, else of the
    address, else the one chosen in the menu. Where the title tells none, that of the period in the text goes
    before these two: software may show its newest report for every year that is asked for.
    """
    text = holds_report(page, html)
    title = _title_of(page, by_file=not text)
    if title is None and text and page.is_annual_report_column():
        # Every second page gives its report no title of its own (portals.md part 6): that of the page stands.
        title = _head(page) or (page.breadcrumb[-1] if page.breadcrumb else None)
    if title is None or not (text or _links_files(page)):
        return None
    address = answer.request.address
    year = read_title(title).year
    if year is None:
        periods = {int(found) for found in _PERIOD.findall(page.words)}
        year = year_in_address(address) or _chosen_year(page)
        if periods and year not in periods:
            year = periods.pop() if len(periods) == 1 else None
    return Row(
        address,
        title,
        EntryKind.REPORT,
        page.shown_date,
        organ=organ_of_page(page),
        organ_code=organ_code_in(address),
        report_year=year,
    )


def is_page_of_year(page: Page, answer: ListAnswer) -> bool:
    """Whether a page is that of one year, by its address or the year chosen in its menu of which that is no link.

    Such a page must show a report or say that there is none: that it leads on to other years proves nothing of
    its own. A year's folder may lead on to lists below it.
    """
    if not urlsplit(answer.request.address).path.endswith("/") and year_in_address(answer.request.address):
        return True
    chosen = _chosen_year(page)
    return chosen is not None and chosen not in years_beside(page)


def holds_report(page: Page, html: str) -> bool:
    """Whether the tables or section titles of a report stand in the page itself, not in its scripts."""
    return shows_report(html) and shows_report(page.words)


def holds_cells(page: Page) -> bool:
    """Whether cells of a report's tables stand on the page."""
    return any(len(tag.get_text()) < 20 and shows_report(tag.get_text()) for tag in page.soup.find_all("td"))


def years_beside(page: Page) -> dict[int, str]:
    """Addresses of the other years' pages, as a menu of years gives them.

    Of the menu only what belongs to this page counts: the same path with the year in its query, or the same
    address with another year in it, or a year's own page in the page's folder. Where a script opens a year, its
    address is made only after the pattern that the page's own address or a visible link proves.
    """
    found: dict[int, str] = {}
    scripted: list[int] = []
    for year, address in _year_choices(page):
        if address is None:
            scripted.append(year)
        elif year not in found and _is_year_page(address, year, page.address):
            found[year] = address
    for year in scripted:
        if year not in found:
            made = _with_year([page.address, *found.values()], year)
            if made is not None:
                found[year] = made
    return found


def unaddressed_years(page: Page, found: dict[int, str]) -> tuple[str, ...]:
    """Years of the menu that lead to no address: a script opens them and no pattern tells where to."""
    own = {year_in_address(page.address), _chosen_year(page)}
    missing = dict.fromkeys(
        year for year, address in _year_choices(page) if address is None and year not in found and year not in own
    )
    return tuple(f"{year}年" for year in missing)


def year_in_address(address: str) -> int | None:
    """The report year that an address names by a field of its query or as a part of its path, or None."""
    parts = urlsplit(address)
    for name, value in parse_qsl(parts.query):
        if name.lower() in _YEAR_FIELDS and re.fullmatch(r"(?:19|20)\d{2}", value):
            return int(value)
    last = parts.path.rstrip("/").rpartition("/")[2]
    match = re.fullmatch(r"((?:19|20)\d{2})n?(?:\.\w+)?", last)
    return int(match[1]) if match else None


def organ_of_page(page: Page) -> str | None:
    """The organ that a page says it is of: its publisher, else the step before the column in 当前位置.

    来源 comes last: it is free text, often the whole county's, and does not tell the organ (portals.md part 3).
    """
    publisher = _labelled(page, "发布机构|公开机构")
    if publisher:
        return publisher
    steps = [step for step in page.breadcrumb if not read_title(step).year]
    while steps and re.search("年报|年度报告|信息公开|政务公开|正文|详情", steps[-1]):
        steps.pop()
    return steps[-1] if steps and steps[-1] != "首页" else _labelled(page, "信息来源|来源")


def _labelled(page: Page, labels: str) -> str | None:
    match = re.search(rf"(?:{labels})\s*[:：]?\s*([\u4e00-\u9fff（）()]{{3,30}})", page.words)
    return match[1] if match and not _NO_NAME.match(match[1]) else None


def _title_of(page: Page, *, by_file: bool) -> str | None:
    """The title that the page gives its report; ``by_file``: it must name the year, the text is elsewhere."""
    given = [page.meta("ArticleTitle")]
    given += [" ".join(tag.get_text().split()) for tag in page.soup.find_all(["h1", "h2", "h3"])]
    given += [
        " ".join(tag.get_text().split())
        for tag in page.soup.find_all(["div", "p", "span", "strong", "td"])
        if tag.find(["div", "p", "table"]) is None and 8 <= len(tag.get_text()) <= 120 and not tag.find("a")
    ]
    named = [title for title in given if is_report_title(title) and (has_year(title) or not by_file)]
    if by_file and len({(read.organ, read.year) for read in map(read_title, named)}) > 1:
        # Titles of several reports with files beside them are a list of downloads.
        return None
    if named:
        return named[0]
    head = _head(page)
    return head if head and not by_file and kind_of_title(head) is EntryKind.REPORT and has_year(head) else None


def _head(page: Page) -> str | None:
    tag = page.soup.find("title")
    words = " ".join(tag.get_text().split()) if isinstance(tag, Tag) else ""
    return read_title(words).text or None


def _links_files(page: Page) -> bool:
    """Whether the page links files outside its lists of reports."""
    return any(is_file_name(link.address) for link in page.links)


def _year_choices(page: Page) -> Iterator[tuple[int, str | None]]:
    """Years that links and boxes of choice offer, with their addresses; None where a script opens them."""
    for link in (*page.links, *page.scripted):
        year = year_of_words(link.words)
        if year:
            yield year, link.address if link.address.startswith("http") else None
    for option in page.soup.find_all("option"):
        year = year_of_words(" ".join(option.get_text().split()))
        if year:
            value = str(option.get("value") or "")
            yield year, normalise(value, page.base) if re.search(r"[/.?]", value) else None


def _chosen_year(page: Page) -> int | None:
    """The year that the menu marks as the one shown."""
    marked = page.soup.select(
        "option[selected], li.on a, li.on, li.active, li.cur, a.on, a.active, a.cur, .selected"
    )
    years = {year for tag in marked if (year := year_of_words(" ".join(tag.get_text().split())))}
    return years.pop() if len(years) == 1 else None


def _is_year_page(address: str, year: int, own: str) -> bool:
    if host_of(address) != host_of(own):
        return False
    if same_path(address, own):
        return str(year) in (value for _, value in parse_qsl(urlsplit(address).query))
    if _YEAR.search(urlsplit(own).path):
        return _YEAR.sub("0", address) == _YEAR.sub("0", own)
    last = urlsplit(address).path.rpartition("/")[2]
    return folder_of(address) == folder_of(own) and str(year) in last


def _with_year(proven: list[str], year: int) -> str | None:
    """The address of a year's page, made after an address whose query holds a year; None where none does."""
    for address in proven:
        parts = urlsplit(address)
        fields = parse_qsl(parts.query, keep_blank_values=True)
        places = [
            number
            for number, (name, value) in enumerate(fields)
            if name.lower() in _YEAR_FIELDS and (not value or re.fullmatch(r"(?:19|20)\d{2}", value))
        ]
        if len(places) == 1:
            fields[places[0]] = (fields[places[0]][0], str(year))
            return urlunsplit((*parts[:3], urlencode(fields), ""))
    return None
