"""List pages of 广东集约化平台: a script application (gkmlpt) with JSON lists, and static lists (4.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from crawler.addresses import host_of, normalise
from crawler.clock import SHANGHAI
from crawler.families.family import Family, ListAnswer
from crawler.families.generic import read_generic_list
from crawler.families.page import ListPage, PageRequest, Row, kind_of_title
from crawler.families.structured import addressed, further_pages, read_json, refused, words
from crawler.records import EntryKind
from parsers.dates import find_date
from parsers.titles import read_title

_API = re.compile(r"^(.*/gkmlpt)/api/all/(\d+)$")
_CONFIG = re.compile(r"window\._CONFIG\s*=")
_SITE = re.compile(r"[\"']?\bSID[\"']?\s*:\s*[\"']?(\d+)")
_TREE = re.compile(r"[\"']?\bTREE[\"']?\s*:\s*(?=\[)")
_CATEGORY = re.compile(
    "政府信息公开(?:工作)?年(?:度(?:工作)?报告|报)|信息公开年(?:度报告|报)|^(?:公开)?年报$|^年度报告$"
)
_FOR_TELEPHONES = re.compile(r"/mpost_(\d+\.html)")
_A_PAGE = 100
_MOST_PAGES = 500


def read_gkmlpt_list(answer: ListAnswer) -> ListPage:
    """Read the application's page (which tells the site's number and categories), a JSON list, or a static list.

    The application's page lists nothing: the categories of annual reports in its tree lead on, or those that the
    column names in its parameter ``category`` (numbers, by commas). The list is asked from page 1 (page 0 is the
    same); ``post_count`` and ``total`` are what is declared. The day shown is ``display_publish_time``, else
    ``created_at``; ``date`` is the day of writing. An answer of another shape proves nothing.
    """
    if _API.match(answer.address.partition("?")[0]):
        return _read_json(answer)
    if _CONFIG.search(answer.text):
        requests = tuple(_category_pages(answer))
        return ListPage(None, (), requests, shell=bool(requests))
    return _without_twins(read_generic_list(answer))


def _category_pages(answer: ListAnswer) -> Iterator[PageRequest]:
    """The first page of each category of annual reports."""
    site = _SITE.search(answer.text)
    number = answer.parameters.get("sid") or (site[1] if site else None)
    root = answer.address.partition("/gkmlpt")[0] + "/gkmlpt"
    named = answer.parameters.get("category", "")
    categories = re.findall(r"\d+", named) or list(dict.fromkeys(report_categories(answer.text)))
    if number is None or "/gkmlpt" not in answer.address:
        return
    for category in categories:
        address = f"{root}/api/all/{category}?{urlencode({'page': 1, 'sid': number})}"
        yield PageRequest(address, headers=(("referer", answer.address),), branch=category)


def report_categories(html: str) -> list[str]:
    """The numbers of the categories of annual reports in an application's page; the deepest of each branch.

    A category that leads to another address (``jump_url``) holds no list.
    """
    start = _TREE.search(html)
    if start is None:
        return []
    try:
        tree, _ = json.JSONDecoder().raw_decode(html, start.end())
    except (ValueError, RecursionError):
        return []
    return list(_categories(tree, within=False))


def _categories(nodes: Any, *, within: bool) -> Iterator[str]:
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, Mapping):
            continue
        inside = within or _CATEGORY.search(str(node.get("name") or "").strip()) is not None
        below = list(_categories(node.get("children"), within=inside))
        yield from below
        if inside and not below and not node.get("jump_url") and str(node.get("id") or "").isdigit():
            yield str(node["id"])


def _read_json(answer: ListAnswer) -> ListPage:
    data = read_json(answer.text)
    articles = data.get("articles") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(articles, list) or refused(data):
        return ListPage(None)
    classify = data.get("classify")
    counts = [data.get("total"), classify.get("post_count") if isinstance(classify, Mapping) else None]
    told = [number for count in counts if (number := _number(count)) is not None]
    declared = max(told, default=None)
    rows, lost = addressed(
        articles, lambda article: _row(article, answer), lambda article: words(article.get("title"))
    )
    unaddressed = tuple(title for title in lost if kind_of_title(title) is EntryKind.REPORT)
    page = _number(parse_qs(urlsplit(answer.request.address).query).get("page", ["1"])[0]) or 1
    # A page holds 100, or what the first one does; the first names the others.
    size = max(1, min(len(articles), _A_PAGE)) if declared is not None else _A_PAGE
    pages = tuple(
        PageRequest(_page_address(answer.request.address, number), headers=answer.request.headers)
        for number in further_pages(max(page, 1), declared, min(len(articles), _A_PAGE), size)
        if number <= _MOST_PAGES
    )
    if declared is None and not all(lost):
        # What a row without a title was is not known, and no total tells of it.
        return ListPage(None, rows, pages, unaddressed=unaddressed)
    if rows or unaddressed:
        return ListPage("rows", rows, pages, declared, unaddressed=unaddressed)
    if not articles and page > 1 and declared is None:
        return ListPage("says_empty")
    return ListPage("declared_zero" if declared == 0 and not articles else None, (), (), declared)


def _row(article: Any, answer: ListAnswer) -> Row | None:
    if not isinstance(article, Mapping):
        return None
    title = words(article.get("title"))
    address = None
    for name in ("url", "post_url"):
        given = article.get(name)
        if address is None and isinstance(given, str) and given.strip():
            address = normalise(given.strip(), answer.address)
    if not title or address is None:
        return None
    address = _FOR_TELEPHONES.sub(r"/post_\1", address)
    if host_of(address) == host_of(answer.address):
        # Some hosts name https addresses and serve http alone: what the list came by works.
        address = urlunsplit((urlsplit(answer.address).scheme, *urlsplit(address)[1:]))
    publisher = words(article.get("publisher"))
    shown = _day(article.get("display_publish_time")) or _day(article.get("created_at"))
    shown = shown or _day(article.get("first_publish_time"))
    kind = kind_of_title(title)
    year = read_title(title).year if kind is EntryKind.REPORT else None
    return Row(address, title, kind, shown, organ=publisher or None, report_year=year)


def _day(value: Any) -> date | None:
    """A day given as seconds since 1970 or as words."""
    number = _number(value)
    if number is not None:
        if not 0 < number < 5_000_000_000:
            return None
        return datetime.fromtimestamp(number, SHANGHAI).date()
    return find_date(value) if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    return (
        int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12 else None
    )


def _page_address(address: str, page: int) -> str:
    parts = urlsplit(address)
    fields = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    return urlunsplit((*parts[:3], urlencode({**fields, "page": page}), ""))


def _without_twins(page: ListPage) -> ListPage:
    """A static list without the rows for telephones (``mpost_``) that have their twin beside them."""
    addresses = {row.address for row in page.rows}
    kept = tuple(
        row
        for row in page.rows
        if "/mpost_" not in row.address or _FOR_TELEPHONES.sub(r"/post_\1", row.address) not in addresses
    )
    if len(kept) == len(page.rows):
        return page
    return ListPage(page.proof, kept, page.pages, page.declared, page.declared_pages, page.unaddressed, page.shell)


def gkmlpt_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of the platform: the application's configuration, its addresses, the CMS behind its static pages."""
    marks = []
    if _CONFIG.search(html) and _SITE.search(html):
        marks.append("window._CONFIG with SID")
    if "/gkmlpt/" in address or re.search(r"[\"'/]gkmlpt/", html):
        marks.append("addresses /gkmlpt/")
    if re.search(r"/content/(?:[\w/]*/)?m?post_\d+\.html", html + " " + urlsplit(address).path):
        marks.append("addresses content/post_<number>.html")
    if "NFCMS" in html:
        marks.append("NFCMS")
    return tuple(marks)


GKMLPT = Family("gkmlpt", read_gkmlpt_list, gkmlpt_marks)
